"""What time alone makes somebody say: a snooze that ends, an order that should have been seen."""

import pytest
from support.batches import Bench
from support.ports import DAY, NOW, Port, names_here, skus_here

from andon.agents.acks import ack_agent
from andon.agents.impacts import impact_agent
from andon.agents.tables import TABLES
from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.streams.state import Codec, Shard

HOUR = 3600.0


def alerts_of(said):
    return [
        decode(one.body, Alert) for one in said if one.family in ("replenishment", "disruptions")
    ]


def ack(port, alert_id, action="snoozed", at=NOW, **fields):
    event = Ack(
        event_id=f"{alert_id}-{action}-{at}",
        occurred_at=utc(at),
        alert_id=alert_id,
        action=action,
        **fields,
    )
    port.feed("acks", ack_agent, event, alert_id.encode())


def look(port, at):
    """Let event time come as far as `at`; return what is said but for how soon the item runs out by then."""
    port.here.see(at)
    port.look()
    return [one for one in alerts_of(port.hear()) if one.kind != "stockout_risk"]


def test_a_snoozed_alert_of_an_item_speaks_at_its_time_though_nothing_happens_to_the_item():
    port = Port()
    (sku,) = skus_here(1)
    port.item(sku, 3)
    (opened,) = [one for one in alerts_of(port.hear()) if one.kind == "replenish"]
    ack(port, opened.alert_id, snooze_until=utc(NOW + 22 * HOUR))
    port.hear()
    assert look(port, NOW + 22 * HOUR - 1) == []
    (again,) = look(port, NOW + 22 * HOUR)
    assert (again.alert_id, again.status) == (opened.alert_id, "updated")
    assert again.sentence.startswith("The snooze is over, and it still holds: Order ")
    assert look(port, NOW + 23 * HOUR) == []


def test_an_announced_order_that_is_not_seen_is_asked_for_though_nothing_happens_to_the_item():
    port = Port()
    (sku,) = skus_here(1)
    port.item(sku, 3)
    (opened,) = [one for one in alerts_of(port.hear()) if one.kind == "replenish"]
    ack(port, opened.alert_id, "ordered", quantity=500, shipment_id="PO-1")
    port.hear()
    assert look(port, NOW + 1.4 * DAY) == []
    assert [one.kind for one in look(port, NOW + 2 * DAY)] == ["unseen_order"]


def test_the_snooze_of_a_shipments_alert_ends():
    port = Port()
    (name,) = names_here(1)
    port.ship(name)
    port.close("LATE", scope=("shipment", name), delay_hours=96.0)
    opened = alerts_of(port.hear())[-1]
    ack(port, opened.alert_id, snooze_until=utc(NOW + HOUR))
    assert look(port, NOW + HOUR - 1) == []
    assert [one.alert_id for one in look(port, NOW + HOUR)] == [opened.alert_id]


def test_the_snooze_of_a_disruptions_alert_ends():
    port = Port()
    port.ship(names_here(1)[0])
    port.close(ends_at=utc(NOW + 9 * DAY))
    for one in port.impacts():
        port.feed("impacts", impact_agent, one, b"PORT")
    (opened,) = alerts_of(port.hear())
    ack(port, opened.alert_id, snooze_until=utc(NOW + HOUR))
    assert look(port, NOW + HOUR - 1) == []
    assert [one.alert_id for one in look(port, NOW + HOUR)] == [opened.alert_id]


@pytest.mark.parametrize("live", [0, 100])
def test_a_worker_that_starts_knows_what_is_due(live):
    port = Port()
    (sku,) = skus_here(1)
    port.item(sku, 3)
    (opened,) = [one for one in alerts_of(port.hear()) if one.kind == "replenish"]
    ack(port, opened.alert_id, "ordered", quantity=500, shipment_id="PO-1")
    port.hear()
    specs = {spec.name: spec for spec in TABLES}
    codec, restored = Codec(specs), Shard(port.bench.partition, specs, 2)
    for table, records in port.bench.shard.tables.items():
        for key, record in records.items():
            value = codec.encode(record, 1)
            restored.add(table, key, codec.decode(table, value), value[4:], live)
    assert restored.appointments == port.bench.shard.appointments != {}
    restarted = Port()
    restarted.bench = Bench()
    restarted.bench.shard = restored
    assert [one.kind for one in look(restarted, NOW + 2 * DAY)] == ["unseen_order"]


def test_what_is_gone_when_its_time_comes_is_passed_over():
    port = Port()
    port.bench.shard.appoint("shipments", "GONE", NOW)
    assert look(port, NOW) == []
    assert port.bench.shard.appointments == {}
