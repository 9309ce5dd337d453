"""Demand over an interval as a distribution: Poisson, negative binomial, or gamma where counts are large."""

import math
from collections.abc import Sequence

import msgspec

from andon.planning.demand import special_functions as special

#: From this mean on, a continuous gamma stands for the counts: the error is below half a unit.
_LARGE = 200.0
#: Where the variance is so many times the mean, the quantile is not near where its skewness says.
_WIDE = 25.0
#: Where the lean is a larger share of the standard deviation (a skewness of two), the bent normal is none of its quantiles.
MOST_LEAN = 1 / 3
#: Up to this many times the mean, a variance is a Poisson's.
_POISSON = 1 + 1e-6
#: By so much the chances of a binomial may be rounded down.
_ABOUT = 0.01
#: So many steps from a guess cost less than a bisection, which takes about thirty.
_STEPS = 64
#: No demand is believed to be larger, whatever its variance: the end of a search (schemas take up to 10^9 of a quantity).
MOST_DEMAND = 10**15
#: Below so small a chance of a unit, the law is that of nothing at all.
_LEAST_SUCCESS = 1e-12
#: What is left of a tail beyond this is lost in rounding.
_SURELY_NOT = 1e-9


class Distribution(msgspec.Struct, frozen=True, gc=False):
    """A demand with this mean and variance (units, units squared).

    Below a mean of 200 it is negative binomial, Poisson where the variance is the mean, or binomial where it is less (of a
    whole number of chances, of which the variance is up to a unit more); above it is gamma. All are fitted by moments:
    Silver, Pyke and Thomas, Inventory and Production Management, 4th ed., section 6.7; Adan, van Eenige and Resing, 1995.

    >>> demand = Distribution(4.0, 8.0)
    >>> demand.quantile(0.95), round(demand.cdf(3), 2)
    (9, 0.5)
    """

    mean: float
    variance: float

    def __post_init__(self) -> None:
        if not 0 <= self.mean < math.inf:
            msg = f"mean: expected a finite number >= 0, got {self.mean}"
            raise ValueError(msg)
        if not 0 <= self.variance < math.inf:
            msg = f"variance: expected a finite number >= 0, got {self.variance}"
            raise ValueError(msg)

    @property
    def sd(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.variance)

    def quantile(self, probability: float) -> int:
        """Return the smallest whole number that demand does not exceed with at least this probability."""
        if not 0 < probability < 1:
            msg = f"probability: expected within (0, 1), got {probability}"
            raise ValueError(msg)
        if self.mean == 0:
            return 0
        if self.mean >= _LARGE:
            shape, scale = self._gamma()
            units = scale * special.gammaincinv(shape, probability)
            # Less than half a unit is nothing; so is what a shape next to zero makes of it.
            return math.ceil(min(units, MOST_DEMAND)) if units >= 0.5 else 0
        return self._walk(self._guess(probability), probability)

    def about(self, deviate: float) -> float:
        """Return about the quantile of a standard normal deviate; see `bent`.

        It is within a unit or two where the variance is a few times the mean, at a tenth of the price of `quantile`.
        """
        mean, sd, lean = self.bent()
        units = mean + sd * deviate + (deviate * deviate - 1) * lean
        # Far outside the range of the correction Markov still holds: P(X >= x) <= m / x.
        return max(min(units, mean / special.ndtr(-deviate)), 0.0)

    def bent(self) -> tuple[float, float, float]:
        """Return mean m, standard deviation s and lean l: the quantile of a normal deviate z is about m + s z + (z^2 - 1) l.

        It is Cornish and Fisher's first correction for skewness, that of a binomial, of a negative one or of a gamma; beyond
        `MOST_LEAN` of the standard deviation it says nothing.
        """
        mean = self.mean
        if mean == 0:
            return 0.0, 0.0, 0.0
        variance = self.variance
        if mean >= _LARGE:
            return mean, math.sqrt(variance), variance / mean / 3
        if variance < mean:
            chances, chance = self._binomial()
            variance = chances * chance * (1 - chance)
        return mean, math.sqrt(variance), (2 * variance / mean - 1) / 6

    def quantiles(self, probabilities: Sequence[float]) -> list[int]:
        """Return the quantiles of some rising probabilities, of few units for the price of one.

        Args:
            probabilities: within (0, 1).
        """
        # Nothing is so unlikely of a binomial that no number is small enough.
        if not 0 < self.mean < _LARGE or self.variance < self.mean / _POISSON:
            return [self.quantile(one) for one in probabilities]
        law = self._law()
        mass = reached = self._mass(0, law)
        ratio, rest = self._panjer(law)
        units, found = 0, []
        for probability in probabilities:
            while reached < probability and units < _STEPS:
                units += 1
                mass *= ratio + rest / units
                reached += mass
            found.append(units if reached >= probability else self.quantile(probability))
        return found

    def _law(self) -> tuple[float, float] | None:
        """Return size and chance of success of a negative binomial; of a binomial, its chances below nothing, and how likely each is.

        None if it is a Poisson's. A quantile asks once.
        """
        if self.variance > _POISSON * self.mean:
            return self._negative_binomial()
        if self.variance < self.mean / _POISSON:
            chances, chance = self._binomial()
            return float(-chances), chance
        return None

    def _panjer(self, law: tuple[float, float] | None) -> tuple[float, float]:
        """Return r and s: the chance of n units is that of one unit less times (r + s / n), in all laws of counts."""
        if law is None:
            return 0.0, self.mean
        size, success = law
        if size < 0:
            odds = success / (1 - success)
            return -odds, (1 - size) * odds
        return 1 - success, (1 - success) * (size - 1)

    def _guess(self, probability: float) -> int:
        """Return about the quantile, as a whole number."""
        mean, variance = self.mean, self.variance
        if variance > _WIDE * mean:
            size, success = self._negative_binomial()
            units = special.nbdtrik(probability, size, success)
            return max(math.ceil(units - 1e-9), 0) if math.isfinite(units) else math.ceil(mean)
        units = round(self.about(special.ndtri(probability)))
        return min(units, self._binomial()[0]) if variance < mean / _POISSON else units

    def _walk(self, units: int, probability: float) -> int:
        """Return the quantile, step by step from a number of units near it."""
        law = self._law()
        reached, mass = self._reached(units, law), self._mass(units, law)
        ratio, rest = self._panjer(law)
        last = units + _STEPS
        while reached < probability:
            if units == last:
                return self._search(units, probability)
            units += 1
            mass *= ratio + rest / units
            if mass <= 0.0:
                return units
            reached += mass
        last = max(units - _STEPS, 0)
        while units > 0 and reached - mass >= probability:
            if units == last:
                return self._search(0, probability)
            reached -= mass
            mass /= ratio + rest / units
            units -= 1
        return units

    def _search(self, low: int, probability: float) -> int:
        """Return the quantile, of which it is known that it is at least `low`, by bisection."""
        step = 1
        high = low
        while high < MOST_DEMAND and self.cdf(high) < probability:
            low, high, step = high + 1, high + step, 2 * step
        while low < high:
            middle = (low + high) // 2
            if self.cdf(middle) >= probability:
                high = middle
            else:
                low = middle + 1
        return high

    def _mass(self, units: int, law: tuple[float, float] | None) -> float:
        """Return the probability of exactly so many units."""
        if law is not None:
            size, success = law
            if size < 0:
                return _binomial_mass(units, round(-size), success)
            log = math.lgamma(size + units) - math.lgamma(size) - math.lgamma(units + 1)
            return math.exp(log + size * math.log(success) + units * math.log1p(-success))
        return math.exp(units * math.log(self.mean) - self.mean - math.lgamma(units + 1))

    def cdf(self, units: float) -> float:
        """Return the probability that demand is at most `units`."""
        if units < 0:
            return 0.0
        if self.mean == 0:
            return 1.0
        if self.mean >= _LARGE:
            shape, scale = self._gamma()
            # Where most of it lies below a unit, that is nothing sold.
            return special.gammainc(shape, max(units, 0.5) / scale)
        return self._reached(math.floor(units), self._law())

    def _reached(self, count: int, law: tuple[float, float] | None) -> float:
        """Return the probability of at most so many units, 0 or more, of a law of counts."""
        if law is None:
            return special.pdtr(count, self.mean)
        size, success = law
        if size < 0:
            return (
                special.betainc(-size - count, count + 1.0, 1 - success) if count < -size else 1.0
            )
        return special.betainc(size, count + 1, success)

    def shortage(self, stock: float) -> float:
        """Return the expected units short, E[(demand - stock)+], for stock in units."""
        return self.short_of(stock)[1]

    def short_of(self, stock: float) -> tuple[float, float]:
        """Return the probability that demand exceeds a stock, and the expected units short, E[(demand - stock)+].

        With X the demand of mean m, E[(X - s)+] = m P(X' >= s) - s P(X > s), where X' is X with its size-biased law: a
        gamma of shape + 1, a negative binomial of size + 1 shifted by one, a Poisson shifted by one, or a binomial of a chance
        less shifted by one.
        """
        mean = self.mean
        if mean == 0:
            return (1.0, -stock) if stock < 0 else (0.0, 0.0)
        if stock <= 0:
            return 1.0 - self.cdf(stock), mean - stock
        if mean >= _LARGE:
            shape, scale = self._gamma()
            above = special.gammaincc(shape, max(stock, 0.5) / scale)
            biased = special.gammaincc(shape + 1, stock / scale)
            return above, max(mean * biased - stock * above, 0.0)
        count = math.floor(stock)
        if self.variance > _POISSON * mean:
            size, success = self._negative_binomial()
            above = 1.0 - special.betainc(size, count + 1, success)
            biased = 1.0 - special.betainc(size + 1, count, success) if count else 1.0
        elif self.variance < mean / _POISSON:
            chances, chance = self._binomial()
            if count >= chances:
                return 0.0, 0.0
            above = 1.0 - special.betainc(float(chances - count), count + 1.0, 1 - chance)
            biased = (
                1.0 - special.betainc(float(chances - count), float(count), 1 - chance)
                if count
                else 1.0
            )
        else:
            above = 1.0 - special.pdtr(count, mean)
            biased = 1.0 - (special.pdtr(count - 1, mean) if count else 0.0)
        return above, max(mean * biased - stock * above, 0.0)

    def beyond(self, units: int) -> float:
        """Return the mean of a demand of which no more is known than that it was at least so many units."""
        chance = 1.0 - self.cdf(units - 1)
        if units <= 0 or chance >= 1.0:
            return self.mean
        if chance < _SURELY_NOT:
            return float(units)
        return units + self.shortage(units) / chance

    def _gamma(self) -> tuple[float, float]:
        variance = max(self.variance, 1e-9)
        return self.mean**2 / variance, variance / self.mean

    def _negative_binomial(self) -> tuple[float, float]:
        success = max(self.mean / self.variance, _LEAST_SUCCESS)
        return self.mean * success / (1 - success), success

    def _binomial(self) -> tuple[int, float]:
        """Return the chances of a binomial of this mean, and how likely each is: of about no less variance, and of little more."""
        chances = math.ceil(self.mean**2 / (self.mean - self.variance) - _ABOUT)
        chances = max(chances, math.floor(self.mean) + 1)
        return chances, self.mean / chances


def _binomial_mass(units: int, chances: int, chance: float) -> float:
    if units > chances:
        return 0.0
    log = math.lgamma(chances + 1) - math.lgamma(units + 1) - math.lgamma(chances - units + 1)
    return math.exp(log + units * math.log(chance) + (chances - units) * math.log1p(-chance))
