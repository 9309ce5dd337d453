"""What forecasts were worth, recent ones counting more."""

import math
from operator import sub
from typing import Final

import msgspec

from andon.planning.demand import special_functions as special
from andon.planning.demand.demand import ERROR_DISCOUNT
from andon.planning.demand.distributions import MOST_LEAN, Distribution

#: Quantiles that decisions rest on: the middle, a lean item's and a critical one's.
LEVELS: Final = (0.5, 0.9, 0.98)
#: Each with its normal deviate z, and z^2 - 1.
_QUANTILES: Final = tuple((one, special.ndtri(one), special.ndtri(one) ** 2 - 1) for one in LEVELS)
_DAY_DISCOUNT: Final = ERROR_DISCOUNT
#: A scored interval is a week; what four months ago counted half. Slower, the weeks in which a level came down from the bulk order that
#: an item began with, or that came since, decided for a year who speaks (bench/forecast.py, Online Retail).
_SUM_DISCOUNT: Final = 0.96
#: How far one interval outside the 90% widens those to come; inside, a ninth of it narrows them.
_WIDENING: Final = math.exp(0.06)
_NARROWING: Final = math.exp(-0.06 / 9)
_LOW, _HIGH = 0.05, 0.95
#: So many standard deviations from the middle no law of ours reaches the 5th or the 95th percentile.
_CLEARLY: Final = 1.0
_NARROWEST, _WIDEST = 0.25, 16.0


class Score(msgspec.Struct, array_like=True):
    """Discounted sums of one-day errors and of what interval forecasts cost; `variance_factor` widens the variance to what is seen.

    `rival` is what the mean of all has cost on the same intervals: candidates that began at different times are compared by it.
    """

    error: float = 0.0
    signed_error: float = 0.0
    sold: float = 0.0
    naive_error: float = 0.0
    pinball: float = 0.0
    sum_error: float = 0.0
    sum_sold: float = 0.0
    inside: float = 0.0
    intervals: float = 0.0
    variance_factor: float = 1.0
    rival: float = 0.0

    def see_days(self, forecasts: list[float], seen: "Seen") -> None:
        """Take in some days, and what was forecast of each (units); fewer forecasts than days are of the first ones."""
        if len(forecasts) < len(seen.sold):
            seen = Seen(seen.sold[: len(forecasts)], seen.naive[: len(forecasts)])
        error, signed = self.error, self.signed_error
        for off in map(sub, forecasts, seen.sold):
            error = error * _DAY_DISCOUNT + (off if off >= 0 else -off)
            signed = signed * _DAY_DISCOUNT + off
        self.error, self.signed_error = error, signed
        self.sold = self.sold * seen.kept + seen.total
        self.naive_error = self.naive_error * seen.naive_kept + seen.naive_total

    def see_sum(self, forecast: Distribution, sold: int, loss: float, rival: float) -> None:
        """Take in an interval: its forecast as it was published, what it sold, and its pinball loss and the mean of all's."""
        self.pinball = self.pinball * _SUM_DISCOUNT + loss
        self.rival = self.rival * _SUM_DISCOUNT + rival
        self.sum_error = self.sum_error * _SUM_DISCOUNT + abs(forecast.mean - sold)
        self.sum_sold = self.sum_sold * _SUM_DISCOUNT + sold
        inside = within(forecast, sold)
        self.inside = self.inside * _SUM_DISCOUNT + inside
        self.intervals = self.intervals * _SUM_DISCOUNT + 1
        self.variance_factor = moved_factor(self.variance_factor, inside=inside)

    @property
    def cost(self) -> float:
        """What its interval quantiles have cost, as a share of what the mean of all has cost; 1 if nothing was seen."""
        return self.pinball / self.rival if self.rival > 0 else 1.0

    @property
    def wape(self) -> float | None:
        """The absolute error of one-day forecasts as a share of what was sold."""
        return self.error / self.sold if self.sold > 0 else None

    @property
    def week_wape(self) -> float | None:
        """The absolute error of interval forecasts as a share of what was sold."""
        return self.sum_error / self.sum_sold if self.sum_sold > 0 else None

    @property
    def bias(self) -> float | None:
        """The mean error as a share of what was sold; positive forecasts were too high."""
        return self.signed_error / self.sold if self.sold > 0 else None

    @property
    def mase(self) -> float | None:
        """The absolute error over that of the seasonal naive forecast (Hyndman and Koehler, 2006)."""
        return self.error / self.naive_error if self.naive_error > 0 else None

    @property
    def coverage(self) -> float | None:
        """The share of intervals that the 90% interval held."""
        return self.inside / self.intervals if self.intervals > 0 else None


class Seen:
    """Days that were sold, what their weekdays had sold before (None: unknown), and the discounted sums of both.

    They are the same for all that forecast these days, and are summed once.
    """

    __slots__ = ("kept", "naive", "naive_kept", "naive_total", "sold", "total")

    def __init__(self, sold: list[int], naive: list[int | None]) -> None:
        self.sold, self.naive = sold, naive
        self.kept = self.naive_kept = 1.0
        self.total = self.naive_total = 0.0
        for units, before in zip(sold, naive, strict=True):
            self.kept *= _DAY_DISCOUNT
            self.total = self.total * _DAY_DISCOUNT + units
            if before is not None:
                self.naive_kept *= _DAY_DISCOUNT
                self.naive_total = self.naive_total * _DAY_DISCOUNT + abs(units - before)


def within(forecast: Distribution, sold: int) -> bool:
    """Return whether units lie in the central 90% interval, from the 5th to the 95th percentile."""
    mean = forecast.mean
    if abs(sold - mean) <= (_CLEARLY * forecast.sd if mean else 0.0):
        return True
    # Beyond that, half of the law lies on the other side (Cantelli's inequality).
    return forecast.cdf(sold - 1) < _HIGH if sold > mean else forecast.cdf(sold) >= _LOW


def pinball(forecast: Distribution, sold: int) -> float:
    """Return the mean pinball loss over LEVELS (Koenker and Bassett, 1978), in units, at about these quantiles."""
    mean, sd, lean = forecast.bent()
    if lean > MOST_LEAN * sd:
        quantiles: list[float] = [*forecast.quantiles(LEVELS)]
    else:
        quantiles = [mean + sd * deviate + bend * lean for _, deviate, bend in _QUANTILES]
    loss = 0.0
    for level, quantile in zip(LEVELS, quantiles, strict=True):
        over = sold - quantile if quantile > 0 else sold
        loss += level * over if over >= 0 else (level - 1) * over
    return loss / len(LEVELS)


def moved_factor(variance_factor: float, *, inside: bool) -> float:
    """Return by how much variances are to be stretched after one more interval, aiming at 90% inside.

    Adaptive conformal inference (Gibbs and Candes, 2021), on the logarithm of the variance.
    """
    step = _NARROWING if inside else _WIDENING
    return min(max(variance_factor * step, _NARROWEST), _WIDEST)


def widened(forecast: Distribution, variance_factor: float) -> float:
    """Return the variance of a forecast, stretched, and at least that of a Poisson."""
    return max(forecast.variance * variance_factor, forecast.mean)
