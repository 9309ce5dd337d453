"""Acknowledgements: what procurement did with an alert reaches the item or shipment that raised it."""

from collections.abc import Mapping

import msgspec
from prometheus_client import Histogram

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, first_time, home, send_home
from andon.agents.tables import SHIPMENTS
from andon.planning import position
from andon.planning.alerts import OpenAlert, parse_alert_id
from andon.planning.book import ACKS, Book
from andon.schemas.acks import Ack
from andon.streams.batches import RecordBatch
from andon.streams.engine import Apply, Effects
from andon.streams.state import Shard

#: How an acknowledgement of a shipment's alert looks on the wire, whatever its spacing.
_OF_SHIPMENT = b"late_shipment:"
_SOURCE = "acks"


def ack_agent(context: Context) -> Apply:
    """Return what applies a batch of acknowledgements, those of items and those of shipments."""
    decoder = msgspec.json.Decoder(Ack)
    answered = context.metrics.acknowledge_seconds

    def acknowledge(book: Book, ack: Ack, at: float, digest: bytes, window: int) -> str:
        del digest, window
        _time_answer(book.alerts, ack, at, answered)
        return position.acknowledge(book, ack, at)

    apply_to_books = book_agent(
        context,
        decoder,
        ACKS,
        acknowledge,
        key_of=lambda ack: parse_alert_id(ack.alert_id)[1],
        identity=lambda ack: ack.event_id,
        always_reconsider=True,
        keeps_time=False,
    )

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        shipments = [record for record in batch.records if _OF_SHIPMENT in (record.value or b"")]
        if not shipments:
            apply_to_books(shard, batch, effects)
            return
        chosen = set(map(id, shipments))
        others = [record for record in batch.records if id(record) not in chosen]
        apply_to_books(shard, batch.of(others), effects)
        _apply_to_shipments(shard, batch.of(shipments), effects, decoder, context)

    return apply


def _time_answer(alerts: Mapping[str, OpenAlert], ack: Ack, at: float, times: Histogram) -> None:
    """Count how long an alert waited for its first answer."""
    alert = next((one for one in alerts.values() if one.alert_id == ack.alert_id), None)
    if alert is not None and not alert.acknowledged and not alert.snoozed_until:
        times.labels(alert.kind).observe(max(at - alert.opened_at, 0.0))


def _apply_to_shipments(
    shard: Shard,
    batch: RecordBatch,
    effects: Effects,
    decoder: msgspec.json.Decoder[Ack],
    context: Context,
) -> None:
    rules = context.rules
    outcomes = Outcomes(batch.topic, context.metrics)
    counts = outcomes.counts
    for record, ack, at in events(batch, decoder, rules, effects, counts):
        try:
            key = parse_alert_id(ack.alert_id)[1]
        except ValueError as error:
            effects.reject(record, "unroutable", error)
            counts["rejected"] += 1
            continue
        if home(key, rules.partitions) != shard.partition:
            send_home(record, key, rules, effects, counts)
            continue
        shipment = shard.tables[SHIPMENTS].get(key)
        if shipment is None:
            counts[position.UNMATCHED] += 1
        elif not first_time(shipment.applied, record, _SOURCE):
            counts[position.DUPLICATE] += 1
        else:
            _time_answer(shipment.alerts, ack, at, context.metrics.acknowledge_seconds)
            counts[position.answer(shipment.alerts, ack)] += 1
            shard.touch(SHIPMENTS, key)
    outcomes.report()
