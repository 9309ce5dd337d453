"""What an item could be ordered for now although nobody asks: for the basket of its supplier, which may have to be filled."""

import math
from typing import NamedTuple

from andon.planning.decision.overstock import most_stock
from andon.planning.decision.run_down import expects_nothing, is_run_down
from andon.planning.decision.situation import Situation
from andon.planning.decision.stage import stage_of
from andon.planning.demand.demand import is_known, over
from andon.planning.policy.lot_size import lot_size


class Standing(NamedTuple):
    """How an item stands to its next order.

    Attributes:
        days: until its reorder point is reached at its usual sales; 0 if it is.
        daily: units that sell a day.
        need: units to its order-up-to level, none if it is there.
        most: no more can be ordered now: its source's maximum, what sells before it expires, what would be too much stock.
    """

    days: float
    daily: float
    need: int
    most: int


def standing_of(view: Situation) -> Standing | None:
    """Return how an item stands to its next order; None if it is not ordered by its book, or nobody knows what it sells."""
    item, aims, daily = view.item, view.targets, view.demand.level
    if is_run_down(view) or expects_nothing(view) or stage_of(item, view.book) == "shadow":
        return None
    option = view.option(view.source)
    if option.order_at is None or not is_known(view.demand) or daily <= 0:
        return None
    most = most_stock(view)
    if item.shelf_life_days is not None:
        lasts = option.lead_time.mean_days + option.added_days + item.shelf_life_days
        most = min(most, over(view.demand, view.now, lasts).quantile(0.5))
    can = math.floor(most) - max(view.position, 0)
    if option.most is not None:
        can = min(can, option.most)
    return Standing(
        days=max(view.position - aims.reorder_point, 0) / daily,
        daily=daily,
        need=max(aims.order_up_to - view.position, 0),
        most=lot_size(item, view.source).fit_below(can),
    )
