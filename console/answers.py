"""Answers to alerts: what may be answered to what stands on the board, and the acknowledgement that says it.

The same answer sent twice is one: its id is made of what it says and to what. What was answered already is answered again only
if that is asked for, and then as an answer to the answer.
"""

import difflib
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from andon.planning.alerting.alerts import parse_alert_id
from andon.schemas.acks import Ack, Action
from andon.schemas.board import Answer, BoardEntry
from andon.streams.board_feed import OpenBoard, stands, time_on_board
from andon.streams.errors import UserError

#: Alerts that are of no item, so that nothing is ordered by them.
OF_NETWORK: Final = ("late_shipment", "silent_delay", "disruption", "supplier_slipping")
#: Alerts that say themselves how much to order.
_ASKING: Final = ("replenish", "unseen_order", "order_deviation")
_NEAREST: Final = 3


class Wish(NamedTuple):
    """What somebody wants to answer."""

    action: Action
    by: str
    #: How long to be quiet, of a snooze.
    snooze: timedelta | None = None
    quantity: int | None = None
    shipment_id: str | None = None
    comment: str | None = None
    #: Whether to answer once more what was answered already.
    again: bool = False
    #: From whom it is ordered, if not from the alert's own supplier: another of its ways out.
    supplier: str | None = None


class NotOpen(UserError):
    """No such alert is open; the text says which come near, or who closed it."""


class AlreadyAnswered(UserError):
    """Somebody was first; the text says who, what and when, and `answer` has it."""

    def __init__(self, text: str, answer: Answer) -> None:
        super().__init__(text)
        self.answer = answer


class Unfit(UserError, ValueError):
    """The answer does not fit the alert, or holds what no answer may hold; the text says why."""


def answer_to(
    board: OpenBoard, alert_id: str, wish: Wish, now: datetime, sellers: Iterable[str] = ()
) -> Ack:
    """Return the acknowledgement that says an answer.

    Args:
        board: what is open.
        alert_id: which alert is answered.
        wish: what is answered.
        now: the time that it is on the board: see `clock_of`.
        sellers: who sells the item besides those that the alert names.

    Raises:
        NotOpen: no such alert is open.
        AlreadyAnswered: somebody was first, and the wish is not to answer again.
        Unfit: the answer does not fit the alert.
    """
    entry = board.entries.get(alert_id)
    if entry is None:
        raise NotOpen(_why_not_open(board, alert_id))
    known = entry.answer
    name = _event_id(alert_id, wish, None)
    if known is not None and not (stands(entry, now) and known.event_id == name):
        if stands(entry, now) and not wish.again:
            msg = f"{alert_id} is answered already: {in_words(known)}"
            raise AlreadyAnswered(msg, known)
        name = _event_id(alert_id, wish, known)
    _check(entry, wish, now, sellers)
    try:
        until = None if wish.snooze is None else now + wish.snooze
    except OverflowError as error:
        msg = "the snooze ends too far ahead: give a shorter one"
        raise Unfit(msg) from error
    try:
        return msgspec.convert(
            {
                "event_id": name,
                "occurred_at": now,
                "alert_id": alert_id,
                "action": wish.action,
                "snooze_until": until,
                "quantity": wish.quantity,
                "shipment_id": wish.shipment_id,
                "by": wish.by,
                "comment": wish.comment,
            },
            Ack,
        )
    except msgspec.ValidationError as error:
        raise Unfit(f"this cannot be answered: {error}") from error


def clock_of(board: OpenBoard, now: datetime) -> datetime:
    """Return the time that it is on the board: the wall's, or its newest word's where that lies far back."""
    newest = max((entry.alert.changed_at for entry in board.entries.values()), default=now)
    return time_on_board(newest, now)


def in_words(answer: Answer) -> str:
    """Return what was answered, by whom and when."""
    what: str = answer.action
    if answer.snooze_until is not None and answer.snooze_until <= answer.at:
        what = "taken back"
    elif answer.snooze_until is not None:
        what += f" until {answer.snooze_until:%Y-%m-%d %H:%M}"
    if answer.quantity is not None:
        what += f" {answer.quantity}"
    if answer.shipment_id is not None:
        what += f" as {answer.shipment_id}"
    what += f" by {answer.by}" if answer.by is not None else ""
    what += f" at {answer.at:%Y-%m-%d %H:%M}"
    return f"{what} ({answer.comment})" if answer.comment else what


