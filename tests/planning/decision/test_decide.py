"""Decisions about one item, told as stories in event time."""

import random

import msgspec
import pytest
from support.stories import DAY, KEY, START, Story, SupplyNetwork

from andon.planning.alerting.alerts import alert_id, parse_alert_id, severity_of
from andon.planning.book import position
from andon.planning.book.book import Book
from andon.planning.decision import decide
from andon.planning.decision.situation import situation_of
from andon.planning.demand import demand as demands
from andon.planning.supply.disruption import Disruption
from andon.schemas.common import decode, utc
from andon.schemas.forecasts import Forecast


def test_enough_stock_says_nothing():
    story = Story(stock=150)
    story.days(3)
    assert story.alerts() == []


def test_falling_to_the_reorder_point_asks_for_an_order_and_ordering_closes_it():
    story = Story(stock=100)
    story.days(5)
    opened = story.alerts("replenish")[0]
    assert opened.status == "opened"
    assert opened.supplier == "ACME"
    assert opened.numbers["inventory_position"] <= opened.numbers["reorder_point"]
    assert opened.sentence.startswith(f"Order {opened.order_quantity} units of A for S from ACME")
    story.ack(opened, "ordered", quantity=opened.order_quantity)
    closed = story.alerts("replenish")[-1]
    assert (closed.status, closed.resolution, closed.alert_id) == (
        "resolved",
        "ordered",
        opened.alert_id,
    )


def test_an_order_that_is_on_its_way_is_not_asked_for_again():
    story = Story(stock=90)
    story.days(3)
    opened = story.alerts("replenish")[0]
    story.line("PO", 1, quantity=opened.order_quantity, days=5, alert_id=opened.alert_id)
    before = len(story.alerts("replenish"))
    story.days(3)
    assert len(story.alerts("replenish")) == before


def test_an_alert_nobody_answers_is_not_repeated_with_every_sale():
    story = Story(stock=100)
    story.days(9)
    alerts = story.alerts("replenish")
    assert [one.status for one in alerts].count("opened") == 1
    assert len(alerts) <= 8
    assert len({one.event_id for one in alerts}) == len(alerts)


@pytest.mark.parametrize(("action", "fields"), [("acknowledged", {}), ("snoozed", {})])
def test_an_answered_alert_keeps_quiet_unless_it_gets_worse(action, fields):
    story = Story(stock=100)
    story.days(4)
    opened = story.alerts("replenish")[0]
    if action == "snoozed":
        fields = {"snooze_until": utc(story.now + 30 * DAY)}
    story.ack(opened, action, **fields)
    before = len(story.alerts("replenish"))
    story.days(2)
    after = story.alerts("replenish")[before:]
    assert all(one.severity != opened.severity for one in after)


def test_a_delay_brings_a_dated_costed_stockout_alert_with_ways_out_and_no_second_order():
    story = Story(stock=60, order_cost=0.0)
    story.line("PO", 1, quantity=200, days=4, supplier="ACME", promised_at=utc(START + 4 * DAY))
    story.days(1)
    assert story.alerts("stockout_risk") == []
    position_before = story.book.inventory_position
    story.line(
        "PO",
        2,
        quantity=200,
        days=9,
        supplier="ACME",
        promised_at=utc(START + 4 * DAY),
        cause="STRIKE",
        reason="port strike",
    )
    alert = story.alerts("stockout_risk")[-1]
    assert alert.status == "opened"
    assert alert.cause == "STRIKE"
    assert START + 4 * DAY < alert.stockout_p50.timestamp() < START + 8 * DAY
    assert alert.value_at_risk > 0
    assert "port strike" in alert.sentence
    assert alert.alternatives[0].supplier == "FAST"
    assert alert.alternatives[0].saves > 0
    assert [one.expected_cost for one in alert.alternatives] == sorted(
        one.expected_cost for one in alert.alternatives
    )
    assert story.book.inventory_position == position_before
    assert story.alerts("replenish")[-1].status == "resolved"
    assert 0 < alert.bridge_quantity < 200


