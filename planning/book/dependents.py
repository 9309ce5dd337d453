"""What others need of a book's item as their part: known, dated demand, which no forecast holds."""

import math
from collections.abc import Iterator
from typing import Final

from andon.planning.book.book import Book
from andon.planning.demand.days import begin_of, day_of
from andon.planning.production.explosion import MOST_TOLD, whole
from andon.schemas.production import RunNeed

_HOUR: Final = 3600.0
_BY_HOUR_SECONDS: Final = 2 * 86400.0
#: An order's need is told apart by so many hours and days at most.
_MOST_STEPS: Final = 150


def level_of(book: Book) -> int:
    """Return the low-level code of a book's item, by what those it is a part of told."""
    if book.production is None:
        return 0
    return max((one.level for one in book.production.wanted.values() if one.counts), default=0)


def is_part(book: Book) -> bool:
    """Return whether anything is made of a book's item."""
    production = book.production
    return production is not None and any(one.counts for one in production.wanted.values())


def required(book: Book, now: float) -> tuple[tuple[float, int], ...]:
    """Return what others need of a part and have not used yet: from when on (seconds since 1970), and how many units.

    The next two days by the hour, what is later by the day. What was needed before `now` is needed now.
    """
    if book.production is None:
        return ()
    needs: dict[float, float] = {}
    for one in book.production.wanted.values():
        for day, quantity in one.planned:
            at = max(begin_of(day, book.demand.zone), now)
            needs[at] = needs.get(at, 0.0) + quantity
        for run in one.runs:
            for at, units in _begun_at(run, now, book.demand.zone):
                needs[at] = needs.get(at, 0.0) + units * run.takes
    found: list[tuple[float, int]] = []
    total, told = 0.0, 0
    for at in sorted(needs):
        total = min(total + needs[at], MOST_TOLD)
        if whole(total) > told:
            found.append((at, whole(total) - told))
            told = whole(total)
    return tuple(found)


def _begun_at(run: RunNeed, now: float, zone: str | None) -> Iterator[tuple[float, float]]:
    """Yield how many units of an order are begun from a moment on, until the next."""
    # A unit that should have been begun is begun now: what it takes before that is needed now, too.
    begins = max(run.begins - run.offset, now) + run.offset
    at = max(begins, now)
    if run.each <= 0:
        yield at, run.units
        return
    done, steps = 0.0, 0
    while done < run.units:
        if at < now + _BY_HOUR_SECONDS:
            until = (at // _HOUR + 1) * _HOUR
        else:
            until = begin_of(day_of(at, zone) + 1, zone)
        steps += 1
        begun = min(math.ceil((until - begins) / run.each - 1e-9), run.units)
        if steps >= _MOST_STEPS:
            begun = run.units
        if begun > done:
            yield at, begun - done
        at, done = until, begun
