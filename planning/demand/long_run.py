"""What a level was in the long run, toward which the level of late is drawn (West and Harrison, 10.6, on levels that revert).

Evidence on what sells seldom is in its sales, not in days: a memory of days alone holds a part of one sale, and the level
is high after it and nothing before the next. So a memory holds at least ten sales, and the long run counts as three of
them where the level is asked (the posterior of a Gamma-Poisson whose prior is the long run; Croston, 1972, and Syntetos
and Boylan, 2005, take the gaps between sales in place of days for the same reason).
"""

import math
from typing import Final

#: Half of the long run is a year.
SLOW_DISCOUNT: Final = 0.998
SLOW_LOSS: Final = 1 - SLOW_DISCOUNT
_SHARE: Final = 0.2
#: As so many sales the long run counts, and a memory loses no more than this share of itself by sale.
_LENT_SALES: Final = 3.0
_LOSS_A_SALE: Final = 0.1
#: So many days a level of late remembers.
_LATE_DAYS: Final = 25
#: What is left of a slow mover's long run when its level is a new one.
_KEPT: Final = 0.1


def drawn(level: float, slow_a: float, slow_b: float, sales: float, quiet: int) -> float:
    """Return a level (units a day) of late, drawn toward that of the long run, if there is one.

    It goes a fifth of the way between them, and upward by no more than a fifth of itself, so that what ends is let go.
    That of a slow mover goes as far as three sales, in days, outweigh the days remembered, or the silence there is.

    Args:
        level: of late.
        slow_a: of the long run, in units.
        slow_b: of the long run, in days.
        sales: days of the long run that sold.
        quiet: days without a sale by now.
    """
    if not slow_b:
        return level
    gap = slow_a / slow_b - level
    usual = level + _SHARE * (gap if gap < level else level)  # noqa: FURB136 - a call less, each day
    lent = days_lent(slow_b, sales, quiet)
    if not lent:
        return usual
    own = level + gap * lent / (lent + (quiet if quiet > _LATE_DAYS else _LATE_DAYS))  # noqa: FURB136 - as above
    return own if gap < 0 or own > usual else usual


def spare_size(slow_a: float, slow_b: float, sales: float) -> float:
    """Return by how many units a day that sells does so beyond a mean one: next to nothing where each day sells."""
    return slow_a / sales - slow_a / slow_b if sales and slow_b else 0.0


def begun(
    of_late: tuple[float, float], slow: tuple[float, float], sales: float
) -> tuple[float, float, float]:
    """Return a, b and the sales of a long run; what is missing is as the level of late has it, if it is a Poisson's.

    Args:
        of_late: a and b of the level of late.
        slow: a and b of the long run; 0 if there is none yet.
        sales: days of the long run that sold; 0 if nobody counted them.
    """
    a, b = slow if slow[1] else of_late
    return a, b, sales if sales and slow[1] else b * -math.expm1(-a / b)


def days_lent(slow_b: float, sales: float, quiet: int) -> float:
    """Return as how many days the long run of a slow mover counts; 0 where what is remembered of late says more.

    It is a slow mover where three sales take more than a fifth of all those days (arguments as `drawn`).
    """
    seen = quiet if quiet > _LATE_DAYS else _LATE_DAYS  # noqa: FURB136 - as above
    if _LENT_SALES * slow_b * (1 - _SHARE) <= _SHARE * seen * sales or not sales:
        return 0.0
    return _LENT_SALES * slow_b / sales


def kept(loss: float, slow_b: float, sales: float) -> float:
    """Return what a memory keeps of itself over a day: a share of at most this is lost (other arguments as `drawn`)."""
    by_sale = _LOSS_A_SALE * sales / slow_b if slow_b else 1.0
    return 1.0 - (by_sale if by_sale < loss else loss)  # noqa: FURB136 - as above


def renewed(
    of_late: tuple[float, float], slow: tuple[float, float], sales: float
) -> tuple[float, float, float]:
    """Return a, b and the sales of a long run whose level is another: most of it is what was seen of late.

    Args:
        of_late: a and b of the level of late.
        slow: a and b of the long run.
        sales: days of the long run that sold.
    """
    a = _KEPT * slow[0] + of_late[0]
    return a, _KEPT * slow[1] + of_late[1], sales * a / slow[0] if slow[0] else sales


def remembered(
    slow: tuple[float, float], units: float, weight: float, known: float = 1.0
) -> tuple[float, float]:
    """Return a and b of the long run with one more day.

    Args:
        slow: a and b before it.
        units: wanted on the day.
        weight: its shape times its share in stock.
        known: as far as it is known what the units say, within [0, 1].
    """
    kept = SLOW_DISCOUNT**known
    return slow[0] * kept + known * units, slow[1] * kept + known * weight
