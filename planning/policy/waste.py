"""What of an order expires before it sells, and what that costs against the sales that it saves."""

from typing import NamedTuple

from andon.planning.demand.demand import Demand, over
from andon.planning.demand.distributions import Distribution
from andon.planning.policy.lot_size import unit_cost_at
from andon.planning.policy.policy import shortage_cost
from andon.schemas.items import Item, Source


class Waste(NamedTuple):
    """Units of an order that are expected to `expire`, what they cost (`lost`), and what the others are worth that sell (`saved`), in money."""

    expire: float
    lost: float
    saved: float

    @property
    def is_too_much(self) -> bool:
        """Whether more is lost than saved, so that it is better to sell nothing."""
        return self.lost > self.saved


NONE = Waste(0.0, 0.0, 0.0)


def waste_of(
    item: Item,
    source: Source,
    quantity: int,
    position: int,
    demand: Demand,
    now: float,
    arrives_days: float,
) -> Waste:
    """Return what of an order expires, and what that costs; nothing where goods keep.

    On top of a position y, an order of Q sells E[D - y]+ - E[D - y - Q]+ of the demand D until its shelf life is over, which is
    taken to begin when it arrives (the newsvendor's expected sales: Silver, Pyke and Thomas, 9.2).

    Args:
        item: costs and shelf life.
        source: whose price counts.
        quantity: units ordered.
        position: what there is for the demand without it, in units.
        demand: what is known of it.
        now: seconds since 1970.
        arrives_days: until the order is there.
    """
    if item.shelf_life_days is None or quantity <= 0:
        return NONE
    sold = over(demand, now, arrives_days + item.shelf_life_days)
    sells = min(max(_short(sold, position) - _short(sold, position + quantity), 0.0), quantity)
    expire = quantity - sells
    lost = expire * unit_cost_at(item, source, quantity)
    return Waste(expire, lost, sells * shortage_cost(item))


def _short(sold: Distribution, stock: int) -> float:
    return sold.mean - stock if stock <= 0 else sold.shortage(stock)
