"""Debezium's envelope: what a row was, what it is, and what was done to it."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from andon.connect.tables.errors import BadRow
from andon.connect.topic.plain import UNITS_OF_TIME

Operation = Literal["c", "r", "u", "d"]
_OPERATIONS: Final = ("c", "r", "u", "d")
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
    return change_from(_object(key, "the key") if key else None, told, _times(told))


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
    return Change(_primary(key), operation, before, after, stamp / 1000, times)


def _object(value: bytes, what: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise BadRow("not_json", f"{what}: {error}") from error
    if not isinstance(found, dict):
        raise BadRow("invalid", f"{what} is no object")
    return found


def _row(value: Any, name: str) -> dict[str, Any] | None:
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


def _times(told: dict[str, Any]) -> dict[str, float]:
    """Return what the numbers of time of a row count by, where the record brings its schema."""
    schema = told.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    for one in fields if isinstance(fields, list) else ():
        if (
            isinstance(one, dict)
            and one.get("field") == "after"
            and isinstance(one.get("fields"), list)
        ):
            return {
                inner["field"]: UNITS_OF_TIME[inner["name"]]
                for inner in one["fields"]
                if isinstance(inner, dict)
                and inner.get("name") in UNITS_OF_TIME
                and "field" in inner
            }
    return {}
