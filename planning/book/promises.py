"""What is promised to customers, and what is free to sell beside it: the one answer that every decision asks for.

A customer order without a date waits for stock now. One that is due later counts when it is due: for the inventory position
as soon as it is due before an order placed now would be there, for the stock when its day has come. What was known before
that is no demand to be forecast: goods are ordered for it by name. What was known later is, on the day it was ordered. `Book.backorders` are the
promises that count for the position; `Book.later` has those that are not due yet, by their day.
"""

from typing import Final

from andon.planning.book.book import ALWAYS, Book
from andon.planning.demand import demand as demands
from andon.planning.demand.days import DAY, begin_of

#: So many days are told apart; an order that is due on yet another counts with the last of them.
_MOST_DAYS: Final = 366
#: How long an order takes that nobody has looked at yet.
_USUAL_DAYS: Final = 7.0


def free(book: Book, through: float | None = None) -> int:
    """Return what is on hand and promised to nobody, in units, below nothing where more is promised than there is.

    What is on hold is not free. What is free of a code that the item replaces is sold first, and counts.

    Args:
        book: the item's.
        through: promises that are due by then count (seconds since 1970); by default those that are due now.
    """
    return _there(book) - book.on_hold + book.inherited - promised(book, through)


def on_shelf(book: Book) -> int:
    """Return what is there to be sold, promised or not, with what is left of a code that the item replaces, in units."""
    return _there(book) - book.on_hold + max(book.inherited, 0)


def _there(book: Book) -> int:
    """Return what is on hand, in units; what was sold beyond it was of a code that it replaces, or is to come."""
    there = book.on_hand + book.unrecorded
    return max(there, -max(book.inherited, 0)) if there < 0 else there


def promised(book: Book, through: float | None = None) -> int:
    """Return how many units are promised to customers by a time (see `free`)."""
    units = book.backorders
    if book.later:
        units -= sum(some for day, some in book.later.items() if day <= book.reached)
        units = max(units, 0)
        if through is not None:
            zone = book.demand.zone
            units += sum(some for day, some in book.later.items() if begin_of(day, zone) <= through)
    return units


def ahead(book: Book) -> list[tuple[float, int]]:
    """Return what is promised for days to come: from when on (seconds since 1970), and how many units."""
    zone = book.demand.zone
    return [(begin_of(day, zone), units) for day, units in sorted(book.later.items())]


def next_due(book: Book, now: float) -> float | None:
    """Return when the next customer order is due, or begins to count, after `now` (seconds since 1970); None if none does."""
    days = 0.0 if book.targets is None else book.targets.protection_days
    times = [at for due, _ in ahead(book) for at in (due, due - days * DAY)]
    return min((at for at in times if at > now), default=None)


def is_foreseen(book: Book, at: float, due: float | None) -> bool:
    """Return whether a customer order was known before goods for it had to be ordered (times as in `promise`)."""
    if due is None:
        return False
    days = _USUAL_DAYS if book.targets is None else book.targets.protection_days
    return demands.day_at(book.demand, due) > demands.day_at(book.demand, at + days * DAY)


def promise(book: Book, quantity: int, at: float, due: float | None = None) -> bool:
    """Take on a customer order, less what was already filled of it because its filling overtook it; return whether it is due.

    Args:
        book: the item's.
        quantity: units.
        at: when it was ordered, seconds since 1970.
        due: when the customer wants it, seconds since 1970; now, if nobody says.
    """
    if book.filled_early and at <= book.filled_early_at:
        early = min(quantity, book.filled_early)
        book.filled_early -= early
        quantity -= early
    day = demands.day_at(book.demand, due) if due is not None else 0
    if day > demands.day_at(book.demand, max(at, book.clock)):
        if day not in book.later and len(book.later) >= _MOST_DAYS:
            day = max(book.later)
        book.later[day] = book.later.get(day, 0) + quantity
        if day <= book.reached:
            book.backorders += quantity
        if due is not None and not is_foreseen(book, at, due):
            book.sudden[day] = book.sudden.get(day, 0) + quantity
        # Only a look at the item says what that does to it.
        book.wake_on_hand = max(book.wake_on_hand, book.on_hand)
        return False
    book.backorders += quantity
    book.wake_on_hand += quantity
    return True


