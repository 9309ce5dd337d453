"""Items: the planning master data; a record without a value ends an item's planning."""

import logging

import msgspec

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.agents.frame import FAILURES
from andon.planning.book import position
from andon.planning.book.book import ITEMS, Book
from andon.planning.book.memory import Blocks
from andon.schemas.common import item_key
from andon.schemas.items import Item
from andon.schemas.unknown import unknown_fields_of
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

logger = logging.getLogger(__name__)

#: What was warned of once is not warned of again with every item, as long as it is not ever new.
_named: set[tuple[str, ...]] = set()
_MOST_NAMED = 64


def item_agent(context: Context) -> Apply:
    """Return what applies a batch of master data."""
    apply = book_agent(
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

    def apply_and_look(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        for record in batch.records:
            _name_unknown(record.value, batch.topic, context)
        apply(shard, batch, effects)

    return apply_and_look


def _name_unknown(value: bytes | None, topic: str, context: Context) -> None:
    """Count and name the fields of master data that nothing here reads: a rule that its writer believes in does not hold."""
    try:
        unknown = unknown_fields_of(Item, value) if value else ()
    except (*FAILURES, TypeError):
        return
    if unknown:
        context.metrics.unknown_fields.labels(topic).inc(len(unknown))
        if unknown not in _named:
            if len(_named) < _MOST_NAMED:
                _named.add(unknown)
            logger.warning("%s: no such field, and so ignored: %s", topic, ", ".join(unknown))


def _set_item(book: Book, item: Item | None, at: float, digest: bytes, blocks: Blocks) -> str:
    del digest, blocks
    return position.set_item(book, item, at)
