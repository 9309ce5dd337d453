"""A rehearsal: the steps of a file played through the machine, and what Andon says on the way.

Time is that of the events. It passes an hour at a time, and after each the timers look, as they do on a worker whose other items go on
selling; days close, disruptions end and silence is noticed while nothing happens to the items of the file.
"""

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final, NamedTuple

import msgspec

from andon.agents.pages import describe
from andon.agents.tables import BOOKS
from andon.rehearsal.expectations import Failure
from andon.rehearsal.machine import Machine
from andon.rehearsal.script import Expect, Send, Show, Step, Wait
from andon.schemas.alerts import Alert
from andon.schemas.common import decode
from andon.schemas.orders import PurchaseOrder
from andon.streams.deadletters import MESSAGE, REASON
from andon.streams.settings import Settings

_HOUR: Final = 3600.0
_ALERTS: Final = ("replenishment", "replenishment.shadow", "disruptions")


class Said(NamedTuple):
    """An alert that is published while a line is played, and its family."""

    line: int
    family: str
    alert: Alert


class Letter(NamedTuple):
    """A record that becomes a dead letter: the line it came from, why, and its value."""

    line: int
    family: str
    reason: str
    message: str
    value: bytes | None


class Shown(NamedTuple):
    """The book of an item as `andon item --json` prints it; None if nothing is known of it."""

    line: int
    key: str
    note: str
    book: dict[str, Any] | None


class Judged(NamedTuple):
    """An expectation, and what of it did not come true."""

    line: int
    key: str
    note: str
    failures: list[Failure]


Outcome = Said | Letter | Shown | Judged


class _Stage(Machine):
    """The machine, with what it says kept in order."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.line = 0
        self.has_begun = False
        self.heard: list[Said | Letter] = []
        #: The purchase orders as they stand, by their ids.
        self.orders: dict[str, dict[str, Any]] = {}

    def says(self, family: str, record: Any) -> None:
        """Keep alerts, purchase orders and dead letters."""
        if family in _ALERTS:
            self.heard.append(Said(self.line, family, decode(record.value, Alert)))
        elif family == "orders":
            name = record.key.decode()
            self.orders.pop(name, None)
            if record.value:
                order = decode(record.value, PurchaseOrder)
                self.orders[name] = msgspec.to_builtins(msgspec.structs.asdict(order))
        elif family == "deadletters":
            headers = {
                name: (value or b"").decode("utf-8", "replace") for name, value in record.headers
            }
            topic = headers.get("__streams.errors.topic", "")
            self.heard.append(
                Letter(
                    self.line,
                    self.families.get(topic, topic),
                    headers.get(REASON, ""),
                    headers.get(MESSAGE, ""),
                    record.value,
                )
            )


async def rehearse(
    steps: Iterable[Step], settings: Settings, *, now: float
) -> AsyncIterator[Outcome]:
    """Play steps through a machine, and yield what comes of each.

    Args:
        steps: in the order in which they arrive.
        settings: of the worker; the number of partitions is theirs.
        now: the wall clock, seconds since 1970: time does not pass beyond what is believed of it.
    """
    stage = _Stage(settings)
    latest = now + settings.max_event_ahead_hours * _HOUR
    said: list[Alert] = []
    reasons: list[str] = []
    for step in steps:
        stage.line = step.line
        match step:
            case Send():
                await _send(stage, step, latest)
            case Wait():
                await _wait(stage, min(step.at, latest))
            case Show() | Expect():
                await stage.look()
        for heard in stage.heard:
            if isinstance(heard, Said):
                said.append(heard.alert)
            else:
                reasons.append(heard.reason)
            yield heard
        stage.heard.clear()
        match step:
            case Show():
                for key in step.keys:
                    yield Shown(step.line, key, step.note, book_of(stage, key))
            case Expect():
                wanted = step.expected
                book = book_of(stage, wanted.expect)
                order = stage.orders.get(wanted.expect)
                failures = wanted.failures(book, said, tuple(reasons), order)
                yield Judged(step.line, wanted.expect, wanted.note, failures)


async def _send(stage: _Stage, step: Send, latest: float) -> None:
    if step.at is not None and step.at <= latest:
        # Master data may be years old when they come: time begins with the first event that is something else.
        if stage.has_begun:
            await _pass(stage, step.at)
        stage.now = max(stage.now, step.at)
        stage.has_begun |= step.family != "items"
    stage.send(step.family, step.key, step.value)
    await stage.settle()
    if stage.context.disrupted.is_set():
        await stage.look()


async def _wait(stage: _Stage, at: float) -> None:
    if stage.has_begun:
        await _pass(stage, at)
    stage.has_begun = True
    if at > stage.now:
        stage.now = at
        stage.see(at)
        await stage.look()


async def _pass(stage: _Stage, at: float) -> None:
    """Let the hours pass that end before `at`."""
    hour = (stage.now // _HOUR + 1) * _HOUR
    while hour < at:
        stage.now = hour
        stage.see(hour)
        await stage.look()
        hour += _HOUR


def book_of(machine: Machine, key: str) -> dict[str, Any] | None:
    """Return the book of an item as a worker's page shows it; None if nothing is known of it."""
    book = machine.record(BOOKS, key)
    if book is None:
        return None
    shown: dict[str, Any] = json.loads(msgspec.json.encode(describe(book, key)))
    return shown
