"""The basket of a supplier: what the workers know of its items is asked for, and what it orders is sent as one order."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

from andon.console.access import Right
from andon.console.answers import Unfit, Wish
from andon.console.basket import MOST, asks_more, basket_of
from andon.console.desk import Desk
from andon.console.guard import Page
from andon.console.ordering import Added, offer_to
from andon.console.people import People, name_of
from andon.console.purchasing import Purchasing
from andon.console.replies import posted, reply
from andon.console.rows import Row, ranked
from andon.console.workers import Workers
from andon.planning.supply.capacity import period_of
from andon.schemas.acks import Ack
from andon.schemas.common import MOST_UNITS
from andon.schemas.suppliers import Supplier

#: How its items stand is asked for anew after so long: workers look through all their books for it.
_NEW_SECONDS: Final = 20.0
_MOST_REMEMBERED: Final = 100


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert that is ordered by."""

    alert_id: str
    quantity: int


class AddedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item that is ordered besides."""

    location: str
    sku: str
    quantity: int


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page orders of a supplier's basket."""

    supplier: str
    lines: list[Chosen]
    added: list[AddedLine] = []
    by: str = ""


class Baskets:
    """Makes baskets.

    Args:
        desk: what is known.
        workers: know how items stand to their next orders.
    """

    def __init__(self, desk: Desk, workers: Workers) -> None:
        self._desk = desk
        self._workers = workers
        self._told: dict[str, tuple[float, dict[str, Any]]] = {}

    async def of(self, supplier: str, rows: list[Row]) -> dict[str, Any]:
        """Return the basket of a supplier.

        Args:
            supplier: its name.
            rows: its alerts, answered or not.
        """
        desk = self._desk
        now = desk.now
        terms = desk.reference.terms.get(supplier)
        open_ = [one.row for one in ranked(rows, now) if one.row.stands_until <= now.timestamp()]
        told: Mapping[str, Any] = {}
        if asks_more(open_, terms):
            told = await self._standings(supplier)
        basket = basket_of(
            open_,
            terms,
            told.get("rows", ()),
            desk.items,
            now=now.timestamp(),
            ordered=self._ordered(terms, now.timestamp()),
        )
        return {**basket, "error": told.get("error")}

    async def _standings(self, supplier: str) -> dict[str, Any]:
        at, told = self._told.pop(supplier, (0.0, {}))
        if not told or told.get("error") or self._desk.clock() - at > _NEW_SECONDS:
            at, told = self._desk.clock(), await self._workers.of_all("baskets", supplier)
        self._told[supplier] = at, told
        if len(self._told) > _MOST_REMEMBERED:
            del self._told[next(iter(self._told))]
        return told

    def _ordered(self, terms: Supplier | None, now: float) -> int:
        """Return how many units were ordered from a supplier in the period of its capacity that it is."""
        if terms is None or terms.capacity_units is None:
            return 0
        period = period_of(terms, now)
        return sum(
            line.quantity
            for order in self._desk.orders.known.values()
            if order.supplier == terms.supplier
            and order.state != "cancelled"
            and order.approved_at is not None
            and period.has(order.approved_at.timestamp())
            for line in order.bought
        )


class BasketOrders:
    """Orders what pages order of baskets.

    Args:
        desk: what is known.
        purchasing: sends orders.
        people: finds out who orders.
        login: who orders if a page does not say.
    """

    def __init__(self, desk: Desk, purchasing: Purchasing, people: People, login: str) -> None:
        self._desk = desk
        self._purchasing = purchasing
        self._people = people
        self._login = login

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [("POST", "/api/baskets", "order", self._order)]

    async def _order(self, request: web.Request) -> web.Response:
        sent = await posted(request, Order, named="a basket is", unfit="this orders nothing")
        if not (0 < len(sent.lines) <= MOST and len(sent.added) <= MOST):
            return reply({"error": f"1 to {MOST} alerts are ordered by at once"}, 400)
        by = name_of(self._people.person(request), sent.by, self._login)
        wishes = [
            (one.alert_id, Wish("ordered", by, quantity=one.quantity, supplier=sent.supplier))
            for one in sent.lines
        ]
        try:
            added = [self._added(sent.supplier, one) for one in sent.added]
            told = await self._purchasing.order(wishes, added)
        except Unfit as error:
            return reply({"error": str(error)}, 400)
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the page is told that nothing was sent for sure
            return reply({"error": f"it could not be sent: {error}"}, 502)
        results = [
            {"alert_id": one.alert_id, "sent": became}
            if isinstance(became, Ack)
            else {"alert_id": one.alert_id, "error": str(became)}
            for one, became in zip(sent.lines, told, strict=True)
        ]
        failed = all("error" in one for one in results)
        return reply({"results": results, "added": len(added)}, 409 if failed else 200)

    def _added(self, supplier: str, line: AddedLine) -> Added:
        """Return what is ordered besides.

        Raises:
            Unfit: nobody knows the item, or so much of it cannot be ordered.
        """
        known = self._desk.items.get(f"{line.location}/{line.sku}")
        if known is None:
            msg = f"nothing is known of {line.sku} at {line.location}"
            raise Unfit(msg)
        offer, currency = offer_to(supplier, known)
        if not 0 < line.quantity <= MOST_UNITS or offer.lot.fit(line.quantity) != line.quantity:
            msg = (
                f"{line.quantity} of {line.sku} for {line.location} cannot be ordered of {supplier}"
            )
            raise Unfit(msg)
        price = offer.price(line.quantity)
        return Added(line.location, line.sku, line.quantity, supplier, price, currency)
