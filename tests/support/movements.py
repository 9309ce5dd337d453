"""Movements of stock as a planning test writes them, and into a book that has no blocks."""

from typing import Any

from xxhash import xxh3_64_digest

from andon.planning.book.book import Book
from andon.planning.book.counts import move_stock
from andon.planning.book.memory import NO_BLOCKS
from andon.schemas.common import utc
from andon.schemas.stock import StockMovement


def movement(name: str, kind: Any, quantity: int, at: float, **fields: Any) -> StockMovement:
    """Return a movement of this name at `at` (seconds since 1970), of the item A in S if nothing else is said."""
    given = {"location": "S", "sku": "A", "kind": kind, "quantity": quantity, **fields}
    return StockMovement(event_id=name, occurred_at=utc(at), **given)


def move(book: Book, name: str, kind: Any, quantity: int, at: float, **fields: Any) -> str:
    """Apply a movement of this name at `at` (seconds since 1970), and return what became of it."""
    event = movement(name, kind, quantity, at, **fields)
    return move_stock(book, event, at, xxh3_64_digest(name.encode()), NO_BLOCKS)
