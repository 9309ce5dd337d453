"""What must have been there though nobody recorded it: goods cannot be below nothing.

A book below nothing has sold what it did not know of. As much as was on order may have come without a word, and is then no
longer to come. What is beyond that counts as if it had been there, until a count says what there is, or what was missing in
the records is told after all. So one error of counting is not ordered for, neither now nor when the next goods come.
"""

import math

from andon.planning.book.book import ALWAYS, Book


def assume(book: Book, now: float) -> None:
    """Let count what a book is below nothing beyond all that was to come (`now` in seconds since 1970)."""
    known = book.on_hand + book.unrecorded + max(book.inherited, 0)
    below = -(known + book.on_order + book.reserved)
    if below > 0:
        book.unrecorded += below
        book.unrecorded_at = math.ceil(now)


def explain(book: Book, units: int) -> None:
    """Let so many units be recorded now that were taken for unrecorded ones; none if it is less than one."""
    if units > 0 and book.unrecorded:
        book.unrecorded = max(book.unrecorded - units, 0)
        book.wake_position = ALWAYS


def explain_past(book: Book, units: int, at: float) -> None:
    """Let units be recorded now that came at a time (seconds since 1970): after the book was below nothing they explain nothing."""
    if at <= book.unrecorded_at:
        explain(book, units)


def explain_receipt(book: Book, received: int, to_come: int) -> None:
    """Let be recorded what came and was not to come: `received` and `to_come` are what the book had, in units, before it came."""
    explain(book, book.received - received - max(to_come - book.on_order - book.reserved, 0))


def forget(book: Book) -> None:
    """Let nothing be unrecorded, as when a count says what there is."""
    if book.unrecorded:
        book.unrecorded = 0
        book.wake_position = ALWAYS
