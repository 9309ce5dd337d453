"""Lots with a day of expiry: what of the stock is of which, where the first to expire is sold first.

A sale does not say of which lot it was, and need not look: what was sold since the lots were looked at last is taken from them
when somebody looks again, first-expired first, but for those that had expired by then or are on hold. What has expired is not free, as if it were on hold. What goes otherwise is taken
from them only as far as there cannot be so much of them any more. What no lot was named for has no known day, and is sold last.

They are kept in the place of what is on hold by lot, so that a book without such lots is no larger.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from andon.planning.book.book import Book
from andon.planning.book.dated_lots import DatedLot, Lots
from andon.planning.book.movements import move
from andon.planning.demand.days import begin_of, day_number, day_of
from andon.schemas.shipments import LineUpdate

#: So many lots of an item are told apart.
MOST: Final = 64


class Left(NamedTuple):
    """What is left of a lot: how many units, and the last day on which it may be sold (since 1970)."""

    lot: str
    units: int
    expires: int


def held_by_lot(book: Book) -> dict[str, int]:
    """Return how many units are on hold of which lot; below nothing where a release was heard before its hold."""
    return book.holds.held if isinstance(book.holds, Lots) else book.holds


def hold(book: Book, held: dict[str, int]) -> None:
    """Let so many units be on hold of each lot."""
    if isinstance(book.holds, Lots):
        book.holds = msgspec.structs.replace(book.holds, held=held)
    else:
        book.holds = held
    _sum_held(book)


def _sum_held(book: Book) -> None:
    """Add up what may not be sold: what is on hold, and what has expired by the day on which the lots were looked at last."""
    held = {lot: units for lot, units in held_by_lot(book).items() if units > 0}
    expired = 0
    if isinstance(book.holds, Lots):
        expired = sum(
            max(one.units - held.get(lot, 0), 0)
            for lot, one in book.holds.dated.items()
            if one.expires < book.holds.day
        )
    book.held = sum(held.values()) + expired


def dated(book: Book) -> dict[str, DatedLot]:
    """Return what is known of lots with a day, as they were looked at last."""
    return book.holds.dated if isinstance(book.holds, Lots) else {}


def left(book: Book) -> list[Left]:
    """Return what is left of each lot now, the first to expire first."""
    known = book.holds
    if not isinstance(known, Lots):
        return []
    found = dict(known.dated)
    sold = _gone(book) - known.gone
    if sold > 0:
        found = _taken(found, sold, known.day, known.held)
    beyond = sum(one.units for one in found.values()) - book.stock
    if beyond > 0:
        found = _taken(found, beyond, -1, {})
    return sorted(
        (Left(lot, one.units, one.expires) for lot, one in found.items()),
        key=lambda one: (one.expires, one.lot),
    )


def settle(book: Book, now: float) -> None:
    """Take what was sold since from the lots, and note what day it is there (`now` in seconds since 1970)."""
    if isinstance(book.holds, Lots):
        _keep(
            book, {one.lot: DatedLot(one.units, one.expires) for one in left(book)}, _day(book, now)
        )


def next_expiry(book: Book, now: float) -> float | None:
    """Return when the next lot expires, after `now` (seconds since 1970); None if none does."""
    ends = (begin_of(one.expires + 1, book.demand.zone) for one in dated(book).values())
    return min((end for end in ends if end > now), default=None)


def add(book: Book, lot: str, units: int, expires: int | None, now: float) -> None:
    """Let so many units more, or fewer, be of a lot; one that is not known needs a day to be kept.

    Args:
        book: of the item, whose lots were settled before its stock changed.
        lot: its name.
        units: that came, or went.
        expires: the last day on which it may be sold (since 1970), if that is said.
        now: seconds since 1970.
    """
    known = dict(dated(book))
    before = known.get(lot)
    if expires is None:
        if before is None:
            return
        expires = before.expires
    total = (0 if before is None else before.units) + units
    known[lot] = DatedLot(total, expires)
    if total <= 0:
        del known[lot]
    _keep(book, known, _day(book, now))


def take_in(
    book: Book, update: LineUpdate, digest: bytes, changes: Iterable[tuple[float, int]], now: float
) -> None:
    """Put into the stock what came of a line, and went back, and into its lot if it has one.

    Args:
        book: of the item.
        update: the line.
        digest: of the event's id.
        changes: units, and when (seconds since 1970).
        now: seconds since 1970.
    """
    day = None if update.expires_on is None else day_number(update.expires_on)
    if update.lot is not None:
        settle(book, now)
    since = 0
    for at, change in changes:
        book.received += change
        # A count before which it came has said of which lots it was.
        since += change if at > book.counted_at else 0
        move(book, digest, at, change)
    if update.lot is not None and since and (update.lot in dated(book) or len(dated(book)) < MOST):
        add(book, update.lot, since, day, now)


def stand(book: Book, counted: Mapping[str, tuple[int, int]], quantity: int, now: float) -> None:
    """Let a count be what there is of each lot, less what has gone since.

    Args:
        book: of the item, whose stock is already as counted, and as it has changed since.
        counted: units and the last day on which they may be sold, by lot.
        quantity: what was counted in all.
        now: seconds since 1970.
    """
    known = {lot: DatedLot(units, day) for lot, (units, day) in counted.items() if units > 0}
    gone = quantity - book.on_hand
    day = _day(book, now)
    _keep(book, _taken(known, gone, day, held_by_lot(book)) if gone > 0 else known, day)


def _keep(book: Book, known: dict[str, DatedLot], day: int) -> None:
    held = held_by_lot(book)
    book.holds = Lots(held, known, _gone(book), day) if known else held
    _sum_held(book)


def _gone(book: Book) -> int:
    """Return how many units were sold or thrown away in all; what came back is of no lot."""
    return book.sold + book.spoiled


def _taken(
    known: Mapping[str, DatedLot], units: int, day: int, held: Mapping[str, int]
) -> dict[str, DatedLot]:
    """Return what is left once so many units went, of those first that expire first, from a day (since 1970) on."""
    found = dict(known)
    for lot, one in sorted(known.items(), key=lambda pair: (pair[1].expires, pair[0])):
        free = one.units - max(held.get(lot, 0), 0)
        if one.expires < day or free <= 0:
            continue
        part = min(free, units)
        units -= part
        found[lot] = DatedLot(one.units - part, one.expires)
        if found[lot].units <= 0:
            del found[lot]
        if units <= 0:
            break
    return found


def _day(book: Book, now: float) -> int:
    """Return what day it is, at least that on which the lots were looked at last."""
    last = book.holds.day if isinstance(book.holds, Lots) else 0
    return max(day_of(now, book.demand.zone), last)
