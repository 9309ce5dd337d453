"""Which items a wide disruption can matter to before their day closes and they are looked at anyway, and in which order."""

from typing import Final

from andon.planning.book.arrivals import touches
from andon.planning.book.book import Book, Line
from andon.planning.book.promises import free
from andon.planning.network.state import daily
from andon.planning.supply.disruption import Disruption, matches

_DAY: Final = 86400.0
_HOUR: Final = 3600.0
_UNKNOWN_DAYS: Final = 7.0
#: An item is looked at at once if its stock lasts less than so many times what it must bridge, and some days.
_NEAR: Final = 2.0
_NEAR_DAYS: Final = 3.0
#: An alert of these kinds may have to change when goods come later or a source is held up.
_MOVED_BY_SUPPLY: Final = ("stockout_risk", "replenish")


def buys_through(book: Book, disruption: Disruption) -> bool:
    """Return whether an item could be bought through what is disrupted; one that is run down is not bought at all."""
    item = book.item
    if item is None or item.lifecycle == "run_down":
        return False
    return any(
        matches(
            disruption,
            supplier=source.supplier,
            carrier=source.carrier,
            lane=source.lane,
            locations=(item.location, source.from_location)
            if source.from_location
            else (item.location,),
        )
        for source in item.sources
    )


def waits_for(book: Book, disruption: Disruption) -> bool:
    """Return whether an item has something on its way through what is disrupted."""
    item = book.item
    return item is not None and any(
        line.open_quantity > 0 and touches(disruption, line, item.location)
        for line in book.lines.values()
    )


def is_affected(book: Book, disruption: Disruption) -> bool:
    """Return whether the news of a line, which it was told is late because of a disruption, will say that it ended."""
    return any(
        line.open_quantity > 0 and line.cause == disruption.delay_id for line in book.lines.values()
    )


def is_urgent(book: Book, disruption: Disruption) -> bool:
    """Return whether a disruption can matter to an item before its day closes.

    It cannot where no order or shortage is alerted and the stock lasts much longer than an order takes and the disruption
    besides.
    """
    days = _UNKNOWN_DAYS
    if disruption.hours is not None:
        days = disruption.hours * _HOUR / _DAY
    elif disruption.ends is not None:
        days = (disruption.ends - disruption.since) / _DAY
    return _is_near(book, days)


def _is_near(book: Book, days: float) -> bool:
    """Return whether an item may be short if it must do without supply for some days more than an order takes."""
    if book.targets is None or any(kind in book.alerts for kind in _MOVED_BY_SUPPLY):
        return True
    return days_left(book) < _NEAR * (book.targets.protection_days + days) + _NEAR_DAYS


def days_left(book: Book) -> float:
    """Return how many days of demand are free on hand, what orders the most urgent first."""
    level = book.demand.level + daily(book.network)
    return free(book) / level if level > 0 else float("inf")


def matters(book: Book, before: Line | None, after: Line | None, now: float) -> bool:
    """Return whether the news of a line must be looked at at once (`before` and `after` as late as is known here).

    What only moves an arrival can wait for the day's close if the stock lasts much longer than that.

    Args:
        book: the item's book, with the news applied.
        before: the line before them, None if there was none.
        after: the line with them, None if it is done.
        now: seconds since 1970.
    """
    if before is None or after is None:
        return True
    if _substance(before) != _substance(after):
        return True
    if _arrival(before) == _arrival(after):
        return False
    return _is_near(book, (max(before.expected, after.expected) - now) / _DAY)


def _substance(line: Line) -> tuple[object, ...]:
    return line.quantity, line.open_quantity, line.receipts, line.alert_id, line.deviation


def _arrival(line: Line) -> tuple[object, ...]:
    # To the second: on its way an instant loses what is less than a microsecond.
    when = round(line.expected), round(line.spread_days, 6)
    return *when, line.promised, line.supplier, line.cause, line.reason
