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
    shrink = _shrink(level)
    raw = [
        (units + shrink) / (usual + shrink) for units, usual in zip(sales, exposure, strict=True)
    ]
    scale = WEEKDAYS / sum(raw)
    return [value * scale for value in raw]


def factor_of(weekday: int, sales: list[float], exposure: list[float], level: float) -> float:
    """Return one of the factors that `week_of` returns, at a fifth of the price of all."""
    if not sales:
        return 1.0
    shrink = _shrink(level)
    # Written out: it happens with every day of every item, and costs half as much as a loop.
    a, b, c, d, e, f, g = sales
    h, i, j, k, m, n, o = exposure
    total = (
        (a + shrink) / (h + shrink)
        + (b + shrink) / (i + shrink)
        + (c + shrink) / (j + shrink)
        + (d + shrink) / (k + shrink)
        + (e + shrink) / (m + shrink)
        + (f + shrink) / (n + shrink)
        + (g + shrink) / (o + shrink)
    )
    return (sales[weekday] + shrink) / (exposure[weekday] + shrink) * (WEEKDAYS / total)


def _shrink(level: float) -> float:
    return _SHRINK_DAYS * (level if level > 1e-9 else 1e-9) + _SHRINK_UNITS  # noqa: FURB136 - a call less
