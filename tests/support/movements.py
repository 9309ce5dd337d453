"""Movements of stock into a book that has no blocks, as a planning test writes them."""

from typing import Any

from xxhash import xxh3_64_digest

from andon.planning.book.book import Book
from andon.planning.book.counts import move_stock
from andon.planning.book.memory import NO_BLOCKS
from andon.schemas.common import utc
from andon.schemas.stock import StockMovement


def move(book: Book, name: str, kind: Any, quantity: int, at: float, **fields: Any) -> str:
    """Apply a movement of this name at `at` (seconds since 1970), and return what became of it."""
    event = StockMovement(
        event_id=name,
        occurred_at=utc(at),
        location="S",
        sku="A",
        kind=kind,
        quantity=quantity,
        **fields,
    )
    return move_stock(book, event, at, xxh3_64_digest(name.encode()), NO_BLOCKS)