def _check(entry: BoardEntry, wish: Wish, now: datetime, others: Iterable[str]) -> None:
    alert = entry.alert
    if wish.action == "ordered":
        if alert.kind in OF_NETWORK:
            msg = f"{alert.alert_id} is of no item, and nothing is ordered by it: acknowledge it, and order what it holds up"
            raise Unfit(msg)
        asks = alert.kind in _ASKING and (alert.kind != "replenish" or alert.order_quantity)
        if wish.quantity is None and not asks:
            msg = f"{alert.alert_id} does not say how much to order: give a quantity"
            raise Unfit(msg)
    sellers = {*others, *(way.supplier for way in alert.alternatives if way.kind == "source")}
    if wish.supplier is not None and wish.supplier not in {alert.supplier, *sellers}:
        msg = f"{wish.supplier} is no way out of {alert.alert_id}: {_listed(sellers)}"
        raise Unfit(msg)
    if wish.action == "rejected" and not (wish.comment or "").strip():
        msg = "a rejection needs a reason, for who comes after"
        raise Unfit(msg)
    if wish.action == "snoozed" and (wish.snooze is None or wish.snooze < timedelta()):
        msg = "a snooze needs a time that is longer than nothing"
        raise Unfit(msg)
    if wish.action == "snoozed" and not wish.snooze:
        # A snooze that is over at once takes back one, or an acknowledgement: the alert speaks again.
        if entry.answer is None or not stands(entry, now):
            msg = f"{alert.alert_id} is not answered: there is nothing to take back, and a snooze needs a time that is longer than nothing"
            raise Unfit(msg)
        if entry.answer.action in ("ordered", "rejected"):
            msg = f"{alert.alert_id} was {entry.answer.action}: an order is taken back by a rejection, and a rejection by an order"
            raise Unfit(msg)
    if not wish.by.strip():
        msg = "an answer needs a name: who gives it"
        raise Unfit(msg)


def _listed(sellers: set[str | None]) -> str:
    named = ", ".join(sorted(one for one in sellers if one is not None))
    return f"order from {named}" if named else "it names no other supplier"


def _why_not_open(board: OpenBoard, alert_id: str) -> str:
    last = board.ended.get(alert_id)
    if last is not None:
        how = f": it was {in_words(last.answer)}" if last.answer is not None else ""
        return f"{alert_id} is open no longer{how}"
    near = nearest(board, alert_id)
    hint = f"; near it are {', '.join(near)}" if near else "; nothing like it is open"
    return f"{alert_id} is not open{hint}"


def nearest(board: OpenBoard, alert_id: str) -> list[str]:
    """Return the ids of open alerts that come nearest to a text: of the same item first, then those that look alike."""
    try:
        key = parse_alert_id(alert_id)[1]
    except ValueError:
        key = alert_id
    same = [name for name in board.entries if f":{key}:" in name or key in name]
    if len(same) < _NEAREST:
        # With very many open, only those of the same kind are compared letter by letter.
        kind = alert_id.partition(":")[0]
        pool = [
            name for name in board.entries if len(board.entries) < 5000 or name.startswith(kind)
        ]
        same += difflib.get_close_matches(alert_id, pool[:5000], _NEAREST, 0.5)
    return list(dict.fromkeys(same))[:_NEAREST]


def _event_id(alert_id: str, wish: Wish, before: Answer | None) -> str:
    parts = (
        alert_id,
        wish.action,
        "" if wish.snooze is None else str(wish.snooze.total_seconds()),
        "" if wish.quantity is None else str(wish.quantity),
        wish.shipment_id or "",
        wish.comment or "",
        wish.by,
        "" if before is None else before.event_id,
        *([] if wish.supplier is None else [wish.supplier]),
    )
    digest = hashlib.sha256("\n".join(part.replace("\n", "\\n") for part in parts).encode())
    return f"answer-{digest.hexdigest()[:32]}"
