"""Delays and disruptions: passed on to every partition once, and there to every shipment and item they touch."""

import msgspec

from andon.agents.context import Context
from andon.agents.frame import Outcomes, broadcast, events, first_time, home, is_broadcast
from andon.agents.shipments import delay_multiplier_of, recall
from andon.agents.tables import PARTITION_STATE, PARTITIONS, SHIPMENTS
from andon.planning.supply import shipment as shipments
from andon.planning.supply.disruption import disruption_of, take_in
from andon.planning.supply.partition import Partition, Pending
from andon.schemas.delays import DelayEvent
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

_SOURCE = "delays"


def delay_agent(context: Context) -> Apply:
    """Return what applies a batch of delays.

    A report arrives in one partition; what it touches lies in all. So it is put back once for every partition, marked,
    and applied where the marked copy arrives.
    """
    rules = context.rules
    decoder = msgspec.json.Decoder(DelayEvent)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        for record, event, at in events(shard, batch, decoder, rules, effects, counts):
            if not is_broadcast(record):
                broadcast(record, event.delay_id.encode(), rules.partitions, effects)
                counts["broadcast"] += 1
            elif event.scope.type == "shipment" and shard.is_saying(SHIPMENTS, event.scope.id):
                effects.leave(record.offset)
                break
            elif not first_time(partition_state.origins, record, _SOURCE):
                counts["duplicate"] += 1
            elif (too_many := _too_many(shard, partition_state, event, at)) is not None:
                effects.reject(record, "too_many", too_many)
                counts["rejected"] += 1
            else:
                is_news = _apply_one(shard, event, at, record.timestamp / 1000, context)
                counts["applied" if is_news else "no_effect"] += 1
        shard.touch(PARTITIONS, PARTITION_STATE)
        outcomes.report()

    return apply


def _too_many(shard: Shard, partition_state: Partition, event: DelayEvent, at: float) -> str | None:
    """Return why a report is one more than the record that it is for has room for, or None."""
    ended = event.status == "ended"
    if event.scope.type == "shipment":
        shipment = shard.tables[SHIPMENTS].get(event.scope.id)
        if shipments.has_too_many_delays(shipment, disruption_of(event, at), ended=ended):
            return f"the shipment has {shipments.MOST_DELAYS} delays already: report which are over"
        return None
    is_new = event.delay_id not in partition_state.disruptions and not ended
    if partition_state.has_no_room if not is_new else partition_state.is_full:
        return "too many disruptions are in force, or not worked off yet: report which are over"
    return None


def _apply_one(shard: Shard, event: DelayEvent, at: float, caused: float, context: Context) -> bool:
    """Apply a report on a shipment, or take in a wide one for the timer to work off; return whether it is news here."""
    partition_state = shard.get(PARTITIONS, PARTITION_STATE)
    disruption = disruption_of(event, at)
    ended = event.status == "ended"
    if disruption.scope == "shipment":
        known = recall(shard, disruption.name)
        if not known and home(disruption.name, context.rules.partitions) != shard.partition:
            return False
        # Nothing may be known of it yet: the report then waits for its shipment.
        shipment = shard.get(SHIPMENTS, disruption.name)
        delay_multiplier = delay_multiplier_of(context.scorecards, shipment)
        shipment.write_in(shard.epoch)
        if not shipments.delay(
            shipment,
            disruption,
            at,
            partition_state.disruptions,
            ended=ended,
            delay_multiplier=delay_multiplier,
        ):
            return False
        shard.touch(SHIPMENTS, disruption.name, caused)
        return True
    before = partition_state.disruptions.get(disruption.delay_id)
    if not take_in(partition_state.disruptions, partition_state.lifted, disruption, ended=ended):
        return False
    if before is not None and ended:
        disruption = msgspec.structs.replace(before, at=max(at, before.at), is_over=True)
    elif before is not None and not partition_state.is_current(before):
        partition_state.pending.append(Pending(before, at, caused))
    partition_state.pending.append(Pending(disruption, at, caused))
    context.disrupted.set()
    return True
