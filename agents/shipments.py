"""Shipments: keeps each inbound order's life and tells the books of its lines what becomes of them."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time, home, send_home
from andon.agents.supply import Scorecards
from andon.agents.tables import DONE, INCIDENTS, PARTITION_STATE, PARTITIONS, SHIPMENTS
from andon.planning.supply import shipment as shipments
from andon.planning.supply.delay_distribution import expected_days, spread
from andon.planning.supply.disruption import in_force
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.order_message import take_off
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.orders import OrderEvent
from andon.schemas.shipments import ShipmentEvent
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

_SOURCE = "shipments"
_DAY = 86400.0
#: A promise is kept until its day is over: whether it was is for silence to find out.
_SAME_DAY = 0.5
#: How long a shipment that is done is kept at hand, in case more news of it come.
_REMEMBERED_SECONDS = 30 * _DAY
#: How long it is known at all: news from before are of no shipment that anybody still has to do with.
_KNOWN_SECONDS = 1_100 * _DAY
#: So many of those put away are looked at in one go, the longest there first.
_LOOKED_AT = 5_000

#: Applies one piece of news: shipment, news, event time, the wide disruptions in force -> outcome.
Act = Callable[[Shipment, Any, float, Disruptions], str]
#: Says why news cannot be taken, in a word and in a sentence, or None: of the shipment as it is, None if there is none yet.
WhyRefused = Callable[[Shipment | None, Any], tuple[str, str] | None]


def delay_multiplier_of(scorecards: Scorecards, shipment: Shipment) -> float:
    """Return what reports about a shipment's carrier, or else its supplier, have been worth."""
    return scorecards.delay_multiplier(
        f"carrier/{shipment.carrier}", f"supplier/{shipment.supplier}"
    )


def expect(
    scorecards: Scorecards,
    shipment: Shipment,
    at: float,
    event: ShipmentEvent | OrderEvent | None = None,
) -> None:
    """Set when a shipment is expected by the habit of its way, given that it is not there at `at` (seconds since 1970).

    `event` is news of it that are yet to be applied. The spread is at least a day.
    """
    way: list[str | None] = [
        getattr(shipment, name) or getattr(event, name, None)
        for name in ("supplier", "lane", "carrier", "mode")
    ]
    delays = scorecards.delays(*way)
    promised = shipment.promised
    if event is not None and event.promised_at is not None:
        promised = event.promised_at.timestamp()
    if promised is not None:
        elapsed_days = min((max(at, shipment.at) - promised) / _DAY, -_SAME_DAY)
        shipment.habit_days = expected_days(delays, elapsed_days)
    shipment.spread_days = max(spread(delays), 1.0)


def forget_old(shard: Shard) -> int:
    """Remove shipments long done and disruptions long ended, with their alerts; return how many."""
    partition_state = shard.get(PARTITIONS, PARTITION_STATE)
    horizon = partition_state.watermark - _REMEMBERED_SECONDS
    old = [
        key
        for key, shipment in shard.tables[SHIPMENTS].items()
        if not shipment.is_open and shipment.at < horizon and not shipment.outbox
    ]
    done = []
    for key in old:
        shipment = shard.tables[SHIPMENTS][key]
        shipment.write_in(shard.epoch)
        if not take_off(shipment, partition_state.watermark):
            done.append(key)
    for key in done:
        _put_away(shard, key)
    for key in set(old).difference(done):
        # Once it is said that the order is on its topic no more, it is put away, too.
        shard.touch(SHIPMENTS, key)
    gone = _forget_done(shard, partition_state.watermark - _KNOWN_SECONDS)
    ended = [
        name for name, one in partition_state.disruptions.items() if not in_force(one, horizon)
    ]
    for name in ended:
        del partition_state.disruptions[name]
        partition_state.forget(name)
    if ended:
        shard.touch(PARTITIONS, PARTITION_STATE)
    calm = [
        key
        for key, incident in shard.tables[INCIDENTS].items()
        if not incident.alerts
        and not incident.outbox
        and all(one.at < horizon for one in incident.parts.values())
    ]
    for key in calm:
        shard.delete(INCIDENTS, key)
    return len(done) + len(ended) + len(calm) + gone


