"""What is on order and what came of it: how the news of a shipment's line change the book of its item.

The news are absolute, so that a book compares what it was told before with what it is told now: what came or went at another
time than it thought moves in the stock, before or after a count as its time says. An order and the dispatch advices under it
are one thing: what comes under an advice is no longer to come under the order, and what both say came, came once.
"""

from typing import Final

from andon.planning.book.book import Advice, Book, Done, Line
from andon.planning.book.lots import take_in
from andon.planning.book.memory import Blocks, seen
from andon.planning.book.movements import move
from andon.planning.book.position import (
    APPLIED,
    DUPLICATE,
    LINES_TELL_BYTES,
    MOST_OPEN_LINES,
    OVER_RECEIPT,
    TOO_MANY,
    bytes_of_orders,
    is_too_long,
    release,
)
from andon.planning.book.under_orders import (
    BETWEEN,
    Receipts,
    came_under,
    differences,
    order_of,
    take_over,
)
from andon.planning.book.unrecorded import explain_receipt
from andon.planning.supply.disruption import disruption_of_update
from andon.schemas.shipments import LineUpdate

_OVER: Final = ("received", "cancelled")
#: So many lines that are done are remembered, and so many orders with advices; what is told of others later says what was
#: told before.
MOST_DONE = 32
_MOST_ADVISED: Final = 32
#: And for so long: less than shipments are, which tell what was told before.
_KEPT_SECONDS: Final = 400 * 86400.0


def update_line(book: Book, update: LineUpdate, at: float, digest: bytes) -> str:
    """Apply the present state of a shipment line: receipts go on hand, the rest stays on order however late it is."""
    name = line_name(update)
    if not _is_of_newest(book, update, name, digest):
        return DUPLICATE
    line = book.lines.get(name)
    known = line if line is not None else book.done_lines.get(name)
    version = book.closed_lines.get(name, (0, 0))[0] if known is None else known.version
    if update.version <= version:
        return DUPLICATE
    still_open = _still_open(update)
    is_new = line is None and still_open and not update.received
    if is_new and (len(book.lines) >= MOST_OPEN_LINES or is_too_long(book)):
        return TOO_MANY
    before, settled = _told_before(book, name, update, at)
    now = update.receipts
    if now is None:
        more = update.received - sum(change for _, change in before)
        now = (*before, (at, more)) if more > 0 else before
    order_id = update.order_id or update.shipment_id
    orders = {order_id, update.shipment_id, *_advised_orders(book, name)}
    together = _in_stock(book, orders, name, before, update)
    _keep(book, name, update, still_open, now)
    to_come, received = book.on_order + book.reserved, book.received
    release(book, update.alert_id, {update.shipment_id, order_id})
    came = differences(together, came_under(book, orders), max(settled, update.settled))
    take_in(book, update, digest, came, at)
    for one in orders:
        take_over(book, one)
    _forget(book)
    book.on_order = sum(one.open_quantity for one in book.lines.values())
    explain_receipt(book, received, to_come)
    return OVER_RECEIPT if sum(change for _, change in now) > update.quantity else APPLIED


def is_repeat(book: Book, update: LineUpdate, digest: bytes, blocks: Blocks) -> bool:
    """Whether what news of a line brought is in the stock, though the line may be forgotten.

    A worker that goes on where another was killed publishes once more what that one may not have, however much later.

    Args:
        book: of the item.
        update: the line.
        digest: of the news.
        blocks: of the book.
    """
    if not update.receipts:
        return False
    # All that it brought is remembered under one digest: the earliest is looked for among all that may have fallen out.
    return seen(book, blocks, digest, min(at for at, _ in update.receipts))


def _told_before(book: Book, name: str, update: LineUpdate, at: float) -> tuple[Receipts, float]:
    """Return the receipts of a line that are in the stock, and through when they are merged."""
    known = book.lines.get(name) or book.done_lines.get(name)
    if known is not None and known.receipts is not None:
        return known.receipts, known.settled
    for order_id in _advised_orders(book, name):
        advice = book.advised[order_id][name]
        return advice.receipts, advice.settled
    if known is None and name not in book.closed_lines:
        # It is told for the first time, or was forgotten.
        return update.told or (), update.told_settled
    # It is known from when receipts had no times: they are in the stock, whatever times they are given now.
    came = known.received if isinstance(known, Line) else book.closed_lines[name][1]
    if not came:
        return (), 0.0
    return (_dated(update.receipts, came) if update.receipts else ((at, came),)), 0.0


def _is_of_newest(book: Book, update: LineUpdate, name: str, digest: bytes) -> bool:
    """Whether a line is not of an older order than the newest known under its number; what is known of older ones is let go.

    What was taken for a receipt of the older one but came since the newer began is told once more, and is taken back here.
    """
    book.done_lines = {
        other: done
        for other, done in book.done_lines.items()
        if update.at - done.at < _KEPT_SECONDS
    }
    for known in (book.lines, book.done_lines):
        for other in [one for one in known if order_of(one) == update.shipment_id]:
            if known[other].begun > update.begun:
                return False
            if known[other].begun < update.begun:
                for at, change in known.pop(other).receipts or ():
                    if at >= update.begun:
                        book.received -= change
                        move(book, digest, at, -change)
                book.advised.pop(update.shipment_id, None)
    if update.begun:
        book.closed_lines.pop(name, None)
    return True


