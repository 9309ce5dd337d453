"""What time alone brings about in a partition, and what a wide disruption is told as."""

from support.ports import DAY, NOW, Port, names_here, skus_here

from andon.agents.books import reconsider
from andon.agents.impacts import impact_agent
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, encode, utc
from andon.schemas.impacts import Impact
from andon.schemas.scorecards import Scorecard
from andon.schemas.shipments import LineUpdate


def test_a_closed_lane_is_one_impact_and_only_what_runs_out_has_an_alert():
    port = Port()
    skus = skus_here(30)
    for place, sku in enumerate(skus):
        port.item(sku, 20 if place < 3 else 5000)
    for name in names_here(8):
        port.ship(name)
    port.hear()
    port.close(ends_at=utc(NOW + 9 * DAY))
    port.watch()
    said = port.hear()
    alerts = [decode(one.body, Alert) for one in said if one.family == "disruptions"]
    assert {one.kind for one in alerts} == {"stockout_risk"}
    assert {one.sku for one in alerts} == set(skus[:3])
    parent = port.here.disruptions["PORT"].parent_id
    assert {one.parent_id for one in alerts} == {parent}
    port.watch()
    last = ([decode(one.body, Impact) for one in said if one.family == "impacts"] + port.impacts())[
        -1
    ]
    assert (last.shipments, last.lines, last.items, last.at_risk) == (8, 8, 30, 3)
    assert last.value_at_risk["EUR"] > 0
    port.watch()
    assert port.impacts() == []


def test_the_most_urgent_is_said_first():
    port = Port()
    skus = skus_here(3)
    for sku, stock in zip(skus, (30, 10, 20), strict=True):
        port.item(sku, stock)
    port.hear()
    port.bench.shard.pending_outboxes.clear()
    port.close(ends_at=utc(NOW + 9 * DAY))
    spoken = [key for table, key in port.bench.shard.pending_outboxes if table == "books"]
    assert spoken == [f"S/{skus[place]}" for place in (1, 2, 0)]


def test_an_end_that_passes_in_event_time_releases_future_orders_and_says_so():
    port = Port()
    (sku,) = skus_here(1)
    port.item(sku, 300)
    port.close(ends_at=utc(NOW + 2 * DAY))
    book = port.bench.shard.tables["books"][f"S/{sku}"]
    supply = port.bench.context.supply(port.here.disruptions, port.bench.shard)
    port.here.see(NOW + DAY)
    book.on_hand = 40
    reconsider(book, f"S/{sku}", NOW + DAY, supply, port.bench.context)
    opened = book.alerts["stockout_risk"]
    assert opened.cause == "PORT"
    port.watch()
    port.hear()
    port.here.see(NOW + 2 * DAY)
    book.on_hand = 60
    port.watch()
    said = port.hear()
    (over,) = [decode(one.body, Impact) for one in said if one.family == "impacts"]
    assert over.over
    statuses = [decode(one.body, Alert).status for one in said if b"stockout_risk" in one.body]
    assert statuses == ["resolved"]
    port.watch()
    assert port.impacts() == []


def test_a_second_report_is_the_same_disruption_and_a_lifted_one_is_over():
    port = Port()
    port.ship(names_here(1)[0])
    port.close(ends_at=utc(NOW + 9 * DAY))
    parent = port.here.disruptions["PORT"].parent_id
    port.close(at=NOW + 60, ends_at=utc(NOW + 12 * DAY))
    assert port.here.disruptions["PORT"].parent_id == parent
    assert port.impacts()[-1].ends_at == utc(NOW + 12 * DAY)
    port.close(at=NOW + 120, status="ended")
    assert port.impacts()[-1].over
    assert port.here.impacts == {}


def test_impacts_open_and_close_the_one_alert_of_the_disruption():
    port = Port()
    port.ship(names_here(1)[0])
    port.close(ends_at=utc(NOW + 9 * DAY))
    port.close(at=NOW + 120, status="ended")
    for one in port.impacts():
        port.feed("impacts", impact_agent, one, b"PORT")
    alerts = [decode(one.body, Alert) for one in port.hear()]
    assert [(one.kind, one.status) for one in alerts] == [
        ("disruption", "opened"),
        ("disruption", "resolved"),
    ]
    assert alerts[0].alert_id == f"disruption:PORT:{int(NOW)}"


def test_a_shipment_is_missed_as_event_time_moves_on():
    port = Port()
    (name,) = names_here(1)
    port.ship(name)
    port.here.see(NOW + 3 * DAY)
    port.watch()
    assert [one for one in port.hear() if b"silent_delay" in one.body] == []
    port.here.see(NOW + 12 * DAY)
    port.watch()
    (said,) = [one for one in port.hear() if b"silent_delay:" in one.body]
    assert decode(said.body, Alert).shipment_id == name
    port.watch()
    assert port.hear() == []


def test_what_its_way_has_needed_gives_a_shipment_more_time():
    port = Port()
    (name,) = names_here(1)
    port.ship(name)
    card = Scorecard(
        type="lane",
        name="L1",
        updated_at=utc(NOW),
        deliveries=50,
        lead_time_mean_days=9.0,
        lead_time_sd_days=6.0,
        lead_time_p50_days=7.0,
        lead_time_p90_days=20.0,
        delay_counts={"0": 10.0, "14": 30.0},
    )
    port.bench.context.scorecards.learn(b"lane/L1", encode(card))
    port.here.see(NOW + 12 * DAY)
    port.watch()
    assert [one for one in port.hear() if b"silent_delay" in one.body] == []


def test_a_way_that_comes_early_is_counted_on_early_until_it_does_not():
    port = Port()
    (name,) = names_here(1)
    card = Scorecard(
        type="supplier",
        name="X",
        updated_at=utc(NOW),
        deliveries=90,
        lead_time_mean_days=9.0,
        lead_time_sd_days=6.0,
        lead_time_p50_days=7.0,
        lead_time_p90_days=20.0,
        delay_counts={"-17": 60.0, "0": 30.0},
    )
    port.bench.context.scorecards.learn(b"supplier/X", encode(card))
    promised = NOW + 40 * DAY
    port.ship(name, promised_at=utc(promised))

    def expected():
        return [
            decode(one.body, LineUpdate).expected_at for one in port.hear() if one.family == "lines"
        ]

    assert expected() == [utc(promised - 17 * DAY)]
    for days, told in ((22, []), (23.5, [utc(promised)]), (30, [])):
        port.here.see(NOW + days * DAY)
        port.look()
        assert expected() == told


def test_a_shipment_without_a_date_cannot_be_overdue():
    port = Port()
    (name,) = names_here(1)
    port.ship(name, promised_at=None)
    port.here.see(NOW + 90 * DAY)
    port.watch()
    assert [one for one in port.hear() if b"silent_delay" in one.body] == []
