"""Debezium's envelope: what a row was, what it is, and what was done to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import msgspec

from andon.connect.tables.errors import BadRow
from andon.connect.topic.plain import UNITS_OF_TIME

Operation = Literal["c", "r", "u", "d"]
_OPERATIONS: Final = ("c", "r", "u", "d")
_DAYS: Final = "io.debezium.time.Date"
_DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"
#: Those that say nothing of a row: the table was emptied, and messages.
_OTHERS: Final = ("t", "m")


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a row: its primary key, before, after, when (seconds since 1970), and what its numbers of time count by."""

    key: str
    operation: Operation
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    at: float
    times: dict[str, float]
    #: How many decimals columns have whose numbers are bytes, where the record brings its schema.
    decimals: dict[str, int] = field(default_factory=dict)
    #: Columns of time that have no zone of their own: what they count is the table's own clock.
    local: frozenset[str] = frozenset()
    #: Whether the key names an event, whatever the row says; and the key of the event that it corrects.
    is_event: bool = False
    corrects: str | None = None


def change_of(key: bytes | None, value: bytes | None) -> Change | None:
    """Return the change of a record; None for what says nothing of a row: a tombstone, an emptied table, a message.

    Raises:
        BadRow: it is no envelope, or lacks what it needs.
    """
    if not value:
        return None
    told = _object(value, "the value")
    change = change_from(_object(key, "the key") if key else None, told, _times(told))
    return None if change is None else replace(change, decimals=_decimals(told))


def change_from(
    key: dict[str, Any] | None, told: dict[str, Any], times: dict[str, float]
) -> Change | None:
    """Return the change that a key and a value tell, which are read already.

    Args:
        key: of the record.
        told: its value.
        times: what the numbers of time of a row count by.

    Raises:
        BadRow: it is no envelope, or lacks what it needs.
    """
    payload = told["payload"] if "payload" in told and "schema" in told else told
    if payload is None:
        return None
    operation = payload.get("op") if isinstance(payload, dict) else None
    if operation in _OTHERS:
        return None
    if operation not in _OPERATIONS:
        raise BadRow(
            "invalid", "there is no op of Debezium's in it (c, r, u or d): it must not be flattened"
        )
    before, after = (_row(payload.get(name), name) for name in ("before", "after"))
    if operation != "d" and after is None:
        raise BadRow("invalid", f"after: missing, with op {operation}")
    if operation in ("u", "d") and before is None:
        raise BadRow(
            "invalid",
            f"before: missing, with op {operation}: have the database tell whole rows (REPLICA IDENTITY FULL)",
        )
    source = payload.get("source")
    stamp = source.get("ts_ms") if isinstance(source, dict) else None
    stamp = stamp if stamp is not None else payload.get("ts_ms")
    if not isinstance(stamp, int) or isinstance(stamp, bool):
        raise BadRow("invalid", "ts_ms: missing, or no number")
    local = frozenset(name for name, unit in times.items() if unit != UNITS_OF_TIME[_DAYS])
    return Change(_primary(key), operation, before, after, stamp / 1000, times, local=local)


def _object(value: bytes, what: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise BadRow("not_json", f"{what}: {error}") from error
    if not isinstance(found, dict):
        raise BadRow("invalid", f"{what} is no object")
    return found


def _row(value: Any, name: str) -> dict[str, Any] | None:
    if isinstance(value, str):
        # MongoDB's documents come as a text within the text.
        raise BadRow(
            "invalid", f"{name}: it is a text, and no row: tables are read, and no documents"
        )
    if value is not None and not isinstance(value, dict):
        raise BadRow("invalid", f"{name}: it is no row")
    return value


def _primary(found: dict[str, Any] | None) -> str:
    """Return the primary key of a row, as text that is always the same."""
    if found is None:
        raise BadRow(
            "invalid",
            "the record has no key: the table needs a primary key, or message.key.columns",
        )
    payload = found["payload"] if "payload" in found and "schema" in found else found
    if not isinstance(payload, dict) or not payload:
        raise BadRow("invalid", "the key names no column")
    return ",".join(f"{name}={payload[name]}" for name in sorted(payload))


def _columns(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the schema of a record says of the columns of its table, if it brings one."""
    schema = told.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    for one in fields if isinstance(fields, list) else ():
        if isinstance(one, dict) and one.get("field") == "after":
            inner = one.get("fields")
            yield from (
                column
                for column in (inner if isinstance(inner, list) else ())
                if isinstance(column, dict) and isinstance(column.get("field"), str)
            )
            return


def _times(told: dict[str, Any]) -> dict[str, float]:
    """Return what the numbers of time of a row count by."""
    return {
        one["field"]: UNITS_OF_TIME[one["name"]]
        for one in _columns(told)
        if one.get("name") in UNITS_OF_TIME
    }


def _decimals(told: dict[str, Any]) -> dict[str, int]:
    """Return how many decimals the columns have whose numbers are bytes."""
    found = {}
    for one in _columns(told):
        parameters = one.get("parameters")
        scale = parameters.get("scale") if isinstance(parameters, dict) else None
        if one.get("name") == _DECIMAL and isinstance(scale, str) and scale.isdecimal():
            found[one["field"]] = int(scale)
    return found
