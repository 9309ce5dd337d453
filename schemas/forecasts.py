"""Forecasts: what an item is expected to sell."""

from andon.schemas.common import Instant, Location, Record, Sku


class Forecast(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The current forecast of one item at one location: daily means from `starts_at` on, and quantiles of their sum.

    `daily_mean` holds one mean a day; `quantiles` maps a probability such as "0.9" to the quantile of the demand
    summed over `protection_days`.
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
