"""What all event families share: constrained types, keys, strict decoding and canonical encoding."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec

R = TypeVar("R", bound="Record")

#: An identifier chosen by the producer: an event, a shipment, a delay.
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
#: A name made of other names: an alert, a change of one, a scorecard.
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
#: A location's code; it may not contain a slash, because keys are `location/sku`.
Location = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[^/]+$")]
#: The same for what is decoded very often: the pattern is left to the struct, where it costs a fifth.
PlainLocation = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=64, extra_json_schema={"pattern": "^[^/]+$"}),
]
#: An item's code at a location.
Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
#: A supplier, carrier, lane or mode.
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
#: No event speaks of more units.
MOST_UNITS: Final = 1_000_000_000
#: A whole number of the item's base unit (grams, if it is sold by weight).
Quantity = Annotated[int, msgspec.Meta(ge=-MOST_UNITS, le=MOST_UNITS)]
PositiveQuantity = Annotated[int, msgspec.Meta(ge=1, le=MOST_UNITS)]
NonNegativeQuantity = Annotated[int, msgspec.Meta(ge=0, le=MOST_UNITS)]
#: How far a source of events has counted.
Sequence = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
#: An ISO 3166 alpha-2 code.
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}\\Z")]
#: An amount of money in the item's currency.
Money = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}\\Z")]
#: In kilograms.
Weight = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
#: A duration in days.
Days = Annotated[float, msgspec.Meta(ge=0, le=3650)]
#: A probability or a share.
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
#: An instant with an offset (RFC 3339).
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]

_encoder = msgspec.json.Encoder()
_FIRST = datetime(2, 1, 1, tzinfo=UTC).timestamp()
_LAST = datetime(9998, 1, 1, tzinfo=UTC).timestamp()
_PLAUSIBLE_YEARS = (1990, 2200)


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of the wire contract: immutable, unknown fields ignored, defaults left out."""


class Event(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened: `event_id` names it once and for all, `occurred_at` says when it happened."""

    event_id: Identifier
    occurred_at: Instant

    @property
    def at(self) -> float:
        """When it happened, in seconds since 1970."""
        return self.occurred_at.timestamp()


def check_years(**instants: datetime | None) -> None:
    """Refuse dates that stand for "unknown", such as 9999-12-31.

    Raises:
        ValueError: a date lies before 1990 or after 2200; the message names its field.
    """
    first, last = _PLAUSIBLE_YEARS
    for name, instant in instants.items():
        if instant is not None and not first <= instant.year <= last:
            msg = (
                f"{name}: the year {instant.year} is no date of a delivery; leave it out if unknown"
            )
            raise ValueError(msg)


def item_key(location: str, sku: str) -> str:
    """Return the key of an item at a location, `location/sku`."""
    return f"{location}/{sku}"


def split_item_key(key: str) -> tuple[str, str]:
    """Return location and sku of an item key.

    Raises:
        ValueError: `key` has no slash, or nothing on one side of the first.
    """
    location, slash, sku = key.partition("/")
    if not (location and slash and sku):
        msg = f"key: expected `location/sku`, got {key!r}"
        raise ValueError(msg)
    return location, sku


def encode(record: Record) -> bytes:
    """Return the record as compact JSON."""
    return _encoder.encode(record)


def decode(value: bytes, kind: type[R]) -> R:
    """Return the record that `value` holds.

    Raises:
        msgspec.DecodeError: `value` is not JSON.
        msgspec.ValidationError: a field is missing or wrong; the message names it.
    """
    return msgspec.json.decode(value, type=kind)


def utc(seconds: float) -> datetime:
    """Return the UTC instant that lies `seconds` after 1970, kept within the years that a datetime can name."""
    return datetime.fromtimestamp(min(max(seconds, _FIRST), _LAST), UTC)


def json_schema(kind: type[Record]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a record type."""
    return msgspec.json.schema(kind)