def test_what_comes_too_late_more_likely_than_not_is_called_no_way_out():
    said = set()
    for stock in range(12, 60, 3):
        story = Story(stock=stock, order_cost=0.0)
        story.line("PO", 1, quantity=200, days=9, promised_at=utc(START + 2 * DAY), cause="D")
        for alert in story.alerts("stockout_risk"):
            if alert.status == "resolved" or alert.alternatives[0].kind == "wait":
                continue
            is_late = alert.alternatives[0].probability_too_late > 0.5
            assert ("Best way out" in alert.sentence) is not is_late
            assert ("Nothing is likely to come in time" in alert.sentence) is is_late
            said.add(is_late)
    assert said == {False, True}


def test_goods_that_should_have_come_are_not_said_to_come_in_the_past():
    story = Story(stock=30, order_cost=0.0)
    story.line("PO", 1, quantity=200, days=2, supplier="ACME", promised_at=utc(START + 2 * DAY))
    story.days(4)
    assert "200 units from ACME were due Sun 06 Oct 00:00 and have not come (late)" in (
        story.alerts("stockout_risk")[-1].sentence
    )


def test_an_early_arrival_resolves_the_risk():
    story = Story(stock=40, order_cost=0.0)
    story.line("PO", 1, quantity=200, days=9, promised_at=utc(START + 2 * DAY), cause="D")
    opened = story.alerts("stockout_risk")[-1]
    story.now += 3600
    story.line("PO", 2, quantity=200, days=0, received=200, status="received")
    resolved = story.alerts("stockout_risk")[-1]
    assert (resolved.status, resolved.alert_id) == ("resolved", opened.alert_id)


def test_a_flapping_report_does_not_flap_the_alert():
    story = Story(stock=45, order_cost=0.0)
    for version in range(1, 21):
        days = 6.0 + 0.2 * (version % 2)
        story.line("PO", version, quantity=200, days=days, promised_at=utc(START), cause="D")
    assert len(story.alerts("stockout_risk")) <= 2


def test_a_closed_lane_makes_its_source_a_poor_way_out():
    closed = Disruption("D", "lane", "L1", START, ends=START + 20 * DAY, starts=START)
    story = Story(stock=12, supply=SupplyNetwork(closed))
    story.days(1)
    assert story.alerts("replenish")[-1].supplier == "FAST"
    alternatives = story.alerts("stockout_risk")[-1].alternatives
    acme = next((option for option in alternatives if option.supplier == "ACME"), None)
    assert acme is None or acme.arrives_p50.timestamp() > START + 20 * DAY


def test_the_dial_decides_how_early_somebody_is_called():
    opened = {}
    for service_class in ("lean", "balanced", "critical"):
        story = Story(stock=150, service_class=service_class)
        story.days(12)
        opened[service_class] = story.alerts("replenish")[0].opened_at
    assert opened["critical"] < opened["balanced"] < opened["lean"]


def test_a_spike_is_called_a_spike_once_and_ends_with_its_day():
    story = Story(stock=5000, order_cost=50.0)
    chance = random.Random(1)
    for _ in range(20):
        story.days(1, chance.randint(8, 12))
    story.days(1, 60)
    spikes = story.alerts("demand_spike")
    assert spikes[0].status == "opened"
    assert len(spikes) <= 4
    story.days(2, 10)
    assert story.alerts("demand_spike")[-1].status == "resolved"


def test_a_book_below_nothing_is_called_out_and_a_count_settles_it():
    story = Story(stock=5)
    story.days(2)
    assert story.alerts("book_mismatch")[0].status == "opened"
    story.now += 3600
    story.count(40)
    story.count(40)
    assert story.alerts("book_mismatch")[-1].status == "resolved"


def test_stock_for_years_is_overstock_with_its_money():
    story = Story(stock=5000, unit_cost=2.0, unit_price=None)
    story.days(20)
    alert = story.alerts("overstock")[0]
    assert "will not sell within" in alert.sentence
    assert alert.numbers["days_of_supply"] > 300


def test_each_closed_day_brings_a_forecast():
    story = Story(stock=500)
    story.days(15)
    forecasts = [decode(one.body, Forecast) for one in story.said if one.family == "forecasts"]
    assert len(forecasts) >= 13
    newest = forecasts[-1]
    assert newest.level == pytest.approx(10, rel=0.1)
    assert newest.quantiles["0.1"] <= newest.quantiles["0.5"] <= newest.quantiles["0.98"]
    assert len(newest.daily_mean) == 28


