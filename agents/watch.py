"""The watch: what time alone brings about. Disruptions end, their impact grows or fades, shipments fall silent, snoozes end.

The clock is the partition's own event time. A look goes through the shipments and the records with an open alert, and only
while there is a disruption, so that it can be taken every second.
"""

from collections.abc import Iterable
from typing import Final

from andon.agents.appointments import keep_appointments
from andon.agents.books import reconsider
from andon.agents.context import Context
from andon.agents.shipments import delay_multiplier_of, expect
from andon.agents.tables import BOOKS, INCIDENTS, PARTITION_STATE, PARTITIONS, SHIPMENTS
from andon.planning.book.impact import impact_of
from andon.planning.book.parts import tell_parts
from andon.planning.decision.making import bom_circle_unplanned
from andon.planning.supply import shipment as shipments
from andon.planning.supply.disruption import Disruption, in_force
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.incident import end, impact_message
from andon.planning.supply.partition import Partition, Pending
from andon.planning.supply.silence import listen
from andon.planning.supply.wide_disruptions import Disruptions
from andon.streams.state import Shard

#: How far event time moves on between two looks for shipments that are overdue in silence.
_LISTEN_SECONDS: Final = 3600.0
_DAY: Final = 86400.0


def watch(shard: Shard, context: Context) -> None:
    """Let go what disruptions no longer hold, and say what those in force do here now."""
    partition_state: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    for disruption in list(partition_state.disruptions.values()):
        if disruption.is_over:
            continue
        if not in_force(disruption, partition_state.watermark):
            disruption.is_over = True
            partition_state.pending.append(
                Pending(disruption, partition_state.watermark, lines=False)
            )
            shard.touch(PARTITIONS, PARTITION_STATE)
            context.disrupted.set()
        # What there is no room for now is said at the next look.
        has_room = not shard.is_saying(PARTITIONS, PARTITION_STATE)
        if has_room and not partition_state.awaits(disruption.delay_id):
            publish_impact(shard, disruption)
    if partition_state.watermark - partition_state.checked >= _LISTEN_SECONDS:
        partition_state.checked = partition_state.watermark
        shard.touch(PARTITIONS, PARTITION_STATE)
        wide = Disruptions(partition_state.disruptions)
        for name, shipment in shard.tables[SHIPMENTS].items():
            early_days = min(shipment.habit_days, 0.0) if shipment.goes_by_promise else 0.0
            hoped = shipment.base + early_days * _DAY
            is_late = shipment.is_open and shipment.has_date and partition_state.watermark > hoped
            if is_late and not shard.is_saying(SHIPMENTS, name):
                listen_to(shard, name, shipment, wide, context)
    for name, incident in shard.tables[INCIDENTS].items():
        if end(incident, partition_state.watermark):
            shard.touch(INCIDENTS, name)
    for key in context.bills.doubts(shard.partition, context.rules.partitions):
        _make_anew(shard, context, key)
    keep_appointments(shard, context)


def _make_anew(shard: Shard, context: Context, key: str) -> None:
    """Decide anew on an item that needs other parts than before, as the bill of another item has changed."""
    here: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    book = shard.tables[BOOKS].get(key)
    if book is None or book.production is None:
        return
    # Nobody may have told the time yet.
    now = max(here.watermark, book.production.bill_at, book.item_version)
    if book.item is None:
        tell_parts(book, key, now, context.bills.known, {})
        bom_circle_unplanned(book, key, now, context.bills.known)
    else:
        supply = context.supply(here.disruptions, shard)
        reconsider(book, key, now, supply, context, 0, shard)
    shard.touch(BOOKS, key)


def listen_to(
    shard: Shard, name: str, shipment: Shipment, wide: Disruptions, context: Context
) -> None:
    """Tell the books of a shipment that is later than its way allows although nobody reported it.

    One that did not come as early as its way does is expected anew, given that it has not.
    """
    partition_state: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    delay_multiplier = delay_multiplier_of(context.scorecards, shipment)
    now_expected = shipment.arrival(wide, delay_multiplier)
    due = shipment.base if now_expected.cause is None else now_expected.expected
    missed = shipment.goes_by_promise and shipment.habit_days < 0
    if missed:
        expect(context.scorecards, shipment, partition_state.watermark)
    delays = context.scorecards.delays(
        shipment.supplier, shipment.lane, shipment.carrier, shipment.mode
    )
    silent = listen(shipment, due, delays, partition_state.watermark)
    if silent is not None:
        shipment.delays[silent.delay_id] = silent
    elif not missed and not any(alert.calm_since for alert in shipment.alerts.values()):
        return
    shipment.write_in(shard.epoch)
    shipments.publish_lines(
        shipment,
        partition_state.watermark,
        wide,
        delay_multiplier=delay_multiplier,
    )
    shard.touch(SHIPMENTS, name)


def publish_impact(
    shard: Shard,
    disruption: Disruption,
    items: int | None = None,
    caused: float = 0.0,
    *,
    decided: Iterable[str] = (),
) -> None:
    """Say what a disruption does in this partition, if that is news.

    Args:
        shard: the partition.
        disruption: which one.
        items: how many items could be bought through it; as last said if None.
        caused: the time of the record that it is said because of, seconds since 1970.
        decided: the keys of books that may have an alert which they have not spoken of yet.
    """
    partition_state: Partition = shard.get(PARTITIONS, PARTITION_STATE)
    known = partition_state.impacts.get(disruption.delay_id)
    if items is None:
        items = known.items if known is not None else 0
    books = shard.tables[BOOKS]
    impact = impact_of(
        disruption,
        shard.partition,
        max(partition_state.watermark, disruption.at),
        shipments=shard.tables[SHIPMENTS].values(),
        alerted=[
            books[key] for key in dict.fromkeys((*shard.alerting(BOOKS), *decided)) if key in books
        ],
        items=items,
    )
    if partition_state.is_news(impact):
        partition_state.say(impact)
        partition_state.outbox.append(impact_message(impact))
        shard.touch(PARTITIONS, PARTITION_STATE, caused)
