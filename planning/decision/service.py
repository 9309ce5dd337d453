"""How the stock did: what each closed day says of service, stock and forecast, to be summed by whoever counts."""

from typing import Final

import msgspec

from andon.planning.book.book import Book
from andon.planning.book.promises import on_shelf
from andon.planning.decision import decide
from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.scores import Score

#: What a forecast's central interval should hold: from the 10th to the 90th percentile.
INTERVAL: Final = (0.1, 0.9)
#: Before so many days are learned from, an interval says little.
_LEARNED_DAYS: Final = 14


class Closed(msgspec.Struct, frozen=True):
    """What happened on the days that were closed at once, in units and days.

    `short` is what customers wanted and did not get from the shelf: what was backordered, and, when the shelf was empty at
    the end, what was expected and not sold. `over` and `under` are the one-day forecasts' errors in either direction,
    `actual` what sold on those days, `judged` how many days had an interval to be compared with, `covered` how many of them
    fell into it.
    """

    days: int
    out_of_stock_days: int
    sold: int
    short: float
    wasted: int
    over: float
    under: float
    actual: float
    judged: int
    covered: int


def advance(
    book: Book, watermark: float, lateness_seconds: float, models: Models | None = None
) -> tuple[int, Closed | None]:
    """Close the days that are over, as `decide.advance` does; return how many were learned from, and what they were like.

    Args:
        book: an item's book.
        watermark: the latest event time seen, seconds since 1970.
        lateness_seconds: how long a day waits for late events.
        models: what competes to speak of the item's demand; the errors are then of what spoke before.
    """
    demand = book.demand
    today, begins = decide.open_day(demand, watermark, lateness_seconds)
    if begins <= book.clock:
        return 0, None
    since = book.clock
    days = round((begins - since) / DAY) if since else 1
    last = today - 1
    judged, covered = _judge(demand, last) if days == 1 else (0, 0)
    # Where the level speaks its demand has its errors, day by day; scores may wait for the end of an interval.
    score = models.scores[models.active] if models is not None and models.active else None
    learned = demand.days
    before = _sums(demand, score)
    open_units = demand.sold + sum(demand.pending.values())
    level = demand.level
    closed = decide.advance(book, watermark, lateness_seconds, models)
    days = round((book.clock - since) / DAY) if since else 1
    sold = open_units - demand.sold - sum(demand.pending.values())
    out = on_shelf(book) <= 0 and book.stock_is_known
    missed = max(level * days - sold, 0.0) if out else 0.0
    over, under, actual = _errors(before, _sums(demand, score), demand.days - learned)
    result = Closed(
        days=days,
        out_of_stock_days=days if out else 0,
        sold=max(sold + book.besides - book.backordered, 0),
        short=missed + book.backordered,
        wasted=book.wasted,
        over=over,
        under=under,
        actual=actual,
        judged=judged,
        covered=covered,
    )
    book.backordered = book.wasted = book.besides = 0
    return closed, result


def _judge(demand: demands.Demand, day: int) -> tuple[int, int]:
    """Return whether a day that is about to be closed had an interval, and whether what sold fell into it."""
    if demand.days < _LEARNED_DAYS:
        return 0, 0
    sold = demand.sold if demand.day == day else demand.pending.get(day, 0)
    forecast = demands.over_days(demand, day, 1.0)
    low, high = INTERVAL
    return 1, int(forecast.cdf(sold) >= low and forecast.cdf(sold - 1) <= high)


_Sums = tuple[float, float, float]


def _sums(demand: demands.Demand, score: Score | None) -> _Sums:
    """Return the discounted sums of absolute errors, of errors, and of what was sold, of what speaks."""
    if score is None:
        return demand.error, demand.signed_error, demand.total
    return score.error, score.signed_error, score.sold


def _errors(before: _Sums, after: _Sums, days: int) -> _Sums:
    """Return what some closed days added to the discounted sums: too much, too little, and what was sold."""
    kept = demands.ERROR_DISCOUNT**days
    absolute, difference, sold = (new - old * kept for old, new in zip(before, after, strict=True))
    return (
        max(absolute + difference, 0.0) / 2,
        max(absolute - difference, 0.0) / 2,
        max(sold, 0.0),
    )
