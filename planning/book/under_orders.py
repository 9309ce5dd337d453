"""An order and the dispatch advices under it: together they say what came, and what is still to come under which number.

What the order says that came counts what came under its advices, too: the greater of both came. What is to come under an advice is
not to come under the order. What was booked under the order alone, beyond what is under no advice, is not to come under one any more.
"""

from collections.abc import Iterable
from typing import Final

from andon.planning.book.book import Book, Line

#: Between the number of a shipment and the name of one of its lines.
BETWEEN: Final = "\x1f"

Receipts = tuple[tuple[float, int], ...]


def order_of(name: str) -> str:
    """Return the shipment of a line, by the name under which a book keeps it."""
    return name.partition(BETWEEN)[0]


def lines_of(book: Book, shipment_id: str) -> list[Line]:
    """Return the open lines of a shipment."""
    return [
        line
        for line in book.lines.values()
        if line.shipment_id == shipment_id and line.of_sku is None and line.made_on is None
    ]


def _own_receipts(book: Book, order_id: str) -> list[Receipts]:
    """Return what the lines of an order say came under its own number."""
    elsewhere = {
        name for other, advices in book.advised.items() if other != order_id for name in advices
    }
    found = {}
    for known in (book.lines, book.done_lines):
        for name, line in known.items():
            if order_of(name) == order_id and name not in elsewhere:
                found[name] = line.receipts or ()
    return list(found.values())


def came_under(
    book: Book, orders: Iterable[str], besides: tuple[str, str, Receipts] | None = None
) -> Receipts:
    """Return what came and went under some orders and their advices together.

    What an order says that came counts what came under its advices, too: the greater of both came. So with what went back.

    Args:
        book: of the item.
        orders: their numbers.
        besides: a line that the book does not know, the order that it is of, and its receipts.
    """
    found: list[tuple[float, int]] = []
    for order_id in orders:
        own = _own_receipts(book, order_id)
        advised = [advice.receipts for advice in book.advised.get(order_id, {}).values()]
        if besides is not None and besides[1] == order_id:
            (own if order_of(besides[0]) == order_id else advised).append(besides[2])
        for sign in (1, -1):
            changes = _greater(_of_sign(own, sign), _of_sign(advised, sign))
            found += [(at, sign * change) for at, change in changes]
    return tuple(found)


def _of_sign(receipts: Iterable[Receipts], sign: int) -> dict[float, int]:
    """Return how much came (`sign` 1) or went (-1) when, as positive numbers."""
    total: dict[float, int] = {}
    for some in receipts:
        for at, change in some:
            if sign * change > 0:
                total[at] = total.get(at, 0) + sign * change
    return total


def _greater(one: dict[float, int], other: dict[float, int]) -> Receipts:
    """Return the changes of whichever of two running totals is the greater."""
    found = []
    first = second = before = 0
    for at in sorted(one.keys() | other.keys()):
        first += one.get(at, 0)
        second += other.get(at, 0)
        now = max(first, second)
        if now != before:
            found.append((at, now - before))
            before = now
    return tuple(found)


def differences(before: Receipts, after: Receipts, settled: float) -> Receipts:
    """Return what is to be moved in the stock, and when; of what is merged through `settled`, only the total counts."""
    changes: dict[float, int] = {}
    for sign, receipts in ((-1, before), (1, after)):
        for at, change in receipts:
            when = max(at, settled)
            changes[when] = changes.get(when, 0) + sign * change
    return tuple(sorted((at, change) for at, change in changes.items() if change))


def take_over(book: Book, order_id: str) -> None:
    """Leave under an order's own number only what comes under none of its advices, and under these what was not booked there."""
    lines, advices = lines_of(book, order_id), book.advised.get(order_id, {})
    if not advices and not any(line.taken_over for line in lines):
        return
    own = sum(_of_sign(_own_receipts(book, order_id), 1).values())
    advised = sum(_of_sign((advice.receipts for advice in advices.values()), 1).values())
    to_come = sum(advice.still_open for advice in advices.values())
    _hand_out(lines, max(advised - own, 0) + to_come)
    open_receipts = (line.receipts or () for line in lines)
    done = own - sum(_of_sign(open_receipts, 1).values())
    ordered = done + sum(line.quantity for line in lines)
    beside = max(ordered - advised - to_come, 0) if lines else 0
    under_advices = [line for name, line in book.lines.items() if name in advices]
    _hand_out(under_advices, max(own - advised - beside, 0))


def _hand_out(lines: Iterable[Line], units: int) -> None:
    """Let so many units of some lines be told elsewhere, of those that are expected first."""
    for line in sorted(lines, key=lambda one: (one.expected, one.version)):
        line.taken_over = min(line.still_open or 0, units)
        units -= line.taken_over
