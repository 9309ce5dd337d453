"""The compiled copy of `fast_sales`: `plain_sales.c` applies the plainest sales, and leaves whatever else a record is to the Python.

It is there where it was built (`make compiled`), and does what `fast_sales` does, in less time.
"""

import time
from typing import TYPE_CHECKING

from xxhash import xxh3_64_digest

from andon.agents.blocks import ShardBlocks
from andon.agents.books import reconsider
from andon.agents.context import Context
from andon.agents.frame import Outcomes
from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS
from andon.planning.book import position
from andon.planning.book.book import Book
from andon.planning.book.memory import let_go
from andon.planning.book.position import note_backlog
from andon.planning.demand.demand import DAY, Demand
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

if TYPE_CHECKING:
    from andon.agents._plain_sales import PlainSales

#: Where one record is not plain the next may not be either: so many at most go to the Python at once.
_MOST_AT_ONCE = 64


def plain_sales() -> "type[PlainSales] | None":
    """Return what makes the compiled loop; None if it was not built."""
    try:
        from andon.agents._plain_sales import PlainSales  # noqa: PLC0415 - it may not be there
    except ImportError:
        return None
    return PlainSales


def compiled_sale_agent(context: Context, make: "type[PlainSales]", fast: Apply) -> Apply:
    """Return what applies a batch of sales as `fast` does, in less time.

    Args:
        context: rules, metrics, scorecards.
        make: makes the compiled loop.
        fast: what it is the copy of, and what takes the records that are not plain enough.
    """
    rules = context.rules
    run = make(
        earliest=rules.earliest,
        ahead=rules.ahead,
        longest=rules.max_bytes,
        open_seconds=DAY + rules.lateness,
        most_digests=rules.remembers.digest_bytes,
        book=Book,
        demand=Demand,
        digest=xxh3_64_digest,
        note_backlog=note_backlog,
    ).run

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        books, dirty = shard.tables[BOOKS], shard.dirty[BOOKS]
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        supply = context.supply(partition_state.disruptions, shard)
        latest = (time.time() + rules.ahead) * 1000
        records = batch.records
        place, plain, newest, at_once = 0, 0, 0.0, 1

        def forget(book: Book, key: str, now: float) -> None:
            let_go(book, ShardBlocks(shard, key), rules.remembers, now)

        while place < len(records):
            begin = place
            place, count, newest, watermark, book, key = run(
                records, begin, books, dirty, partition_state.watermark, newest, latest, forget
            )
            if count:
                plain += count
                partition_state.see(watermark)
                effects.see(newest, records[place - 1])
            if book is not None and key is not None:
                record = records[place - 1]
                reconsider(book, key, watermark, supply, context)
                shard.touch(BOOKS, key, record.timestamp / 1000)
                if shard.is_crowded:
                    effects.leave(record.offset + 1)
                    break
            elif place < len(records):
                at_once = min(2 * at_once, _MOST_AT_ONCE) if place - begin < at_once else 1
                rest = batch.of(records[place : place + at_once])
                fast(shard, rest, effects)
                if effects.left_at is not None:
                    break
                place += len(rest)
        shard.touch(PARTITIONS, PARTITION_STATE)
        outcomes = Outcomes(batch.topic, context.metrics)
        if plain:
            outcomes.counts[position.APPLIED] = plain
        outcomes.report()

    return apply