def cancelled_before(book: Book, quantity: int, at: float) -> int:
    """Return how many units of a customer order its cancellation took off already, because it overtook the order."""
    if not book.cancelled_early or at > book.cancelled_early_at:
        return 0
    early = min(quantity, book.cancelled_early)
    book.cancelled_early -= early
    return early


def note_backorder(book: Book, quantity: int, day: int) -> None:
    """Remember on which open day (since 1970) units were wanted that wait now: their demand goes if they are cancelled."""
    closed = book.demand.closed
    book.backordered_on = {one: units for one, units in book.backordered_on.items() if one > closed}
    if quantity:
        book.backordered_on[day] = book.backordered_on.get(day, 0) + quantity


def cancel(book: Book, quantity: int, at: float, day: int) -> None:
    """Take off a part of what customers wait for that nobody wants any more, and of the demand of the days that are still open.

    What is due last goes first; what nobody ordered yet is remembered, as the order may still arrive.

    Args:
        book: the item's.
        quantity: units.
        at: when it was cancelled, seconds since 1970.
        day: the day of that (since 1970).
    """
    for due in sorted(book.later, reverse=True):
        part = min(book.later[due], quantity)
        _unlearn(book, _take_later(book, due, part), day)
        if due <= book.reached:
            book.backorders -= part
        quantity -= part
    early = max(quantity - book.backorders, 0)
    quantity -= early
    book.backorders -= quantity
    book.backordered = max(book.backordered - _unlearn(book, quantity, day), 0)
    # An alert that is open asks for less now.
    book.wake_position = ALWAYS
    if early:
        book.cancelled_early += early
        book.cancelled_early_at = max(book.cancelled_early_at, at)


def _take_later(book: Book, due: int, units: int) -> int:
    """Take units off what is due on a day; return how many of them had been demand of the day they were ordered on."""
    book.later[due] -= units
    sudden = min(book.sudden.get(due, 0), units)
    if sudden:
        book.sudden[due] -= sudden
    if not book.later[due]:
        del book.later[due]
        book.sudden.pop(due, None)
    return sudden


def _unlearn(book: Book, units: int, day: int) -> int:
    """Take units that nobody wants any more off the open days up to one on which they were ordered, the last first; return how many."""
    left, closed = units, book.demand.closed
    for asked in sorted((one for one in book.backordered_on if closed < one <= day), reverse=True):
        part = min(left, book.backordered_on[asked])
        book.backordered_on[asked] -= part
        demands.unrecord(book.demand, asked, part)
        left -= part
    return units - left


def fill(book: Book, quantity: int, at: float) -> None:
    """Take off a customer order that was filled; remember what nobody promised yet, as the promise may still arrive.

    What waits now is filled first, then what is due first.
    """
    waiting = promised(book)
    book.wake_on_hand -= min(quantity, waiting)
    for day in sorted(book.later) if quantity > waiting else ():
        taken = min(book.later[day], quantity - waiting)
        book.besides += taken - _take_later(book, day, taken)
        if day > book.reached:
            quantity -= taken
        else:
            waiting += taken
    early = quantity - book.backorders
    book.backorders = max(-early, 0)
    if early > 0:
        book.filled_early += early
        book.filled_early_at = max(book.filled_early_at, at)


def reach(book: Book, now: float, days: float) -> None:
    """Let the promises count that are due within so many days from `now` (seconds since 1970), and wait for stock from their day on."""
    if not book.later:
        return
    reached = max(demands.day_at(book.demand, now + days * DAY), book.reached)
    today = demands.day_at(book.demand, now)
    for day in sorted(book.later):
        units = book.later[day]
        if book.reached < day <= reached:
            book.backorders += units
        if day <= today:
            foreseen = units - _take_later(book, day, units)
            book.besides += foreseen
            book.backordered += min(max(promised(book) - on_shelf(book), 0), foreseen)
    book.reached = reached if book.later else 0
