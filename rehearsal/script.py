"""A file to rehearse: one JSON object a line, each an event, a moment to wait for, a book to show or something to be expected.

Blank lines and lines that begin with `#` say nothing. What is wrong with a line is told with its number.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

import msgspec

from andon.rehearsal.expectations import Expectation
from andon.schemas.common import Record
from andon.schemas.families import FAMILIES
from andon.schemas.items import Item
from andon.streams.errors import UserError

#: The families whose events come from outside.
INPUTS: Final = tuple(name for name, family in FAMILIES.items() if family.direction == "in")
#: A line with one of these is no bare event.
_WORDS: Final = frozenset({"family", "generate", "time", "show", "expect", "sleep"})
#: A `generate` line makes no more events than that.
_MOST: Final = 1_000_000


class Send(NamedTuple):
    """A record to send: what a producer would have published, and the time of the event; None if nobody can tell."""

    line: int
    family: str
    key: bytes | None
    value: bytes | None
    at: float | None


class Wait(NamedTuple):
    """Let time pass until `at`, seconds since 1970."""

    line: int
    at: float
    note: str


class Show(NamedTuple):
    """Print the books of these items."""

    line: int
    keys: tuple[str, ...]
    note: str


class Expect(NamedTuple):
    """Hold what was said and what the books are against this."""

    line: int
    expected: Expectation


Step = Send | Wait | Show | Expect


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A line may not hold a word that is not known: it would be passed over in silence."""


class _Send(_Strict):
    family: str
    #: The event; null, with a key, is a removal.
    event: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    #: The record's value as it is, for what is no JSON.
    text: str | msgspec.UnsetType = msgspec.UNSET
    #: The record's key, if it is not the one that the event should have.
    key: str | None = None


class _Wait(_Strict):
    time: datetime
    note: str = ""


class _Show(_Strict):
    show: tuple[str, ...]
    note: str = ""


class _Sleep(_Strict):
    sleep: Literal["barrier"]


class _Pattern(_Strict):
    family: str
    template: dict[str, Any]
    start: datetime
    prefix: str
    count: int = 0
    every_seconds: float = 0.0
    days: int = 0
    hours_utc: tuple[float, ...] = ()
    skip_weekdays_utc: frozenset[int] = frozenset()


class _Generate(_Strict):
    generate: _Pattern


def read(text: str, name: str, family: str | None = None) -> list[Step]:
    """Return the steps that a file asks for.

    Events without `event_id` are named by their line, and those without a time happen at that of the event before them.

    Args:
        text: what the file holds.
        name: what to call it.
        family: of lines that are events and nothing else.

    Raises:
        UserError: a line cannot be understood; the text has its number.
    """
    if family is not None and family not in INPUTS:
        raise UserError(_unknown_family(family))
    steps: list[Step] = []
    clock = _first_time(text)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            for step in _steps(line, number, family, clock):
                steps.append(step)
                if isinstance(step, Send | Wait) and step.at is not None:
                    clock = max(clock, step.at)
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
            msg = f"{name} line {number}: {error}"
            raise UserError(msg) from error
    return steps


def _steps(line: str, number: int, family: str | None, clock: float) -> Iterator[Step]:
    found = msgspec.json.decode(line)
    if not isinstance(found, dict):
        msg = "expected a JSON object"
        raise ValueError(msg)  # noqa: TRY004 - it is told as any other wrong line is
    if not _WORDS & found.keys():
        if family is None:
            msg = 'an event of which family? Write {"family": "pos", "event": {...}}, or give --family'
            raise ValueError(msg)
        yield _send(number, _Send(family=family, event=msgspec.Raw(line.encode())), clock)
    elif "expect" in found:
        yield Expect(number, msgspec.json.decode(line, type=Expectation).checked())
    elif "show" in found:
        show = msgspec.json.decode(line, type=_Show)
        yield Show(number, show.show, show.note)
    elif "time" in found:
        wait = msgspec.json.decode(line, type=_Wait)
        yield Wait(number, _seconds(wait.time, "time"), wait.note)
    elif "generate" in found:
        for event in _generated(msgspec.json.decode(line, type=_Generate).generate):
            yield _send(number, event, clock)
    elif "sleep" in found:
        msgspec.json.decode(line, type=_Sleep)  # there is nothing to wait for
    else:
        yield _send(number, msgspec.json.decode(line, type=_Send), clock)


