"""Purchase orders: what buyers, connectors and suppliers do with one changes it, and the shipment of the same number."""

from collections.abc import Callable
from typing import Any

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time, home, send_home
from andon.agents.shipments import KNOWN_SECONDS, delay_multiplier_of, expect, recall
from andon.agents.tables import PARTITION_STATE, PARTITIONS, SHIPMENTS
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.ordering import World, apply_order, hear_claim, unfit
from andon.planning.supply.shipment import outgrown
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.orders import Claim, OrderEvent
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

#: Applies one event to the order of its number: order, event, event time, what is known of the network -> outcome.
Act = Callable[[Shipment, Any, float, World], str]


def order_agent(context: Context) -> Apply:
    """Return what applies a batch of news of purchase orders."""

    def act(order: Shipment, event: OrderEvent, at: float, world: World) -> str:
        expect(context.scorecards, order, at, event)
        digest = xxh3_64_digest(f"orders:{event.event_id}".encode())
        return apply_order(order, event, at, digest, world)

    return _agent(context, OrderEvent, "orders.events", act)


def claim_agent(context: Context) -> Apply:
    """Return what applies a batch of what books say to orders that answer their alerts."""
    return _agent(context, Claim, "claims", hear_claim)


def _agent(context: Context, kind: type[Any], source: str, act: Act) -> Apply:
    rules = context.rules
    decoder = msgspec.json.Decoder(kind)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        wide = Disruptions(partition_state.disruptions)
        for record, event, at in events(shard, batch, decoder, rules, effects, counts):
            key = event.order_id
            if not recall(shard, key):
                if home(key, rules.partitions) != shard.partition:
                    send_home(record, key, rules, effects, counts)
                    continue
                if at < partition_state.watermark - KNOWN_SECONDS:
                    counts["stale"] += 1
                    continue
            if shard.is_saying(SHIPMENTS, key):
                effects.leave(record.offset)
                break
            refused = _why_refused(shard.tables[SHIPMENTS].get(key), event)
            if refused is not None:
                effects.reject(record, *refused)
                counts["rejected"] += 1
                continue
            order = shard.get(SHIPMENTS, key)
            if not first_time(order.applied, record, source):
                counts["duplicate"] += 1
                continue
            order.write_in(shard.epoch)
            world = World(wide, delay_multiplier_of(context.scorecards, order))
            counts[act(order, event, at, world)] += 1
            shard.touch(SHIPMENTS, key, record.timestamp / 1000)
        outcomes.report()

    return apply


def _why_refused(order: Shipment | None, event: Any) -> tuple[str, str] | None:
    """Return why news of an order cannot be taken: in a word, and in a sentence; None if they can."""
    if not isinstance(event, OrderEvent):
        return None
    too_large = outgrown(order, event)
    if too_large is not None:
        return "too_large", too_large
    wrong = unfit(event)
    return None if wrong is None else ("unroutable", wrong)
