"""Whether the rows of a table are days: a week or a month taken for a day's sales would ruin what is learned."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Final, Literal

Grain = Literal["week", "month", "quarter or year"]
#: What a user may say that rows are.
Said = Literal["day", "week", "month"]
#: What can be spread over its days.
Spread = Literal["week", "month"]
#: Fewer dates show no pattern.
_LEAST: Final = 3
_WEEK: Final = 7
_MONTH: Final = range(28, 32)
_MOSTLY: Final = 0.8


def grain_of(days: Collection[int]) -> Grain | None:
    """Return of what the rows are, if not of days.

    Args:
        days: all days of the table (proleptic ordinals) whose rows say no time of day.
    """
    if len(days) < _LEAST:
        return None
    ordered = sorted(days)
    gaps = [after - before for before, after in pairwise(ordered)]
    usual = median(gaps)
    if usual in _MONTH:
        return "month"
    if usual > _MONTH.stop:
        return "quarter or year"
    weekdays = {date.fromordinal(day).weekday() for day in ordered}
    whole = sum(gap % _WEEK == 0 for gap in gaps)
    if usual == _WEEK and (len(weekdays) == 1 or whole >= _MOSTLY * len(gaps)):
        return "week"
    return None


def refusal(found: Grain | None, said: Said | None) -> str | None:
    """Return why rows cannot be taken for what they are said to be, with what to do; None if they can.

    Args:
        found: of what they seem to be, if not of days.
        said: of what the user says they are.
    """
    if found is None or said in ("day", found):
        return None
    begin = f"its rows seem to be one for each {found}, not for each {said or 'day'}"
    if found == "quarter or year":
        ways = "Export sales by day, week or month"
    elif said is not None:
        ways = f"Say --grain {found}"
    else:
        ways = f"Export sales by day or by receipt, or say --grain {found} to spread each row evenly over the days of its {found}"
    return (
        f"{begin}: sales of a {found} on one day would teach a demand that never was. "
        f"{ways}; if they are of one day each, say --grain day"
    )


def to_spread(said: Said | None) -> Spread | None:
    """Return what rows are that have to be spread over their days."""
    return None if said == "day" else said


def spread(units: int, day: int, grain: Spread) -> list[tuple[int, int]]:
    """Return a row's units by day: equal parts in whole units, what is left over on the first days.

    Args:
        units: of the row; negative if they came back.
        day: that it names, the first or any other of its period (a proleptic ordinal).
        grain: the period: the calendar month that holds the day, or the week from Monday to Sunday.

    >>> [units for _, units in spread(10, date(2024, 1, 1).toordinal(), "week")]
    [2, 2, 2, 1, 1, 1, 1]
    """
    named = date.fromordinal(day)
    if grain == "week":
        first, length = day - named.weekday(), _WEEK
    else:
        first, length = day - named.day + 1, monthrange(named.year, named.month)[1]
    each, left = divmod(abs(units), length)
    sign = -1 if units < 0 else 1
    return [(first + number, sign * (each + (number < left))) for number in range(length)]


def how_spread(grain: Spread) -> str:
    """Return what to say of rows that were spread."""
    days = "Monday to Sunday" if grain == "week" else "the first to the last"
    return (
        f"each row is taken for a {grain}: its units are spread evenly over all days of it ({days}), what is left over on the first; "
        f"how they fell within the {grain} is not known"
    )
