"""Draws that the standard library's `random` lacks."""

import math
import random

_KNUTH_LIMIT = 30.0


def poisson(rng: random.Random, mean: float) -> int:
    """Return a Poisson number (Knuth, TAOCP 3.4.1), rounded from the normal where the mean is large."""
    if mean > _KNUTH_LIMIT:
        return max(round(rng.gauss(mean, math.sqrt(mean))), 0)
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def log_normal(rng: random.Random, mean: float, sd: float) -> float:
    """Return a log-normal number of that mean and standard deviation."""
    variance = math.log1p((sd / mean) ** 2)
    return rng.lognormvariate(math.log(mean) - variance / 2, math.sqrt(variance))
