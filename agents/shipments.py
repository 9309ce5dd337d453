"""Shipments: keeps each inbound order's life and tells the books of its lines what becomes of them."""

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time, home, send_home
from andon.agents.tables import HERE, PARTITIONS, SHIPMENTS
from andon.planning import shipment as shipments
from andon.schemas.shipments import ShipmentEvent
from andon.streams.batches import RecordBatch
from andon.streams.engine import Apply, Effects
from andon.streams.state import Shard

_SOURCE = "shipments"


def shipment_agent(context: Context) -> Apply:
    """Return what applies a batch of shipment events."""
    rules = context.rules
    decoder = msgspec.json.Decoder(ShipmentEvent)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        here = shard.get(PARTITIONS, HERE)
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        for record, event, at in events(batch, decoder, rules, effects, counts):
            key = event.shipment_id
            if (
                key not in shard.tables[SHIPMENTS]
                and home(key, rules.partitions) != shard.partition
            ):
                send_home(record, key, rules, effects, counts)
                continue
            shipment = shard.get(SHIPMENTS, key)
            if not first_time(shipment.applied, record, _SOURCE):
                counts["duplicate"] += 1
                continue
            digest = xxh3_64_digest(event.event_id.encode())
            counts[shipments.apply_event(shipment, event, at, digest, here.disruptions)] += 1
            shard.touch(SHIPMENTS, key, record.timestamp / 1000)
        outcomes.report()

    return apply
