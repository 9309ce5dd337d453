"""Movements of stock other than sales and receipts, above all counts: each stands on its own time, however late it comes.

What was sold, received or moved after a count is added to it again, whatever has happened since; before a first count nobody
knew what was there, so that it is never too old. A location may be counted by areas (the shop, the back room): its stock is
then the sum of what each area's last count found and of what has happened since. What was sold or received between the
counts of two areas is taken to have been so in the one whose count it explains.
"""

from typing import Final

from andon.planning.book import lots, memory, position, unrecorded
from andon.planning.book.book import AreaCount, Book
from andon.planning.book.memory import Blocks
from andon.planning.book.movements import move
from andon.planning.demand.days import day_number
from andon.schemas.stock import StockMovement

#: What a book was known to have beyond the areas counted so far: it belongs to those that have not been.
_REST: Final = ""
#: A location has at most so many areas.
MOST_AREAS: Final = 64
#: So many lots of an item may be on hold, and so many with a day of expiry be there, at once.
MOST_LOTS: Final = lots.MOST


def move_stock(book: Book, event: StockMovement, at: float, digest: bytes, blocks: Blocks) -> str:
    """Apply a count, an adjustment, spoilage, a transfer, a hold or its release. Return what became of it."""
    if memory.seen(book, blocks, digest, at) or memory.repeated(book, event, at):
        return position.DUPLICATE
    change = 0
    is_new = event.expires_on is not None and event.lot not in lots.dated(book)
    if is_new and len(lots.dated(book)) >= MOST_LOTS:
        return position.TOO_MANY_LOTS
    if event.lot is not None:
        lots.settle(book, at)
    if event.kind == "count":
        outcome = count(book, event.quantity, at, blocks, event.area)
        if outcome in (position.CONFLICT, position.TOO_MANY_AREAS):
            return outcome
    elif event.kind in ("hold", "release"):
        outcome = _hold(book, event)
        if outcome != position.APPLIED:
            return outcome
    else:
        outcome = position.APPLIED
        change = event.quantity
        if event.kind == "adjustment":
            unrecorded.explain(book, change)
        if event.kind == "spoilage":
            book.spoiled += change
            book.wasted += change
            change = -change
    memory.note_sequence(book, event)
    move(book, digest, at, change)
    if outcome == position.APPLIED and (event.lot is not None or event.lots):
        _note_lots(book, event, at, change)
    return outcome


def _note_lots(book: Book, event: StockMovement, at: float, change: int) -> None:
    """Take in what is said of lots: those that were counted, or the one of which so much came or went."""
    if event.lots:
        counted = {one.lot: (one.quantity, day_number(one.expires_on)) for one in event.lots}
        lots.stand(book, counted, event.quantity, at)
    elif event.lot is not None and event.kind not in ("hold", "release"):
        day = None if event.expires_on is None else day_number(event.expires_on)
        lots.add(book, event.lot, change, day, at)


def _hold(book: Book, event: StockMovement) -> str:
    """Keep goods from being sold, or let them be sold again: in whatever order that is heard, lot by lot."""
    lot = event.lot or ""
    known = lots.held_by_lot(book)
    if lot not in known and len(known) >= MOST_LOTS:
        return position.TOO_MANY_LOTS
    units = known.get(lot, 0) + (event.quantity if event.kind == "hold" else -event.quantity)
    held = {**known, lot: units}
    if not units:
        del held[lot]
    lots.hold(book, held)
    return position.APPLIED