def test_an_item_that_was_never_counted_is_not_ordered_for():
    story = Story(stock=100)
    story.book = Book()
    position.set_item(story.book, story.item, story.item.at)
    story.days(3)
    assert story.alerts() == []


def test_an_item_without_master_data_is_kept_but_not_decided_about():
    with pytest.raises(ValueError, match="S/A"):
        situation_of(Book(), KEY, START, SupplyNetwork())


def test_the_same_events_say_the_same():
    def publish_lines():
        story = Story(stock=120)
        chance = random.Random(9)
        for _ in range(40):
            story.days(1, chance.randint(5, 15))
            if chance.random() < 0.2:
                story.line(f"PO{story.number}", 1, quantity=60, days=chance.uniform(1, 9))
        return [(one.event_id, one.body) for one in story.said]

    assert publish_lines() == publish_lines()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("replenish:S/A:3", ("replenish", "S/A", 3)),
        ("late_shipment:PO:7:1", ("late_shipment", "PO:7", 1)),
    ],
)
def test_an_alert_id_names_kind_key_and_episode(text, parts):
    assert parse_alert_id(text) == parts
    assert alert_id(*parts) == text


@pytest.mark.parametrize("text", ["", "replenish", "replenish:S/A", "replenish:S/A:x", "::"])
def test_what_is_no_alert_id_is_refused(text):
    with pytest.raises(ValueError, match="alert_id"):
        parse_alert_id(text)


@pytest.mark.parametrize(
    ("value", "hours", "critical", "expected"),
    [
        (4, 10, False, "critical"),
        (0.2, 10, False, "warning"),
        (4, 100, False, "warning"),
        (4, 100, True, "critical"),
        (4, 500, False, "info"),
        (4, None, False, "info"),
    ],
)
def test_severity_follows_days_of_sales_and_time(value, hours, critical, expected):
    assert severity_of(value, hours, critical=critical) == expected


def run_down(story):
    item = msgspec.structs.replace(story.item, lifecycle="run_down")
    position.set_item(story.book, item, item.at)
    story.item = item


def test_an_item_that_is_run_down_asks_for_nothing_however_little_is_left():
    story = Story(stock=200, lifecycle="run_down")
    story.days(20)
    assert story.book.on_hand == 0
    assert story.alerts("replenish") == story.alerts("stockout_risk") == []


def test_what_asked_for_an_order_is_settled_when_the_item_is_run_down():
    story = Story(stock=5)
    assert set(story.book.alerts) >= {"replenish", "stockout_risk"}
    run_down(story)
    story.sell(1)
    story.count(3)
    assert not {"replenish", "stockout_risk"} & set(story.book.alerts)
    (last,) = (one for one in story.alerts("replenish") if one.status == "resolved")
    assert last.resolution == "run down"
    assert "no more is ordered" in last.sentence


def test_years_of_days_are_closed_a_hundred_at_a_time_to_the_same_end():
    """An item whose sales of three years came in one go: no look at it costs more than a hundred days."""
    at_once, bit_by_bit = Book(), Book()
    for book in (at_once, bit_by_bit):
        for day in range(20_000, 21_000):
            demands.record(book.demand, day, day % 7)
    demands.close_through(at_once.demand, 20_999)
    looks = []
    while not looks or looks[-1]:
        looks.append(decide.advance(bit_by_bit, 21_000 * DAY, 0.0))
    assert looks == [100] * 10 + [0]
    assert bit_by_bit.clock == 21_000 * DAY
    assert bit_by_bit.demand == at_once.demand


@pytest.mark.parametrize("lifecycle", ["run_down", None])
def test_what_is_over_for_good_ends_at_once_though_it_flapped(lifecycle):
    story = Story(stock=0)
    story.look()
    story.book.alerts["stockout_risk"].flaps = True
    if lifecycle is None:
        decide.retire(story.book, "S/A", story.now)
    else:
        story.book.item = msgspec.structs.replace(story.item, lifecycle=lifecycle)
        story.look()
    assert "stockout_risk" not in story.book.alerts
