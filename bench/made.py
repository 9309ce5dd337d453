"""Made goods of many kinds: what an item of each sells, day by day, from a seed.

They are laws, not records: each takes its rates and sizes by chance within what the kind is known for, so that nothing can be
tuned to one of them.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Units = NDArray[np.int64]
Rates = NDArray[np.float64]
#: The year that is learned from, and the days that are decided: a year, and what a long lead time needs to settle.
LEARNED: Final = 365
DAYS: Final = LEARNED + 425
_WEEK: Final = (0.9, 0.8, 0.85, 1.0, 1.25, 1.4, 0.8)


class Made(NamedTuple):
    """What an item sold by day, from which day on, in which packs it is bought, and on which days it was promoted."""

    sold: Units
    first: int = 0
    pack: int = 1
    promoted: tuple[int, ...] = ()


def counts(chance: Generator, rate: Rates, dispersion: float = 1.0) -> Units:
    """Return negative binomial counts (Poisson where the dispersion is 1) of a mean a day."""
    if dispersion > 1.0:
        shape = np.maximum(rate, 1e-9) / (dispersion - 1.0)
        rate = chance.gamma(shape, dispersion - 1.0)
    return chance.poisson(rate).astype(np.int64)


def weekly(chance: Generator, days: int = DAYS) -> Rates:
    """Return the factor of each day's weekday, at unit mean, the week begun by chance."""
    week = np.roll(_WEEK, int(chance.integers(7))) / np.mean(_WEEK)
    return np.resize(week, days)


def _rate(chance: Generator, low: float, high: float) -> float:
    return float(np.exp(chance.uniform(np.log(low), np.log(high))))


def steady(chance: Generator) -> Made:
    """Sells most days, more at the end of the week, and no differently from year to year."""
    return Made(counts(chance, _rate(chance, 2, 15) * weekly(chance), 1.6))


def wandering(chance: Generator) -> Made:
    """Sells most days at a level that goes up and down by a tenth a week."""
    walk = np.exp(np.cumsum(chance.normal(0.0, 0.1 / np.sqrt(7), DAYS)))
    return Made(counts(chance, _rate(chance, 2, 15) * walk * weekly(chance), 1.6))


def renewal(chance: Generator) -> Made:
    """One to three units every five to sixty days, by chance."""
    sells = chance.random(DAYS) < 1 / _rate(chance, 5, 60)
    return Made(sells * chance.integers(1, 4, DAYS))


def clockwork(chance: Generator) -> Made:
    """A like number of units every so many days, give or take a fifth: what another's orders are."""
    gap, size = _rate(chance, 5, 45), int(chance.integers(1, 6))
    sold = np.zeros(DAYS, dtype=np.int64)
    at = chance.uniform(0, gap)
    while at < DAYS:
        sold[int(at)] += size
        at += max(chance.normal(gap, gap / 5), 1.0)
    return Made(sold)


def lumpy(chance: Generator) -> Made:
    """Sells on a day of six to twenty, from one to dozens."""
    sells = chance.random(DAYS) < 1 / _rate(chance, 6, 20)
    sizes = np.ceil(chance.lognormal(np.log(_rate(chance, 3, 12)), 0.9, DAYS))
    return Made((sells * sizes).astype(np.int64))


def seasonal(chance: Generator) -> Made:
    """Sells half of the year, most in its middle, and nothing in the other half."""
    begin = chance.integers(365)
    wave = np.sin(2 * np.pi * (np.arange(DAYS) - begin) / 365)
    return Made(counts(chance, _rate(chance, 3, 15) * np.maximum(wave, 0.0) * weekly(chance), 1.4))


def waving(chance: Generator) -> Made:
    """Sells all year, in the best month three times what it does in the worst."""
    begin = chance.integers(365)
    wave = 1 + 0.5 * np.sin(2 * np.pi * (np.arange(DAYS) - begin) / 365)
    return Made(counts(chance, _rate(chance, 3, 15) * wave * weekly(chance), 1.4))


def new(chance: Generator) -> Made:
    """Is four weeks old when it is first decided on, and then doubles or trebles within half a year."""
    first = LEARNED - 28
    growth = np.minimum(np.arange(DAYS) / 180, 1.0)
    rate = _rate(chance, 1, 8) * (1 + chance.uniform(0.5, 2) * growth) * weekly(chance)
    return Made(counts(chance, rate, 1.5)[: DAYS - first], first)


def dying(chance: Generator) -> Made:
    """Fades from some time in the second year on, half of it gone every month, or at once."""
    end = LEARNED + int(chance.integers(60, 300))
    half = float(chance.choice([1.0, 30.0, 60.0]))
    fade = 0.5 ** (np.maximum(np.arange(DAYS) - end, 0) / half)
    return Made(counts(chance, _rate(chance, 2, 12) * fade * weekly(chance), 1.4))


def promoted(chance: Generator) -> Made:
    """A week in five to nine at two to four times as much, of which is told before."""
    rate, on = np.full(DAYS, _rate(chance, 2, 12)), []
    day, lift = int(chance.integers(0, 40)), chance.uniform(2, 4)
    while day < DAYS:
        week = range(day, min(day + 7, DAYS))
        rate[week.start : week.stop] *= lift * chance.uniform(0.8, 1.2)
        on += week
        day += 7 * int(chance.integers(5, 10))
    return Made(counts(chance, rate * weekly(chance), 1.4), promoted=tuple(on))


def rising(chance: Generator) -> Made:
    """Doubles or trebles within two years."""
    grown = np.exp(np.log(chance.uniform(2, 3)) * np.arange(DAYS) / DAYS)
    return Made(counts(chance, _rate(chance, 2, 10) * grown * weekly(chance), 1.4))


