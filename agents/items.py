"""Items: the planning master data; a record without a value ends an item's planning."""

import msgspec

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.planning.book import position
from andon.planning.book.book import ITEMS, Book
from andon.schemas.common import item_key
from andon.schemas.items import Item
from andon.streams.engine import Apply


def item_agent(context: Context) -> Apply:
    """Return what applies a batch of master data."""
    return book_agent(
        context,
        msgspec.json.Decoder(Item),
        ITEMS,
        _set_item,
        key_of=lambda item: item_key(item.location, item.sku),
        identity=lambda _: "",
        always_reconsider=True,
        keeps_time=False,
        tombstones=True,
    )


def _set_item(book: Book, item: Item | None, at: float, digest: bytes, window: int) -> str:
    del digest, window
    return position.set_item(book, item, at)
