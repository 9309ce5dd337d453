"""Sales: what was sold or came back; the only topic hot enough that an event must cost nothing it need not."""

from collections.abc import Callable
from typing import Any

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.books import book_agent, reconsider
from andon.agents.context import Context
from andon.agents.frame import FAILURES, Outcomes
from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS
from andon.planning.book import position
from andon.planning.book.book import POS
from andon.planning.demand.demand import DAY, see_promotion
from andon.schemas.common import item_key
from andon.schemas.pos import Sale
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

#: An empty record has no value at all: that is a TypeError to the decoder.
_UNREADABLE = (*FAILURES, TypeError)


def sale_agent(context: Context) -> Apply:
    """Return what applies a batch of sales: an item is looked at again only when a level is crossed.

    Nearly all sales are plain: well formed, today, seen for the first time, of an item that is known and awake. Those are applied
    here in a few steps each; whatever else a record is, it takes the way of all events, one by one and in its turn.
    """
    rules = context.rules
    earliest, ahead, longest, window = rules.earliest, rules.ahead, rules.max_bytes, rules.window
    open_seconds = DAY + rules.lateness
    sell_today, digest = position.sell_today, xxh3_64_digest
    # A value may be None, which is unreadable, too.
    decode: Callable[[Any], Sale] = msgspec.json.Decoder(Sale).decode
    of_any_kind = book_agent(
        context,
        msgspec.json.Decoder(Sale),
        POS,
        position.sell,
        key_of=lambda sale: item_key(sale.location, sale.sku),
        identity=lambda sale: sale.event_id,
        always_reconsider=False,
        keeps_time=True,
    )

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        live, dirty = shard.tables[BOOKS].get_live, shard.dirty[BOOKS]
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        supply = context.supply(partition_state.disruptions, shard)
        watermark, boundary = partition_state.watermark, partition_state.boundary(rules.lateness)
        closes = boundary + open_seconds
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
                and not record.headers
            ):
                at = sale.occurred_at.timestamp()
                key = f"{sale.location}/{sale.sku}"
                book = live(key)
                if (
                    book is not None
                    and book.item is not None
                    and (offset := record.offset) > (applied := book.applied)[POS]
                    and book.clock >= boundary
                    and earliest <= at < closes
                    and at <= record.timestamp / 1000 + ahead
                    and len(value) <= longest
                    and (
                        woken := sell_today(
                            book, sale.quantity, at, digest(sale.event_id.encode()), window
                        )
                    )
                    is not None
                ):
                    plain += 1
                    applied[POS] = offset
                    dirty.add(key)
                    if at > watermark:  # noqa: PLR1730 - a call less
                        watermark = at
                    if sale.promotion is not None:
                        see_promotion(book.demand, book.demand.day)
                    if woken:
                        reconsider(book, key, watermark, supply, context)
                        shard.touch(BOOKS, key, record.timestamp / 1000)
                        if shard.is_crowded:
                            effects.leave(offset + 1)
                            break
                    continue
            partition_state.see(watermark)
            of_any_kind(shard, batch.of([record]), effects)
            watermark, boundary = (
                partition_state.watermark,
                partition_state.boundary(rules.lateness),
            )
            closes = boundary + open_seconds
            if shard.is_crowded:
                effects.leave(record.offset + 1)
                break
        partition_state.see(watermark)
        shard.touch(PARTITIONS, PARTITION_STATE)
        outcomes = Outcomes(batch.topic, context.metrics)
        outcomes.counts[position.APPLIED] = plain
        outcomes.report()

    return apply
