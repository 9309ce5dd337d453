"""What procurement answers to a book's alerts: what it ordered counts until its shipment is seen, or it is said to be off.

An order that was announced and is not seen is neither forgotten nor bought again: after a part of its lead time it is asked for.
"""

from typing import Final

from andon.planning.alerting.alerts import (
    OpenAlert,
    OutboxMessage,
    answer,
    board_message,
)
from andon.planning.alerting.board import board_entry
from andon.planning.book import claims, position, transfers
from andon.planning.book.book import Book, Reservation
from andon.planning.book.made_lines import is_run
from andon.schemas.acks import Ack
from andon.schemas.board import Answer, answer_of
from andon.schemas.common import decode, encode

#: The alert that asks for orders that were announced and have not been seen.
UNSEEN: Final = "unseen_order"
_REPLENISH: Final = "replenish"
#: What says of an order that there is one, or is not.
_OF_ORDERS: Final = ("ordered", "rejected")
_DAY: Final = 86400.0
#: An announced order is asked for after this share of its lead time, and not before a day has passed: it can still be sent
#: anew then, and most approvals are through.
_ASK_SHARE: Final = 0.5
_LEAST_DAYS: Final = 1.0


def acknowledge(book: Book, ack: Ack, at: float) -> str:
    """Apply what procurement did with one of the book's alerts. Return what became of it.

    An order without a quantity is taken for what the alert asked for; an order that was rejected is off again. Where the alert
    asks for orders that were not seen, a rejection takes those off, and an order takes their place. What is older than
    another word of an order changes nothing.
    """
    if ack.order_id is None and _is_outdated(book, ack):
        return position.STALE
    if ack.action == "ordered" and ack.order_id is not None:
        first = claims.first_order(book, ack)
        has_room = True
        if first is None:
            quantity = ack.quantity or _asked_for(book, ack.alert_id)
            _take_off_unseen(book, ack)
            has_room = not quantity or reserve(
                book, ack.alert_id, quantity, at, ack.order_id, again=ack.again
            )
        claims.tell(book, ack, first, has_room=has_room)
        if first is not None or not has_room:
            return position.TAKEN
    elif ack.action == "ordered":
        quantity = ack.quantity or _asked_for(book, ack.alert_id)
        _take_off_unseen(book, ack)
        if quantity and not reserve(book, ack.alert_id, quantity, at, ack.shipment_id):
            return position.TOO_MANY
    elif ack.action == "rejected":
        _take_off(book, ack)
    return mark(book.alerts, book.outbox, ack)


def _is_outdated(book: Book, ack: Ack) -> bool:
    """Return whether something later was said of the order for its alert, as far as the alert or what was ordered for it knows."""
    if ack.action not in _OF_ORDERS:
        return False
    reserved = book.reservations.get(ack.alert_id)
    if reserved is not None and reserved.at > ack.at:
        return True
    alert = next((one for one in book.alerts.values() if one.alert_id == ack.alert_id), None)
    if alert is None or not alert.answer or alert.answered_at <= ack.at:
        return False
    return decode(alert.answer, Answer).action in _OF_ORDERS


def withdraw(book: Book, alert_id: str, order_id: str, at: float) -> None:
    """Let an alert that was answered by an order speak again, now that the order is off (`at` in seconds since 1970)."""
    alert = next((one for one in book.alerts.values() if one.alert_id == alert_id), None)
    if alert is None or not alert.answer:
        return
    if decode(alert.answer, Answer).shipment_id != order_id:
        return
    alert.acknowledged, alert.snoozed_until, alert.answer = False, 0.0, b""
    name = f"{alert_id}:withdrawn:{order_id}"
    book.outbox.append(board_message(alert_id, name, at))


