"""Values as the mapping takes them: texts, numbers and times as text, and what lies within others under a name of its own."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from andon.connect.tables.errors import BadRow

#: How many seconds a number of a named type counts by: Debezium's, Kafka Connect's, and those of Avro that stay numbers.
UNITS_OF_TIME: Final = {
    "io.debezium.time.Date": 86_400.0,
    "io.debezium.time.Timestamp": 1e-3,
    "io.debezium.time.MicroTimestamp": 1e-6,
    "io.debezium.time.NanoTimestamp": 1e-9,
    "org.apache.kafka.connect.data.Date": 86_400.0,
    "org.apache.kafka.connect.data.Timestamp": 1e-3,
    "timestamp-nanos": 1e-9,
}
#: Nothing that means anything lies deeper.
_DEEPEST: Final = 32


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record whose decimals, times, dates and UUIDs are texts, all the way down.

    Raises:
        BadRow: it lies too deep.
    """
    return {str(name): _plain(value, 0) for name, value in record.items()}


def _plain(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise BadRow("invalid", f"it has more than {_DEEPEST} levels")
    match value:
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return {str(name): _plain(one, depth + 1) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one, depth + 1) for one in value]
    return value


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with what lies within others under `outer.inner`, beside the others; lists stay as they are.

    Raises:
        BadRow: it lies too deep.
    """
    found: dict[str, Any] = {}
    _flatten(record, "", found, 0)
    return found


def _flatten(record: Mapping[str, Any], before: str, found: dict[str, Any], depth: int) -> None:
    if depth > _DEEPEST:
        raise BadRow("invalid", f"it has more than {_DEEPEST} levels")
    for name, value in record.items():
        if isinstance(value, Mapping):
            _flatten(value, f"{before}{name}.", found, depth + 1)
        else:
            found[f"{before}{name}"] = value
