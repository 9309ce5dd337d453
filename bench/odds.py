"""The odds of running out before a receipt, and what then happened: stock, receipt and moment drawn, demand as it was."""

import math
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from series import Series

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand
from andon.planning.policy.projection import project
from andon.planning.policy.relief import Receipt
from andon.planning.supply.lead_time import prior

#: A shop sells between these hours of its days.
OPENS, CLOSES = 8.0, 20.0
#: A receipt strays by this share of the days it takes.
SPREAD = 0.25
DECILES = 10


class Case(NamedTuple):
    """Odds that were said, and whether it happened."""

    odds: float
    happened: bool


def moments(series: Series, seed: int) -> list[float]:
    """Return when each unit sold, in seconds since 1970: by chance within the hours of its day, in their order."""
    first, sold = series
    chance = random.Random(seed)
    found = []
    for day, units in enumerate(sold, first):
        begin = day * DAY + OPENS * 3600
        found += [begin + chance.random() * (CLOSES - OPENS) * 3600 for _ in range(units)]
    return sorted(found)


def cases(
    series: Series,
    warm_up: int,
    *,
    seed: int,
    every: int = 7,
    unsure: bool = False,
    selling: tuple[float, float] = (0.0, 1.0),
) -> Iterator[Case]:
    """Yield odds as the level of an item has them, every few days after the warm-up, at any hour of the day.

    The stock is drawn up to twice what the item has sold on average, so that the odds do not choose what they are asked for.

    Args:
        series: of the item.
        warm_up: days.
        seed: of the moments, stocks and receipts.
        every: so many days.
        unsure: whether the receipt strays from its date, as the projection is told.
        selling: the share of its days so far that sold must be within these for a moment to count, so that no item is chosen
            by what it was going to sell.
    """
    first, sold = series
    chance = random.Random(seed)
    times = moments(series, seed)
    demand = Demand(closed=first - 1)
    total = days_sold = 0
    for place, units in enumerate(sold[: len(sold) - 1]):
        day = first + place
        demands.record(demand, day, units)
        demands.close_through(demand, day)
        total += units
        days_sold += units > 0
        if place + 1 < warm_up or (place + 1 - warm_up) % every:
            continue
        if not selling[0] <= days_sold / (place + 1) <= selling[1]:
            continue
        now = (day + 1 + chance.random()) * DAY
        days = chance.uniform(3.0, 14.0)
        taken = days
        if unsure:
            belief = prior(days, SPREAD * days)
            taken = math.exp(chance.gauss(belief.mu, belief.sigma))
        most = 2 * total / (place + 1) * days
        stock = chance.randint(1, max(math.ceil(most), 1))
        until = now + taken * DAY
        if until > (first + len(sold)) * DAY:
            continue
        begun = bisect_right(times, now)
        since = bisect_right(times, (day + 1) * DAY)
        demands.record(demand, day + 1, begun - since)
        receipt = Receipt(now + days * DAY, SPREAD * days if unsure else 0.0, 1)
        said = project(stock, [receipt], demand, now).risk
        demands.unrecord(demand, day + 1, begun - since)
        wanted = bisect_right(times, until) - begun
        yield Case(said, wanted > stock)


def brier_skill(found: Sequence[Case]) -> float:
    """Return by what share the mean squared error of the odds is below that of the base rate."""
    base = sum(one.happened for one in found) / len(found)
    said = sum((one.odds - one.happened) ** 2 for one in found)
    plain = sum((base - one.happened) ** 2 for one in found)
    return 1.0 - said / plain if plain else 0.0


def deciles(found: Sequence[Case]) -> list[tuple[int, float, float]]:
    """Return the cases of each tenth of the odds: how many, what was said and what happened of them on average."""
    tenths: list[list[Case]] = [[] for _ in range(DECILES)]
    for one in found:
        tenths[min(int(one.odds * DECILES), DECILES - 1)].append(one)
    return [
        (
            len(tenth),
            sum(one.odds for one in tenth) / len(tenth),
            sum(one.happened for one in tenth) / len(tenth),
        )
        if tenth
        else (0, 0.0, 0.0)
        for tenth in tenths
    ]
