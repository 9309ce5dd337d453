"""Who was first: an alert of an item is answered by one purchase order, and its book says to each that asks whether it is that one."""

from typing import Final

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.book.book import Book
from andon.schemas.acks import Ack
from andon.schemas.board import Answer
from andon.schemas.common import decode
from andon.schemas.orders import Claim

_NO_ROOM: Final = (
    "the item has as many open orders as its book holds: close those that came or never will"
)


def first_order(book: Book, ack: Ack) -> str | None:
    """Return the order that answered an alert before the one that answers it now, and is still to come; None if none did."""
    if ack.again:
        return None
    for name, reservation in book.reservations.items():
        if name == ack.alert_id and reservation.shipment_id != ack.order_id:
            return reservation.shipment_id or _unnamed(book, ack.alert_id)
    for line in book.lines.values():
        order = line.order_id or line.shipment_id
        if line.alert_id == ack.alert_id and order != ack.order_id and line.open_quantity > 0:
            return order
    return None


def _unnamed(book: Book, alert_id: str) -> str:
    """Return what an order is called that was announced without its number: by the answer that did."""
    answer = _answer(book, alert_id)
    return "announced" if answer is None else answer.event_id


def _answer(book: Book, alert_id: str) -> Answer | None:
    alert = next((one for one in book.alerts.values() if one.alert_id == alert_id), None)
    return None if alert is None or not alert.answer else decode(alert.answer, Answer)


def tell(book: Book, ack: Ack, first: str | None, *, has_room: bool = True) -> None:
    """Say to an order whether it is the first with an alert.

    Args:
        book: the alert's.
        ack: the order's answer to the alert.
        first: the order that was first; None if this one is.
        has_room: whether the book can keep it.
    """
    answer = _answer(book, ack.alert_id) if first is not None else None
    order_id = ack.order_id or ""
    claim = Claim(
        order_id=order_id,
        alert_id=ack.alert_id,
        occurred_at=ack.occurred_at,
        first_order=first,
        first_by=answer.by if answer is not None and answer.action == "ordered" else None,
        refused=None if has_room else _NO_ROOM,
    )
    name = f"claim:{ack.event_id}"
    book.outbox.append(
        OutboxMessage.of("claims", order_id, name, "andon.order.claimed", claim, ack.at)
    )
