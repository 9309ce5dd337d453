"""Stock: counts, adjustments, spoilage and transfers."""

import msgspec

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.planning.book import position
from andon.planning.book.book import STOCK
from andon.schemas.common import item_key
from andon.schemas.stock import StockMovement
from andon.streams.engine import Apply


def stock_agent(context: Context) -> Apply:
    """Return what applies a batch of stock movements."""
    return book_agent(
        context,
        msgspec.json.Decoder(StockMovement),
        STOCK,
        position.move_stock,
        key_of=lambda event: item_key(event.location, event.sku),
        identity=lambda event: event.event_id,
        always_reconsider=True,
        keeps_time=True,
    )
