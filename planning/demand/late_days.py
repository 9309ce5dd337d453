"""What is heard of a day when it is closed already: it still corrects the level, as far as that day counts by now."""

from typing import Final

from andon.planning.demand.level import DISCOUNT, WEEK_DISCOUNT, long_run_of, plain_factor
from andon.planning.demand.long_run import SLOW_DISCOUNT
from andon.planning.demand.state import Demand
from andon.planning.demand.weekday_season import WEEKDAYS

#: So many days back the level was about what it is now, so that it is known by how much a day's error was wrong.
_SAME_LEVEL_DAYS: Final = 7


def learn_late(demand: Demand, day: int, units: int) -> bool:
    """Let a level have units that a closed day sold besides (or, negative, did not sell); return whether the day still counts.

    The discounted sums of the level are linear in what each day sold, so that a day's units are added with the weight that the
    day has by now. What was called unusual meanwhile stays so. A day from before all that were learned counts for nothing.

    Args:
        demand: the item's.
        day: days since 1970.
        units: sold, or taken back.
    """
    ago = demand.closed - day
    if not 0 <= ago < demand.days or not demand.sales:
        return False
    level = demand.own_level
    slow_a, slow_b, slow_sales = long_run_of(demand)
    demand.a = max(demand.a + units * DISCOUNT**ago, 0.0)
    demand.slow_a, demand.slow_b = max(slow_a + units * SLOW_DISCOUNT**ago, 0.0), slow_b
    weekday = day % WEEKDAYS
    sold = demand.sales[weekday] + units * WEEK_DISCOUNT ** (ago // WEEKDAYS)
    demand.sales[weekday] = max(sold, 0.0)
    share = units * WEEK_DISCOUNT ** (ago // WEEKDAYS) / WEEKDAYS
    demand.exposure = [max(level + share, 0.0) for level in demand.exposure]
    is_first = units > 0 and demand.quiet > ago
    if demand.often is not None:
        demand.often.see_late(units, ago, is_first=is_first)
    if demand.rhythm is not None:
        demand.rhythm.unseen = True
    if units > 0:
        demand.slow_sales = slow_sales + (SLOW_DISCOUNT**ago if is_first else 0.0)
        demand.quiet = min(demand.quiet, ago)
    if ago <= _SAME_LEVEL_DAYS:
        # Of (expected - sold)^2, to the first order.
        expected = level * plain_factor(demand, day, level)
        demand.spread = max(demand.spread - max(2 * expected - units, 0.0) * units, 0.0)
    return True
