"""Acknowledgements: what procurement did with an alert reaches the item, shipment, disruption or scorecard that raised it."""

from collections.abc import Mapping
from typing import Final

import msgspec
from prometheus_client import Histogram

from andon.agents.books import book_agent
from andon.agents.context import Context
from andon.agents.frame import FAILURES, Outcomes, events, first_time, home, send_home
from andon.agents.tables import (
    INCIDENTS,
    LOOPS,
    PARTITION_STATE,
    PARTITIONS,
    PRODUCTION,
    SCORECARDS,
    SHIPMENTS,
)
from andon.planning.alerting.alerts import OpenAlert, parse_alert_id, wakes_at
from andon.planning.book import position
from andon.planning.book.answers import acknowledge, mark
from andon.planning.book.book import ACKS, Book
from andon.planning.book.memory import Blocks
from andon.schemas.acks import Ack
from andon.streams.batches import FetchedRecord, RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

#: Where an alert lives that is not an item's, by its kind.
_KEPT_IN: Final = {
    "late_shipment": SHIPMENTS,
    "silent_delay": SHIPMENTS,
    "disruption": INCIDENTS,
    "supplier_slipping": SCORECARDS,
    "line_stop": PRODUCTION,
    "kanban_pull": LOOPS,
    "kanban_cards": LOOPS,
    "lost_card": LOOPS,
}
_SOURCE = "acks"


def ack_agent(context: Context) -> Apply:
    """Return what applies a batch of acknowledgements, those of items and those of the network."""
    decoder = msgspec.json.Decoder(Ack)
    answered = context.metrics.acknowledge_seconds

    def apply_ack(book: Book, ack: Ack, at: float, digest: bytes, blocks: Blocks) -> str:
        del digest, blocks
        _time_answer(book.alerts, ack, at, answered)
        return acknowledge(book, ack, at)

    apply_to_books = book_agent(
        context,
        decoder,
        ACKS,
        apply_ack,
        key_of=lambda ack: parse_alert_id(ack.alert_id)[1],
        identity=lambda ack: ack.event_id,
        always_reconsider=True,
        keeps_time=False,
    )

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        network = [record for record in batch.records if _is_of_network(record)]
        if not network:
            apply_to_books(shard, batch, effects)
            return
        chosen = set(map(id, network))
        others = [record for record in batch.records if id(record) not in chosen]
        apply_to_books(shard, batch.of(others), effects)
        _apply_to_network(shard, batch.of(network), effects, decoder, context)

    return apply


class _Named(msgspec.Struct):
    """What an acknowledgement is about."""

    alert_id: str


_name_of: Final = msgspec.json.Decoder(_Named).decode


def _is_of_network(record: FetchedRecord) -> bool:
    """Whether a record acknowledges an alert that is not an item's; what cannot be read is left to the books' agent."""
    try:
        return _name_of(record.value or b"").alert_id.partition(":")[0] in _KEPT_IN
    except FAILURES:
        return False


def _time_answer(alerts: Mapping[str, OpenAlert], ack: Ack, at: float, times: Histogram) -> None:
    """Count how long an alert waited for its first answer."""
    alert = next((one for one in alerts.values() if one.alert_id == ack.alert_id), None)
    if alert is not None and not alert.acknowledged and not alert.answered_at:
        times.labels(alert.kind).observe(max(at - alert.opened_at, 0.0))


def _apply_to_network(
    shard: Shard,
    batch: RecordBatch,
    effects: Effects,
    decoder: msgspec.json.Decoder[Ack],
    context: Context,
) -> None:
    rules = context.rules
    outcomes = Outcomes(batch.topic, context.metrics)
    counts = outcomes.counts
    for record, ack, at in events(shard, batch, decoder, rules, effects, counts):
        try:
            kind, key, _ = parse_alert_id(ack.alert_id)
            table = _KEPT_IN[kind]
        except (KeyError, ValueError) as error:
            effects.reject(record, "unroutable", error)
            counts["rejected"] += 1
            continue
        if home(key, rules.partitions) != shard.partition:
            send_home(record, key, rules, effects, counts)
            continue
        keeper = shard.tables[table].get(key)
        if keeper is None:
            counts[position.UNMATCHED] += 1
        elif not first_time(keeper.applied, record, _SOURCE):
            counts[position.DUPLICATE] += 1
        else:
            _time_answer(keeper.alerts, ack, at, context.metrics.acknowledge_seconds)
            counts[mark(keeper.alerts, keeper.outbox, ack)] += 1
            now = shard.get(PARTITIONS, PARTITION_STATE).watermark
            shard.appoint(table, key, wakes_at(keeper.alerts, now))
            shard.touch(table, key)
    outcomes.report()
