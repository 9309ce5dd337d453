"""Deliveries: every completed one teaches the scorecards it counts for."""

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time
from andon.agents.tables import SCORECARDS
from andon.planning.supply.scorecard import apply_delivery
from andon.schemas.shipments import Delivery
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

_SOURCE = "deliveries"


def delivery_agent(context: Context) -> Apply:
    """Return what applies a batch of completed deliveries to the scorecards."""
    decoder = msgspec.json.Decoder(Delivery)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        for record, delivery, at in events(shard, batch, decoder, context.rules, effects, counts):
            key = f"{delivery.type}/{delivery.name}"
            state = shard.get(SCORECARDS, key)
            if not first_time(state.applied, record, _SOURCE):
                counts["duplicate"] += 1
                continue
            name = delivery.shipment_id
            if delivery.begun:
                name += f"\n{delivery.begun}"
            if delivery.planned_days is not None:
                # Items of one plan come, and are late, together.
                name += f"\nplan {delivery.planned_days}"
            digest = xxh3_64_digest(name.encode())
            counts[apply_delivery(state, delivery, at, digest)] += 1
            shard.touch(SCORECARDS, key, record.timestamp / 1000)
        outcomes.report()

    return apply
