"""Stock: counts, adjustments, spoilage and transfers."""

from functools import partial

import msgspec

from andon.agents.books import book_agent, with_corrections
from andon.agents.context import Context
from andon.planning.book import transfers
from andon.planning.book.book import STOCK
from andon.planning.book.corrections import move_instead
from andon.schemas.common import item_key
from andon.schemas.stock import StockMovement
from andon.streams.engine import Apply


def stock_agent(context: Context) -> Apply:
    """Return what applies a batch of stock movements."""
    usual_days = context.transfers.days

    move = partial(transfers.move_stock, usual_days=usual_days)
    instead = partial(move_instead, usual_days=usual_days)
    return book_agent(
        context,
        msgspec.json.Decoder(StockMovement),
        STOCK,
        with_corrections(move, instead, "stock:"),
        key_of=lambda event: item_key(event.location, event.sku),
        identity=lambda event: f"stock:{event.event_id}",
        always_reconsider=True,
        keeps_time=True,
    )
