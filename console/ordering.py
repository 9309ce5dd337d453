"""Orders made of what is answered to alerts: one for each supplier, and the same answers make the same order.

An order's id is made of the answers in it, so that a click that is sent twice orders once.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from andon.console.answers import Unfit
from andon.console.offers import USUAL, currency_of, offer_of
from andon.console.rows import Known
from andon.planning.policy.filling import Offer
from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert
from andon.schemas.board import BoardEntry
from andon.schemas.orders import MOST_ORDER_LINES, OrderEvent, OrderLine, PurchaseOrder

_ID_LETTERS: Final = 10


class Chosen(NamedTuple):
    """An alert that is to be ordered by: as it stands, the answer to it, what a unit costs if that is known, and from whom.

    Without a supplier it is ordered from the alert's own, and without a currency in the alert's.
    """

    entry: BoardEntry
    ack: Ack
    unit_cost: float | None = None
    supplier: str | None = None
    currency: str | None = None

    @property
    def seller(self) -> str | None:
        """From whom it is ordered."""
        return self.supplier or self.entry.alert.supplier

    @property
    def paid_in(self) -> str | None:
        """In what it is paid."""
        return self.currency or self.entry.alert.currency


class Added(NamedTuple):
    """What no alert asks for and is ordered with what alerts do, so that the order is large enough for its supplier."""

    location: str
    sku: str
    quantity: int
    supplier: str
    unit_cost: float | None = None
    currency: str | None = None


def orders_of(
    chosen: Iterable[Chosen],
    known: Mapping[str, PurchaseOrder],
    *,
    wanted_at: datetime | None = None,
    drafted: bool = False,
    again: bool = False,
    added: Iterable[Added] = (),
) -> list[OrderEvent]:
    """Return the orders that some answers make, one for each supplier and currency; an item is in an order once.

    Args:
        chosen: the alerts and their answers.
        known: orders by their ids: one that was cancelled is not given again under its id.
        wanted_at: when the goods are wanted, if that matters.
        drafted: whether somebody else is to approve them.
        again: whether to order although another order answers an alert.
        added: what is ordered with it.

    Raises:
        Unfit: an answer cannot be a line of an order, or what is added goes with none.
    """
    baskets: dict[tuple[str, str, int], dict[str, Chosen]] = {}
    for one in chosen:
        alert = one.entry.alert
        place = f"{alert.location}/{alert.sku}"
        basket, number = None, 0
        while basket is None or place in basket or len(basket) >= MOST_ORDER_LINES:
            basket = baskets.setdefault((one.seller or "", one.paid_in or "", number), {})
            number += 1
        basket[place] = one
    kind = "drafted" if drafted else "approved"
    with_them = _placed(added, baskets)
    return [
        _order(list(basket.values()), known, wanted_at, kind, again=again, added=with_them[place])
        for place, basket in baskets.items()
    ]


def _placed(
    added: Iterable[Added], baskets: Mapping[tuple[str, str, int], Mapping[str, Chosen]]
) -> dict[tuple[str, str, int], list[Added]]:
    """Return what is ordered with each order: with the first of the same supplier and money.

    Raises:
        Unfit: it goes with none, or stands in one already.
    """
    found: dict[tuple[str, str, int], list[Added]] = {place: [] for place in baskets}
    taken = {item for basket in baskets.values() for item in basket}
    for one in added:
        item = f"{one.location}/{one.sku}"
        if item in taken:
            msg = f"{item} is ordered already"
            raise Unfit(msg)
        place = next((at for at in found if at[:2] == (one.supplier, one.currency or "")), None)
        if place is None:
            msg = f"{item} is ordered with others of {one.supplier}, and none of these is"
            raise Unfit(msg)
        taken.add(item)
        found[place].append(one)
    return found


def quantity_of(alert: Alert, ack: Ack) -> int:
    """Return how much an answer orders: what it says, or else what the alert asks for.

    Raises:
        Unfit: neither says.
    """
    announced = int(alert.numbers.get("quantity", 0.0)) if alert.kind == "unseen_order" else 0
    quantity = ack.quantity or alert.order_quantity or alert.bridge_quantity or announced
    if not quantity:
        msg = f"{alert.alert_id} does not say how much to order: give a quantity"
        raise Unfit(msg)
    return quantity


def _order(
    chosen: Sequence[Chosen],
    known: Mapping[str, PurchaseOrder],
    wanted_at: datetime | None,
    status: str,
    *,
    again: bool,
    added: Sequence[Added] = (),
) -> OrderEvent:
    first = chosen[0]
    with_it = [f"{one.location}/{one.sku} {one.quantity}" for one in added]
    order_id = _new_id([*(one.ack.event_id for one in chosen), *with_it], known)
    comments = dict.fromkeys(one.ack.comment for one in chosen if one.ack.comment)
    fields: dict[str, Any] = {
        "event_id": f"{status}-{order_id}",
        "occurred_at": first.ack.occurred_at,
        "order_id": order_id,
        "status": status,
        "supplier": first.seller,
        "currency": first.paid_in,
        "wanted_at": wanted_at,
        "lines": [*map(_line, chosen), *map(_added_line, added)],
        "by": first.ack.by,
        "comment": "; ".join(comments)[:2000] or None,
        "again": again,
    }
    try:
        return msgspec.convert(fields, OrderEvent)
    except msgspec.ValidationError as error:
        msg = f"this cannot be ordered: {error}"
        raise Unfit(msg) from error


def _line(one: Chosen) -> OrderLine:
    alert = one.entry.alert
    if alert.location is None or alert.sku is None:
        msg = f"{alert.alert_id} is of no item, and nothing is ordered by it"
        raise Unfit(msg)
    return OrderLine(
        location=alert.location,
        sku=alert.sku,
        quantity=quantity_of(alert, one.ack),
        unit_cost=one.unit_cost,
        alert_id=alert.alert_id,
        answer_id=one.ack.event_id,
    )


def _added_line(one: Added) -> OrderLine:
    return OrderLine(
        location=one.location, sku=one.sku, quantity=one.quantity, unit_cost=one.unit_cost
    )


def _new_id(answers: Iterable[str], known: Mapping[str, PurchaseOrder]) -> str:
    """Return the id of the order that these answers make; a later one if that was cancelled."""
    names = "\n".join(sorted(answers))
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{names}\n{attempt}".encode()).digest()
        name = f"PO-{base64.b32encode(digest).decode()[:_ID_LETTERS]}"
        before = known.get(name)
        if before is None or before.state != "cancelled":
            return name
        attempt += 1


def offer_to(supplier: str | None, known: Known | None) -> tuple[Offer, str | None]:
    """Return how a supplier sells an item, and in what it is paid; both as unknown as what is known of the item."""
    if known is None:
        return offer_of(None, None, USUAL, ()), None
    offer = offer_of(supplier, known.unit_cost, known.terms, known.sold_by)
    return offer, currency_of(supplier, known.terms, known.sold_by)
