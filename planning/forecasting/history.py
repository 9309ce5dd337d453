"""What an item sold on each closed day, two bytes a day; a day that nobody could have bought on is unknown."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from andon.planning.forecasting.weeks import SEASON, WEEK, Weeks, known

#: A day of which nothing is known: it was not for sale, or out of stock.
_UNKNOWN = 0xFFFF
_MOST = _UNKNOWN - 1
#: Two years and a little: a yearly shape needs to see each season twice.
_LONGEST_DAYS = 736
_BYTES = 2


class DemandHistory(msgspec.Struct, array_like=True):
    """Units sold by day, up to and including the day `closed` (days since 1970); counts above 65,534 are cut there."""

    closed: int = -1
    packed: bytearray = msgspec.field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.packed) // _BYTES

    @property
    def first(self) -> int:
        """The oldest day that is remembered."""
        return self.closed - len(self) + 1

    def add(self, day: int, sold: int | None) -> bool:
        """Take in a closed day (None: unknown); False if it was known already, so that a repeat changes nothing.

        Days that were passed over are unknown.
        """
        closed = self.closed
        if day <= closed:
            return False
        packed = self.packed
        if 0 <= closed < day - 1:
            packed += _UNKNOWN.to_bytes(_BYTES, "little") * min(day - closed - 1, _LONGEST_DAYS)
        if sold is None:
            value = _UNKNOWN
        else:
            value = sold if 0 <= sold <= _MOST else min(max(sold, 0), _MOST)
        packed += value.to_bytes(_BYTES, "little")
        if len(packed) > _LONGEST_DAYS * _BYTES:
            # Dropping from the front of a bytearray copies nothing.
            del packed[: -_LONGEST_DAYS * _BYTES]
        self.closed = day
        return True

    def last(self, days: int) -> list[int | None]:
        """Return what was sold on the last days, the oldest first; fewer if fewer are remembered."""
        if days <= 0:
            return []
        values: list[Any] = memoryview(self.packed[-days * _BYTES :]).cast("H").tolist()
        if _UNKNOWN in values:
            return [None if value == _UNKNOWN else value for value in values]
        return values


class Lately:
    """The last weeks of a history, from which candidates learn and forecast.

    `days` are the units sold by day from `first` on (days since 1970, None: unknown); those from the place `begin` on are new.
    Of those of them that are known, `places` has the places, `sold` the units, and `before` what sold a week before. `weeks` says
    what was usual.

    Args:
        past: the history, which has the new days already.
        new: how many of its days are new.
    """

    __slots__ = ("_past", "before", "begin", "days", "first", "places", "sold", "weeks")

    def __init__(self, past: DemandHistory, new: int = 0) -> None:
        self._past = past
        self.days = days = past.last(SEASON + new)
        self.begin = begin = max(len(days) - new, 0)
        self.first = past.closed - len(days) + 1
        fresh = days[begin:]
        self.sold = sold = known(fresh)
        self.places: Sequence[int] = range(begin, len(days))
        if len(sold) < len(fresh):
            self.places = [place for place in self.places if days[place] is not None]
        self.before: list[int | None]
        if begin >= WEEK and len(sold) == len(fresh):
            self.before = days[begin - WEEK : len(days) - WEEK]
        else:
            self.before = [days[place - WEEK] if place >= WEEK else None for place in self.places]
        self.weeks = Weeks(days)

    def usual(self, begin: int, end: int) -> float:
        """Return the mean of the days between two places that are known; if none is, of all that were known before."""
        units = known(self.days[max(begin, 0) : end])
        if not units:
            newer = len(self.days) - end
            units = known(self._past.last(len(self._past))[: len(self._past) - newer])
        return sum(units) / len(units) if units else 0.0


def history_of(first: int, sold: Iterable[int | None]) -> DemandHistory:
    """Return the history of consecutive days from `first` on (days since 1970)."""
    history = DemandHistory()
    for day, units in enumerate(sold, first):
        history.add(day, units)
    return history