def falling(chance: Generator) -> Made:
    """Falls to a half or a third within two years."""
    grown = np.exp(-np.log(chance.uniform(2, 3)) * np.arange(DAYS) / DAYS)
    return Made(counts(chance, _rate(chance, 4, 20) * grown * weekly(chance), 1.4))


def closed_days(chance: Generator) -> Made:
    """Sells nothing on one or two days of the week, and twice as much before them."""
    week = np.ones(7)
    for one in range(int(chance.integers(1, 3))):
        week[-1 - one] = 0.0
    week[int(chance.integers(0, 4))] = 2.0
    week = np.roll(week, int(chance.integers(7)))
    return Made(counts(chance, _rate(chance, 2, 12) * np.resize(week, DAYS), 1.3))


def dozens(chance: Generator) -> Made:
    """Sells one or more cases of twelve on a day of five to twenty-five, and is bought by the case."""
    sells = chance.random(DAYS) < 1 / _rate(chance, 5, 25)
    return Made(12 * sells * (1 + chance.poisson(chance.uniform(0.1, 1.0), DAYS)), pack=12)


def bulk(chance: Generator) -> Made:
    """Sells most days, and three to six times a year a customer takes twenty to fifty days' worth at once."""
    rate = _rate(chance, 1, 8)
    sold = counts(chance, rate * weekly(chance), 1.4)
    orders = chance.random(DAYS) < chance.uniform(3, 6) / 365
    return Made(sold + (orders * rate * chance.uniform(20, 50, DAYS)).astype(np.int64))


def repriced(chance: Generator) -> Made:
    """A price change takes away or adds a third to a half, once in the first year and once in the second."""
    rate = np.full(DAYS, _rate(chance, 2, 12))
    for begin in (0, LEARNED):
        day = begin + int(chance.integers(60, 300))
        rate[day:] *= chance.choice([chance.uniform(0.5, 0.67), chance.uniform(1.33, 1.6)])
    return Made(counts(chance, rate * weekly(chance), 1.4))


def doubled(chance: Generator) -> Made:
    """Doubles at once in the second year, when others leave the shelves."""
    rate = np.full(DAYS, _rate(chance, 1, 8))
    rate[LEARNED + int(chance.integers(45, 200)) :] *= 2
    return Made(counts(chance, rate * weekly(chance), 1.4))


def thousands(chance: Generator) -> Made:
    """Sells thousands a day, give or take a fifth to a third."""
    spread = chance.uniform(0.2, 0.35)
    noise = chance.lognormal(-(spread**2) / 2, spread, DAYS)
    return Made((_rate(chance, 1000, 8000) * weekly(chance) * noise).astype(np.int64))


def monthly(chance: Generator) -> Made:
    """Sells once a month, at its beginning: what is booked by the month."""
    sold = np.zeros(DAYS, dtype=np.int64)
    days = np.arange(int(chance.integers(28)), DAYS, 30)
    sold[days] = counts(chance, np.full(len(days), _rate(chance, 3, 60)), 2.0)
    return Made(sold)


def returned(chance: Generator) -> Made:
    """Sells most days, and a tenth to a third of it comes back within four weeks; a day that nets to less than nothing sold none."""
    sold = counts(chance, _rate(chance, 2, 12) * weekly(chance), 1.4)
    back = chance.binomial(sold, chance.uniform(0.1, 0.33))
    came = np.zeros(DAYS + 28, dtype=np.int64)
    for day, units in enumerate(back):
        np.add.at(came, day + chance.integers(1, 28, units), 1)
    return Made(np.maximum(sold - came[:DAYS], 0))


def half_days(chance: Generator) -> Made:
    """Sells one to four on a day of two to five."""
    sells = chance.random(DAYS) < chance.uniform(0.2, 0.5)
    return Made(sells * (1 + chance.poisson(chance.uniform(0.2, 1.5), DAYS)))


def every_week(chance: Generator) -> Made:
    """The same number on the same day of each week: a standing order."""
    sold = np.zeros(DAYS, dtype=np.int64)
    sold[int(chance.integers(7)) :: 7] = chance.integers(6, 25)
    return Made(sold)


def working_days(chance: Generator) -> Made:
    """The same number on each of five days of the week."""
    week = np.roll((1, 1, 1, 1, 1, 0, 0), int(chance.integers(7)))
    return Made(np.resize(week, DAYS) * chance.integers(3, 21))


def a_dozen_a_month(chance: Generator) -> Made:
    """The same number every thirty or thirty-one days."""
    sold = np.zeros(DAYS, dtype=np.int64)
    days = np.cumsum(chance.integers(30, 32, DAYS // 30)) - chance.integers(30)
    sold[days[(days >= 0) & (days < DAYS)]] = chance.integers(6, 25)
    return Made(sold)


def line(chance: Generator) -> Made:
    """What a production line takes a day, give or take a twentieth."""
    rate = _rate(chance, 10, 80)
    return Made(np.maximum(np.rint(chance.normal(rate, rate / 20, DAYS)), 0).astype(np.int64))


KINDS: Final[dict[str, Callable[[Generator], Made]]] = {
    "steady": steady,
    "wandering": wandering,
    "a day of two to five": half_days,
    "renewal": renewal,
    "clockwork": clockwork,
    "lumpy": lumpy,
    "by the dozen": dozens,
    "once a month": monthly,
    "thousands": thousands,
    "closed days": closed_days,
    "waves of a year": waving,
    "half a year nothing": seasonal,
    "new": new,
    "dying": dying,
    "rising": rising,
    "falling": falling,
    "repriced": repriced,
    "doubled": doubled,
    "promoted": promoted,
    "bulk orders": bulk,
    "returns": returned,
    "every week the same": every_week,
    "working days": working_days,
    "a dozen a month": a_dozen_a_month,
    "production line": line,
}