def line_name(update: LineUpdate) -> str:
    """Return under which name a book keeps a line: its shipment's, and its own if it has one."""
    if update.line is None:
        return update.shipment_id
    return f"{update.shipment_id}{BETWEEN}{update.line}"


def _still_open(update: LineUpdate) -> int:
    if update.open_quantity is not None:
        return update.open_quantity
    return 0 if update.status in _OVER else max(update.quantity - update.received, 0)


def _dated(receipts: Receipts, total: int) -> Receipts:
    """Return the first of these receipts that come to a total; the last of them has what is left."""
    found: list[tuple[float, int]] = []
    for at, change in receipts:
        part = min(change, total)
        found.append((at, part))
        total -= part
    if total and found:
        found[-1] = found[-1][0], found[-1][1] + total
    return tuple(found)


def _keep(book: Book, name: str, update: LineUpdate, still_open: int, receipts: Receipts) -> None:
    """Keep a line among those that are open or those that are done, and what an advice says of its order."""
    book.closed_lines.pop(name, None)
    if still_open or update.status not in _OVER:
        book.done_lines.pop(name, None)
        before = book.lines.get(name)
        line = book.lines[name] = _line(update, still_open, receipts)
        if line.deviation is not None and before is not None:
            line.made_up = before.made_up
        if bytes_of_orders(book) > LINES_TELL_BYTES:
            line.reason = line.parent_id = line.held_by = None
    else:
        book.lines.pop(name, None)
        book.done_lines.pop(name, None)
        book.done_lines[name] = Done(
            update.version, receipts, update.settled, update.begun, update.at
        )
    for order_id, advices in list(book.advised.items()):
        if name in advices and order_id != update.order_id:
            del advices[name]
            if not advices:
                del book.advised[order_id]
    if update.order_id is not None and update.order_id != update.shipment_id:
        advices = book.advised.setdefault(update.order_id, {})
        again = advices[name].again if name in advices else _was_told_under(update)
        advices[name] = Advice(still_open, receipts, update.settled, again)


def _forget(book: Book) -> None:
    """Forget the oldest of too many orders with advices of which nothing is to come, and of too many other lines that are done."""
    if len(book.advised) > _MOST_ADVISED:
        to_come = {line.order_id or line.shipment_id for line in book.lines.values()}
        oldest = next((one for one in book.advised if one not in to_come), None)
        if oldest is not None:
            del book.advised[oldest]
    if len(book.done_lines) > MOST_DONE:
        # What an order and its advices say came is known only together.
        oldest = next(
            (name for name in book.done_lines if order_of(name) not in book.advised), None
        )
        if oldest is not None:
            del book.done_lines[oldest]


def _line(update: LineUpdate, still_open: int, receipts: Receipts) -> Line:
    return Line(
        shipment_id=update.shipment_id,
        version=update.version,
        quantity=update.quantity,
        received=update.received,
        status=update.status,
        expected=update.expected_at.timestamp(),
        spread_days=update.spread_days,
        promised=update.promised_at.timestamp() if update.promised_at else None,
        ordered=update.ordered_at.timestamp() if update.ordered_at else None,
        supplier=update.supplier,
        lane=update.lane,
        carrier=update.carrier,
        mode=update.mode,
        alert_id=update.alert_id,
        cause=update.cause,
        reason=update.reason,
        parent_id=update.parent_id,
        base=update.base_at.timestamp() if update.base_at else None,
        base_spread=update.base_spread_days,
        held_by=disruption_of_update(update) if update.held_by else None,
        still_open=still_open,
        receipts=receipts,
        settled=update.settled,
        order_id=update.order_id,
        begun=update.begun,
        undated=update.undated,
        deviation=update.deviation,
    )


def _advised_orders(book: Book, name: str) -> list[str]:
    """Return which order a line is a dispatch advice of, if it is."""
    return [order_id for order_id, advices in book.advised.items() if name in advices]


def _was_told_under(update: LineUpdate) -> bool:
    """Whether what was said of an advice before was said of the same order, so that the stock has what the two came to."""
    return update.told is not None and update.told_under == update.order_id


def _in_stock(
    book: Book, orders: set[str], name: str, before: Receipts, update: LineUpdate
) -> Receipts:
    """Return what of some orders and their advices is in the stock, before a line is told that brought `before`.

    A line that was forgotten stands by itself in the stock: whatever came under advices of its order that are new since was
    not compared with it. If they were forgotten together, the stock has what they came to.
    """
    known = book.lines.get(name) or book.done_lines.get(name)
    if (known is not None and known.receipts is not None) or _advised_orders(book, name):
        return came_under(book, orders)
    if update.order_id is not None and update.order_id != update.shipment_id:
        shared = _was_told_under(update)
    else:
        advices = book.advised.get(update.shipment_id, {})
        shared = any(advice.again for advice in advices.values())
    if not shared:
        return (*before, *came_under(book, orders))
    return came_under(book, orders, (name, update.order_id or update.shipment_id, before))