def _send(number: int, asked: _Send, clock: float) -> Send:
    if asked.family not in INPUTS:
        raise ValueError(_unknown_family(asked.family))
    key = None if asked.key is None else asked.key.encode()
    if not isinstance(asked.text, msgspec.UnsetType):
        return Send(number, asked.family, key, asked.text.encode(), None)
    if isinstance(asked.event, msgspec.UnsetType):
        msg = "`event` or `text` is missing"
        raise ValueError(msg)  # noqa: TRY004 - it is told as any other wrong line is
    event = msgspec.json.decode(asked.event)
    if event is None:
        if key is None:
            msg = "a removal (an event that is null) needs a `key`"
            raise ValueError(msg)
        return Send(number, asked.family, key, None, None)
    value, record = bytes(asked.event), None
    kind, key_of = FAMILIES[asked.family].record, FAMILIES[asked.family].key_of
    if kind is not None and isinstance(event, dict):
        missing = {
            name: default
            for name, default in _defaults(kind, number, clock).items()
            if name not in event
        }
        if missing:
            value = msgspec.json.encode(missing | event)
        try:
            record = msgspec.json.decode(value, type=kind)
        except (msgspec.MsgspecError, ValueError):
            record = None  # it will be a dead letter
    if record is None:
        return Send(number, asked.family, key, value, None)
    if key is None and key_of is not None:
        key = key_of(record).encode()
    return Send(number, asked.family, key, value, getattr(record, "at", None))


def _defaults(kind: type[Record], number: int, clock: float) -> dict[str, Any]:
    at = datetime.fromtimestamp(clock, UTC)
    names = kind.__struct_fields__
    defaults: dict[str, Any] = {}
    if "event_id" in names:
        defaults["event_id"] = f"line-{number}"
    if "occurred_at" in names:
        defaults["occurred_at"] = at
    elif "updated_at" in names:
        defaults["updated_at"] = at
    return defaults


def _generated(pattern: _Pattern) -> Iterator[_Send]:
    """Yield alike events: `count` of them so many seconds apart, or on each of `days` days at these hours."""
    if pattern.days:
        times = (
            timedelta(days=day, hours=hour)
            for day in range(pattern.days)
            for hour in pattern.hours_utc
        )
        many = pattern.days * len(pattern.hours_utc)
    else:
        times = (timedelta(seconds=pattern.every_seconds * step) for step in range(pattern.count))
        many = pattern.count
    if not 0 < many <= _MOST:
        msg = f"generate makes {many:,} events: between 1 and {_MOST:,} are possible"
        raise ValueError(msg)
    _seconds(pattern.start, "start")
    if pattern.family not in INPUTS:
        raise ValueError(_unknown_family(pattern.family))
    number = 0
    at_field = "updated_at" if FAMILIES[pattern.family].record is Item else "occurred_at"
    for after in times:
        at = pattern.start + after
        if at.weekday() in pattern.skip_weekdays_utc:
            continue
        number += 1
        event = {**pattern.template, "event_id": f"{pattern.prefix}{number}", at_field: at}
        yield _Send(family=pattern.family, event=msgspec.Raw(msgspec.json.encode(event)))


def _seconds(at: datetime, name: str) -> float:
    if at.tzinfo is None:
        msg = f"{name}: a time needs an offset, such as 2026-03-05T07:00:00Z"
        raise ValueError(msg)
    return at.timestamp()


def _first_time(text: str) -> float:
    """Return the first time that any event of a file names, for events before it that name none."""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        try:
            found = msgspec.json.decode(line)
            event = found.get("event", found)
            for name in ("occurred_at", "updated_at", "time"):
                if name in event:
                    return _seconds(datetime.fromisoformat(event[name]), name)
        except (msgspec.MsgspecError, AttributeError, TypeError, ValueError, RecursionError):
            continue
    return 0.0


def _unknown_family(family: str) -> str:
    return f"family {family} is unknown or not yours to send: it is one of {', '.join(INPUTS)}"
