"""What sells by the calendar: how regular the gaps between an item's sales are, when the next is due, and in which steps it sells.

Another's orders come every so many days, give or take little: a renewal process that is less random than a Poisson's (Cox, Renewal
Theory, 1962, chapter 3). Nothing of that is in the sales of its days, which vary more than a Poisson's; the days since the
last sale say when the next will be. Where the last gaps do not bear a rhythm out, nothing is said.
"""

import math
from typing import Final

import msgspec

from andon.planning.demand import special_functions as special
from andon.planning.demand.distributions import Distribution

#: What a sale leaves of the gaps and sizes before it: about thirty are remembered.
_KEPT: Final = 0.97
#: As if so many gaps had been by chance, whose squared coefficient of variation is 1.
_BY_CHANCE: Final = 0.25
#: It is a rhythm from so many gaps on, if their squared coefficient of variation is for all that is known below the second.
_LEAST_GAPS: Final = 5.0
_REGULAR: Final = 0.2
#: What is overdue by more than all but this share of gaps has lost its rhythm.
_LOST: Final = 0.02
#: Where it is more likely than not that one went by unseen, nobody knows when the next is due.
_EVEN: Final = 0.5
#: So many sales ahead are looked at one by one.
_MOST_SALES: Final = 60
_LEAST_VARIANCE: Final = 1e-9
#: So often what was regular is no longer so.
_BROKEN: Final = 0.05
_NEXT_TO_NEVER: Final = 1e-6
_PER_ROOT: Final = 1 / math.sqrt(2 * math.pi)


class Rhythm(msgspec.Struct, array_like=True):
    """The gaps between the sales of a slow mover, and their sizes, the last ones counting most.

    `days` of `gaps` gaps and the sum of their squares, `units` of `sales` sales and the sum of theirs. `silent` are the days since
    the last one, -1 before the first, and `unseen` whether one may have been missed in them; `step` is the largest number of
    which all sales were multiples.
    """

    gaps: float = 0.0
    days: float = 0.0
    day_squares: float = 0.0
    sales: float = 0.0
    units: float = 0.0
    unit_squares: float = 0.0
    silent: int = -1
    step: int = 0
    unseen: bool = False

    def see(self, sold: int, *, known: bool, ran_out: bool) -> None:
        """Learn from a day: units sold, whether it says anything, and whether more might have sold."""
        if sold <= 0:
            if self.silent >= 0:
                self.silent += 1
                self.unseen = self.unseen or not known
            return
        if self.silent >= 0 and not self.unseen:
            gap = self.silent + 1
            self.gaps = self.gaps * _KEPT + 1.0
            self.days = self.days * _KEPT + gap
            self.day_squares = self.day_squares * _KEPT + gap * gap
        if not ran_out:
            self.sales = self.sales * _KEPT + 1.0
            self.units = self.units * _KEPT + sold
            self.unit_squares = self.unit_squares * _KEPT + sold * sold
            self.step = math.gcd(self.step, sold)
        self.silent, self.unseen = 0, False

    @property
    def irregularity(self) -> float:
        """The squared coefficient of variation of the gaps, as large as is not ruled out; 1 is chance."""
        if self.gaps < _LEAST_GAPS:
            return 1.0
        mean = self.days / self.gaps
        seen = max(self.day_squares / (mean * mean) - self.gaps, 0.0)
        return (seen + _BY_CHANCE) / (self.gaps + _BY_CHANCE) * (1.0 + math.sqrt(2.0 / self.gaps))

    def scaled(self, factor: float) -> "Rhythm":
        """Return the same in units of which one of these is `factor`."""
        whole = factor == round(factor)
        return msgspec.structs.replace(
            self,
            units=self.units * factor,
            unit_squares=self.unit_squares * factor**2,
            step=self.step * round(factor) if whole else min(self.step, 1),
        )

    def over(self, days: float, sd_days: float = 0.0) -> "Stepped | None":
        """Return what sells in some days from now on, give or take some; None where there is no rhythm, or it is lost.

        The n-th sale from now is due after what is left of this gap and n - 1 more, as a normal law has their sum; the chances that it
        comes in time add up to the mean and the square of the number of sales.
        """
        irregularity = self.irregularity
        if irregularity >= _REGULAR or self.silent < 0 or self.sales <= 0:
            return None
        mean = self.days / self.gaps
        # An end that varies by more than a gap is as likely at any time of it, of which the level says as much.
        if sd_days > mean or days > _MOST_SALES / 2 * mean:
            return None
        variance = irregularity * mean * mean
        sd = math.sqrt(variance)
        since = (self.silent + 0.5 - mean) / sd
        still = special.ndtr(-since)
        if self.unseen and still < _EVEN:
            # At any time of the gap as likely as at any other.
            due, unsure = self.silent + 0.5 + mean / 2, mean * mean / 12 + variance
        elif still < _LOST:
            return None
        else:
            # What is left of a normal law beyond a point (Johnson, Kotz and Balakrishnan, 13.10).
            hazard = _PER_ROOT * math.exp(-since * since / 2) / still
            due, unsure = mean + sd * hazard, variance * (1.0 + since * hazard - hazard * hazard)
        unsure += sd_days * sd_days
        left = self.silent + 0.5 + days - due
        number = square = 0.0
        for more in range(_MOST_SALES):
            spread = unsure + variance * more * (1.0 + more / self.gaps)
            chance = special.ndtr((left - more * mean) / math.sqrt(max(spread, _LEAST_VARIANCE)))
            number += chance
            square += (2 * more + 1) * chance
            if chance < _NEXT_TO_NEVER:
                break
        return self._of(number, max(square - number * number, 0.0))

    def _of(self, number: float, variance: float) -> "Stepped":
        """Return the units of so many sales, with the variance of their number."""
        size = self.units / self.sales
        spread = max(self.unit_squares / self.sales - size * size, 0.0)
        unsure = number * spread * (1.0 + number / self.sales) + size * size * variance
        step = max(self.step, 1)
        return Stepped(Distribution(number * size / step, unsure / (step * step)), step)


