"""The book of stock: what each event does to it, in any order, and once; `memory` has what it remembers for that."""

from collections.abc import Collection
from typing import Final

import msgspec

from andon.planning.book import memory, succession
from andon.planning.book.book import ALWAYS, Book
from andon.planning.book.memory import Blocks
from andon.planning.book.movements import move, untaught
from andon.planning.book.promises import (
    cancel,
    cancelled_before,
    fill,
    is_foreseen,
    note_backorder,
    promise,
)
from andon.planning.book.unrecorded import explain_past
from andon.planning.demand import demand as demands
from andon.planning.demand.late_days import learn_late
from andon.planning.demand.returns import take_back
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale

APPLIED: Final = "applied"
DUPLICATE: Final = "duplicate"
#: Applied to the stock, but its day is closed: the forecast does not learn from it.
LATE: Final = "late"
#: A count that is older than another, or than the sums of days reach; master data that are older than others: not applied.
STALE: Final = "stale"
#: Applied, and more came than was ordered.
OVER_RECEIPT: Final = "over_receipt"
#: An order of an alert that another order has answered, or that the book has no room for.
TAKEN: Final = "taken"
#: It refers to an alert that is not open.
UNMATCHED: Final = "unmatched"

#: Another count has found something else at the same moment and place.
CONFLICT: Final = "conflict"
#: A count of one area more than a book can tell apart.
TOO_MANY_AREAS: Final = "too_many_areas"
#: A hold of one lot more than a book can tell apart.
TOO_MANY_LOTS: Final = "too_many_lots"
#: A line that is one too many: the book has so many open already, and none of them is over.
TOO_MANY: Final = "too_many"
#: So many lines of an item may be open at once: a decision looks at each of them.
MOST_OPEN_LINES: Final = 400
#: A book is one record: so many bytes of it may be open lines before another is refused, and before one tells less of itself.
_MOST_LINE_BYTES: Final = 330_000
LINES_TELL_BYTES: Final = 400_000
#: So many suppliers that an item has no more are remembered.
_MOST_FORMER: Final = 4
#: So few lines are never too long, whatever their names.
_FEW_LINES: Final = 30


def needs_reconsidering(book: Book) -> bool:
    """Return whether a level was crossed: three comparisons of integers, made after every sale."""
    return (
        book.on_hand <= book.wake_on_hand
        or book.demand.sold >= book.wake_sold
        or book.on_hand + book.on_order + book.reserved - book.backorders <= book.wake_position
    )


def sell(book: Book, sale: Sale, at: float, digest: bytes, blocks: Blocks) -> str:
    """Apply a sale, a return or a backorder; `at` is its time in seconds since 1970. Return what became of it."""
    if memory.seen(book, blocks, digest, at) or memory.repeated(book, sale, at):
        return DUPLICATE
    memory.note_sequence(book, sale)
    quantity, kind = sale.quantity, sale.kind
    day = demands.day_at(book.demand, at)
    known = True
    teaches = not sale.exceptional
    if kind == "sale":
        book.sold += quantity
        if teaches:
            known = demands.record(book.demand, day, quantity)
        if teaches and sale.promotion is not None:
            demands.see_promotion(book.demand, day)
        if not teaches:
            move(book, untaught(digest), at, 0)
        move(book, digest, at, -quantity)
    elif kind == "return":
        book.returned += quantity
        take_back(book.demand, sale, day)
        move(book, digest, at, quantity)
        explain_past(book, quantity, at)
        if book.alerts:
            # It may end what is said of too little.
            book.wake_position = ALWAYS
    elif kind == "backorder":
        due = None if sale.due_at is None else sale.due_at.timestamp()
        wanted = quantity - cancelled_before(book, quantity, at)
        foreseen, waits = is_foreseen(book, at, due), promise(book, wanted, at, due)
        book.backordered += wanted if waits and teaches else 0
        if foreseen:
            book.besides += wanted if waits and teaches else 0
        elif teaches:
            known = demands.record(book.demand, day, wanted)
            if known:
                note_backorder(book, wanted, day)
        move(book, digest, at, 0)
    elif kind == "backorder_cancelled":
        cancel(book, quantity, at, day)
        move(book, digest, at, 0)
    else:
        book.sold += quantity
        fill(book, quantity, at)
        move(book, digest, at, -quantity)
    if known:
        note_backlog(book, at)
        return APPLIED
    note_late(book, quantity, day)
    return LATE


def note_backlog(book: Book, at: float) -> None:
    """See that days that were told late, and are over, are closed soon: their item has been told of up to now (`at` in seconds since 1970).

    Days that are closed one by one as they are told would teach that the next ones sold nothing.
    """
    if book.demand.pending and at >= book.clock > 0:
        over = demands.day_at(book.demand, book.clock) - 1
        if min(book.demand.pending) <= over:
            book.clock = 0.0


def note_late(book: Book, units: int, day: int) -> None:
    """Count an event of a closed day (since 1970), and let the level have its units, for as much as that day still counts."""
    book.late_events += 1
    if learn_late(book.demand, day, units):
        book.wake_position = ALWAYS


def is_too_long(book: Book) -> bool:
    """Return whether what is on order has names so long that its record has no room for one order more."""
    return bytes_of_orders(book) > _MOST_LINE_BYTES


def bytes_of_orders(book: Book) -> int:
    """Return how long what is on order is in a record; 0 if it is little."""
    if len(book.lines) + len(book.reservations) <= _FEW_LINES:
        return 0
    return len(msgspec.msgpack.encode((book.lines, book.reservations)))


def release(book: Book, alert_id: str | None, shipments: Collection[str]) -> None:
    """Let go what was reserved for an order that is seen now, known by its alert or by its own name."""
    book.reservations = {
        name: reservation
        for name, reservation in book.reservations.items()
        if name != alert_id and reservation.shipment_id not in shipments
    }
    sum_reserved(book)


def sum_reserved(book: Book) -> None:
    """Add up what is reserved."""
    book.reserved = sum(reservation.quantity for reservation in book.reservations.values())


def set_item(book: Book, item: Item | None, at: float) -> str:
    """Take in planning master data; None, or an item that is not active, ends its planning but keeps its book.

    What ended is remembered by its version: master data from before that, which arrive later, do not bring the item back.

    Args:
        book: the item's book.
        item: what is decided of it; None if it is deleted.
        at: when it was decided, or when the deletion was written, in seconds since 1970.
    """
    if book.item is not None:
        book.item_version = max(book.item_version, book.item.at)
    if item is not None and at < book.item_version:
        return STALE
    book.item_version = max(book.item_version, at)
    before, book.item = book.item, item if item is not None and item.active else None
    _keep_former(book, before)
    succession.claim(book, before, book.item, at)
    book.off_shelf = item is not None and not item.active
    if book.item is not None:
        demands.start(book.demand, book.item.expected_daily_demand)
        demands.plan_promotions(book.demand, [one.span for one in book.item.promotions])
    return APPLIED


def _keep_former(book: Book, before: Item | None) -> None:
    """Remember how what was ordered from suppliers that the item has no more comes, as its last master data with them had it."""
    now = set() if book.item is None else {source.supplier for source in book.item.sources}
    found: dict[str, Source] = {}
    for source in (*(() if before is None else before.sources), *book.former):
        if source.supplier is not None and source.supplier not in now:
            found.setdefault(source.supplier, source)
    book.former = tuple(found.values())[:_MOST_FORMER]
