"""What is kept of items' master data: of an item that many locations have alike, one record is kept for all of them."""

import sys
from typing import Final

import msgspec

from andon.console.rows import Known

#: So many different records are known again; then it is begun anew, and what comes later is shared among itself.
_MOST_SHARED: Final = 50_000


class _Priced(msgspec.Struct, frozen=True):
    supplier: str = ""
    unit_cost: float | None = None


class _Told(msgspec.Struct, frozen=True):
    """What is read of an item's master data."""

    description: str | None = None
    service_class: str = "balanced"
    category: str | None = None
    unit_cost: float | None = None
    sources: tuple[_Priced, ...] = ()


class Master:
    """Reads master data."""

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(_Told)
        self._shared: dict[Known, Known] = {}

    def read(self, value: bytes) -> tuple[Known, bool] | None:
        """Return what is kept of an item, and whether somebody says what a unit costs; None if it cannot be read."""
        try:
            told = self._decoder.decode(value)
        except msgspec.MsgspecError:
            return None
        known = Known(
            told.description,
            sys.intern(told.service_class),
            sys.intern(told.category) if told.category else None,
            told.unit_cost,
            tuple(
                (sys.intern(one.supplier), one.unit_cost)
                for one in told.sources
                if one.unit_cost is not None
            ),
        )
        is_priced = told.unit_cost is not None or (0 < len(told.sources) == len(known.prices))
        return self._one(known), is_priced

    def _one(self, known: Known) -> Known:
        found = self._shared.get(known)
        if found is None:
            if len(self._shared) >= _MOST_SHARED:
                self._shared.clear()
            found = self._shared[known] = known
        return found
