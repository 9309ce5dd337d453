"""Corrections: an event that stands in the place of an earlier one, which it names by its id.

Both may be heard in either order, and again. What the corrected event did is taken back by a movement of its own, at its time,
which is remembered under a mark: nothing that is remembered is ever changed. A correction is corrected by its own id.
"""

from typing import NamedTuple

from andon.planning.book import counts, transfers, unrecorded
from andon.planning.book.book import ALWAYS, Book
from andon.planning.book.memory import Blocks, remembered, seen, since
from andon.planning.book.movements import move, untaught
from andon.planning.book.position import APPLIED, DUPLICATE, STALE, UNMATCHED, sell
from andon.planning.demand import demand as demands
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement


class Replaced(NamedTuple):
    """What a corrected event did: when (seconds since 1970), and how it changed the stock; nothing if it is yet to come."""

    at: float
    change: int


def sell_instead(
    book: Book, sale: Sale, at: float, digest: bytes, corrected: bytes, blocks: Blocks
) -> str:
    """Apply a sale or return in the place of another, or nothing if its quantity is 0. Return what became of it.

    Args:
        book: of the item.
        sale: the correction.
        at: when it happened, seconds since 1970.
        digest: of the correction's id, eight bytes.
        corrected: of the id of what it corrects.
        blocks: what the book remembers beside itself.
    """
    is_again = seen(book, blocks, digest, at)
    replaced = _replace(book, at, corrected, blocks, is_again=is_again)
    if isinstance(replaced, str):
        return replaced
    quantity, day = abs(replaced.change), demands.day_at(book.demand, replaced.at)
    if sale.kind == "return":
        book.returned -= quantity
    else:
        book.sold -= quantity
        if not seen(book, blocks, untaught(corrected), replaced.at):
            demands.unrecord(book.demand, day, quantity)
    book.wake_position = ALWAYS
    if is_again:
        return DUPLICATE
    if not sale.quantity:
        move(book, digest, at, 0)
        return APPLIED
    return sell(book, sale, at, digest, blocks)


def move_instead(
    book: Book,
    event: StockMovement,
    at: float,
    digest: bytes,
    corrected: bytes,
    blocks: Blocks,
    usual_days: float = 1.0,
) -> str:
    """Apply a count, adjustment, spoilage or transfer in the place of another.

    Arguments and result are as in `sell_instead`, and `usual_days` as in `transfers.move_stock`.
    """
    is_again = seen(book, blocks, digest, at)
    is_basis = (
        event.kind == "count"
        and at == book.counted_at
        and not book.areas
        and seen(book, blocks, corrected, at)
    )
    if is_basis and at < book.summed:
        return DUPLICATE if is_again else STALE
    replaced = _replace(book, at, corrected, blocks, is_again=is_again)
    if isinstance(replaced, str):
        return replaced
    if event.kind == "spoilage":
        book.spoiled += replaced.change
        book.wasted = max(book.wasted + replaced.change, 0)
    transfer = None
    if event.kind == "transfer":
        transfer = transfers.take_back(book, event, corrected, replaced.change, is_again=is_again)
    if is_again:
        return DUPLICATE
    if _is_of_area(book, event, at) and seen(book, blocks, corrected, at):
        counts.recount_area(book, event.area or "", event.quantity, at)
        move(book, digest, at, 0)
        return APPLIED
    if not is_basis:
        return transfers.move_stock(book, event, at, digest, blocks, usual_days, transfer)
    wrong = event.quantity + since(book, blocks, at) - book.on_hand
    book.on_hand += wrong
    unrecorded.explain(book, wrong)
    book.counted = event.quantity
    if book.count_explains < at:
        book.count_error += wrong
    move(book, digest, at, 0)
    return APPLIED


def _is_of_area(book: Book, event: StockMovement, at: float) -> bool:
    """Whether a correction is of the last count of one area."""
    if event.kind != "count" or event.area is None:
        return False
    known = book.areas.get(event.area)
    return known is not None and known.at == at


def _replace(
    book: Book, at: float, corrected: bytes, blocks: Blocks, *, is_again: bool
) -> Replaced | str:
    """Take back what the corrected event did, or see to it that it does nothing when it comes.

    Return what it did, or what became of the correction if nothing is left to apply. `is_again` says that the correction was
    heard before, or has been corrected itself.
    """
    known = remembered(book, blocks, corrected, at)
    if known is None:
        if at <= book.summed:
            # What it corrects may have been forgotten, and would count beside it.
            return DUPLICATE if is_again else STALE
        move(book, corrected, at, 0)
        known = (at, 0)
    found, mark = Replaced(*known), bytes(255 - byte for byte in corrected)
    if seen(book, blocks, mark, found.at):
        return DUPLICATE if is_again else UNMATCHED
    move(book, mark, found.at, -found.change)
    unrecorded.explain(book, -found.change)
    return found
