"""Kanban: keeps the cards of each loop, asks for containers to be filled, and advises on the number of cards."""

from collections.abc import Callable
from typing import Any

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.books import zone_of_key
from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time, home, send_home
from andon.agents.tables import LOOPS, PARTITION_STATE, PARTITIONS
from andon.planning.alerting.alerts import wakes_at
from andon.planning.production.loop_alerts import look_at_loop
from andon.planning.production.loops import TOO_MANY, KanbanLoop, hear_card, set_loop
from andon.schemas.common import item_key, split_item_key
from andon.schemas.kanban import CardEvent, Loop
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

#: Applies one event to a loop: loop, event (None for a deletion), time, time zone -> outcome.
Act = Callable[[KanbanLoop, Any, float, str | None], str]


def loop_agent(context: Context) -> Apply:
    """Return what applies a batch of loops; a record without a value deletes one."""

    def act(state: KanbanLoop, loop: Loop | None, at: float, zone: str | None) -> str:
        del zone
        return set_loop(state, loop, at)

    return _agent(context, Loop, "loops", act, tombstones=True)


def card_agent(context: Context) -> Apply:
    """Return what applies a batch of news of cards."""

    def act(state: KanbanLoop, event: CardEvent, at: float, zone: str | None) -> str:
        return hear_card(state, event, at, xxh3_64_digest(event.event_id.encode()), zone)

    return _agent(context, CardEvent, "cards", act)


def _agent(
    context: Context, kind: type[Any], family: str, act: Act, *, tombstones: bool = False
) -> Apply:
    rules = context.rules
    decoder = msgspec.json.Decoder(kind)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        for record, event, at in events(
            shard, batch, decoder, rules, effects, counts, tombstones=tombstones
        ):
            try:
                key = record.key.decode() if event is None else item_key(event.location, event.sku)
                split_item_key(key)
            except ValueError as error:
                effects.reject(record, "unroutable", error)
                counts["rejected"] += 1
                continue
            if home(key, rules.partitions) != shard.partition:
                send_home(record, key, rules, effects, counts)
                continue
            state = shard.get(LOOPS, key)
            if not first_time(state.applied, record, family):
                counts["duplicate"] += 1
                continue
            zone = zone_of_key(shard, key)
            outcome = act(state, event, at, zone)
            counts[outcome] += 1
            if outcome == TOO_MANY:
                effects.reject(record, outcome, f"{key} has as many cards as its record holds")
            look_at(shard, key, state, max(at, partition_state.watermark))
            shard.touch(LOOPS, key, record.timestamp / 1000)
        outcomes.report()

    return apply


def look_at(shard: Shard, key: str, state: KanbanLoop, now: float) -> None:
    """Say what there is to say of a loop (`now` in seconds since 1970)."""
    look_at_loop(state, key, now, zone_of_key(shard, key))
    shard.appoint(LOOPS, key, wakes_at(state.alerts, now))
