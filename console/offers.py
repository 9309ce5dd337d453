"""How suppliers sell an item, as far as its master data say and the console needs it: quantities, prices, and in which money."""

import math
from typing import Final

import msgspec

from andon.planning.policy.filling import Offer
from andon.planning.policy.lot_size import LotSize

_MOST: Final = 1_000_000_000


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What is of an item and not of one of its suppliers, where it is not the usual."""

    pack_size: int = 1
    minimum_order: int = 1
    #: Of a unit, in kilograms.
    weight: float | None = None
    currency: str = "EUR"
    holding_rate: float = 0.25


class SoldBy(msgspec.Struct, frozen=True, gc=False):
    """What a supplier has of its own for an item: a price, quantities, money."""

    supplier: str = ""
    unit_cost: float | None = None
    currency: str | None = None
    exchange_rate: float | None = None
    #: From which quantity on all units cost what.
    breaks: tuple[tuple[int, float], ...] = ()
    multiple: int = 1
    pack_size: int | None = None
    minimum_order: int | None = None
    maximum_order: int | None = None

    @property
    def says_something(self) -> bool:
        """Whether anything of it is not as the item has it."""
        return self != SoldBy(self.supplier)


USUAL: Final = Terms()


def offer_of(
    supplier: str | None, unit_cost: float | None, terms: Terms, sold_by: tuple[SoldBy, ...]
) -> Offer:
    """Return how a supplier sells an item.

    Args:
        supplier: who.
        unit_cost: of the item, in its own currency; None if nobody says.
        terms: the item's.
        sold_by: what suppliers have of their own.
    """
    own = _own(supplier, sold_by)
    multiple = math.lcm(own.pack_size or terms.pack_size, own.multiple)
    least = -(-(own.minimum_order or terms.minimum_order) // multiple) * multiple
    most = (own.maximum_order or _MOST) // multiple * multiple
    base = own.unit_cost
    if base is None and unit_cost is not None:
        is_foreign = own.currency not in (None, terms.currency) and own.exchange_rate
        base = unit_cost / own.exchange_rate if is_foreign and own.exchange_rate else unit_cost
    prices = () if base is None else ((0, base),)
    return Offer(LotSize(multiple, least, most), prices + own.breaks, terms.weight)


def currency_of(supplier: str | None, terms: Terms, sold_by: tuple[SoldBy, ...]) -> str:
    """Return in what a supplier is paid for an item."""
    return _own(supplier, sold_by).currency or terms.currency


def _own(supplier: str | None, sold_by: tuple[SoldBy, ...]) -> SoldBy:
    return next((one for one in sold_by if one.supplier == (supplier or "")), SoldBy())
