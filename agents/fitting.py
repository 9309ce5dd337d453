"""Fitting a shape with Prophet: the only place that imports it, and never the process that keeps the books."""

import logging
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
#: Over so many of the last days a shape is brought to unit mean: whole weeks, so that no weekday counts more.
_LEVEL_DAYS: Final = 56
#: What a shape may be of the mean at least, so that no day is impossible, and at most.
_LOWEST, _HIGHEST = 0.02, 20.0
#: A configuration is judged by as many days that it has not seen, and must be better than the plain one by this share.
_HELD_OUT: Final = 28
_MARGIN: Final = 0.03
#: A yearly season must have been seen twice.
_TWO_YEARS: Final = 730
#: With fewer days that are known, the shape of the week is all that can be told.
LEAST_DAYS: Final = 21


@dataclass(frozen=True)
class Configuration:
    """What a fit may use: a yearly season, a trend, and the holidays of a country (ISO 3166 code)."""

    yearly: bool = False
    trend: bool = False
    country: str | None = None

    @property
    def used(self) -> str:
        """What it uses, in words."""
        parts = ["week"]
        if self.yearly:
            parts.append("year")
        if self.trend:
            parts.append("trend")
        if self.country is not None:
            parts.append(f"holidays of {self.country}")
        return ", ".join(parts)


class TooShort(ValueError):
    """There are too few known days to fit anything."""


def load() -> None:
    """Load Prophet: seconds that only a process that fits should pay, and better before the first fit than in it."""
    import prophet  # noqa: F401, PLC0415 - only loaded


def fit_best(
    first: int, sold: list[int | None], horizon_days: int, country: str | None = None
) -> tuple[list[float], str]:
    """Return the shape of the configuration that has earned it, as `fit` does, and what that one uses, in words.

    The week alone is the default. Holidays, and with two years of history the season of the year, join if they would have
    foreseen the last four weeks better than it, by 3% of the absolute error.

    Raises:
        TooShort: as `fit`.
    """
    rivals = []
    if country is not None:
        rivals.append(Configuration(country=country))
    if len(sold) >= _TWO_YEARS:
        rivals.append(Configuration(yearly=True))
        if country is not None:
            rivals.append(Configuration(yearly=True, country=country))
    best = Configuration()
    if rivals and len(sold) >= LEAST_DAYS + _HELD_OUT:
        least = (1 - _MARGIN) * _error(first, sold, best)
        for rival in rivals:
            error = _error(first, sold, rival)
            if error < least:
                best, least = rival, error
    return fit(first, sold, horizon_days, best), best.used


def _error(first: int, sold: list[int | None], configuration: Configuration) -> float:
    """Return the absolute error over the last weeks of a shape that was fitted without them, on the level of before."""
    shape = fit(first, sold[:-_HELD_OUT], _HELD_OUT, configuration)
    begin = len(sold) - _HELD_OUT
    recent = [
        (units, factor)
        for units, factor in zip(
            sold[begin - _HELD_OUT : begin], shape[begin - _HELD_OUT :], strict=False
        )
        if units is not None
    ]
    level = sum(units for units, _ in recent) / max(sum(factor for _, factor in recent), 1e-9)
    return sum(
        abs(units - level * factor)
        for units, factor in zip(sold[begin:], shape[begin:], strict=True)
        if units is not None
    )


def fit(
    first: int, sold: list[int | None], horizon_days: int, configuration: Configuration
) -> list[float]:
    """Return the expected shape of demand by day, from `first` on, over the history and a horizon, at unit mean.

    Args:
        first: the first day of the history (days since 1970).
        sold: units by day; None where nothing is known.
        horizon_days: how many days beyond the history.
        configuration: what the fit may use. Growth is flat and the week multiplicative otherwise.

    Raises:
        TooShort: fewer than three weeks are known, or nothing was sold.
    """
    known = [units for units in sold if units is not None]
    if len(known) < LEAST_DAYS or not any(known):
        msg = f"history: expected at least {LEAST_DAYS} known days with sales, got {len(known)}"
        raise TooShort(msg)
    import pandas as pd  # noqa: PLC0415 - as in `load`

    days = [_EPOCH + timedelta(days=first + place) for place in range(len(sold) + horizon_days)]
    frame = pd.DataFrame(
        {"ds": days[: len(sold)], "y": [None if one is None else float(one) for one in sold]}
    )
    with warnings.catch_warnings():
        # Prophet calls pandas in ways that the next pandas deprecates: nothing that a user of ours could mend.
        warnings.filterwarnings("ignore", module="prophet")
        model = prophet_of(configuration)
        model.fit(frame)
        expected = model.predict(pd.DataFrame({"ds": days}))["yhat"].tolist()
    recent = expected[max(len(sold) - _LEVEL_DAYS, 0) : len(sold)]
    whole_weeks = recent[-(len(recent) // 7 * 7) :]
    mean = sum(max(value, 0.0) for value in whole_weeks) / len(whole_weeks)
    if mean <= 0:
        msg = "history: the fit expects nothing to be sold"
        raise TooShort(msg)
    return [round(min(max(value / mean, _LOWEST), _HIGHEST), 4) for value in expected]


def prophet_of(configuration: Configuration) -> Any:
    """Return Prophet's model of a configuration, not fitted yet."""
    for name in ("cmdstanpy", "prophet", "prophet.plot"):
        logging.getLogger(name).setLevel(logging.ERROR)
    from prophet import Prophet  # noqa: PLC0415 - as above

    model = Prophet(
        growth="linear" if configuration.trend else "flat",
        weekly_seasonality=True,
        yearly_seasonality=configuration.yearly,
        daily_seasonality=False,
        seasonality_mode="multiplicative",
        uncertainty_samples=0,
    )
    if configuration.country is not None:
        model.add_country_holidays(country_name=configuration.country)
    return model
