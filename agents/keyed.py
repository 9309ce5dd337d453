"""News of one record, applied where that is at home, once: the loop of production lines and of kanban loops."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time, home, send_home
from andon.agents.tables import PARTITION_STATE, PARTITIONS
from andon.schemas.common import split_item_key
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard


@dataclass(frozen=True, slots=True)
class News:
    """One event (None for a deletion), whose record it is about, when it happened, and what time it is (seconds since 1970)."""

    shard: Shard
    key: str
    event: Any
    at: float
    now: float


#: Applies an event to the record that it is about; returns the outcome and, if it is a dead letter, why.
Act = Callable[[Any, News], tuple[str, str | None]]


def keyed_agent(
    context: Context,
    kind: type[Any],
    source: str,
    table: str,
    act: Act,
    *,
    key_of: Callable[[Any], str],
    tombstones: bool = False,
) -> Apply:
    """Return what applies a batch of news of one source to the records of a table that they are about.

    Args:
        context: rules and metrics.
        kind: of the news.
        source: under which a record notes how far it has applied them.
        table: that has the records.
        act: applies one piece of news.
        key_of: the record that it is about, by its key of two parts.
        tombstones: whether a record without a value is a deletion.
    """
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
                key = record.key.decode() if event is None else key_of(event)
                split_item_key(key)
            except ValueError as error:
                effects.reject(record, "unroutable", error)
                counts["rejected"] += 1
                continue
            if home(key, rules.partitions) != shard.partition:
                send_home(record, key, rules, effects, counts)
                continue
            state = shard.get(table, key)
            if not first_time(state.applied, record, source):
                counts["duplicate"] += 1
                continue
            now = max(at, partition_state.watermark)
            outcome, refused = act(state, News(shard, key, event, at, now))
            counts[outcome] += 1
            if refused is not None:
                effects.reject(record, outcome, refused)
            shard.touch(table, key, record.timestamp / 1000)
        outcomes.report()

    return apply
