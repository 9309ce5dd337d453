"""What a wide disruption brings to the partitions, in slices: everywhere the urgent items first, then the shipments.

A report is taken in at once and its work waits in the partition's own record, so that a crash loses none of it. The items
are decided on before a single shipment is told: the book knows how late its lines are as soon as its partition knows the
disruption, and the shipments' news then find that nothing is new.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Final

from andon.agents.books import reconsider
from andon.agents.context import Context
from andon.agents.shipments import delay_multiplier_of
from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS, SHIPMENTS
from andon.agents.watch import publish_impact
from andon.planning.book.urgency import buys_through, days_left, is_affected, is_urgent, waits_for
from andon.planning.supply import shipment as shipments
from andon.planning.supply.partition import Partition, Pending
from andon.planning.supply.wide_disruptions import Disruptions
from andon.streams.engine import Engine
from andon.streams.state import Shard

#: So many items are decided on before what they say is published and others get a turn: few at first, so that the most
#: urgent are out early, then ever more, as each publication waits for the broker twice.
_FIRST_ITEMS: Final = 16
_MOST_ITEMS: Final = 256
#: So many shipments, or lines of them, are told of before others get a turn.
_SHIPMENTS: Final = 100
_LINES: Final = 500
#: So many books are looked through before others get a turn.
_BOOKS: Final = 2000


class WideDisruptions:
    """Works off what disruptions have yet to do in the partitions of a worker."""

    def __init__(self, engine: Engine, context: Context) -> None:
        self._engine = engine
        self._context = context

    async def work_off(self) -> None:
        """Do all there is to do."""
        await self._decide_everywhere()
        for shard in self._engine.shards:
            if not self._is_ours(shard):
                continue
            for _ in update_shipments(shard, self._context):
                await self._publish_outboxes(shard)
                if self._context.disrupted.is_set():
                    await self._decide_everywhere()
                if not self._is_ours(shard):
                    break

    async def _decide_everywhere(self) -> None:
        """Decide in all partitions at once: while one waits for the broker, another goes on, and none waits for the last."""
        deciding: dict[int, asyncio.Task[None]] = {}
        try:
            while self._engine.ready:
                self._context.disrupted.clear()
                for shard in self._engine.shards:
                    if shard.partition not in deciding and is_undecided(shard):
                        deciding[shard.partition] = asyncio.create_task(self._decide(shard))
                if not deciding:
                    return
                await self._news_or_any(deciding.values())
                for partition, task in list(deciding.items()):
                    if task.done():
                        del deciding[partition]
                        task.result()
        finally:
            for task in deciding.values():
                task.cancel()

    async def _news_or_any(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Wait until another disruption is reported or one of these is done."""
        news = asyncio.create_task(self._context.disrupted.wait())
        try:
            await asyncio.wait({news, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()

    async def _decide(self, shard: Shard) -> None:
        for _ in decide_urgent(shard, self._context):
            await self._publish_outboxes(shard)
            if not self._is_ours(shard):
                return

    def _is_ours(self, shard: Shard) -> bool:
        return self._engine.ready and self._engine.shards.get(shard.partition) is shard

    async def _publish_outboxes(self, shard: Shard) -> None:
        if shard.pending_outboxes:
            await self._engine.publish_outboxes(shard)
        else:
            await asyncio.sleep(0)


def is_undecided(shard: Shard) -> bool:
    """Return whether a disruption's items have yet to be decided on in a partition."""
    partition_state: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    return any(not one.decided for one in partition_state.pending)


def decide_urgent(shard: Shard, context: Context) -> Iterator[None]:
    """Decide anew for the items that a disruption can make short, the most urgent first, and say its impact.

    Those with stock for long are left to the end of their day, and those that wait for a shipment which a disruption no
    longer holds up to its news: only these say what else holds it up.
    """
    partition_state: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    for pending in partition_state.pending:
        if not pending.decided:
            yield from _decide_one(shard, pending, context)


def _decide_one(shard: Shard, pending: Pending, context: Context) -> Iterator[None]:
    partition_state: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    disruption, books = pending.disruption, shard.tables[BOOKS]
    is_lifted = disruption.is_over and pending.lines
    buyers, urgent = 0, []
    for number, key in enumerate(list(books), 1):
        if not number % _BOOKS:
            yield
        book = books.peek(key)
        if book is None:
            continue
        buys = buys_through(book, disruption)
        buyers += buys
        if is_lifted and is_affected(book, disruption):
            continue
        if (buys or waits_for(book, disruption)) and is_urgent(book, disruption):
            urgent.append((days_left(book), key))
    urgent.sort()
    keys = [key for _, key in urgent]
    place, size = 0, _FIRST_ITEMS
    while True:
        supply = context.supply(partition_state.disruptions, shard)
        for key in keys[place : place + size]:
            book = books.get(key)
            if book is not None and book.item is not None:
                reconsider(book, key, max(pending.at, partition_state.watermark), supply, context)
                shard.touch(BOOKS, key, pending.caused)
        place, size = place + size, min(2 * size, _MOST_ITEMS)
        if place >= len(keys):
            break
        yield
    pending.decided = True
    shard.touch(PARTITIONS, PARTITION_STATE)
    if partition_state.is_current(disruption):
        publish_impact(shard, disruption, buyers, pending.caused, decided=keys)
    yield


def update_shipments(shard: Shard, context: Context) -> Iterator[None]:
    """Tell the books of every open shipment in the scope of a disruption that their items were decided on."""
    partition_state: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    for pending in [one for one in partition_state.pending if one.decided]:
        if pending.lines:
            yield from _update_one(shard, pending, context)
        partition_state.pending.remove(pending)
        if pending.disruption.delay_id not in partition_state.disruptions:
            partition_state.forget(pending.disruption.delay_id)
        shard.touch(PARTITIONS, PARTITION_STATE)


def _update_one(shard: Shard, pending: Pending, context: Context) -> Iterator[None]:
    partition_state: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    known = shard.tables[SHIPMENTS]
    touched = [
        key
        for key, shipment in known.items()
        if shipment.is_open and shipment.touched_by(pending.disruption)
    ]
    told, wide = 0, Disruptions(partition_state.disruptions)
    for number, key in enumerate(touched, 1):
        while shard.is_saying(SHIPMENTS, key):
            yield
            wide = Disruptions(partition_state.disruptions)
        shipment = known.get(key)
        if shipment is None or not shipment.is_open:
            continue
        delay_multiplier = delay_multiplier_of(context.scorecards, shipment)
        shipment.write_in(shard.epoch)
        shipments.publish_lines(shipment, pending.at, wide, delay_multiplier=delay_multiplier)
        shard.touch(SHIPMENTS, key, pending.caused)
        told += len(shipment.lines)
        if told >= _LINES or not number % _SHIPMENTS:
            yield
            told, wide = 0, Disruptions(partition_state.disruptions)
    yield
