"""What of an order expires before it sells, and what that costs against the sales that it saves."""

from collections.abc import Sequence
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


def waste_by_lot(lots: Sequence[tuple[int, float]], demand: Demand, now: float) -> list[float]:
    """Return how many units of each lot are expected to expire, where the first to expire is sold first.

    What expires of the first i lots in all is the most, over those j, by which their units C_j are more than what sells until the j-th
    expires, D_j (Nahmias, Perishable Inventory Systems, 2011, 2.2): its expectation is taken to be the largest of the E[C_j - D_j]+.

    Args:
        lots: units of each, and how many days it may still be sold, the first to expire first; none if it has expired.
        demand: what is known of it.
        now: seconds since 1970.
    """
    found, units, wasted = [], 0, 0.0
    for count, days in lots:
        units += count
        sold = over(demand, now, days) if days > 0 else None
        # E[C - D]+ = C - E[D] + E[D - C]+
        beyond = float(units) if sold is None else units - sold.mean + sold.shortage(units)
        total = max(wasted, beyond)
        found.append(min(total - wasted, float(count)))
        wasted = total
    return found


def _short(sold: Distribution, stock: int) -> float:
    return sold.mean - stock if stock <= 0 else sold.shortage(stock)
