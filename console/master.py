"""What is kept of items' master data: of an item that many locations have alike, one record is kept for all of them."""

import math
import sys
from typing import Final

import msgspec

from andon.console.offers import USUAL, SoldBy, Terms
from andon.console.rows import Known

#: So many different records are known again; then it is begun anew, and what comes later is shared among itself.
_MOST_SHARED: Final = 50_000


class _Break(msgspec.Struct, frozen=True, rename={"quantity": "from"}):
    quantity: int
    unit_cost: float


class _Source(msgspec.Struct, frozen=True):
    supplier: str = ""
    unit_cost: float | None = None
    currency: str | None = None
    exchange_rate: float | None = None
    price_breaks: tuple[_Break, ...] = ()
    pack_size: int | None = None
    layer_size: int | None = None
    pallet_size: int | None = None
    minimum_order: int | None = None
    maximum_order: int | None = None


class _Told(msgspec.Struct, frozen=True):
    """What is read of an item's master data."""

    description: str | None = None
    service_class: str = "balanced"
    category: str | None = None
    unit_cost: float | None = None
    pack_size: int = 1
    minimum_order: int = 1
    unit_weight: float | None = None
    currency: str = "EUR"
    holding_cost_rate: float = 0.25
    sources: tuple[_Source, ...] = ()


class Master:
    """Reads master data."""

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(_Told)
        self._shared: dict[Known, Known] = {}
        self._terms: dict[Terms, Terms] = {}
        self._sellers: dict[tuple[str, ...], tuple[str, ...]] = {}

    def read(self, value: bytes) -> tuple[Known, bool] | None:
        """Return what is kept of an item, and whether somebody says what a unit costs; None if it cannot be read."""
        try:
            told = self._decoder.decode(value)
        except msgspec.MsgspecError:
            return None
        terms = Terms(
            told.pack_size,
            told.minimum_order,
            told.unit_weight,
            sys.intern(told.currency),
            told.holding_cost_rate,
        )
        sold_by = [one for one in map(_sold_by, told.sources) if one.says_something]
        sellers = tuple(dict.fromkeys(sys.intern(one.supplier) for one in told.sources))
        known = Known(
            told.description,
            sys.intern(told.service_class),
            sys.intern(told.category) if told.category else None,
            told.unit_cost,
            USUAL if terms == USUAL else self._terms.setdefault(terms, terms),
            # The first of several of one supplier counts, as nobody says which of them is meant.
            tuple({one.supplier: one for one in reversed(sold_by)}.values())[::-1],
            self._sellers.setdefault(sellers, sellers),
        )
        priced = sum(one.unit_cost is not None for one in told.sources)
        is_priced = told.unit_cost is not None or 0 < len(told.sources) == priced
        return self._one(known), is_priced

    def _one(self, known: Known) -> Known:
        found = self._shared.get(known)
        if found is None:
            if len(self._shared) >= _MOST_SHARED:
                self._shared.clear()
                self._terms.clear()
                self._sellers.clear()
            found = self._shared[known] = known
        return found


def _sold_by(source: _Source) -> SoldBy:
    return SoldBy(
        sys.intern(source.supplier),
        source.unit_cost,
        source.currency and sys.intern(source.currency),
        source.exchange_rate,
        tuple(sorted((one.quantity, one.unit_cost) for one in source.price_breaks)),
        math.lcm(source.layer_size or 1, source.pallet_size or 1),
        source.pack_size,
        source.minimum_order,
        source.maximum_order,
    )
