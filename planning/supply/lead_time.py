"""Lead times and punctuality, learned from what really happened, recent deliveries counting more."""

import math
from functools import cached_property

import msgspec

from andon.planning.demand import special_functions as special

#: Each delivery makes the older ones count this much less.
_DISCOUNT = 0.97
#: The master data's lead time counts as much as this many deliveries.
PRIOR_WEIGHT = 4.0
#: A lead time without a stated spread is believed to vary by this share.
_DEFAULT_SPREAD = 0.25
SHORTEST_DAYS = 1 / 24
#: What comes so long after its promise is still on time.
ON_TIME_DAYS = 0.5
#: No spread is more times the mean than this, however short the mean: its square must be a number.
_WIDEST_SPREAD = 1e5
_WIDEST_VARIANCE = math.log1p(_WIDEST_SPREAD**2)
#: No lead time is planned for that is longer, in days: the longest that master data may give.
_LONGEST_DAYS = 3650.0


class LeadTime(msgspec.Struct, array_like=True):
    """A log-normal lead time in days, as discounted sums of the logarithm of what was seen.

    `weight`, `total` and `squares` sum 1, ln(days) and ln(days)^2 over deliveries and prior (West, 1979).
    """

    weight: float
    total: float
    squares: float
    deliveries: int = 0

    @property
    def mu(self) -> float:
        """The mean of ln(days)."""
        return self.total / self.weight

    @property
    def sigma(self) -> float:
        """The standard deviation of ln(days)."""
        return math.sqrt(self._variance)

    @property
    def _variance(self) -> float:
        # Deliveries of years, where minutes were believed in, would make it too large for the exponent of anything.
        return min(max(self.squares / self.weight - self.mu**2, 1e-8), _WIDEST_VARIANCE)

    @property
    def mean_days(self) -> float:
        """The mean, in days."""
        return min(math.exp(self.mu + self._variance / 2), _LONGEST_DAYS)

    @property
    def sd_days(self) -> float:
        """The standard deviation, in days."""
        return self.mean_days * math.sqrt(math.expm1(self._variance))

    @property
    def moments(self) -> tuple[float, float]:
        """The mean and the standard deviation, in days."""
        variance = self._variance
        mean = min(math.exp(self.mu + variance / 2), _LONGEST_DAYS)
        return mean, mean * math.sqrt(math.expm1(variance))

    def quantile(self, probability: float) -> float:
        """Return the days within which a delivery comes with this probability."""
        if not 0 < probability < 1:
            msg = f"probability: expected within (0, 1), got {probability}"
            raise ValueError(msg)
        return min(math.exp(self.mu + self.sigma * special.ndtri(probability)), 10 * _LONGEST_DAYS)

    def cdf(self, days: float) -> float:
        """Return the probability that a delivery comes within `days`."""
        if days <= 0:
            return 0.0
        return float(special.ndtr((math.log(days) - self.mu) / self.sigma))

    def remaining(self, elapsed_days: float) -> tuple[float, float]:
        """Return mean and standard deviation of the days still to wait after `elapsed_days` without a delivery.

        Moments of the log-normal truncated from below (Johnson, Kotz and Balakrishnan, Continuous Univariate
        Distributions, vol. 1, 14.7); far out in the tail the wait is taken as one standard deviation.
        """
        if elapsed_days <= 0:
            return self.mean_days, self.sd_days
        beyond = 1 - self.cdf(elapsed_days)
        if beyond < 1e-6:
            return self.sd_days, self.sd_days
        point = (math.log(elapsed_days) - self.mu) / self.sigma
        first = self.mean_days * special.ndtr(self.sigma - point) / beyond
        second = (
            math.exp(2 * self.mu + 2 * self.sigma**2)
            * special.ndtr(2 * self.sigma - point)
            / beyond
        )
        return max(first - elapsed_days, 0.0), math.sqrt(max(second - first**2, 0.0))