def _put_away(shard: Shard, key: str) -> None:
    """Keep of a shipment long done what its news say, where nobody looks unless there are more of them."""
    shipment = shard.tables[SHIPMENTS][key]
    shipment.delays, shipment.exact, shipment.recent = {}, [], b""
    shard.tables[DONE][key] = shipment
    shard.touch(DONE, key)
    shard.delete(SHIPMENTS, key)


def _forget_done(shard: Shard, horizon: float) -> int:
    """Forget the shipments put away of which there were no news since `horizon` (seconds since 1970); return how many."""
    done = shard.tables[DONE]
    gone = [key for key in islice(done.resting(), _LOOKED_AT) if done.peek(key).at < horizon]
    for key in gone:
        shard.delete(DONE, key)
    return len(gone)


def recall(shard: Shard, key: str) -> bool:
    """Have a shipment at hand if it is known, however long it has been done; return whether it is."""
    if key in shard.tables[SHIPMENTS]:
        return True
    done = shard.tables[DONE].peek(key)
    if done is None:
        return False
    shard.tables[SHIPMENTS][key] = msgspec.msgpack.decode(
        msgspec.msgpack.encode(done), type=Shipment
    )
    shard.touch(SHIPMENTS, key)
    return True


def news_agent(
    context: Context,
    kind: type[Any],
    source: str,
    act: Act,
    *,
    key_of: Callable[[Any], str],
    why_refused: WhyRefused,
) -> Apply:
    """Return what applies a batch of news of one source to the shipments, and orders, of their numbers.

    Args:
        context: rules, metrics, scorecards.
        kind: of the news.
        source: under which a shipment notes how far it has applied them.
        act: applies one piece of news.
        key_of: the number that it is about.
        why_refused: says why one cannot be taken, before it is applied.
    """
    rules = context.rules
    decoder = msgspec.json.Decoder(kind)

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        wide = Disruptions(partition_state.disruptions)
        for record, event, at in events(shard, batch, decoder, rules, effects, counts):
            key = key_of(event)
            if not recall(shard, key):
                if home(key, rules.partitions) != shard.partition:
                    send_home(record, key, rules, effects, counts)
                    continue
                if at < partition_state.watermark - _KNOWN_SECONDS:
                    # It was forgotten, or is as old as what was: its news may be sent again however late.
                    counts["stale"] += 1
                    continue
            if shard.is_saying(SHIPMENTS, key):
                effects.leave(record.offset)
                break
            refused = why_refused(shard.tables[SHIPMENTS].get(key), event)
            if refused is not None:
                effects.reject(record, *refused)
                counts["rejected"] += 1
                continue
            shipment = shard.get(SHIPMENTS, key)
            if not first_time(shipment.applied, record, source):
                counts["duplicate"] += 1
                continue
            shipment.write_in(shard.epoch)
            counts[act(shipment, event, at, wide)] += 1
            shard.touch(SHIPMENTS, key, record.timestamp / 1000)
        outcomes.report()

    return apply


def shipment_agent(context: Context) -> Apply:
    """Return what applies a batch of shipment events."""

    def act(shipment: Shipment, event: ShipmentEvent, at: float, wide: Disruptions) -> str:
        expect(context.scorecards, shipment, at, event)
        return shipments.apply_event(
            shipment,
            event,
            at,
            xxh3_64_digest(event.event_id.encode()),
            wide,
            delay_multiplier=delay_multiplier_of(context.scorecards, shipment),
        )

    def why_refused(shipment: Shipment | None, event: ShipmentEvent) -> tuple[str, str] | None:
        too_large = shipments.outgrown(shipment, event)
        return None if too_large is None else ("too_large", too_large)

    return news_agent(
        context,
        ShipmentEvent,
        _SOURCE,
        act,
        key_of=lambda event: event.shipment_id,
        why_refused=why_refused,
    )
