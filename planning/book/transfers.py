"""Transfers: what leaves one location for another is demand there, and on order here until it arrives.

The sender's book says to the receiver's what is on its way, as a line beside those of shipments. What arrives is told to the
receiver by itself; it belongs to the transfer of its `transfer_id`, or else to those that are due first.
"""

from typing import Final

from andon.planning.book import (
    counts,
    dispatches,
    feeding,
    made_lines,
    position,
    receiving,
    unrecorded,
)
from andon.planning.book.book import Book, Dispatch, Line
from andon.planning.book.memory import Blocks
from andon.planning.demand import demand as demands
from andon.schemas.shipments import LineUpdate
from andon.schemas.stock import StockMovement

_DAY: Final = 86400.0
#: What has not come so long after it was due is on order no more: it came without a word, or never will.
_LAPSE_SECONDS: Final = 7 * _DAY
#: So many transfers that have arrived are remembered, for a sender that speaks after the receiver.
_REMEMBERED: Final = 64
#: And so many in full, in case that what arrived was keyed in wrong.
_UNLOADED: Final = 4
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
    transfer: str | None = None,
) -> str:
    """Apply a stock movement as `counts.move_stock` does, and what a transfer is besides. Return what became of it.

    Args:
        book: of the item where the movement is.
        event: the movement.
        at: its time, seconds since 1970.
        digest: of its id.
        blocks: what the book remembers beside itself.
        usual_days: how long a transfer takes that does not say when it will be there.
        transfer: the name of what it stands in the place of, for a transfer without a name of its own.
    """
    outcome = counts.move_stock(book, event, at, digest, blocks)
    if outcome != position.APPLIED or event.kind != "transfer":
        return outcome
    if event.quantity > 0:
        _arrive(book, event, at)
        return outcome
    if event.to_location == event.location or not event.quantity:
        return outcome
    known, day = True, demands.day_at(book.demand, at)
    fed = event.to_location is not None and feeding.is_fed(book, event.to_location)
    # What a location that is fed from here needs was known before it was sent.
    taught = not fed and _is_demand(book, event)
    if taught:
        if book.network is not None:
            book.network.sells = True
        known = demands.record(book.demand, day, -event.quantity)
    if event.to_location is not None:
        name = event.transfer_id or transfer or event.event_id
        due = at + usual_days * _DAY
        if event.expected_at is not None:
            due = max(event.expected_at.timestamp(), at)
        left = Dispatch(digest, name, event.to_location, -event.quantity, at, due, taught)
        dispatches.note(book, left)
        sent = feeding.note_sent(book, event.to_location, -event.quantity)
        dispatches.announce(book, event, event.to_location, name, sent)
    if known:
        position.note_backlog(book, at)
    else:
        position.note_late(book, -event.quantity, day)
    return outcome if known else position.LATE


def _is_demand(book: Book, event: StockMovement) -> bool:
    """Whether what leaves is wanted again and again: what a location that sells nothing itself sends away always is."""
    return not event.exceptional and (event.to_location is not None or not book.sold)


def take_back(
    book: Book, event: StockMovement, corrected: bytes, change: int, *, is_again: bool
) -> str | None:
    """Let a transfer that a correction stands in the place of not have been; return its name, if it is remembered.

    Args:
        book: of the item where it was.
        event: the correction.
        corrected: the digest of what it corrects.
        change: how that changed the stock, in units.
        is_again: whether the correction was heard before, or was corrected itself.
    """
    if change > 0:
        _unload(book, event, change)
        return None
    left = dispatches.call_off(book, corrected)
    if left is None:
        return None
    name = event.transfer_id or left.transfer
    # What leaves for the same place under the same name is told with that.
    if (
        is_again
        or event.quantity >= 0
        or (name, event.to_location) != (left.transfer, left.to_location)
    ):
        dispatches.announce(book, event, left.to_location, left.transfer)
    return left.transfer


def update_line(book: Book, update: LineUpdate, at: float, digest: bytes) -> str:
    """Apply the news of a line: of a shipment as `receiving.update_line` does, of a transfer what is on its way."""
    if update.run is not None:
        return made_lines.update_line(book, update, update.run, at, digest)
    if update.transfer_from is None:
        return receiving.update_line(book, update, at, digest)
    name = _name(update.shipment_id)
    known = book.lines.get(name)
    if known is not None and (
        update.version <= known.version or update.transfer_from != known.transfer_from
    ):
        return position.DUPLICATE
    feeding.hear_sent(book, update)
    came = book.arrived.get(name, 0) if known is None else known.received
    if known is None:
        _let_go(book, update)
        if not came and book.arrived_early and at <= book.arrived_early_at:
            came = min(update.quantity, book.arrived_early)
            book.arrived_early -= came
            _remember(book, name, came)
    if came >= update.quantity:
        if known is not None:
            _finish(book, name)
            _sum_on_order(book)
        return position.APPLIED
    if known is None and len(book.lines) >= position.MOST_OPEN_LINES:
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
        for place in dispatches.come_back(book, event.transfer_id, event.quantity):
            dispatches.announce(book, event, place, event.transfer_id)
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
        _finish(book, name)
    return taken


def _finish(book: Book, name: str) -> None:
    """Let a transfer of which nothing is to come any more be on its way no longer."""
    line = book.lines.pop(name)
    _remember(book, name, line.received)
    if line.received:
        book.unloaded = [*book.unloaded, line][-_UNLOADED:]


def _unload(book: Book, event: StockMovement, units: int) -> None:
    """Let what an event said to have arrived still be on its way, as far as it is known of which transfer it was."""
    if event.transfer_id is None:
        early = min(units, book.arrived_early)
        book.arrived_early -= early
        units -= early
        names = [_name(one.shipment_id) for one in reversed(book.unloaded)]
        names += reversed(_due_first(book, event.from_location))
    else:
        names = [_name(event.transfer_id)]
    for name in names:
        line = book.lines.get(name)
        if line is None:
            line = next((one for one in book.unloaded if _name(one.shipment_id) == name), None)
        if line is not None:
            back = min(line.received, units)
            units -= back
            line.received -= back
            _remember(book, name, line.received)
            if back:
                book.lines[name] = line
                book.unloaded = [one for one in book.unloaded if one is not line]
        elif name in book.arrived:
            _remember(book, name, max(book.arrived[name] - units, 0))
    _sum_on_order(book)


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
