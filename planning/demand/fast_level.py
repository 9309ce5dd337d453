"""The fast copy of `level.learn`, for many days whose shape is known.

It learns the level, its spread and its silences to the last bit as `learn` does, and leaves out what only a book's own level
is asked for: the errors, the reported shift, what goes beyond chance, the weekdays.
"""

import math
from collections.abc import Iterable

from andon.planning.demand.level import (
    DISCOUNT,
    DISPERSION_DISCOUNT,
    DRIFTED,
    KEPT,
    LEARNED_DAYS,
    Demand,
    count_silence,
    dispersion_of,
)
from andon.planning.demand.long_run import SLOW_DISCOUNT, shrunk_toward
from andon.planning.demand.surprise import OVERSHOOTING, cusum, deviation, winsorised


def learn_known(demand: Demand, days: Iterable[tuple[int, int]]) -> list[float]:
    """Learn from days whose shape is known, and return what the level had expected of each (units).

    It is `learn`, for a level that nobody asks for its errors, surges and weekdays: at half the price, where there are many.

    Args:
        demand: the item's, with a shape that covers the days.
        days: day (since 1970) and units sold; all of it could have been sold.
    """
    shape, start = demand.shape, demand.shape_start
    count, expectations = demand.days, []
    a, b, drift = demand.a, demand.b, demand.drift
    spread, expected_spread = demand.spread, demand.expected_spread
    slow_a, slow_b = demand.slow_a, demand.slow_b
    dispersion = dispersion_of(spread, expected_spread)
    for day, sold in days:
        weight = shape[day - start]
        level = a / b
        expectations.append(shrunk_toward(level, slow_a, slow_b) * weight)
        if not sold or demand.quiet:
            demand.a, demand.b, demand.drift = a, b, drift
            demand.spread, demand.expected_spread = spread, expected_spread
            demand.slow_a, demand.slow_b = slow_a, slow_b
            if count_silence(demand, sold, ran_out=False):
                a, b, drift, slow_a = demand.a, demand.b, demand.drift, demand.slow_a
                level = a / b
        expected = level * weight
        learned = float(sold)
        if sold > expected and count >= LEARNED_DAYS:
            usual_sd = deviation(expected, dispersion)
            if sold > expected + OVERSHOOTING * usual_sd:
                learned = winsorised(learned, expected, usual_sd)
        if count:
            error = learned - expected
            poisson = expected + weight * weight * level / b
            spread = spread * DISPERSION_DISCOUNT + error * error
            expected_spread = expected_spread * DISPERSION_DISCOUNT + poisson
            dispersion = dispersion_of(spread, expected_spread)
            if count >= LEARNED_DAYS:
                drift = cusum(drift, error, math.sqrt(poisson * dispersion))
                if abs(drift) > DRIFTED:
                    a, b, drift = a * KEPT, b * KEPT, 0.0
        if not slow_b:
            slow_a, slow_b = a, b
        slow_a, slow_b = slow_a * SLOW_DISCOUNT + learned, slow_b * SLOW_DISCOUNT + weight
        a = a * DISCOUNT + learned
        b = b * DISCOUNT + weight
        count += 1
    demand.a, demand.b, demand.days, demand.drift = a, b, count, drift
    demand.spread, demand.expected_spread = spread, expected_spread
    demand.slow_a, demand.slow_b = slow_a, slow_b
    return expectations