def mark(alerts: dict[str, OpenAlert], outbox: list[OutboxMessage], ack: Ack) -> str:
    """Mark the alert that an acknowledgement is about, and show on the board what was answered. Return what became of it."""
    until = ack.snooze_until
    snoozed = until.timestamp() if ack.action == "snoozed" and until is not None else None
    if not answer(alerts, ack.alert_id, ack.at, snoozed):
        return position.UNMATCHED
    alert = next(one for one in alerts.values() if one.alert_id == ack.alert_id)
    if alert.answered_at == ack.at:
        _show(alert, outbox, ack)
    return position.APPLIED


def _show(alert: OpenAlert, outbox: list[OutboxMessage], ack: Ack) -> None:
    told = answer_of(ack, alert.revision)
    if alert.answer and decode(alert.answer, Answer).event_id == ack.event_id:
        return
    alert.answer = encode(told)
    # As it is now: what the answer leads to may close the alert before the message is written.
    body = board_entry(alert.said, alert.answer) if alert.said else b""
    outbox.append(board_message(alert.alert_id, f"{alert.alert_id}:{ack.event_id}", ack.at, body))


def reserve(
    book: Book,
    alert_id: str,
    quantity: int,
    at: float,
    shipment_id: str | None = None,
    *,
    again: bool = False,
) -> bool:
    """Count a quantity that procurement says it ordered, until its shipment is seen; False if there is no room for one more.

    It stands for what was said of the alert before, unless it is one `again`.
    """
    if shipment_id is not None and _is_seen(book, shipment_id):
        return True
    if not again and any(
        line.alert_id == alert_id and line.open_quantity > 0 for line in book.lines.values()
    ):
        return True
    if again and alert_id in book.reservations:
        alert_id = f"{alert_id}#{shipment_id}"
    known = book.reservations.get(alert_id)
    many = len(book.lines) + len(book.reservations) >= position.MOST_OPEN_LINES
    if known is None and (many or position.is_too_long(book)):
        return False
    book.reservations[alert_id] = Reservation(quantity, at, shipment_id)
    position.sum_reserved(book)
    return True


def _is_seen(book: Book, shipment_id: str) -> bool:
    return (
        shipment_id in book.done_lines
        or shipment_id in book.closed_lines
        or shipment_id in book.advised
        or transfers.has_arrived(book, shipment_id)
        or is_run(book, shipment_id)
        or any(
            line.shipment_id == shipment_id and line.of_sku is None for line in book.lines.values()
        )
    )


def ask_after(book: Book, lead_time_days: float) -> None:
    """Set when what was announced is asked for, where that is not set, by how long an order takes."""
    wait = max(_ASK_SHARE * lead_time_days, _LEAST_DAYS) * _DAY
    for one in book.reservations.values():
        if not one.ask_at:
            one.ask_at = one.at + wait


def unseen(book: Book, now: float) -> dict[str, Reservation]:
    """Return what was announced so long ago that it should have been seen, by the alert it answered."""
    return {name: one for name, one in book.reservations.items() if 0 < one.ask_at <= now}


def next_question(book: Book, now: float) -> float | None:
    """Return when the next announced order is to be asked for; None if none is later than `now` (seconds since 1970)."""
    return min((one.ask_at for one in book.reservations.values() if one.ask_at > now), default=None)


def _asked_for(book: Book, alert_id: str) -> int:
    alert = next((one for one in book.alerts.values() if one.alert_id == alert_id), None)
    return int(alert.size) if alert is not None and alert.kind in (_REPLENISH, UNSEEN) else 0


def _take_off(book: Book, ack: Ack) -> None:
    """Take off what was announced under the alert that is rejected, or all that it asked for."""
    if not _take_off_unseen(book, ack) and book.reservations.pop(ack.alert_id, None) is not None:
        position.sum_reserved(book)


def _take_off_unseen(book: Book, ack: Ack) -> bool:
    """Take off the orders that an alert asks for, if it is that one which was answered; return whether it is."""
    question = book.alerts.get(UNSEEN)
    if question is None or question.alert_id != ack.alert_id:
        return False
    for name in unseen(book, ack.at):
        del book.reservations[name]
    position.sum_reserved(book)
    return True
