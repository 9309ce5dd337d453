"""Transfers: what leaves one location for another is demand there, and on order here until it arrives.

The sender's book says to the receiver's what is on its way, as a line beside those of shipments. What arrives is told to the
receiver by itself; it belongs to the transfer of its `transfer_id`, or else to those that are due first.
"""

from typing import Final

from andon.planning.book import counts, feeding, made_lines, position, receiving, unrecorded
from andon.planning.book.book import Book, Line
from andon.planning.book.memory import Blocks
from andon.planning.demand import demand as demands
from andon.planning.supply.line_message import line_message
from andon.schemas.common import item_key, utc
from andon.schemas.shipments import LineUpdate
from andon.schemas.stock import StockMovement

_DAY: Final = 86400.0
#: The standard deviation of a transfer's time, as a share of it.
_SPREAD_SHARE: Final = 0.25
#: What has not come so long after it was due is on order no more: it came without a word, or never will.
_LAPSE_SECONDS: Final = 7 * _DAY
#: So many transfers that have arrived are remembered, for a sender that speaks after the receiver.
_REMEMBERED: Final = 64
#: No shipment's number is as long as what a transfer's line is kept under.
_LONGER_THAN_A_NUMBER: Final = 130


def line_name(update: LineUpdate) -> str:
    """Return what a line is kept under in its book: a transfer, a production order and a shipment may have the same number."""
    if update.run is not None:
        return made_lines.line_name(update.shipment_id, update.run)
    if update.transfer_from is None:
        return receiving.line_name(update)
    return _name(update.shipment_id)


def _name(transfer: str) -> str:
    return transfer.rjust(_LONGER_THAN_A_NUMBER)


def move_stock(
    book: Book,
    event: StockMovement,
    at: float,
    digest: bytes,
    blocks: Blocks,
    usual_days: float = 1.0,
) -> str:
    """Apply a stock movement as `counts.move_stock` does, and what a transfer is besides. Return what became of it.

    Args:
        book: of the item where the movement is.
        event: the movement.
        at: its time, seconds since 1970.
        digest: of its id.
        blocks: what the book remembers beside itself.
        usual_days: how long a transfer takes that does not say when it will be there.
    """
    outcome = counts.move_stock(book, event, at, digest, blocks)
    if outcome != position.APPLIED or event.kind != "transfer":
        return outcome
    if event.quantity > 0:
        _arrive(book, event, at)
        return outcome
    if event.to_location == event.location:
        return outcome
    known, day = True, demands.day_at(book.demand, at)
    fed = event.to_location is not None and feeding.is_fed(book, event.to_location)
    # What a location that is fed from here needs was known before it was sent.
    if not fed and _is_demand(book, event):
        if book.network is not None:
            book.network.sells = True
        known = demands.record(book.demand, day, -event.quantity)
    if event.to_location is not None and event.quantity:
        _announce(book, event, event.to_location, at, usual_days)
    if known:
        position.note_backlog(book, at)
    else:
        position.note_late(book, -event.quantity, day)
    return outcome if known else position.LATE


def _is_demand(book: Book, event: StockMovement) -> bool:
    """Whether what leaves is wanted again and again: what a location that sells nothing itself sends away always is."""
    return not event.exceptional and (event.to_location is not None or not book.sold)


def _announce(
    book: Book, event: StockMovement, to_location: str, at: float, usual_days: float
) -> None:
    """Say to the receiver's book what is on its way."""
    due = at + usual_days * _DAY if event.expected_at is None else event.expected_at.timestamp()
    update = LineUpdate(
        shipment_id=event.transfer_id or event.event_id,
        version=1,
        location=to_location,
        sku=event.sku,
        occurred_at=event.occurred_at,
        status="in_transit",
        quantity=-event.quantity,
        received=0,
        expected_at=utc(max(due, at)),
        promised_at=utc(max(due, at)),
        ordered_at=event.occurred_at,
        spread_days=_SPREAD_SHARE * max(due - at, 0.0) / _DAY,
        transfer_from=event.location,
        alert_id=event.alert_id,
        sent_so_far=feeding.note_sent(book, to_location, -event.quantity),
    )
    name = f"{item_key(event.location, event.sku)}:transfer:{event.event_id}"
    book.outbox.append(line_message(update, name, at))


