"""What a wide disruption brings to a partition, in slices: its urgent items first, then its shipments.

A report is taken in at once and its work waits in the partition's own record, so that a crash loses none of it. The items
are decided on before a single shipment is told: the book knows how late its lines are as soon as its partition knows the
disruption, and the shipments' news then find that nothing is new.
"""

import asyncio
from collections.abc import Iterator
from typing import Final

from andon.agents.books import reconsider
from andon.agents.context import Context
from andon.agents.shipments import worth_of
from andon.agents.tables import BOOKS, HERE, PARTITIONS, SHIPMENTS
from andon.agents.watch import say_impact
from andon.planning import shipment as shipments
from andon.planning.partition import Partition, Pending
from andon.planning.urgency import buys_through, days_left, is_urgent, waits_for
from andon.streams.engine import Engine
from andon.streams.state import Shard

#: So many items are decided on, and so many shipments told, before what they say is published and others get a turn.
_ITEMS: Final = 25
_SHIPMENTS: Final = 100


async def work_off(engine: Engine, context: Context) -> None:
    """Do what waits in the partitions of a worker: everywhere the urgent items, and only then the shipments."""
    await _decide_everywhere(engine, context)
    for shard in engine.shards:
        for _ in tell_shipments(shard, context):
            await _speak(engine, shard)
            if context.disrupted.is_set():
                await _decide_everywhere(engine, context)
            if not _is_ours(engine, shard):
                break


async def _decide_everywhere(engine: Engine, context: Context) -> None:
    context.disrupted.clear()
    await asyncio.gather(*(_decide(engine, shard, context) for shard in engine.shards))


async def _decide(engine: Engine, shard: Shard, context: Context) -> None:
    for _ in decide_urgent(shard, context):
        await _speak(engine, shard)
        if not _is_ours(engine, shard):
            return


def _is_ours(engine: Engine, shard: Shard) -> bool:
    return engine.ready and engine.shards.get(shard.partition) is shard


async def _speak(engine: Engine, shard: Shard) -> None:
    if shard.speaking:
        await engine.speak(shard)
    else:
        await asyncio.sleep(0)


def decide_urgent(shard: Shard, context: Context) -> Iterator[None]:
    """Decide anew for the items that a disruption can make short, the most urgent first, and say its impact.

    Those with stock for long are left to the end of their day.
    """
    here: Partition = shard.get(PARTITIONS, HERE)
    for pending in here.pending:
        if not pending.decided:
            yield from _decide_one(shard, pending, context)


def _decide_one(shard: Shard, pending: Pending, context: Context) -> Iterator[None]:
    here: Partition = shard.get(PARTITIONS, HERE)
    disruption, books = pending.disruption, shard.tables[BOOKS]
    supply = context.supply(here.disruptions)
    buyers, urgent = 0, []
    for key, book in books.items():
        buys = buys_through(book, disruption)
        buyers += buys
        if (buys or waits_for(book, disruption)) and is_urgent(book, disruption):
            urgent.append((days_left(book), key))
    urgent.sort()
    for place in range(0, len(urgent), _ITEMS):
        for _, key in urgent[place : place + _ITEMS]:
            book = books.get(key)
            if book is not None and book.item is not None:
                reconsider(book, key, max(pending.at, here.watermark), supply, context)
                shard.touch(BOOKS, key, pending.caused)
        yield
    pending.decided = True
    shard.touch(PARTITIONS, HERE)
    if here.speaks_for(disruption):
        say_impact(shard, disruption, buyers, pending.caused)
        yield


def tell_shipments(shard: Shard, context: Context) -> Iterator[None]:
    """Tell the books of every open shipment in the scope of a disruption that their items were decided on."""
    here: Partition = shard.get(PARTITIONS, HERE)
    for pending in [one for one in here.pending if one.decided]:
        if pending.lines:
            yield from _tell_one(shard, pending, context)
        here.pending.remove(pending)
        if pending.disruption.delay_id not in here.disruptions:
            here.impacts.pop(pending.disruption.delay_id, None)
        shard.touch(PARTITIONS, HERE)


def _tell_one(shard: Shard, pending: Pending, context: Context) -> Iterator[None]:
    here: Partition = shard.get(PARTITIONS, HERE)
    known = shard.tables[SHIPMENTS]
    touched = [
        key
        for key, shipment in known.items()
        if shipment.is_open and shipment.touched_by(pending.disruption)
    ]
    for place in range(0, len(touched), _SHIPMENTS):
        for key in touched[place : place + _SHIPMENTS]:
            shipment = known.get(key)
            if shipment is not None and shipment.is_open:
                worth = worth_of(context.scorecards, shipment)
                shipments.tell(shipment, pending.at, here.disruptions, worth=worth)
                shard.touch(SHIPMENTS, key, pending.caused)
        yield
