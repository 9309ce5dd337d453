"""Lines: what the books are told of the shipments that bring their items."""

import msgspec

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.planning import position
from andon.planning.book import LINES
from andon.schemas.common import item_key
from andon.schemas.shipments import LineUpdate
from andon.streams.engine import Apply


def line_agent(context: Context) -> Apply:
    """Return what applies a batch of line updates."""
    return book_agent(
        context,
        msgspec.json.Decoder(LineUpdate),
        LINES,
        position.update_line,
        key_of=lambda update: item_key(update.location, update.sku),
        identity=lambda update: f"{update.shipment_id}:{update.version}",
        always_reconsider=True,
        keeps_time=False,
    )
