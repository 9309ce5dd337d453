"""The fast copy of `position.sell` and `position.needs_reconsidering`, for a sale of the open day that is no duplicate.

It is written out, with `movements.move` and `demand.record` in it, because it happens a hundred thousand times a second.
"""

from andon.planning.book.book import Book
from andon.planning.book.movements import MOVEMENT
from andon.planning.book.position import note_backlog

_pack = MOVEMENT.pack


def sell_today(book: Book, quantity: int, at: float, digest: bytes) -> bool | None:
    """Apply a sale of the open day and return whether the book needs reconsidering; None if it is of no such kind.

    Args:
        book: of the item.
        quantity: units.
        at: seconds since 1970.
        digest: of the event's id.
    """
    demand, digests, movements = book.demand, book.digests, book.movements
    if (
        not demand.day_begins <= at < demand.day_ends
        or digest in digests
        or at <= book.forgotten  # it may be a repeat of what is no longer in the book itself
    ):
        return None
    book.sold += quantity
    sold = demand.sold = demand.sold + quantity
    on_hand = book.on_hand
    if at > book.counted_at:
        on_hand = book.on_hand = on_hand - quantity
    elif at > book.count_explains:
        book.count_error += quantity
    digests += digest
    movements += _pack(at, -quantity)
    if demand.pending:
        note_backlog(book, at)
    return (
        on_hand <= book.wake_on_hand
        or sold >= book.wake_sold
        or on_hand + book.on_order + book.reserved - book.backorders <= book.wake_position
    )