def update_line(book: Book, update: LineUpdate, at: float, digest: bytes) -> str:
    """Apply the news of a line: of a shipment as `receiving.update_line` does, of a transfer what is on its way."""
    if update.run is not None:
        return made_lines.update_line(book, update, update.run, at, digest)
    if update.transfer_from is None:
        return receiving.update_line(book, update, at, digest)
    name = _name(update.shipment_id)
    if name in book.lines:
        return position.DUPLICATE
    feeding.hear_sent(book, update)
    _let_go(book, update)
    came = book.arrived.get(name, 0)
    if not came and book.arrived_early and at <= book.arrived_early_at:
        came = min(update.quantity, book.arrived_early)
        book.arrived_early -= came
        _remember(book, name, came)
    if came >= update.quantity:
        return position.APPLIED
    if len(book.lines) >= position.MOST_OPEN_LINES:
        return position.TOO_MANY
    book.lines[name] = Line(
        shipment_id=update.shipment_id,
        version=update.version,
        quantity=update.quantity,
        received=came,
        status=update.status,
        expected=update.expected_at.timestamp(),
        spread_days=update.spread_days,
        promised=update.expected_at.timestamp(),
        ordered=at,
        transfer_from=update.transfer_from,
        alert_id=update.alert_id,
    )
    _sum_on_order(book)
    return position.APPLIED


def _let_go(book: Book, update: LineUpdate) -> None:
    """Let go of what was said to be ordered of a location and is on its way now: what it answers, else the oldest of what is ordered there."""
    if not book.reservations:
        return
    known = len(book.reservations)
    position.release(book, update.alert_id, {update.shipment_id})
    if (
        len(book.reservations) < known
        or update.alert_id is not None
        or not _comes_from(book, update)
    ):
        return
    left = update.quantity
    for name, one in sorted(book.reservations.items(), key=lambda pair: pair[1].at):
        taken = min(one.quantity, left)
        one.quantity -= taken
        left -= taken
        if not one.quantity:
            del book.reservations[name]
    position.sum_reserved(book)


def _comes_from(book: Book, update: LineUpdate) -> bool:
    """Return whether the item is ordered of the location that a transfer comes from."""
    sources = () if book.item is None else book.item.sources
    return any(source.from_location == update.transfer_from for source in sources)


def _arrive(book: Book, event: StockMovement, at: float) -> None:
    """Take what arrived off what is on its way."""
    to_come = book.on_order
    if event.transfer_id is not None:
        name = _name(event.transfer_id)
        _remember(book, name, book.arrived.get(name, 0) + event.quantity)
        _receive(book, name, event.quantity)
    else:
        left = event.quantity
        for name in _due_first(book, event.from_location):
            left -= _receive(book, name, left)
        if left:
            book.arrived_early += left
            book.arrived_early_at = max(book.arrived_early_at, at)
    _sum_on_order(book)
    unrecorded.explain(book, event.quantity - (to_come - book.on_order))


def _due_first(book: Book, from_location: str | None) -> list[str]:
    """Return what the transfers on their way (from a location, if it is known) are kept under, in the order of their arrival."""
    found = [
        (line.expected, name)
        for name, line in book.lines.items()
        if line.transfer_from is not None and from_location in (None, line.transfer_from)
    ]
    return [name for _, name in sorted(found)]


def _receive(book: Book, name: str, quantity: int) -> int:
    """Take units off a transfer that is on its way; return how many it had."""
    line = book.lines.get(name)
    if line is None:
        return 0
    taken = min(quantity, line.open_quantity)
    line.received += taken
    if line.open_quantity <= 0:
        del book.lines[name]
        _remember(book, name, line.quantity)
    return taken


def _remember(book: Book, name: str, quantity: int) -> None:
    book.arrived.pop(name, None)
    book.arrived[name] = quantity
    if len(book.arrived) > _REMEMBERED:
        del book.arrived[next(iter(book.arrived))]


def has_arrived(book: Book, transfer: str) -> bool:
    """Return whether all of a transfer, by its id, is known to have arrived."""
    return _name(transfer) in book.arrived


def next_look(book: Book, now: float) -> float | None:
    """Return when a transfer is next overdue, or given up, after `now` (seconds since 1970); None if none is on its way."""
    times = [
        time
        for line in book.lines.values()
        if line.transfer_from is not None
        for time in (overdue_at(line), line.expected + _LAPSE_SECONDS)
        if time >= now
    ]
    # A moment later it is so.
    return min(times) + 1.0 if times else None


def overdue_at(line: Line) -> float:
    """Return from when on a transfer is asked for (seconds since 1970)."""
    return (line.expected if line.promised is None else line.promised) + _DAY


def lapse(book: Book, now: float) -> list[Line]:
    """Let go of transfers that are long overdue (`now` in seconds since 1970), and return them."""
    overdue = [
        name
        for name, line in book.lines.items()
        if line.transfer_from is not None and now - line.expected > _LAPSE_SECONDS
    ]
    lines = [book.lines.pop(name) for name in overdue]
    for name, line in zip(overdue, lines, strict=True):
        _remember(book, name, line.quantity)
    if overdue:
        _sum_on_order(book)
    return lines


def _sum_on_order(book: Book) -> None:
    book.on_order = sum(line.open_quantity for line in book.lines.values())
