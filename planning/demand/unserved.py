"""What was wanted on a day that ran out, of which no more is known than that it was at least what sold.

It counts as the mean of all demands from there on (expectation-maximisation's first step: Dempster, Laird and Rubin, 1977).
"""

from andon.planning.demand.distributions import Distribution


def wanted_beyond(sold: int, expected: float, variance: float, size: float = 0.0) -> float:
    """Return the mean of a day's demand that was at least what sold, in units.

    Where a slow mover sold, only the size of the sale is open. The law of its day has nearly all of its variance from whether
    it sells at all, and would take each shelf that was sold empty for a bulk order. The variance of a day that sells by chance
    is the rate of sales times the mean square of their sizes (a compound Poisson's: Adelson, 1966), which says what theirs is.

    Args:
        sold: units.
        expected: of the day, in units.
        variance: of its demand, in units squared.
        size: of a slow mover's sale on average, in units; 0 for any other item.
    """
    if not sold or not size or expected <= 0:
        return Distribution(expected, variance).beyond(sold)
    square = size * variance / expected + size * expected
    more = Distribution(max(size - 1.0, 0.0), max(square - size * size, 0.0))
    return 1.0 + more.beyond(sold - 1)
