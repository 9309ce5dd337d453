"""Advices: what comes under a dispatch advice is told to its order, which is not late for that any more."""

import msgspec

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time
from andon.agents.shipments import delay_multiplier_of, recall
from andon.agents.tables import PARTITION_STATE, PARTITIONS, SHIPMENTS
from andon.planning.supply.advised import apply_advice
from andon.planning.supply.order_message import say_order
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.shipments import AdviceUpdate
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

_SOURCE = "advices"


def advice_agent(context: Context) -> Apply:
    """Return what applies a batch of words of dispatch advices to the orders whose home this is."""
    decoder = msgspec.json.Decoder(AdviceUpdate)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        wide = Disruptions(partition_state.disruptions)
        for record, update, at in events(shard, batch, decoder, context.rules, effects, counts):
            # The order may be heard of later: it is kept for it.
            recall(shard, update.order_id)
            if shard.is_saying(SHIPMENTS, update.order_id):
                effects.leave(record.offset)
                break
            order = shard.get(SHIPMENTS, update.order_id)
            if not first_time(order.applied, record, _SOURCE):
                counts["duplicate"] += 1
                continue
            worth = delay_multiplier_of(context.scorecards, order)
            order.write_in(shard.epoch)
            apply_advice(order, update, max(at, partition_state.watermark), wide, worth)
            say_order(order, order.states(), at)
            if not order.statuses:
                # Of an order that nobody told there is nothing to wait for, and nothing to keep for long.
                order.at = max(order.at, at)
            counts["applied"] += 1
            shard.touch(SHIPMENTS, update.order_id, record.timestamp / 1000)
        outcomes.report()

    return apply
