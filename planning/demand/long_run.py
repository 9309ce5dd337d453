"""What a level was in the long run, toward which the level of late is drawn (West and Harrison, 10.6, on levels that revert)."""

from typing import Final

#: Half of the long run is a year.
SLOW_DISCOUNT: Final = 0.998
_SHARE: Final = 0.2


def shrunk_toward(level: float, slow_a: float, slow_b: float) -> float:
    """Return a level (units a day) drawn toward that of the long run, if there is one.

    It goes a fifth of the way between them, and upward by no more than a fifth of itself, so that what ends is let go.
    """
    if not slow_b:
        return level
    gap = slow_a / slow_b - level
    return level + _SHARE * (gap if gap < level else level)  # noqa: FURB136 - a call less, each day


def remembered(
    slow: tuple[float, float], units: float, weight: float, known: float = 1.0
) -> tuple[float, float]:
    """Return a and b of the long run with one more day.

    Args:
        slow: a and b before it.
        units: wanted on the day.
        weight: its shape times its share in stock.
        known: as far as it is known what the units say, within [0, 1].
    """
    kept = SLOW_DISCOUNT**known
    return slow[0] * kept + known * units, slow[1] * kept + known * weight