class Stepped(msgspec.Struct, frozen=True, gc=False):
    """A demand in multiples of a number of units."""

    steps: Distribution
    step: int

    def quantile(self, probability: float) -> int:
        """Return the smallest number of units that demand does not exceed with at least this probability."""
        return self.steps.quantile(probability) * self.step

    def cdf(self, units: float) -> float:
        """Return the probability that demand is at most so many units."""
        return self.steps.cdf(math.floor(units / self.step))

    def shortage(self, stock: float) -> float:
        """Return the expected units short, E[(demand - stock)+], for stock in units."""
        return self.steps.shortage(stock / self.step) * self.step


class Due(msgspec.Struct, frozen=True, gc=False):
    """What is due by a rhythm, or what sells by chance where it does not hold; that is once in twenty times."""

    rhythm: Stepped
    chance: Distribution

    @property
    def mean(self) -> float:
        """The mean, in units."""
        return _mixed(self.rhythm.steps.mean * self.rhythm.step, self.chance.mean)

    @property
    def variance(self) -> float:
        """The variance, in units squared."""
        step, steps = self.rhythm.step, self.rhythm.steps
        apart = steps.mean * step - self.chance.mean
        within = _mixed(steps.variance * step * step, self.chance.variance)
        return within + _BROKEN * (1.0 - _BROKEN) * apart * apart

    @property
    def sd(self) -> float:
        """The standard deviation, in units."""
        return math.sqrt(self.variance)

    def quantile(self, probability: float) -> int:
        """Return the smallest number of units, in steps, that demand does not exceed with at least this probability."""
        step = self.rhythm.step
        both = (self.rhythm.quantile(probability), self.chance.quantile(probability))
        low, high = min(both) // step, -(-max(both) // step)
        while low < high:
            middle = (low + high) // 2
            if self.cdf(middle * step) >= probability:
                high = middle
            else:
                low = middle + 1
        return high * step

    def cdf(self, units: float) -> float:
        """Return the probability that demand is at most so many units."""
        return _mixed(self.rhythm.cdf(units), self.chance.cdf(units))

    def shortage(self, stock: float) -> float:
        """Return the expected units short, E[(demand - stock)+], for stock in units."""
        return _mixed(self.rhythm.shortage(stock), self.chance.shortage(stock))


def _mixed(rhythm: float, chance: float) -> float:
    return (1.0 - _BROKEN) * rhythm + _BROKEN * chance
