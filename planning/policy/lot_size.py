"""Which quantities a source takes, and which of them is the cheapest to order."""

import math
from typing import Final, NamedTuple

import msgspec

from andon.schemas.items import Item, Source

_DAYS_A_YEAR: Final = 365.25
_MOST: Final = 1_000_000_000


class LotSize(NamedTuple):
    """The quantities that one order may have: multiples of `multiple`, from `least` to `most`, themselves such multiples.

    Nothing can be ordered where `least` is more than `most`.
    """

    multiple: int
    least: int
    most: int

    @property
    def is_possible(self) -> bool:
        """Whether there is any quantity that can be ordered."""
        return self.least <= self.most

    def fit(self, quantity: float) -> int:
        """Return the smallest quantity that can be ordered and is at least this; the most if that is less, 0 if none is."""
        if not self.is_possible:
            return 0
        return min(max(_round_up(math.ceil(quantity), self.multiple), self.least), self.most)

    def fit_below(self, quantity: float) -> int:
        """Return the largest quantity that can be ordered and is at most this; 0 if none is."""
        found = min(math.floor(quantity) // self.multiple * self.multiple, self.most)
        return found if found >= self.least else 0


def lot_size(item: Item, source: Source) -> LotSize:
    """Return the quantities in which an item comes from a source: its own terms, else the item's."""
    pack = source.pack_size or item.pack_size
    multiple = math.lcm(pack, source.layer_size or 1, source.pallet_size or 1)
    least = source.minimum_order or item.minimum_order
    most = source.maximum_order or _MOST
    return LotSize(multiple, _round_up(max(least, 1), multiple), most // multiple * multiple)


def in_items_money(item: Item, source: Source, amount: float) -> float:
    """Return an amount of a source's money in the item's currency."""
    if source.exchange_rate is None or source.currency in (None, item.currency):
        return amount
    return amount * source.exchange_rate


def currency_of(item: Item, source: Source) -> str:
    """Return what a source is paid in."""
    return source.currency or item.currency


def unit_cost_at(item: Item, source: Source, quantity: int) -> float:
    """Return what a unit costs in an order of so many, in the item's currency: all at the price of the highest break that it reaches."""
    reached = [one for one in source.price_breaks if one.quantity <= quantity]
    if reached:
        paid = max(reached, key=lambda one: one.quantity).unit_cost
    elif source.unit_cost is not None:
        paid = source.unit_cost
    else:
        return item.unit_cost
    return in_items_money(item, source, paid)


def order_cost_at(item: Item, source: Source) -> float:
    """Return what placing an order with a source costs, whatever its size: as the source has it, else the item."""
    if source.order_cost is None:
        return item.order_cost
    return in_items_money(item, source, source.order_cost)


def bought_from(item: Item, source: Source, review_days: float = 0.0) -> Item:
    """Return an item as it is planned when it is bought from one of its sources.

    Args:
        item: as the master data have it.
        source: whose packs and minimum count where it has its own.
        review_days: until the source takes another order; a longer review period of the item stays.
    """
    pack = lot_size(item, source).multiple
    least = source.minimum_order or item.minimum_order
    review = max(item.review_period_days, review_days)
    if (pack, least, review) == (item.pack_size, item.minimum_order, item.review_period_days):
        return item
    return msgspec.structs.replace(
        item, pack_size=pack, minimum_order=least, review_period_days=review
    )


def cheapest_lot(
    item: Item, source: Source, need: float, daily: float, *, most: float = math.inf
) -> int:
    """Return the quantity that costs least a year: what is needed, or more for a lower price.

    The cost a year of ordering Q at a time is c(Q) D + K D / Q + r c(Q) Q / 2, with the price c(Q) of all units, the yearly
    demand D, the order cost K and the holding cost rate r (all-units discounts: Silver, Pyke and Thomas, 4.5).

    Args:
        item: costs of holding and ordering.
        source: its prices and quantities.
        need: units that the order must bring.
        daily: units that sell a day.
        most: no more than this is ordered for a lower price: what sells before it spoils, say.
    """
    lot = lot_size(item, source)
    plain = lot.fit(need)
    if not source.price_breaks or plain <= 0 or daily <= 0:
        return plain
    order_cost = order_cost_at(item, source)
    yearly = daily * _DAYS_A_YEAR

    def cost(quantity: int) -> float:
        price = unit_cost_at(item, source, quantity)
        holding = item.holding_cost_rate * price
        return yearly * price + order_cost * yearly / quantity + holding * quantity / 2

    larger = set()
    for one in source.price_breaks:
        holding = item.holding_cost_rate * in_items_money(item, source, one.unit_cost)
        economic = math.sqrt(2 * order_cost * yearly / holding) if holding > 0 else 0.0
        larger |= {lot.fit(max(one.quantity, need)), lot.fit(max(one.quantity, need, economic))}
    return min((plain, *sorted(one for one in larger if one <= most)), key=cost)


def _round_up(quantity: int, multiple: int) -> int:
    return -(-quantity // multiple) * multiple
