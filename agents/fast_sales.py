"""The fast copy of `books.book_agent` with `position.sell`, as `sales` has it, for batches of sales.

Nearly all sales are plain: well formed, today, seen for the first time, of an item that is known and awake. Those are
applied here in a few steps each; whatever else a record is, it takes the clear way, one by one and in its turn.
"""

import time
from collections.abc import Callable
from typing import Any

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.blocks import ShardBlocks
from andon.agents.books import reconsider
from andon.agents.context import Context
from andon.agents.frame import FAILURES, Outcomes
from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS
from andon.planning.book import position
from andon.planning.book.book import POS
from andon.planning.book.fast_sale import sell_today
from andon.planning.book.memory import let_go, note_sequence
from andon.planning.demand.demand import DAY, see_promotion
from andon.schemas.pos import Sale
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

#: An empty record has no value at all: that is a TypeError to the decoder.
_UNREADABLE = (*FAILURES, TypeError)


def fast_sale_agent(context: Context, clear: Apply) -> Apply:  # noqa: C901, PLR0915 - written out
    """Return what applies a batch of sales as `clear` does, at a tenth of the price.

    Args:
        context: rules, metrics, scorecards.
        clear: what it is the copy of, and what takes the records that are not plain.
    """
    rules = context.rules
    earliest, ahead, longest = rules.earliest, rules.ahead, rules.max_bytes
    open_seconds, most_digests = DAY + rules.lateness, rules.remembers.digest_bytes
    sell, digest = sell_today, xxh3_64_digest
    # A value may be None, which is unreadable, too.
    decode: Callable[[Any], Sale] = msgspec.json.Decoder(Sale).decode

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:  # noqa: C901, PLR0915 - written out
        live, dirty = shard.tables[BOOKS].get_live, shard.dirty[BOOKS]
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        supply = context.supply(partition_state.disruptions, shard)
        watermark = partition_state.watermark
        latest = (time.time() + ahead) * 1000
        newest = 0.0
        plain = 0
        for record in batch.records:
            value: Any = record.value
            try:
                sale = decode(value)
            except _UNREADABLE:
                sale = None
            if (
                sale is not None
                and sale.kind == "sale"
                and not sale.exceptional
                and sale.corrects is None
                and not record.headers
            ):
                at = sale.occurred_at.timestamp()
                key = f"{sale.location}/{sale.sku}"
                book = live(key)
                if (
                    book is not None
                    and book.item is not None
                    and (offset := record.offset) > (applied := book.applied)[POS]
                    and watermark < (over := book.clock + open_seconds)
                    and earliest <= at < over
                    and (stamp := record.timestamp) <= latest
                    and at <= stamp / 1000 + ahead
                    and len(value) <= longest
                    and (woken := sell(book, sale.quantity, at, digest(sale.event_id.encode())))
                    is not None
                ):
                    plain += 1
                    applied[POS] = offset
                    dirty.add(key)
                    if at > newest:
                        newest = at
                        if at > watermark:  # noqa: PLR1730 - a call less
                            watermark = at
                    if len(book.digests) > most_digests:
                        let_go(book, ShardBlocks(shard, key), rules.remembers, watermark)
                    if sale.sequence is not None:
                        note_sequence(book, sale)
                    if sale.promotion is not None:
                        see_promotion(book.demand, book.demand.day)
                    if woken:
                        reconsider(book, key, watermark, supply, context)
                        shard.touch(BOOKS, key, stamp / 1000)
                        if shard.is_crowded:
                            effects.leave(offset + 1)
                            break
                    continue
            partition_state.see(watermark)
            clear(shard, batch.of([record]), effects)
            watermark = partition_state.watermark
            if shard.is_crowded:
                effects.leave(record.offset + 1)
                break
        partition_state.see(watermark)
        shard.touch(PARTITIONS, PARTITION_STATE)
        if batch.records:
            effects.see(newest, record)
        outcomes = Outcomes(batch.topic, context.metrics)
        if plain:
            outcomes.counts[position.APPLIED] = plain
        outcomes.report()

    return apply
