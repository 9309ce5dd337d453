"""What a supplier says to its orders: that it brings them as ordered, less, later or for more, or that they are on their way.

The same is said as by any message of a supplier, an event each; nothing of another supplier is shown, nor is it said that it exists.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from aiohttp import web

from andon.console.access import Person, Right, may_see_supplier
from andon.console.desk import Desk
from andon.console.guard import Page
from andon.console.order_events import Refused, event_of
from andon.console.order_standing import to_come, to_come_of
from andon.console.people import People, name_of
from andon.console.replies import posted, reply
from andon.schemas.common import encode
from andon.schemas.orders import OrderEvent, OrderLine, PurchaseOrder
from andon.schemas.shipments import ShipmentEvent
from andon.streams.board_feed import time_on_board
from andon.streams.producer import Outgoing
from andon.streams.topics import topic_name

_MOST: Final = 500
#: So long a supplier is shown what was called off.
_CALLED_OFF_DAYS: Final = timedelta(days=30)
#: So much of an order's number stands in that of a part of it.
_LONGEST_ORDER: Final = 96


class SaidLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of one item of an order."""

    location: str
    sku: str
    quantity: int | None = None
    unit_cost: float | None = None
    promised_at: datetime | None = None


class News(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of an order: of a confirmation what comes of each item and when, of a dispatch what left, all if no line is named."""

    order_id: str
    status: Literal["confirmed", "dispatched"]
    by: str = ""
    lines: tuple[SaidLine, ...] = ()
    promised_at: datetime | None = None
    comment: str | None = None


class SupplierNews:
    """Takes what suppliers say to their orders.

    Args:
        desk: what is known, and what sends.
        people: finds out who asks.
        login: who says it if a page does not say.
    """

    def __init__(self, desk: Desk, people: People, login: str) -> None:
        self._desk = desk
        self._people = people
        self._login = login

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [("POST", "/api/supplier-news", "confirm", self._say)]

    async def _say(self, request: web.Request) -> web.Response:
        news = await posted(
            request, News, named="what a supplier says is", unfit="this says nothing of an order"
        )
        person = self._people.person(request)
        order = self._desk.orders.known.get(news.order_id)
        if order is not None and person is not None and was_for(person, order):
            return reply({"error": f"{order.order_id} was cancelled"}, 409)
        if order is None or person is None or not is_for(person, order):
            # Of another supplier's order no more is said than of one that nobody gave.
            return reply({"error": f"there is no open order {news.order_id}"}, 404)
        by = name_of(person, news.by, self._login)
        try:
            said = self._event(order, news, by)
        except Refused as error:
            return reply({"error": str(error)}, 409)
        except msgspec.ValidationError as error:
            return reply({"error": f"this cannot be said of an order: {error}"}, 400)
        family, key = (
            ("orders.events", order.order_id)
            if isinstance(said, OrderEvent)
            else ("shipments", said.shipment_id)
        )
        record = Outgoing(topic_name(self._desk.settings, family), key.encode(), encode(said))
        try:
            async with self._desk.sending:
                await self._desk.publish([record])
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the page is told that nothing was sent for sure
            return reply({"error": f"it could not be sent: {error}"}, 502)
        return reply({"sent": said})

    def _event(self, order: PurchaseOrder, news: News, by: str) -> OrderEvent | ShipmentEvent:
        ordered = {(line.location, line.sku): line for line in order.bought}
        for line in news.lines:
            if (line.location, line.sku) not in ordered:
                msg = f"{order.order_id} has no {line.sku} for {line.location}"
                raise Refused(msg)
        if news.status == "confirmed":
            lines = tuple(
                msgspec.convert(msgspec.structs.asdict(line), OrderLine) for line in news.lines
            )
            return event_of(
                order,
                "confirmed",
                by,
                news.comment or None,
                self._desk.now,
                supplier=order.supplier,
                lines=lines,
                promised_at=news.promised_at,
            )
        return _dispatch(order, news, self._desk.now)


def is_for(person: Person, order: PurchaseOrder) -> bool:
    """Return whether somebody may see an order, and speak for its supplier: a supplier once it is placed."""
    if person.role != "supplier":
        return True
    return order.supplier is not None and may_see_supplier(person, order.supplier) and order.ready


def was_for(person: Person, order: PurchaseOrder) -> bool:
    """Return whether a supplier may know that an order was cancelled: one of its own that it may have seen."""
    return (
        person.role == "supplier"
        and order.supplier is not None
        and may_see_supplier(person, order.supplier)
        and order.called_off
        and bool(order.bought)
    )


def called_off_for(desk: Desk, supplier: str) -> list[dict[str, Any]]:
    """Return the orders of a supplier that were cancelled lately after it may have seen them, the last first; why is not said."""
    since = desk.now - _CALLED_OFF_DAYS
    found = [
        order
        for order in desk.orders.known.values()
        if order.supplier == supplier
        and order.called_off
        and order.bought
        and order.cancelled_at is not None
        and order.cancelled_at >= since
    ]
    found.sort(key=lambda one: one.cancelled_at or one.changed_at, reverse=True)
    return [
        {
            "order_id": order.order_id,
            "cancelled_at": order.cancelled_at,
            "was_confirmed": order.confirmed_at is not None,
            "lines": _shown(desk, order)["lines"],
        }
        for order in found[:_MOST]
    ]


def orders_for(desk: Desk, person: Person, supplier: str) -> list[dict[str, Any]]:
    """Return the open orders of a supplier, those first that wait for its word; of each what the supplier itself may know.

    Who approved it, what was said of it in the house, and what another order took from it are no business of a supplier.
    """
    found = [
        order
        for order in desk.orders.known.values()
        if order.supplier == supplier
        and order.ready
        and to_come_of(order)
        and is_for(person, order)
    ]
    found.sort(key=lambda one: (one.confirmed_at is not None, one.wanted_at or one.changed_at))
    return [_shown(desk, order) for order in found[:_MOST]]


def _shown(desk: Desk, order: PurchaseOrder) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "is_confirmed": order.confirmed_at is not None or order.state == "confirmed",
        "ordered_at": order.approved_at,
        "wanted_at": order.wanted_at,
        "currency": order.currency,
        "lines": [
            {
                "location": line.location,
                "sku": line.sku,
                "name": known.description if known is not None else None,
                "quantity": line.quantity,
                "unit_cost": line.unit_cost,
                "confirmed_quantity": line.confirmed_quantity,
                "promised_at": line.promised_at,
                "received": line.received,
                "to_come": to_come(line),
            }
            for line in order.bought
            for known in [desk.items.get(f"{line.location}/{line.sku}")]
        ],
    }


def _dispatch(order: PurchaseOrder, news: News, now: datetime) -> ShipmentEvent:
    """Return the event that an order, or a part of it under a number of its own, is on its way."""
    if order.state == "cancelled":
        msg = f"{order.order_id} was cancelled"
        raise Refused(msg)
    at = max(time_on_board(order.changed_at, now), order.approved_at or order.changed_at)
    told: dict[str, Any] = {
        "event_id": "?",
        "occurred_at": at,
        "shipment_id": order.order_id,
        "status": "dispatched",
        "supplier": order.supplier,
        "expected_at": news.promised_at,
    }
    if news.lines:
        # A part goes under a number made of the order's: a supplier cannot name the shipment of another.
        told["order_id"] = order.order_id
        told["shipment_id"] = f"{order.order_id[:_LONGEST_ORDER]}-{_name(order, news)[:8]}"
        told["lines"] = [
            {
                "location": line.location,
                "sku": line.sku,
                "quantity": line.quantity,
                "expected_at": line.promised_at,
            }
            for line in news.lines
        ]
    event: ShipmentEvent = msgspec.convert(told, ShipmentEvent)
    return msgspec.structs.replace(event, event_id=f"dispatched-{_name(order, news)}")


def _name(order: PurchaseOrder, news: News) -> str:
    """Return what names this word on the order as it stands: said twice, it is one."""
    said = msgspec.json.encode((order.order_id, order.version, news))
    return hashlib.sha256(said).hexdigest()[:32]
