"""What an item sold on each closed day, two bytes a day; a day that nobody could have bought on is unknown."""

from collections.abc import Iterable
from typing import Any

import msgspec

#: A day of which nothing is known: it was not for sale, or out of stock.
_UNKNOWN = 0xFFFF
_MOST = _UNKNOWN - 1
#: Two years and a little: a yearly shape needs to see each season twice.
_LONGEST_DAYS = 736
_BYTES = 2


class History(msgspec.Struct, array_like=True):
    """Units sold by day, up to and including the day `closed` (days since 1970); counts above 65,534 are cut there."""

    closed: int = -1
    packed: bytes = b""

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
        if day <= self.closed:
            return False
        value = _UNKNOWN if sold is None else min(max(sold, 0), _MOST)
        passed_over = 0 if self.closed < 0 else min(day - self.closed - 1, _LONGEST_DAYS)
        packed = self.packed + _UNKNOWN.to_bytes(_BYTES, "little") * passed_over
        self.packed = (packed + value.to_bytes(_BYTES, "little"))[-_LONGEST_DAYS * _BYTES :]
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


def history_of(first: int, sold: Iterable[int | None]) -> History:
    """Return the history of consecutive days from `first` on (days since 1970)."""
    history = History()
    for day, units in enumerate(sold, first):
        history.add(day, units)
    return history
