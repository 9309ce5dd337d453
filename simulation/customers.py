"""How customers come: by weekday and hour, more under promotions, in spikes, and on new levels that stay."""

import math
import random
from dataclasses import dataclass
from typing import Final

from andon.simulation.chance import poisson

DAY: Final = 86400.0
HOUR: Final = 3600.0
#: Monday to Sunday, at unit mean.
WEEKDAYS: Final = (0.88, 0.85, 0.92, 1.00, 1.25, 1.40, 0.70)
_HOURS: Final = {
    8: 3,
    9: 5,
    10: 7,
    11: 9,
    12: 11,
    13: 9,
    14: 7,
    15: 8,
    16: 10,
    17: 12,
    18: 11,
    19: 8,
}
_A_DAY: Final = sum(_HOURS.values())
#: Shares of the hours of a day, which add up to 1.
PROFILE: Final = tuple(_HOURS.get(hour, 0) / _A_DAY for hour in range(24))
_BASKET_MORE = 0.35
_BASKET_MOST = 6
_MEAN_BASKET = sum(_BASKET_MORE**more for more in range(_BASKET_MOST))


@dataclass
class Crowd:
    """The customers of one article at one location; `daily` is the mean of their demand, in units a day."""

    daily: float
    promotion: str | None = None
    factor: float = 1.0
    until: float = 0.0

    def wake(self, rng: random.Random, at: float) -> None:
        """Let the day that begins at `at` bring a promotion, a spike, a new level, or nothing."""
        if at >= self.until:
            self.promotion, self.factor = None, 1.0
        chance = rng.random()
        if self.factor != 1.0:
            return
        if chance < 1 / 90:
            self.promotion = f"PROMO-{int(at // DAY)}"
            self.factor, self.until = rng.uniform(1.8, 3.0), at + rng.randint(3, 5) * DAY
        elif chance < 1 / 90 + 1 / 500:
            self.factor, self.until = rng.uniform(4.0, 6.0), at + DAY
        elif chance < 1 / 90 + 1 / 500 + 1 / 300:
            self.daily = min(max(self.daily * math.exp(rng.gauss(0, 0.4)), 0.2), 60.0)

    def baskets(self, rng: random.Random, at: float) -> list[tuple[float, int]]:
        """Return when (seconds since 1970) customers come in the hour that begins at `at`, and how much each wants."""
        days, seconds = divmod(at, DAY)
        share = PROFILE[int(seconds // HOUR)]
        if not share:
            return []
        # Day 0 of 1970 was a Thursday.
        mean = self.daily * self.factor * WEEKDAYS[int(days + 3) % 7] * share / _MEAN_BASKET
        return [(at + rng.random() * HOUR, _basket(rng)) for _ in range(poisson(rng, mean))]


def _basket(rng: random.Random) -> int:
    size = 1
    while size < _BASKET_MOST and rng.random() < _BASKET_MORE:
        size += 1
    return size
