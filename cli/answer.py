"""`andon ack`, `snooze` and `reject`: what somebody does with an alert, and whether it has arrived."""

import getpass
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
import typer

from andon.cli.support.duration import duration
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stdout
from andon.console.answers import AlreadyAnswered, Wish, answer_to, clock_of, in_words
from andon.schemas.acks import Ack
from andon.streams.board_feed import FAMILY as BOARD
from andon.streams.board_feed import BoardChange, OpenBoard
from andon.streams.clients import consumer, present, publish
from andon.streams.errors import UserError
from andon.streams.settings import Settings

_WAIT_SECONDS: Final = 30.0
_AFTER_SECONDS: Final = 0.5
_POLL_MS: Final = 100


def login() -> str:
    """Return the name that this is run under; nothing if there is none, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


AlertId = Annotated[
    str, typer.Argument(metavar="ID", help="The alert's id, as `andon alerts --open` prints it.")
]
By = Annotated[str | None, typer.Option("--by", help="Who answers.", show_default="the login name")]
Again = Annotated[
    bool, typer.Option("--again", help="Answer although somebody was first, and that still stands.")
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Do not wait until the board shows the answer.")
]
Comment = Annotated[str | None, typer.Option("--comment", help="A word for whoever reads it.")]


@connected
def ack(
    alert_id: AlertId,
    comment: Comment = None,
    by: By = None,
    again: Again = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Acknowledge an alert: it is known, and speaks again only when it gets worse.

    Examples:

        andon ack late_shipment:PO-7001:1 --comment "the forwarder is asked"
    """
    wish = Wish("acknowledged", name_of(by), comment=comment, again=again)
    give(settings, alert_id, wish, wait=not no_wait, as_json=as_json)


@connected
def snooze(
    alert_id: AlertId,
    for_: Annotated[
        float, typer.Argument(metavar="TIME", parser=duration, help="How long, such as 4h or 2d.")
    ],
    comment: Comment = None,
    by: By = None,
    again: Again = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Put an alert off: it speaks again after that time if it still holds, and at once when it gets worse.

    Examples:

        andon snooze replenish:store-3/TEA-01:1 2d
    """
    wait = _span(for_)
    wish = Wish("snoozed", name_of(by), snooze=wait, comment=comment, again=again)
    give(settings, alert_id, wish, wait=not no_wait, as_json=as_json)


@connected
def reject(
    alert_id: AlertId,
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever reads it.")],
    by: By = None,
    again: Again = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Reject an alert: nothing is done about it, and what was ordered under it is off.

    Examples:

        andon reject replenish:store-3/TEA-01:1 --reason "is taken off the shelf"
    """
    wish = Wish("rejected", name_of(by), comment=reason, again=again)
    give(settings, alert_id, wish, wait=not no_wait, as_json=as_json)


def name_of(by: str | None) -> str:
    """Return who answers: who is named, or else whose login this is."""
    return login() if by is None else by


def _span(seconds: float) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except OverflowError as error:
        msg = "TIME is longer than anybody will wait"
        raise UserError(msg) from error


def give(settings: Settings, alert_id: str, wish: Wish, *, wait: bool, as_json: bool) -> None:
    """Send an answer, and say what became of it."""
    client = consumer(settings, (BOARD,), from_start=True)
    try:
        board = OpenBoard().fold(present(client))
        try:
            told = answer_to(board, alert_id, wish, clock_of(board, datetime.now(UTC)))
        except AlreadyAnswered as error:
            raise UserError(f"{error}; to answer it all the same, say --again") from error
        publish(settings, "acks", [told])
        entry = board.entries[alert_id]
        known = entry.answer is not None and entry.answer.event_id == told.event_id
        change = BoardChange(alert_id, entry, entry) if known else None
        if wait and change is None:
            change = await_answer(board, told, lambda: _poll(client))
    finally:
        client.close()
    _report(told, change, as_json=as_json)


def _poll(client: Any) -> list[Any]:
    polled = client.poll(timeout_ms=_POLL_MS)
    return [record for records in polled.values() for record in records]


def await_answer(
    board: OpenBoard,
    told: Ack,
    poll: Callable[[], list[Any]],
    clock: Callable[[], float] = time.monotonic,
) -> BoardChange:
    """Return how the board first shows an answer, or that its alert is gone.

    Args:
        board: what is open.
        told: the answer.
        poll: returns what has come to the board's topic.
        clock: in seconds.

    Raises:
        UserError: it does not show it in time.
    """
    deadline = clock() + _WAIT_SECONDS
    shown: BoardChange | None = None
    while clock() < deadline:
        for record in poll():
            change = board.take(record)
            if change is None or change.alert_id != told.alert_id:
                continue
            if change.entry is None:
                return change
            answer = change.entry.answer
            if shown is None and answer is not None and answer.event_id == told.event_id:
                shown = change
                # What the answer leads to is said right after it.
                deadline = clock() + _AFTER_SECONDS
    if shown is not None:
        return shown
    msg = (
        f"the answer is sent, but the board does not show it after {_WAIT_SECONDS:.0f} s: is a worker running? "
        "It is applied as soon as one is; sending it again does no harm, and --no-wait does not wait"
    )
    raise UserError(msg)


def _report(told: Ack, change: BoardChange | None, *, as_json: bool) -> None:
    is_open = None if change is None else change.entry is not None
    if as_json:
        print_json({**msgspec.to_builtins(told), "shown": change is not None, "open": is_open})
        return
    text = f"{told.alert_id}: {told.action}"
    if told.snooze_until is not None:
        text += f" until {told.snooze_until:%Y-%m-%d %H:%M}"
    if told.quantity is not None:
        text += f" {told.quantity}"
    if change is None:
        text += "; sent, not waited for"
    elif change.entry is None:
        text += "; the alert is resolved"
    elif change.entry.answer is not None:
        text = f"{told.alert_id}: {in_words(change.entry.answer)}; it stays open"
    stdout().print(f"{text}.", soft_wrap=True)
