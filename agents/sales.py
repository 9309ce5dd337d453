"""Sales: what was sold or came back; the only topic hot enough that it has a fast copy, `fast_sales`, beside the clear path."""

import msgspec

from andon.agents.books import book_agent, with_corrections
from andon.agents.compiled_sales import compiled_sale_agent, plain_sales
from andon.agents.context import Context
from andon.agents.fast_sales import fast_sale_agent
from andon.planning.book import position
from andon.planning.book.book import POS
from andon.planning.book.corrections import sell_instead
from andon.schemas.common import item_key
from andon.schemas.pos import Sale
from andon.streams.engine import Apply


def sale_agent(context: Context) -> Apply:
    """Return what applies a batch of sales: an item is looked at again only when a level is crossed."""
    clear = book_agent(
        context,
        msgspec.json.Decoder(Sale),
        POS,
        with_corrections(position.sell, sell_instead),
        key_of=lambda sale: item_key(sale.location, sale.sku),
        identity=lambda sale: sale.event_id,
        always_reconsider=False,
        keeps_time=True,
    )
    if context.clear_path:
        return clear
    fast = fast_sale_agent(context, clear)
    make = plain_sales() if context.compiled_path else None
    return fast if make is None else compiled_sale_agent(context, make, fast)
