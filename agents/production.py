"""Production: keeps the orders of each line, tells the books of what is made, and says when a line will stand still."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time, home, send_home
from andon.agents.tables import PARTITION_STATE, PARTITIONS, PRODUCTION
from andon.planning.alerting.alerts import wakes_at
from andon.planning.production.line import (
    APPLIED,
    OTHER_ITEM,
    TOO_MANY,
    TOO_MUCH,
    ProductionLine,
    hear,
    hear_coverage,
    orders_under,
)
from andon.planning.production.line_stop import line_stop
from andon.planning.production.orders import tell_orders
from andon.schemas.common import MOST_UNITS
from andon.schemas.production import Coverage, ProductionEvent
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

#: Applied, and what the line lacks may be another part, or later.
HEARD: Final = "heard"
#: Applies one event to a line: line, event, time -> outcome.
Act = Callable[[ProductionLine, Any, float], str]

_REFUSED: Final = {
    TOO_MANY: "has as many orders as its record holds",
    TOO_MUCH: f"has an order of which more than {MOST_UNITS:,} units would be made, or scrapped: look at what was reported",
}


def production_agent(context: Context) -> Apply:
    """Return what applies a batch of news of production orders."""

    def act(line: ProductionLine, event: ProductionEvent, at: float) -> str:
        outcome = hear(line, event, at, xxh3_64_digest(event.event_id.encode()))
        tell_orders(line, f"{event.location}/{event.line}", at)
        return outcome

    return _agent(context, ProductionEvent, "production", act)


def coverage_agent(context: Context) -> Apply:
    """Return what applies a batch of what the parts' books told the lines."""

    def act(line: ProductionLine, told: Coverage, at: float) -> str:
        del at
        outcome = hear_coverage(line, told)
        return HEARD if outcome == APPLIED else outcome

    return _agent(context, Coverage, "coverages", act)


def _agent(context: Context, kind: type[Any], family: str, act: Act) -> Apply:
    rules = context.rules
    decoder = msgspec.json.Decoder(kind)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        for record, event, at in events(shard, batch, decoder, rules, effects, counts):
            key = f"{event.location}/{event.line}"
            if home(key, rules.partitions) != shard.partition:
                send_home(record, key, rules, effects, counts)
                continue
            line = shard.get(PRODUCTION, key)
            if not first_time(line.applied, record, family):
                counts["duplicate"] += 1
                continue
            outcome = act(line, event, at)
            counts[outcome] += 1
            if outcome in _REFUSED:
                effects.reject(record, outcome, f"{key} {_REFUSED[outcome]}")
            if outcome == OTHER_ITEM:
                made = " or ".join(one.sku for one in orders_under(line, event.order_id))
                effects.reject(
                    record,
                    outcome,
                    f"order {event.order_id} on {key} makes {made}, not {event.sku}: "
                    f"report what it makes, or release it for {event.sku} first",
                )
            if outcome == HEARD:
                now = max(at, partition_state.watermark)
                line_stop(line, key, now)
                shard.appoint(PRODUCTION, key, wakes_at(line.alerts, now))
            shard.touch(PRODUCTION, key, record.timestamp / 1000)
        outcomes.report()

    return apply
