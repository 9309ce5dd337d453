"""What is posted of a family: JSON or JSON lines, of which each event is right, or told why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from andon.schemas.common import Event, Record, encode
from andon.schemas.families import FAMILIES
from andon.schemas.unknown import unknown_fields

#: The families that may be posted: what comes in.
INPUTS: Final = tuple(name for name, family in FAMILIES.items() if family.direction == "in")
#: So many events may come with one request.
MOST_EVENTS: Final = 10_000


class Unreadable(ValueError):
    """A request of which nothing can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Posted:
    """An event of a request: its record and key, or why it is none."""

    record: Record | None = None
    key: str = ""
    error: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def value(self) -> bytes:
        """Its bytes on the wire."""
        return b"" if self.record is None else encode(self.record)

    def as_dict(self, index: int) -> dict[str, Any]:
        """Return what became of it."""
        if self.record is None:
            return {"index": index, "status": "refused", "error": self.error}
        told: dict[str, Any] = {"index": index, "status": "accepted", "key": self.key}
        if isinstance(self.record, Event):
            told["event_id"] = self.record.event_id
        return {**told, **({"unknown_fields": list(self.unknown)} if self.unknown else {})}


def posted(family: str, body: bytes, *, lines: bool, name: str | None = None) -> list[Posted]:
    """Return the events of a request.

    Args:
        family: one of `INPUTS`.
        body: one event, a list of them, or (`lines`) one a line.
        lines: whether it is JSON lines.
        name: of the request, which is the same when it is sent again: events without an id are named by it.

    Raises:
        Unreadable: it is none of that, or too much.
    """
    values = _lines(body) if lines else _values(body)
    if not values:
        msg = "there is no event in it"
        raise Unreadable(msg)
    if len(values) > MOST_EVENTS:
        msg = f"it has {len(values):,} events; send at most {MOST_EVENTS:,} at once"
        raise Unreadable(msg)
    return [_event(family, value, number, name) for number, value in enumerate(values)]


def _values(body: bytes) -> list[Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        msg = f"it is not JSON: {error}"
        raise Unreadable(msg) from error
    return value if isinstance(value, list) else [value]


def _lines(body: bytes) -> list[Any]:
    found: list[Any] = []
    for line in body.splitlines():
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line))
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            found.append(ValueError(f"it is not JSON: {error}"))
    return found


def _event(family: str, value: Any, number: int, name: str | None) -> Posted:
    kind = FAMILIES[family].record
    key_of = FAMILIES[family].key_of
    assert kind is not None
    assert key_of is not None
    if isinstance(value, ValueError):
        return Posted(error=str(value))
    if name is not None and isinstance(value, dict) and issubclass(kind, Event):
        value = {"event_id": f"{name}:{number}", **value}
    try:
        record: Record = msgspec.convert(value, type=kind)
        unknown = unknown_fields(kind, value)
    except (msgspec.MsgspecError, RecursionError) as error:
        return Posted(error=str(error))
    return Posted(record, key_of(record), unknown=unknown)


def keyed(events: Sequence[Posted]) -> list[tuple[bytes, bytes]]:
    """Return the keys and values of the events that are right."""
    return [(one.key.encode(), one.value) for one in events if one.record is not None]
