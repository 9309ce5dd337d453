"""The public holidays of a country, by day."""

from datetime import date
from functools import cache
from typing import Final

import holidays

_EPOCH: Final = date(1970, 1, 1).toordinal()


def is_holiday(country: str, day: int) -> bool:
    """Return whether a day is a public holiday all over a country; never in one whose holidays are not known.

    Args:
        country: ISO 3166 alpha-2 code.
        day: days since 1970.
    """
    return day in _holidays_of(country, date.fromordinal(_EPOCH + day).year)


def load() -> None:
    """Load what is known of holidays, which the first question does otherwise, in a tenth of a second."""
    holidays.country_holidays("DE", years=1970)


@cache
def _holidays_of(country: str, year: int) -> frozenset[int]:
    try:
        days = holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return frozenset()
    return frozenset(day.toordinal() - _EPOCH for day in days)
