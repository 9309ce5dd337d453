"""What a buffer is and does in a year: the units kept, and those that are not short because of it."""

from typing import Final

from andon.planning.demand.distributions import Distribution
from andon.planning.demand.rhythm import Due

_DAYS_A_YEAR: Final = 365.25


def price_of_buffer(
    needed: Distribution | Due, buffer: float, cycle: float, days: float
) -> tuple[float, float]:
    """Return the units of a buffer that are kept all year, and those a year that are short without it.

    What is short anew in a cycle is what is short at its end less what was short when it began, `cycle` days before the end of
    the protection: E[D(L+T) - y]+ - E[D(L) - y]+ (Hadley and Whitin, Analysis of Inventory Systems, 1963, chapter 5).

    Args:
        needed: the demand over the protection.
        buffer: units above its mean.
        cycle: days from one order to the next.
        days: the protection's length: lead time and review.
    """
    cycle = max(cycle, 1.0)
    share = max(1 - cycle / days, 0.0) if days > 0 else 0.0
    before = Distribution(needed.mean * share, needed.variance * share)

    def short(level: float) -> float:
        return needed.shortage(level) - before.shortage(level)

    saved = max(short(needed.mean) - short(needed.mean + buffer), 0.0)
    return buffer, saved * _DAYS_A_YEAR / cycle
