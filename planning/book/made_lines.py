"""What is made here, on order of the plant's own lines: under names of its own, and one order wherever it is made.

Each line tells how an order stands with it. What all of them made of it came; what is still to come is what the line that it was
released on last has left of it, less what the others made.
"""

from typing import Final

import msgspec

from andon.planning.book import position, receiving
from andon.planning.book.book import Book
from andon.planning.production.state import Production, Run
from andon.schemas.production import Left, RunUpdate
from andon.schemas.shipments import LineUpdate

_BETWEEN: Final = "\x1e"


def line_name(order_id: str, run: RunUpdate) -> str:
    """Return what a production order is kept under for a line: a purchase order may have the same number."""
    return f"{_BETWEEN}{run.line}{_BETWEEN}{order_id}"


def update_line(book: Book, update: LineUpdate, run: RunUpdate, at: float, digest: bytes) -> str:
    """Apply how a production order stands: what was made goes on hand, what is left is on order. Return what became of it."""
    name = line_name(update.shipment_id, run)
    told = msgspec.structs.replace(update, shipment_id=name)
    outcome = receiving.update_line(book, told, at, digest)
    if outcome in (position.DUPLICATE, position.TOO_MANY):
        return outcome
    line = book.lines.get(name)
    if line is not None:
        line.shipment_id, line.made_on = update.shipment_id, run.line
    if book.reservations:
        position.release(book, None, {update.shipment_id})
    return outcome


def one_order(book: Book, production: Production, order_id: str) -> None:
    """Leave of an order on order only what is still to come of it, wherever it was made."""
    own = {name: run for name, run in production.runs.items() if run.order_id == order_id}
    last = max(own.values(), key=lambda run: (run.released, run.line))
    elsewhere = sum(run.made for run in own.values() if run is not last)
    for name, run in own.items():
        taken = min(elsewhere, run.told_left) if run is last else run.told_left
        run.left = run.told_left - taken
        run.starts = run.quantity
        if run is last:
            run.starts -= min(elsewhere, max(run.quantity - run.made, 0))
        line = book.lines.get(name)
        if line is not None:
            line.taken_over = taken
    book.on_order = sum(one.open_quantity for one in book.lines.values())


def gone(production: Production) -> dict[str, tuple[Left, ...]]:
    """Return for each line which of its orders have left it for another."""
    last: dict[str, Run] = {}
    for run in production.runs.values():
        known = last.get(run.order_id)
        if known is None or (run.released, run.line) > (known.released, known.line):
            last[run.order_id] = run
    found: dict[str, list[Left]] = {}
    for run in production.runs.values():
        now = last[run.order_id]
        if run is not now and run.told_left:
            left = Left(order_id=run.order_id, released=now.released, line=now.line)
            found.setdefault(run.line, []).append(left)
    return {line: tuple(orders) for line, orders in found.items()}


def is_run(book: Book, order_id: str) -> bool:
    """Return whether an order is known as one of the plant's own lines."""
    production = book.production
    return production is not None and any(
        run.order_id == order_id for run in production.runs.values()
    )
