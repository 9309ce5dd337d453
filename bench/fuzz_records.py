"""Random records of any family, drawn from its schema: each field at, next to or between its ends, by the type it has.

What a family gains in fields is played from then on, without a word here; only names that must meet those of other events
(items, orders, suppliers) and times have a word.
"""

import math
import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import inspect

from andon.schemas.common import Record
from andon.schemas.families import FAMILIES

#: What anybody may send.
INPUTS: Final = tuple(
    name for name, family in FAMILIES.items() if family.direction == "in" and family.record
)
_LONGEST: Final = "\N{PILE OF POO}"
#: Text of a pattern, by the pattern; one that is not here is a fault of this file.
_PATTERNS: Final = {
    "^[^/]+$": ("S", "S", "T"),
    "^[A-Z]{2}\\Z": ("DE", "US", "XX"),
    "^[A-Z]{3}\\Z": ("EUR", "JPY"),
    "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\\Z": ("00:00", "14:30", "24:00"),
}
_ZONES: Final = (
    "UTC",
    "Europe/Berlin",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Nowhere/Land",
)
#: So many elements of a sequence at most, but for now and then.
_FEW: Final = 4

#: Makes a text for a field of a name.
Names = Mapping[str, Callable[[], str]]


class RecordMaker:
    """Makes records of the input families; `now` (seconds since 1970) is when most of them are said to have happened."""

    def __init__(self, chance: random.Random, names: Names, now: Callable[[], float]) -> None:
        self._chance = chance
        self._names = names
        self._now = now
        # Worlds differ in how much of what is optional they tell.
        self._told = chance.choice([0.05, 0.3, 0.8])

    def make(self, family: str) -> tuple[str, bytes]:
        """Return the key and the value of a record of a family, which its agent may still refuse."""
        record = FAMILIES[family].record
        if record is None:
            msg = f"{family} has no records"
            raise ValueError(msg)
        value = msgspec.json.encode(self._struct(inspect.type_info(record)))
        return self._key(family, record, value), value

    @staticmethod
    def _key(family: str, record: type[Record], value: bytes) -> str:
        key_of = FAMILIES[family].key_of
        try:
            event = msgspec.json.decode(value, type=record)
        except (msgspec.ValidationError, ValueError):
            return "S/A"  # what is refused is so under any key
        return key_of(event) if key_of is not None else "S/A"

    def _struct(self, type_: Any) -> dict[str, Any]:
        return {
            field.encode_name: self._value(field.type, field.encode_name)
            for field in type_.fields
            if field.required or self._chance.random() < self._told
        }

    def _value(self, type_: inspect.Type, name: str) -> Any:
        if isinstance(type_, inspect.Metadata):
            return self._value(type_.type, name)
        if isinstance(type_, inspect.UnionType):
            kinds = [one for one in type_.types if not isinstance(one, inspect.NoneType)]
            return (
                None
                if self._chance.random() < 0.05
                else self._value(self._chance.choice(kinds), name)
            )
        if isinstance(type_, inspect.StructType):
            return self._struct(type_)
        if isinstance(type_, (inspect.VarTupleType, inspect.ListType)):
            most = type_.max_length or 100
            least = type_.min_length or 0
            many = (
                most
                if self._chance.random() < 0.03
                else self._chance.randint(least, min(most, _FEW))
            )
            return [self._value(type_.item_type, name) for _ in range(many)]
        if isinstance(type_, inspect.DictType):
            many = self._chance.randint(0, _FEW)
            return {f"k{place}": self._value(type_.value_type, name) for place in range(many)}
        return self._plain(type_, name)

    def _plain(self, type_: inspect.Type, name: str) -> Any:
        if isinstance(type_, inspect.LiteralType):
            return self._chance.choice(type_.values)
        if isinstance(type_, inspect.BoolType):
            return self._chance.random() < 0.3
        if isinstance(type_, inspect.IntType):
            return self._whole(type_)
        if isinstance(type_, inspect.FloatType):
            return self._real(type_)
        if isinstance(type_, inspect.StrType):
            return self._text(type_, name)
        if isinstance(type_, inspect.DateTimeType):
            return datetime.fromtimestamp(self._moment(name), UTC).isoformat()
        if isinstance(type_, inspect.DateType):
            first = date(1970, 1, 1) + timedelta(days=int(self._now() // 86400))
            return (
                first + timedelta(days=self._chance.choice([-400, -1, 0, 1, 7, 400]))
            ).isoformat()
        msg = f"{name}: nobody said how to make a {type(type_).__name__}"
        raise TypeError(msg)

    def _moment(self, name: str) -> float:
        now, odds = self._now(), self._chance.random()
        if name in ("occurred_at", "updated_at") and odds < 0.8:
            return now
        if odds < 0.9:
            return now + self._chance.uniform(-20, 60) * 86400
        return self._chance.choice([now - 1000 * 86400, now + 3650 * 86400, 631_238_400.0])

    def _whole(self, type_: inspect.IntType) -> int:
        low = type_.ge if type_.ge is not None else -(10**9) if type_.gt is None else type_.gt + 1
        high = type_.le if type_.le is not None else 10**9 if type_.lt is None else type_.lt - 1
        kind = self._chance.random()
        if kind < 0.1:
            return int(low)
        if kind < 0.2:
            return int(high)
        size = int(math.exp(self._chance.uniform(0, math.log(max(high, 1) + 1)))) - 1
        size = size if kind > 0.8 else self._chance.randint(0, 50)
        return int(min(max(-size if low < 0 and kind < 0.35 else size, low), high))

    def _real(self, type_: inspect.FloatType) -> float:
        low = 0.0 if type_.ge is None and type_.gt is None else float(type_.ge or type_.gt or 0.0)
        high = float(type_.le or type_.lt or 1e12)
        least = math.nextafter(low, high) if type_.gt is not None else low
        most = math.nextafter(high, low) if type_.lt is not None else high
        kind = self._chance.random()
        if kind < 0.1:
            return least
        if kind < 0.2:
            return most
        return min(max(self._chance.uniform(least, min(most, least + 30)), least), most)

    def _text(self, type_: inspect.StrType, name: str) -> str:
        if name in self._names:
            return self._names[name]()
        if type_.pattern is not None:
            return self._chance.choice(_PATTERNS[type_.pattern])
        if name == "time_zone":
            return self._chance.choice(_ZONES)
        most = type_.max_length or 2000
        if self._chance.random() < 0.05:
            return _LONGEST * most
        return self._chance.choice(["x", "y", "strike"])[:most]
