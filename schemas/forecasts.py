"""Forecasts: what an item is expected to sell."""

from typing import Literal

from andon.schemas.common import Country, Instant, Location, Record, Sku


class Forecast(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The current forecast of one item at one location: daily means from `starts_at` on, and quantiles of their sum.

    `daily_mean` holds one mean a day; `quantiles` maps a probability such as "0.9" to the quantile of the demand
    summed over `protection_days`. `model` says who made it; `wape`, `bias` and `mase` are its errors of one day, `coverage` the
    share of weeks that its 90% interval held, and `costs` what the quantiles of each model that competes have cost (pinball
    loss), as a share of what those of the mean of all did.
    """

    location: Location
    sku: Sku
    made_at: Instant
    starts_at: Instant
    model: str
    level: float
    daily_mean: tuple[float, ...]
    protection_days: float
    quantiles: dict[str, float]
    wape: float | None = None
    bias: float | None = None
    coverage: float | None = None
    mase: float | None = None
    costs: dict[str, float] = {}  # noqa: RUF012 - msgspec copies it


class PooledYear(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the items of a pool have sold by week from `first_week` on (weeks since 1970, which begin on Thursdays).

    `index` is what each week was of one before them all. `weekdays` has what each weekday is of a usual day, Thursday first;
    empty if too little is known of that.
    """

    pool: str
    first_week: int
    index: tuple[float, ...]
    weekdays: tuple[float, ...] = ()


class FitRequest(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A shape that is asked for: the units sold by day from `first_day` on (days since 1970), None where nothing is known.

    `value` is the value of a day's demand, so that what matters most is fitted first; `country` (ISO 3166) has the holidays,
    `pooled` what the items of its kind have sold, if that is enough to see a year in.
    """

    location: Location
    sku: Sku
    asked_at: Instant
    first_day: int
    sold: tuple[int | None, ...]
    horizon_days: int
    reason: Literal["first", "period", "drift", "challenger"]
    value: float = 0.0
    country: Country | None = None
    pooled: PooledYear | None = None


class Shape(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A fitted shape: demand by day at unit mean, from `first_day` on (days since 1970), and what the fit used.

    `asked_at` is when its fit was asked for.
    """

    location: Location
    sku: Sku
    asked_at: Instant
    first_day: int
    shape: tuple[float, ...]
    used: str

    @property
    def at(self) -> float:
        """When the fit was asked for, in seconds since 1970."""
        return self.asked_at.timestamp()
