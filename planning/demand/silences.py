"""Demand of some days with its silences: the chance that nothing sells is learned from how often an item sells.

A negative binomial has that chance from its mean and variance alone, and what sells by dozens every few weeks, or stops
selling, is silent far more often. So it is mixed from two states (hidden, as in Schultz, 1987, and Teunter, Syntetos and
Babai, 2011): an item that is for sale has days that sell by chance, one that is not sells nothing until it returns.
"""

import math
from collections.abc import Callable
from typing import Final

import msgspec

from andon.planning.demand.distributions import Distribution
from andon.planning.demand.frequency import Frequency
from andon.planning.demand.level import LEARNED_DAYS, busy_share
from andon.planning.demand.long_run import days_lent
from andon.planning.demand.state import MOVING, Demand

#: How likely an item that sells on many days stops within a day, and how likely one that has stopped returns within one:
#: M5's have been silent for the next eight days by their silence so far about as often as these say.
STOPS: Final = 0.003
RETURNS: Final = 0.04
#: How likely it is that it has stopped, or will before it matters, where nobody can see that yet.
_UNSEEN: Final = 0.012
#: What sells on fewer days than this share of them is not missed when it is silent.
_BUSY: Final = 0.25
#: No item is so sure to sell on a day, whatever it sold on others.
_SUREST_DAY: Final = 0.98
_LONGEST_SILENCE: Final = 180
#: As far the level is less sure by what goes beyond a Poisson in a day, of which its own errors are a part.
_MORE: Final = 0.5
#: So little demand, in units, has no silences worth telling apart.
_NEXT_TO_NOTHING: Final = 1e-6


class Sold(msgspec.Struct, frozen=True, gc=False):
    """What sells in some days: nothing, with a chance, and else one unit and what `beyond` says."""

    nothing: float
    beyond: Distribution
    #: 1 where `beyond` begins after the first unit, 0 where it is all of demand.
    first: int = 1

    @property
    def mean(self) -> float:
        """The mean, in units."""
        return (1.0 - self.nothing) * (self.first + self.beyond.mean)

    def short_of(self, stock: float) -> tuple[float, float]:
        """Return the probability that demand exceeds a stock, and the expected units short."""
        sells = 1.0 - self.nothing
        if stock < self.first:
            return (sells, self.mean - stock * sells) if self.first else self._part(stock, sells)
        return self._part(stock - self.first, sells)

    def _part(self, stock: float, sells: float) -> tuple[float, float]:
        above, short = self.beyond.short_of(stock)
        return sells * above, sells * short


def stopped(demand: Demand) -> float:
    """Return how likely it is that an item which sells on many days is not for sale, by the days it has been silent.

    If it stopped k days ago it has sold nothing for certain since then, and by chance before. Of what sells on fewer days
    silence says nothing.
    """
    busy = min(busy_share(demand), _SUREST_DAY)
    if busy < _BUSY:
        return 0.0
    if not demand.quiet or demand.sold:
        return _UNSEEN
    silent = (1.0 - busy) ** min(demand.quiet, _LONGEST_SILENCE)
    has_stopped = STOPS * (1.0 - silent) / busy
    return _UNSEEN + (1.0 - _UNSEEN) * has_stopped / (has_stopped + silent)


class Mixed(msgspec.Struct, frozen=True, gc=False):
    """What sells by either of two laws, the first with a probability."""

    share: float
    first: Sold
    second: Sold

    @property
    def mean(self) -> float:
        """The mean, in units."""
        return self.share * self.first.mean + (1.0 - self.share) * self.second.mean

    def short_of(self, stock: float) -> tuple[float, float]:
        """Return the probability that demand exceeds a stock, and the expected units short."""
        odds, short = self.first.short_of(stock)
        more, shorter = self.second.short_of(stock)
        rest = 1.0 - self.share
        return self.share * odds + rest * more, self.share * short + rest * shorter


def with_silences(
    demand: Demand, sold: Callable[[float], Distribution]
) -> Callable[[float], Sold | Mixed]:
    """Return what sells over a number of days with its silences, given what does so without any.

    The days that sell come by chance, at a rate as unsure as the number of them that is remembered makes it; sales by dozens
    make the level as much less sure as they make a day. The mean of an item that is for sale stays what it was.

    Args:
        demand: of the item.
        sold: `over_each` of it.
    """
    level = demand.level
    if demand.days < LEARNED_DAYS or level <= 0 or demand.slow_a <= 0 or demand.slow_sales <= 0:
        return lambda days: Sold(0.0, sold(days), 0)
    if demand.often is not None and demand.often.is_seldom:
        return _seldom(demand, demand.often, sold)
    often = min(demand.own_level * demand.slow_sales / demand.slow_a, _SUREST_DAY)
    rate = -math.log1p(-often) / level
    lent = days_lent(demand.slow_b, demand.slow_sales, demand.quiet)
    seen = often * (max(demand.b, demand.quiet) + lent)
    sure = demand.level_variance / (level * level)
    unsure = max(sure, MOVING * (1.0 - often) / seen)
    more = _MORE * sure * (demand.own_dispersion - 1.0)
    away = stopped(demand)

    def over(days: float) -> Sold:
        until = sold(days)
        if until.mean < _NEXT_TO_NOTHING:
            return Sold(0.0, until, 0)
        gone = away * (1.0 - RETURNS) ** days
        variance = until.variance + until.mean * until.mean * more
        silent = math.exp(-math.log1p(rate * until.mean * unsure) / unsure)
        if silent <= Distribution(until.mean, variance).cdf(0):
            return Sold(gone, Distribution(until.mean, variance), 0)
        sells = 1.0 - silent
        mean = until.mean / sells
        variance = (variance + until.mean * until.mean) / sells - mean * mean
        return Sold(
            gone + (1.0 - gone) * silent,
            Distribution(max(mean - 1.0, 0.0), max(variance, 0.0)),
            1,
        )

    return over


def _seldom(
    demand: Demand, often: Frequency, sold: Callable[[float], Distribution]
) -> Callable[[float], Sold | Mixed]:
    """Return what a slow mover sells: a compound of days that sell, at either rate, and of what one of them sells."""
    size, square = often.units / often.sales, often.squares / often.sales
    of_late, share, level = often.of_late, often.late_share, demand.own_level

    def over(days: float) -> Sold | Mixed:
        until = sold(days)
        if until.mean < _NEXT_TO_NOTHING:
            return Sold(0.0, until, 0)
        weight = until.mean / level
        late = compound(of_late * weight, often.late_sure, size, square)
        return Mixed(share, late, compound(often.usual * weight, often.sales, size, square))

    return over


def compound(sales: float, sure: float, size: float, square: float) -> Sold:
    """Return what sells where the number of sales is a Poisson's of a gamma's (Bagchi and others, 1983).

    Args:
        sales: their expected number.
        sure: as many sales that is known from.
        size: of a sale on average, in units.
        square: the mean of its square.
    """
    silent = math.exp(-sure * math.log1p(sales / sure))
    sells = 1.0 - silent
    if sells < _NEXT_TO_NOTHING:
        return Sold(1.0, Distribution(0.0, 0.0), 0)
    mean = sales * size
    variance = sales * square + (mean * mean) / sure
    some = mean / sells
    spread = (variance + mean * mean) / sells - some * some
    return Sold(silent, Distribution(max(some - 1.0, 0.0), max(spread, 0.0)), 1)
