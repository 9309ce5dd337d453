"""The fast copy of `level.learn`, for many days whose shape is known.

It learns the level, its spread and its silences to the last bit as `learn` does, and leaves out what only a book's own level
is asked for: the errors, the reported shift, what goes beyond chance, the weekdays.
"""

import math
from collections.abc import Iterable

from andon.planning.demand.level import (
    DISCOUNT,
    DISPERSION_LOSS,
    DRIFTED,
    LEARNED_DAYS,
    begin_anew,
    count_silence,
)
from andon.planning.demand.long_run import SLOW_LOSS, begun, days_lent, drawn, kept, spare_size
from andon.planning.demand.state import Demand
from andon.planning.demand.surprise import OVERSHOOTING, cusum, deviation, dispersion_of, winsorised


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
    slow_a, slow_b, sales = demand.slow_a, demand.slow_b, demand.slow_sales
    dispersion = dispersion_of(spread, expected_spread)
    for day, sold in days:
        weight = shape[day - start]
        level = drawn(a / b, slow_a, slow_b, sales, demand.quiet)
        expectations.append(level * weight)
        if not sold or demand.quiet:
            demand.a, demand.b, demand.drift = a, b, drift
            demand.spread, demand.expected_spread = spread, expected_spread
            demand.slow_a, demand.slow_b, demand.slow_sales = slow_a, slow_b, sales
            if count_silence(demand, sold, ran_out=False):
                a, b, drift = demand.a, demand.b, demand.drift
                slow_a, sales = demand.slow_a, demand.slow_sales
                level = demand.own_level
        expected = level * weight
        learned = float(sold)
        if sold > expected and count >= LEARNED_DAYS:
            usual_sd = deviation(expected, dispersion, spare_size(slow_a, slow_b, sales))
            overshoots = sold > expected + OVERSHOOTING * usual_sd
            if overshoots and not days_lent(slow_b, sales, demand.quiet):
                learned = winsorised(learned, expected, usual_sd)
        if count:
            poisson = expected + weight * weight * level / b
            error, left = expected - learned, kept(DISPERSION_LOSS, slow_b, sales)
            spread = spread * left + error * error
            expected_spread = expected_spread * left + poisson
            dispersion = dispersion_of(spread, expected_spread)
            if count >= LEARNED_DAYS:
                drift = cusum(drift, learned, expected, math.sqrt(poisson * dispersion))
                if abs(drift) > DRIFTED:
                    demand.a, demand.b = a, b
                    demand.slow_a, demand.slow_b, demand.slow_sales = slow_a, slow_b, sales
                    begin_anew(demand)
                    a, b, drift = demand.a, demand.b, 0.0
                    slow_a, slow_b, sales = demand.slow_a, demand.slow_b, demand.slow_sales
        if not sales or not slow_b:
            slow_a, slow_b, sales = begun((a, b), (slow_a, slow_b), sales)
        left = kept(SLOW_LOSS, slow_b, sales)
        slow_a, slow_b = slow_a * left + learned, slow_b * left + weight
        sales = sales * left + (1.0 if sold else 0.0)
        a = a * DISCOUNT + learned
        b = b * DISCOUNT + weight
        count += 1
    demand.a, demand.b, demand.days, demand.drift = a, b, count, drift
    demand.spread, demand.expected_spread = spread, expected_spread
    demand.slow_a, demand.slow_b, demand.slow_sales = slow_a, slow_b, sales
    return expectations