def count(book: Book, quantity: int, at: float, blocks: Blocks, area: str | None = None) -> str:
    """Take what was counted at a time (seconds since 1970), in all or in one area. Return what became of it.

    A count that is older than another of the same place changes nothing, as that one knows better. One that is older than
    what the book remembers is not applied either unless it is the first, and the book asks for another one.
    """
    if area is None:
        newest = max((one.at for one in book.areas.values()), default=0.0)
        known = AreaCount(max(newest, book.counted_at), -1 if book.areas else book.counted)
    else:
        known = book.areas.get(area, AreaCount(0.0 if book.areas else book.counted_at, -1))
    if at < known.at:
        return position.STALE
    if at == known.at and known.quantity >= 0:
        return position.APPLIED if quantity == known.quantity else position.CONFLICT
    if not memory.reaches(book, at):
        book.unplaced = max(book.unplaced, at)
        if book.counted_at:
            return position.STALE
    if area is None:
        book.areas, book.counted = {}, quantity
        _stand(book, quantity, at, blocks)
        return position.APPLIED
    if area not in book.areas and len(book.areas) >= MOST_AREAS:
        return position.TOO_MANY_AREAS
    _count_area(book, area, quantity, at, blocks)
    return position.APPLIED


def _count_area(book: Book, area: str, quantity: int, at: float, blocks: Blocks) -> None:
    """Let a count be what the stock of an area was at a time.

    What a count of everything found beyond the areas counted so far is kept until an area is counted again: by then all
    have been.
    """
    before = book.areas
    areas = dict(before)
    known, rest = areas.get(area), areas.pop(_REST, None)
    if known is not None:
        rest = None
    elif not areas and book.counted_at:
        rest = AreaCount(at, book.on_hand - memory.since(book, blocks, at))
    areas[area] = AreaCount(at, quantity)
    if rest is not None and rest.quantity > quantity:
        areas[_REST] = AreaCount(rest.at, rest.quantity - quantity)
    book.areas, book.counted = areas, -1
    total = sum(one.quantity for one in areas.values())
    is_found = bool(before) and known is None and rest is None
    if not before or (at > book.counted_at and _explains(book, known, quantity, at, blocks)):
        _stand(book, total, at, blocks)
    else:
        book.count_explains = book.counted_at
        book.count_error = total - sum(one.quantity for one in before.values())
        book.on_hand += book.count_error
        unrecorded.forget(book)
    if is_found:
        # Nobody had looked there: the book was not wrong, and nothing that comes late explains it.
        book.count_explains, book.count_error = book.counted_at, 0


def recount_area(book: Book, area: str, quantity: int, at: float) -> None:
    """Let the last count of an area have found something else; `at` is its time in seconds since 1970.

    Where nobody had counted the rest by then, what is in the area is not in the rest.
    """
    known, rest = book.areas[area], book.areas.get(_REST)
    areas = {**book.areas, area: AreaCount(at, quantity)}
    if rest is not None and rest.at == at:
        left = rest.quantity + known.quantity - quantity
        areas[_REST] = AreaCount(at, left)
        if left <= 0:
            del areas[_REST]
    wrong = sum(one.quantity for one in areas.values())
    wrong -= sum(one.quantity for one in book.areas.values())
    book.areas = areas
    book.on_hand += wrong
    unrecorded.explain(book, wrong)
    if at == book.counted_at and book.count_explains < at:
        book.count_error += wrong


def _explains(
    book: Book, known: AreaCount | None, quantity: int, at: float, blocks: Blocks
) -> bool:
    """Return whether what has changed since the areas were counted explains the count of this one, which then holds it.

    Nobody says in which area something was sold. If the last count of this one explains it as well or better, it was elsewhere.
    """
    if known is None:
        return True
    changed = memory.since(book, blocks, book.counted_at) - memory.since(book, blocks, at)
    return abs(quantity - known.quantity - changed) <= abs(quantity - known.quantity)


def _stand(book: Book, quantity: int, at: float, blocks: Blocks) -> None:
    """Let the stock be so much at a time, and what has changed since on top of it."""
    there = quantity + memory.since(book, blocks, at)
    # Before a first count nobody knew what was there, so that nothing explains it.
    book.count_explains = book.counted_at or at
    book.count_error = there - book.on_hand if book.counted_at else 0
    book.on_hand = there
    unrecorded.forget(book)
    book.counted_at = at
    memory.settle(book, at)
    if at >= book.unplaced and memory.reaches(book, at):
        book.unplaced = 0.0
