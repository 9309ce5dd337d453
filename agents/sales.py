"""Sales: what was sold or came back; the only topic hot enough that an event must cost nothing it need not."""

import msgspec

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.planning import position
from andon.planning.book import POS
from andon.schemas.common import item_key
from andon.schemas.pos import Sale
from andon.streams.engine import Apply


def sale_agent(context: Context) -> Apply:
    """Return what applies a batch of sales: an item is looked at again only when a level is crossed."""
    return book_agent(
        context,
        msgspec.json.Decoder(Sale),
        POS,
        position.sell,
        key_of=lambda sale: item_key(sale.location, sale.sku),
        identity=lambda sale: sale.event_id,
        always_reconsider=False,
        keeps_time=True,
    )
