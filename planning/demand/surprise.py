"""What chance alone does not explain: errors that lean one way for long, and silence of what sells daily."""

import math
from typing import Final

from andon.planning.demand.distributions import Distribution

#: A run of days without a sale that had a smaller chance than this was no demand, but an item that was not for sale;
#: after a longer run than this, what it sold before says nothing any more.
_NO_CHANCE: Final = 0.001
_LONGEST_DAYS: Final = 180
#: What sells on fewer days than this share of them is not missed: its sales come in clusters, and silence is demand.
_BUSY: Final = 0.25
#: Beyond so many standard deviations a day is a surge.
OVERSHOOTING: Final = 5.0
_TEMPERED: Final = 6.0
#: Four weeks are too few to say that there will be no exceptions.
_LEAST_DAYS: Final = 28
#: As many days the errors of days that count less and less are worth, and how many standard errors a regularity must be clear of.
_SPREAD_DAYS: Final = 200
_SURELY: Final = 2.0
#: What is left of a surge after a day: half of it after two.
SURGE_KEPT: Final = 0.7


def cusum(so_far: float, sold: float, expected: float, sd: float) -> float:
    """Return the two-sided CUSUM of a day's sales in one signed figure (Page, 1954; slack half a deviation).

    Upward it adds up the log-likelihood of a mean that is higher by a standard deviation, for counts (Lucas, 1985): that
    of many a day is the standardised error less the slack, and one sale of a slow mover is no new level.

    Args:
        so_far: the figure before the day.
        sold: units.
        expected: of them.
        sd: the standard deviation of what sells.
    """
    if sd <= 0:
        return 0.0
    z = (sold - expected) / sd
    if z > 0.0 and expected > 0:
        rise = (sold * math.log1p(sd / expected) - sd) * expected / (sd * sd)
    else:
        rise = z - 0.5
    if so_far >= 0:
        up = so_far + rise
        if up > 0:
            return up
        return z + 0.5 if z < -0.5 else 0.0
    down = so_far + z + 0.5
    if down < 0:
        return down
    return rise if rise > 0 else 0.0


def deviation(expected: float, dispersion: float, size: float = 0.0) -> float:
    """Return the standard deviation of a day's sales, in units; of a slow mover, that of one unit a day.

    It is no less than the size of a sale, given by what it exceeds the mean day.
    """
    usual = math.sqrt((expected if expected > 1.0 else 1.0) * dispersion)  # noqa: FURB136 - a call less
    return size if size > usual else usual  # noqa: FURB136 - as above


def dispersion_of(spread: float, expected_spread: float) -> float:
    """Return how many times a Poisson's variance the squares of errors were, at least 1."""
    ratio = (spread + 8.0) / (expected_spread + 8.0)
    return ratio if ratio > 1.0 else 1.0  # noqa: FURB136 - a call less, twice a day


def regularity(spread: float, expected_spread: float, days: int) -> float:
    """Return what share of the variance that a Poisson has is really there, at most 1, and as large as is not ruled out.

    What sells like clockwork errs less than by chance. The ratio of squares is taken at the upper end of its interval: that of
    n squared errors of a Poisson of mean m has a relative variance of (2 + 1 / m) / n (Cameron and Trivedi, Regression Analysis
    of Count Data, 3.4), so that ratios below 1 which chance can bring say nothing.

    Args:
        spread: squared errors, discounted.
        expected_spread: what the Poisson expects of these.
        days: how many there were.
    """
    if spread >= expected_spread or days < _LEAST_DAYS:
        return 1.0
    unsure = math.sqrt(2.0 / min(days, _SPREAD_DAYS) + 1.0 / expected_spread)
    upper = (spread + 8.0) / (expected_spread + 8.0) * (1.0 + _SURELY * unsure)
    return min(upper, 1.0)


def winsorised(sold: float, expected: float, sd: float) -> float:
    """Keep a single spike from poisoning a level: count what lies beyond six standard deviations as six.

    It is not for slow movers: of what sells ten times a year, a large sale is the only evidence of large sales.
    """
    most = expected + _TEMPERED * sd
    return min(sold, most)


def overshoot(sold: float, expected: float, sd: float, so_far: float = 0.0) -> float:
    """Return the units of a day beyond five standard deviations, and what is left of those before.

    It is what a spike may bring on the days after it, too.
    """
    beyond = sold - expected - OVERSHOOTING * sd
    return so_far * SURGE_KEPT + (beyond if beyond > 0 else 0.0)


def was_not_for_sale(quiet_days: int, level: float, dispersion: float, busy: float) -> bool:
    """Return whether chance cannot explain that many days without a sale.

    It must explain neither so little demand nor so few days that sell: of what sells by dozens, silence is most days.

    Args:
        quiet_days: the days.
        level: what was sold a day before them (units).
        dispersion: how many times a Poisson's variance that had.
        busy: the share of the days before them that sold.
    """
    if not 0 < quiet_days <= _LONGEST_DAYS or busy < _BUSY:
        return False
    if max(1.0 - busy, 0.0) ** quiet_days >= _NO_CHANCE:
        return False
    silent = quiet_days * level
    return Distribution(silent, silent * dispersion).cdf(0) < _NO_CHANCE
