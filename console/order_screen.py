"""The screen of purchase orders: how each stands, what its supplier answered, and what is done with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from aiohttp import web

from andon.console.access import Right
from andon.console.desk import Desk
from andon.console.guard import Page
from andon.console.order_events import Refused, event_of
from andon.console.order_standing import standing, to_come, to_come_of
from andon.console.people import People, name_of
from andon.console.purchasing import Purchasing
from andon.console.replies import posted, reply
from andon.console.table import as_csv
from andon.schemas.orders import OrderedLine, PurchaseOrder

SCREEN: Final = "/orders"
#: The columns of the export, a line of an order a row: those of the screen and what stands behind them.
COLUMNS: Final = (
    "order_id",
    "state",
    "supplier",
    "location",
    "sku",
    "quantity",
    "unit_cost",
    "currency",
    "confirmed_quantity",
    "confirmed_cost",
    "promised_at",
    "received",
    "to_come",
    "short",
    "days_late",
    "dearer",
    "left_out",
    "approved_by",
    "approved_at",
    "sent_by",
    "comment",
)
_MOST: Final = 500


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page does with an order."""

    order_id: str
    status: Literal["approved", "cancelled", "confirmed"]
    by: str = ""
    comment: str | None = None


class OrderScreen:
    """Answers what the screen of orders asks for, and sends what is done there.

    Args:
        desk: what is known.
        purchasing: sends what is done.
        people: finds out who asks.
        login: who acts if a page does not say.
    """

    def __init__(self, desk: Desk, purchasing: Purchasing, people: People, login: str) -> None:
        self._desk = desk
        self._purchasing = purchasing
        self._people = people
        self._login = login

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [
            ("GET", "/api/orders", "read", self._orders),
            ("GET", "/orders.csv", "read", self._export),
            ("POST", "/api/orders", "order", self._change),
        ]

    async def _orders(self, request: web.Request) -> web.Response:
        found = self._found(request)
        shown = [
            {
                **msgspec.to_builtins(order),
                "deviates": order.deviates,
                "standing": standing(order),
                "lines": [
                    {**row_of(order, line), "name": self._name_of(line)} for line in order.lines
                ],
            }
            for order in found[:_MOST]
        ]
        return reply({"now": self._desk.now, "total": len(found), "orders": shown})

    async def _export(self, request: web.Request) -> web.Response:
        rows = (row_of(order, line) for order in self._found(request) for line in order.lines)
        headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
        body = as_csv(COLUMNS, rows)
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)

    def _name_of(self, line: OrderedLine) -> str | None:
        known = self._desk.items.get(f"{line.location}/{line.sku}")
        return None if known is None else known.description

    def _found(self, request: web.Request) -> list[PurchaseOrder]:
        """Return the orders that are asked for: all, those with something to come, or those that differ."""
        shows = _SHOWS.get(request.query.get("show", ""), _SHOWS[""])
        return [order for order in self._desk.orders.newest_first if shows(order)]

    async def _change(self, request: web.Request) -> web.Response:
        change = await posted(
            request,
            Change,
            named="what is done with an order is",
            unfit="this does nothing with an order",
        )
        order = self._desk.orders.known.get(change.order_id)
        if order is None:
            return reply({"error": f"there is no order {change.order_id}"}, 404)
        by = name_of(self._people.person(request), change.by, self._login)
        try:
            event = event_of(order, change.status, by, change.comment or None, self._desk.now)
        except Refused as error:
            return reply({"error": str(error)}, 409)
        try:
            await self._purchasing.change_order(event)
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the page is told that nothing was sent for sure
            return reply({"error": f"it could not be sent: {error}"}, 502)
        return reply({"sent": event})


_SHOWS: Final[dict[str, Callable[[PurchaseOrder], bool]]] = {
    "": lambda _: True,
    "all": lambda _: True,
    "open": lambda order: to_come_of(order) > 0,
    "differs": lambda order: order.deviates,
}


def row_of(order: PurchaseOrder, line: OrderedLine) -> dict[str, Any]:
    """Return a line of an order as the screen has it, and as its export has it."""
    return {
        "order_id": order.order_id,
        "state": order.state,
        "supplier": order.supplier,
        "location": line.location,
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_cost": line.unit_cost,
        "currency": order.currency,
        "confirmed_quantity": line.confirmed_quantity,
        "confirmed_cost": line.confirmed_cost,
        "promised_at": _time(line.promised_at),
        "received": line.received,
        "to_come": to_come(line) if order.is_open else 0,
        "short": line.short,
        "days_late": line.days_late,
        "dearer": line.dearer,
        "left_out": line.left_out,
        "approved_by": order.approved_by,
        "approved_at": _time(order.approved_at),
        "sent_by": ", ".join(dict.fromkeys(one.channel for one in order.sent)) or None,
        "comment": order.comment,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
