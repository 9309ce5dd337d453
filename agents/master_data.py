"""What is told of suppliers and locations: passed on to every partition, each of which keeps all of it."""

from collections.abc import Callable
from typing import Any

import msgspec

from andon.agents.context import Context
from andon.agents.frame import Outcomes, broadcast, events, first_time, is_broadcast
from andon.agents.tables import PARTITION_STATE, PARTITIONS, PLACES, SUPPLIERS
from andon.planning.supply.master_data import tell
from andon.schemas.locations import Place
from andon.schemas.suppliers import Supplier
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard


def supplier_agent(context: Context) -> Apply:
    """Return what applies a batch of suppliers' terms."""
    return _agent(context, Supplier, "suppliers", SUPPLIERS, lambda told: told.supplier)


def place_agent(context: Context) -> Apply:
    """Return what applies a batch of locations."""
    return _agent(context, Place, "locations", PLACES, lambda told: told.location)


def _agent(
    context: Context,
    kind: type[Any],
    family: str,
    table: str,
    name_of: Callable[[Any], str],
) -> Apply:
    """Return what keeps the newest of each name; a record without a value deletes it.

    A change counts from the next time that an item is looked at, at the latest when its day is over.
    """
    rules = context.rules
    decoder = msgspec.json.Decoder(kind)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        for record, told, at in events(
            shard, batch, decoder, rules, effects, counts, tombstones=True
        ):
            try:
                key = record.key.decode() if told is None else name_of(told)
            except ValueError as error:
                effects.reject(record, "unroutable", error)
                counts["rejected"] += 1
                continue
            if not is_broadcast(record):
                broadcast(record, key.encode(), rules.partitions, effects)
                counts["broadcast"] += 1
            elif not first_time(partition_state.origins, record, family):
                counts["duplicate"] += 1
            else:
                counts[tell(shard.get(table, key), told, at)] += 1
                shard.touch(table, key, record.timestamp / 1000)
        shard.touch(PARTITIONS, PARTITION_STATE)
        outcomes.report()

    return apply
