"""What each weekday is of a usual day, from discounted sums: shrunk toward what is believed, and of unit mean."""

from typing import Final

WEEKDAYS: Final = 7
#: So many days of the level, and so many units, stand for what is believed of a weekday.
_SHRINK_DAYS: Final = 4.0
_SHRINK_UNITS: Final = 2.0


def week_of(sales: list[float], exposure: list[float], level: float) -> list[float]:
    """Return the weekday factors.

    Args:
        sales: units by weekday; empty while nothing was learned.
        exposure: the units that the level alone had expected of the same days.
        level: units a day.
    """
    if not sales:
        return [1.0] * WEEKDAYS
    shrink = shrinkage(level)
    raw = [
        (units + shrink) / (usual + shrink) for units, usual in zip(sales, exposure, strict=True)
    ]
    scale = WEEKDAYS / sum(raw)
    return [value * scale for value in raw]


def shrinkage(level: float) -> float:
    """Return how many units stand for what is believed of a weekday, at a level (units a day)."""
    return _SHRINK_DAYS * (level if level > 1e-9 else 1e-9) + _SHRINK_UNITS  # noqa: FURB136 - a call less
