"""What is kept of one item's demand; `level` says how it learns and `demand` what is expected of days to come."""

from typing import Final

import msgspec

from andon.planning.demand.frequency import Frequency
from andon.planning.demand.long_run import days_lent, drawn
from andon.planning.demand.promotions import Promotions
from andon.planning.demand.rhythm import Rhythm
from andon.planning.demand.surprise import dispersion_of, regularity

#: The level goes on moving while an order is on its way: its variance is so many times that of now.
MOVING: Final = 2.0
#: Nothing known counts as almost no evidence.
VAGUE: Final = (0.5, 0.5)


class Demand(msgspec.Struct, array_like=True):
    """Level, shape and errors of one item's demand; days since 1970, rates in units a day."""

    #: The level's Gamma: its shape, what was sold, discounted.
    a: float = VAGUE[0]
    #: Its rate, the days of evidence, discounted.
    b: float = VAGUE[1]
    #: The newest open day.
    day: int = 0
    #: What it sold so far.
    sold: int = 0
    #: The last closed day; -1 before the first.
    closed: int = -1
    #: How many days were closed.
    days: int = 0
    #: What older days sold that are still open.
    pending: dict[int, int] = {}
    #: Units sold by weekday (Thursday first, as day 0 was one), discounted.
    sales: list[float] = []
    #: The level then believed in by weekday, discounted.
    exposure: list[float] = []
    #: Squared errors, discounted.
    spread: float = 0.0
    #: What the Poisson expects of these, discounted.
    expected_spread: float = 0.0
    #: Absolute errors of one-day forecasts, discounted.
    error: float = 0.0
    #: What was sold on those days, discounted.
    total: float = 0.0
    #: Their errors with sign, discounted.
    signed_error: float = 0.0
    #: The CUSUM of errors that is reported.
    shift: float = 0.0
    #: Factors of days that override those of the weekdays.
    shape: list[float] = []
    #: The day of the first of these.
    shape_start: int = 0
    #: The CUSUM that the level itself follows.
    drift: float = 0.0
    #: The day on which it last did; -1 if never.
    followed: int = -1
    #: What another forecast that has earned it makes of the level's mean; the level learns without it.
    mean_factor: float = 1.0
    #: What such a forecast makes of its variance.
    variance_factor: float = 1.0
    #: Days in a row that sold nothing though there was stock.
    quiet: int = 0
    #: The level before them.
    quiet_level: float = 0.0
    #: What of the last days went beyond what chance explains, less of it with every day: the buffer for what may follow a spike.
    overshoot: float = 0.0
    #: What is promoted, and what that does; None until there is one.
    promotions: Promotions | None = None
    #: Whether the week began as another's.
    borrowed: bool = False
    #: What public holidays did to sales, by which alone it is judged whether one is a spike.
    holidays: Promotions | None = None
    #: Shape and rate of the level in the long run.
    slow_a: float = 0.0
    #: The days of evidence in the long run.
    slow_b: float = 0.0
    #: The time zone whose days these are; None where nothing is told of the location: they are UTC's.
    zone: str | None = None
    #: How far its clocks were ahead of UTC when the open day began, in seconds.
    utc_offset: int = 0
    #: The first moment of the open day, and that of the next, in seconds since 1970; 0 where they have yet to be looked up.
    day_begins: int = 0
    day_ends: int = 0
    #: Of these the days that sold.
    slow_sales: float = 0.0
    #: On which days it sells, of late and in the long run; None for what sells on most of them.
    often: Frequency | None = None
    #: How regularly it sells, of late; None for what sells on most days.
    rhythm: Rhythm | None = None

    @property
    def level(self) -> float:
        """The mean level in units a day, as what speaks has it."""
        return self.own_level * self.mean_factor

    @property
    def own_level(self) -> float:
        """The mean level in units a day, whoever speaks: that of late, drawn toward that of the long run."""
        return drawn(self.a / self.b, self.slow_a, self.slow_b, self.slow_sales, self.quiet)

    @property
    def level_variance(self) -> float:
        """The variance of the level over the days to come, in units a day squared."""
        return self.own_variance * self.variance_factor * self.regularity

    @property
    def own_variance(self) -> float:
        """The variance of the level over the days to come, whoever speaks."""
        lent = days_lent(self.slow_b, self.slow_sales, self.quiet)
        if lent:
            return MOVING * self.own_level / (max(self.b, self.quiet) + lent)
        return MOVING * self.a / self.b**2

    @property
    def dispersion(self) -> float:
        """How many times the Poisson's variance a day's demand really has; less than 1 of what sells like clockwork."""
        return max(self.own_dispersion * self.variance_factor, 1.0) * self.regularity

    @property
    def regularity(self) -> float:
        """What share of a Poisson's variance, and of what that leaves open of the level, is there; 1 where another forecast speaks."""
        if self.variance_factor != 1.0:
            return 1.0
        return regularity(self.spread, self.expected_spread, self.days)

    @property
    def own_dispersion(self) -> float:
        """The dispersion of the level's own errors, whoever speaks."""
        return dispersion_of(self.spread, self.expected_spread)

    @property
    def slow_sale(self) -> float:
        """The units of a slow mover's sale on average; 0 of any other item."""
        lent = days_lent(self.slow_b, self.slow_sales, self.quiet)
        return self.slow_a / self.slow_sales if lent else 0.0

    @property
    def wape(self) -> float | None:
        """The absolute error of one-day forecasts as a share of what was sold, recent days counting more."""
        return self.error / self.total if self.total > 0 else None

    @property
    def bias(self) -> float | None:
        """The mean error as a share of what was sold; positive forecasts were too high."""
        return self.signed_error / self.total if self.total > 0 else None
