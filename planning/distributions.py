"""Demand over an interval as a distribution: Poisson, negative binomial, or gamma where counts are large."""

import math
from dataclasses import dataclass

from scipy import special

#: From this mean on, a continuous gamma stands for the counts: the error is below half a unit.
_LARGE = 200.0


@dataclass(frozen=True)
class Distribution:
    """A demand with this mean and variance (units, units squared).

    Below a mean of 200 it is negative binomial (Poisson where the variance does not exceed the mean), above gamma, both
    fitted by moments: Silver, Pyke and Thomas, Inventory and Production Management, 4th ed., section 6.7.
    """

    mean: float
    variance: float

    def __post_init__(self) -> None:
        if self.mean < 0 or not math.isfinite(self.mean):
            msg = f"mean: expected a finite number >= 0, got {self.mean}"
            raise ValueError(msg)
        if self.variance < 0 or not math.isfinite(self.variance):
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
            return math.ceil(scale * float(special.gammaincinv(shape, probability)))
        if self.variance > self.mean * (1 + 1e-9):
            size, success = self._negative_binomial()
            guess = float(special.nbdtrik(probability, size, success))
        else:
            guess = float(special.pdtrik(probability, self.mean))
        units = max(math.ceil(guess - 1e-9), 0) if math.isfinite(guess) else math.ceil(self.mean)
        while self.cdf(units) < probability:
            units += 1
        while units > 0 and self.cdf(units - 1) >= probability:
            units -= 1
        return units

    def cdf(self, units: float) -> float:
        """Return the probability that demand is at most `units`."""
        if units < 0:
            return 0.0
        if self.mean == 0:
            return 1.0
        if self.mean >= _LARGE:
            shape, scale = self._gamma()
            return float(special.gammainc(shape, units / scale))
        count = math.floor(units)
        if self.variance > self.mean * (1 + 1e-9):
            size, success = self._negative_binomial()
            return float(special.betainc(size, count + 1, success))
        return float(special.pdtr(count, self.mean))

    def shortage(self, stock: float) -> float:
        """Return the expected units short, E[(demand - stock)+], for stock in units.

        With X the demand of mean m, E[(X - s)+] = m P(X' >= s) - s P(X > s), where X' is X with its size-biased law: a
        gamma of shape + 1, a negative binomial of size + 1 shifted by one, or a Poisson shifted by one.
        """
        if self.mean == 0:
            return max(-stock, 0.0)
        if stock <= 0:
            return self.mean - stock
        if self.mean >= _LARGE:
            shape, scale = self._gamma()
            above = float(special.gammaincc(shape, stock / scale))
            biased = float(special.gammaincc(shape + 1, stock / scale))
            return max(self.mean * biased - stock * above, 0.0)
        count = math.floor(stock)
        above = 1.0 - self.cdf(count)
        if self.variance > self.mean * (1 + 1e-9):
            size, success = self._negative_binomial()
            biased = 1.0 - float(special.betainc(size + 1, count, success)) if count else 1.0
        else:
            biased = 1.0 - (float(special.pdtr(count - 1, self.mean)) if count else 0.0)
        return max(self.mean * biased - stock * above, 0.0)

    def _gamma(self) -> tuple[float, float]:
        variance = max(self.variance, 1e-9)
        return self.mean**2 / variance, variance / self.mean

    def _negative_binomial(self) -> tuple[float, float]:
        success = self.mean / self.variance
        return self.mean * success / (1 - success), success