class Settled(LeadTime, dict=True):
    """A lead time of which nothing more is learned: its moments are reckoned once."""

    @cached_property
    def mean_days(self) -> float:
        """The mean, in days."""
        return super().mean_days

    @cached_property
    def sd_days(self) -> float:
        """The standard deviation, in days."""
        return super().sd_days

    @cached_property
    def moments(self) -> tuple[float, float]:
        """The mean and the standard deviation, in days."""
        return self.mean_days, self.sd_days


def prior(mean_days: float, sd_days: float | None = None) -> LeadTime:
    """Return what the master data say of a lead time, as four deliveries' worth of belief; at once is within the hour.

    Raises:
        ValueError: `mean_days` is below nothing.

    >>> plan = prior(10.0, 2.0)
    >>> round(plan.mean_days, 1), round(plan.sd_days, 1), round(plan.quantile(0.9), 1)
    (10.0, 2.0, 12.6)
    """
    if mean_days < 0:
        msg = f"mean_days: expected >= 0, got {mean_days}"
        raise ValueError(msg)
    mean_days = mean_days or SHORTEST_DAYS
    spread = (sd_days if sd_days is not None else mean_days * _DEFAULT_SPREAD) / mean_days
    variance = max(math.log1p(min(spread, _WIDEST_SPREAD) ** 2), 1e-6)
    mu = math.log(mean_days) - variance / 2
    return LeadTime(PRIOR_WEIGHT, PRIOR_WEIGHT * mu, PRIOR_WEIGHT * (mu**2 + variance))


def learn(lead_time: LeadTime, days: float) -> None:
    """Take in a delivery that took `days`."""
    log = math.log(max(days, SHORTEST_DAYS))
    lead_time.weight = lead_time.weight * _DISCOUNT + 1
    lead_time.total = lead_time.total * _DISCOUNT + log
    lead_time.squares = lead_time.squares * _DISCOUNT + log * log
    lead_time.deliveries += 1


def blend(belief: LeadTime, p50_days: float, sd_share: float, deliveries: float) -> LeadTime:
    """Return a belief corrected by what is known of deliveries like these.

    Args:
        belief: what the master data say.
        p50_days: the median that was seen, in days.
        sd_share: the standard deviation that was seen, as a share of the mean.
        deliveries: how many deliveries that rests on.
    """
    weight = min(deliveries, 1 / (1 - _DISCOUNT))
    mu = math.log(max(p50_days, SHORTEST_DAYS))
    variance = math.log1p(sd_share**2)
    return LeadTime(
        belief.weight + weight,
        belief.total + weight * mu,
        belief.squares + weight * (mu**2 + variance),
        int(deliveries),
    )


class Punctuality(msgspec.Struct, array_like=True):
    """How often deliveries came as promised, how late on average, and what delay reports were worth.

    `reported` and `realised` sum the days of delay reported and those that came true (discounted).
    """

    weight: float = 0.0
    on_time: float = 0.0
    delay: float = 0.0
    reported: float = 0.0
    realised: float = 0.0

    def learn(self, delay_days: float, reported_days: float | None) -> None:
        """Take in a delivery that came `delay_days` after its promise, with a delay of `reported_days` announced."""
        self.weight = self.weight * _DISCOUNT + 1
        self.on_time = self.on_time * _DISCOUNT + (1.0 if delay_days <= ON_TIME_DAYS else 0.0)
        self.delay = self.delay * _DISCOUNT + delay_days
        if reported_days:
            self.reported = self.reported * _DISCOUNT + reported_days
            self.realised = self.realised * _DISCOUNT + max(delay_days, 0.0)

    @property
    def share_on_time(self) -> float | None:
        """The share of deliveries that came no later than half a day after their promise."""
        return self.on_time / self.weight if self.weight else None

    @property
    def mean_delay_days(self) -> float | None:
        """The mean delay in days; early deliveries count as negative."""
        return self.delay / self.weight if self.weight else None

    @property
    def delay_multiplier(self) -> float:
        """What one reported day of delay has meant in days; 1 until something is known."""
        return (self.realised + 2.0) / (self.reported + 2.0)
