"""Fitting a shape with Prophet: what configurations there are, and which of them has earned it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from andon.agents.prophets import fit_and_predict, new_prophet
from andon.agents.years import year_factors
from andon.planning.forecasting.weeks import WEEK
from andon.schemas.forecasts import PooledYear

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
    """What a fit may use: a yearly season of the item's own or of a pool, a trend, and the holidays of a country (ISO 3166)."""

    yearly: bool = False
    trend: bool = False
    country: str | None = None
    pool: str | None = None

    @property
    def used(self) -> str:
        """What it uses, in words."""
        parts = ["week"]
        if self.yearly:
            parts.append("year")
        if self.pool is not None:
            parts.append(f"year of {self.pool}")
        if self.trend:
            parts.append("trend")
        if self.country is not None:
            parts.append(f"holidays of {self.country}")
        return ", ".join(parts)


class TooShort(ValueError):
    """There are too few known days to fit anything."""


def fit_best(
    first: int,
    sold: list[int | None],
    horizon_days: int,
    country: str | None = None,
    pooled: PooledYear | None = None,
) -> tuple[list[float], str]:
    """Return the shape of the configuration that has earned it, as `fit` does, and what that one uses, in words.

    The week alone is the default. Holidays, the year of a pool, and with two years of history the item's own, join if they would
    have foreseen the last four weeks better than it, by 3% of the absolute error. What is too short to be judged so has the year of its
    pool, and what is too short to be fitted its week, too.

    Args:
        first: the first day of the history (days since 1970).
        sold: units by day; None where nothing is known.
        horizon_days: how many days beyond the history.
        country: whose holidays may join (ISO 3166).
        pooled: what the item's pool has sold.

    Raises:
        TooShort: as `fit`, and there is no year to borrow.
    """
    days = len(sold) + horizon_days
    year = year_factors(pooled, first, days)
    lent = None
    if pooled is not None and year is not None:
        if _is_short(sold) and pooled.weekdays:
            return _borrowed(first, sold, pooled, year), f"week and year of {pooled.pool}"
        lent = Configuration(pool=pooled.pool)
    years = [Configuration()]
    if len(sold) >= _TWO_YEARS:
        years.append(Configuration(yearly=True))
    if lent is not None:
        years.append(lent)
    countries = (None,) if country is None else (None, country)
    best, *rivals = (replace(one, country=where) for one in years for where in countries)
    if len(sold) < LEAST_DAYS + _HELD_OUT:
        best = lent or best
    elif rivals:
        seen = len(sold) - _HELD_OUT
        # What the pool has sold since is as unknown as what the item has.
        before = year_factors(pooled, first, len(sold), first + seen)
        least = (1 - _MARGIN) * _error(first, sold, best)
        for rival in rivals:
            if rival.pool is not None and before is None:
                continue
            error = _error(first, sold, rival, before)
            if error < least:
                best, least = rival, error
    return fit(first, sold, horizon_days, best, year), best.used


def _is_short(sold: list[int | None]) -> bool:
    """Return whether too few days are known to fit anything to."""
    known = [units for units in sold if units is not None]
    return len(known) < LEAST_DAYS and any(known)


def _borrowed(
    first: int, sold: list[int | None], pooled: PooledYear, year: list[float]
) -> list[float]:
    """Return the week of a pool times its year."""
    week = pooled.weekdays
    return _at_unit_mean([week[day % WEEK] * one for day, one in enumerate(year, first)], len(sold))


def _error(
    first: int,
    sold: list[int | None],
    configuration: Configuration,
    year: Sequence[float] | None = None,
) -> float:
    """Return the absolute error over the last weeks of a shape that was fitted without them, on the level of before."""
    shape = fit(first, sold[:-_HELD_OUT], _HELD_OUT, configuration, year)
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
    first: int,
    sold: list[int | None],
    horizon_days: int,
    configuration: Configuration,
    year: Sequence[float] | None = None,
) -> list[float]:
    """Return the expected shape of demand by day, from `first` on, over the history and a horizon, at unit mean.

    Args:
        first: the first day of the history (days since 1970).
        sold: units by day; None where nothing is known.
        horizon_days: how many days beyond the history.
        configuration: what the fit may use. Growth is flat and the week multiplicative otherwise.
        year: what each day of the history and the horizon is of a usual one by the year of the pool, if one is to be used: the
            rest is fitted to what was sold over it.

    Raises:
        TooShort: fewer than three weeks are known, or nothing was sold.
    """
    known = [units for units in sold if units is not None]
    if len(known) < LEAST_DAYS or not any(known):
        msg = f"history: expected at least {LEAST_DAYS} known days with sales, got {len(known)}"
        raise TooShort(msg)
    days = range(first, first + len(sold) + horizon_days)
    factors = [1.0] * len(days) if configuration.pool is None or year is None else year
    plain = [
        None if units is None else units / factor
        for units, factor in zip(sold, factors, strict=False)
    ]
    expected = fit_and_predict(prophet_of(configuration), days[: len(sold)], plain, days)
    return _at_unit_mean(
        [value * factor for value, factor in zip(expected, factors, strict=True)], len(sold)
    )


def _at_unit_mean(expected: list[float], past: int) -> list[float]:
    """Return a shape at unit mean over the last whole weeks of its past (days), within bounds.

    Raises:
        TooShort: that mean is nothing.
    """
    recent = expected[max(past - _LEVEL_DAYS, 0) : past]
    whole_weeks = recent[-(len(recent) // WEEK * WEEK) :]
    mean = sum(max(value, 0.0) for value in whole_weeks) / len(whole_weeks)
    if mean <= 0:
        msg = "history: the fit expects nothing to be sold"
        raise TooShort(msg)
    return [round(min(max(value / mean, _LOWEST), _HIGHEST), 4) for value in expected]


def prophet_of(configuration: Configuration) -> Any:
    """Return Prophet's model of a configuration, not fitted yet."""
    model = new_prophet(
        growth="linear" if configuration.trend else "flat",
        weekly_seasonality=True,
        yearly_seasonality=configuration.yearly,
    )
    if configuration.country is not None:
        model.add_country_holidays(country_name=configuration.country)
    return model
