"""What is counted of the books: as days close, and by looking at each of them."""

import asyncio

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.batches import Bench
from support.stories import DAY, START, Story

from andon.agents.acks import ack_agent
from andon.agents.census import Census
from andon.agents.ledger import close_days
from andon.agents.tables import BOOKS
from andon.planning.alerting.alerts import OpenAlert
from andon.schemas.acks import Ack
from andon.schemas.common import encode, utc
from andon.schemas.scorecards import Scorecard
from andon.streams.state import Shards

EUR = {"location": "S", "class": "balanced", "currency": "EUR"}


def value(bench, name, **labels):
    """Return a sample as Prometheus would read it, or None."""
    text = bench.context.metrics.exposition().decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if (sample.name, sample.labels) == (name, labels):
                return sample.value
    return None


class Engine:
    """The shards of a worker, and whether they still are its own."""

    def __init__(self, bench):
        self.generation = 1
        self.shards = Shards(tuple(bench.shard.specs.values()))
        self.shards.owned[bench.partition] = bench.shard


def put(bench, key="S/A", **fields):
    """Put a book into the shard that sells about ten a day."""
    story = Story(**fields)
    bench.shard.tables[BOOKS][key] = story.book
    return story


def look(bench, engine=None, rest=None):
    async def no_rest(_):
        await asyncio.sleep(0)

    census = Census(bench.context.metrics, bench.context.scorecards, 28)
    asyncio.run(census.look(engine or Engine(bench), rest or no_rest))
    return census


def test_a_look_says_how_things_stand_by_location_and_class():
    bench = Bench()
    put(bench, unit_cost=2.0, stock=100)
    put(bench, "S/B", unit_cost=2.0, stock=0)
    put(bench, "S/C", unit_cost=2.0, stock=10, service_class="critical")

    look(bench)

    place = {"location": "S", "class": "balanced"}
    assert value(bench, "andon_items", **place) == 2
    assert value(bench, "andon_items_out_of_stock", **place) == 1
    assert value(bench, "andon_stock_value", **EUR) == 200
    assert value(bench, "andon_expected_daily_demand_value", **EUR) == pytest.approx(2 * 10 * 2)
    assert value(bench, "andon_items", location="S", **{"class": "critical"}) == 1


def test_the_just_in_case_policy_holds_its_days_and_half_a_cycle():
    bench = Bench()
    story = put(bench, unit_cost=2.0)
    cycle = story.book.targets.cycle_days

    look(bench)

    expected = 10 * (28 + cycle / 2) * 2.0
    assert value(bench, "andon_just_in_case_stock_value", **EUR) == pytest.approx(expected)


def test_open_alerts_count_as_risk_and_as_something_to_order_until_answered():
    bench = Bench()
    book = put(bench).book
    book.alerts = {
        "stockout_risk": OpenAlert("a", "stockout_risk", "warning", START, START, 120.0),
        "replenish": OpenAlert("b", "replenish", "warning", START, START, 7.0),
    }
    look(bench)
    place = {"location": "S", "class": "balanced"}
    assert value(bench, "andon_items_at_risk", **place) == 1
    assert value(bench, "andon_value_at_risk", **EUR) == 120
    assert value(bench, "andon_items_to_order", **place) == 1

    book.alerts["replenish"].acknowledged = True
    look(bench)
    assert value(bench, "andon_items_to_order", **place) == 0


def test_what_is_suggested_in_shadow_waits_for_nobody():
    bench = Bench()
    alert = OpenAlert("b", "replenish", "warning", START, START, 7.0, stage="shadow")
    put(bench).book.alerts = {"replenish": alert}
    look(bench)
    assert value(bench, "andon_items_to_order", location="S", **{"class": "balanced"}) == 0


def test_a_look_during_which_partitions_move_changes_nothing():
    bench = Bench()
    put(bench)
    engine = Engine(bench)
    for number in range(500):
        bench.shard.tables[BOOKS][f"S/{number}"] = Story().book

    async def move(_):
        engine.generation += 1

    look(bench, engine, move)
    assert value(bench, "andon_items", location="S", **{"class": "balanced"}) is None


def test_a_partition_that_went_away_is_counted_no_longer():
    bench = Bench()
    put(bench)
    engine = Engine(bench)
    census = look(bench, engine)
    engine.shards.owned.clear()
    asyncio.run(census.look(engine, asyncio.sleep))
    assert value(bench, "andon_items", location="S", **{"class": "balanced"}) is None


def test_only_the_suppliers_with_the_most_deliveries_are_named():
    bench = Bench()
    for number in range(30):
        card = Scorecard(
            type="supplier",
            name=f"N{number:02}",
            updated_at=utc(START),
            deliveries=number,
            lead_time_mean_days=2.0,
            lead_time_sd_days=1.0,
            lead_time_p50_days=2.0,
            lead_time_p90_days=3.0,
            punctuality=0.5,
            mean_delay_days=0.25,
        )
        bench.context.scorecards.learn(f"supplier/N{number:02}".encode(), encode(card))
    look(bench)
    text = bench.context.metrics.exposition().decode()
    assert text.count("andon_supplier_on_time_ratio{") == 20
    assert value(bench, "andon_supplier_delay_seconds", supplier="N29") == 0.25 * DAY
    assert value(bench, "andon_supplier_deliveries", supplier="N09") is None


def test_a_closed_day_is_counted_where_it_happened():
    bench = Bench()
    story = Story(unit_cost=2.0, stock=20)
    story.book.clock = START
    story.sell(5)
    figures = bench.context.metrics.business

    close_days(story.book, "S/A", START + DAY, 0.0, figures)

    place = {"location": "S", "class": "balanced"}
    assert value(bench, "andon_item_days_total", **place) == 1
    assert value(bench, "andon_units_sold_total", **place) == 5
    assert value(bench, "andon_sold_value_total", **EUR) == 10
    assert value(bench, "andon_stock_value_days_total", **EUR) == 30
    assert value(bench, "andon_holding_cost_total", **EUR) == pytest.approx(30 * 0.25 / 365.25)


def test_a_book_without_master_data_counts_as_unplanned_and_has_no_money():
    bench = Bench()
    story = Story()
    story.book.clock = START
    story.book.item = None
    close_days(story.book, "S/A", START + DAY, 0.0, bench.context.metrics.business)
    assert value(bench, "andon_item_days_total", location="S", **{"class": "unplanned"}) == 1
    assert value(bench, "andon_stock_value_days_total", **EUR) is None


def test_the_time_to_the_first_answer_is_counted_once():
    bench = Bench()
    book = put(bench).book
    alert_id = "replenish:S/A:1"
    book.alerts["replenish"] = OpenAlert(alert_id, "replenish", "warning", START, START, 7.0)
    agent = ack_agent(bench.context)
    for number, hours in enumerate((2, 5)):
        at = START + hours * 3600
        ack = Ack(
            event_id=f"a{number}", occurred_at=utc(at), alert_id=alert_id, action="acknowledged"
        )
        bench.apply(agent, bench.record("andon.acks.v1", encode(ack), timestamp=at))
    name = "andon_alert_acknowledge_seconds"
    assert value(bench, f"{name}_count", kind="replenish") == 1
    assert value(bench, f"{name}_sum", kind="replenish") == 2 * 3600


def test_the_items_with_the_most_at_stake_have_a_series_of_their_own():
    bench = Bench()
    for number in range(30):
        story = put(bench, f"S/A{number}")
        story.book.item = msgspec.structs.replace(story.item, sku=f"A{number}")
        risk = OpenAlert("r", "stockout_risk", "warning", START, START, float(number), 0.0, "")
        story.book.alerts["stockout_risk"] = risk
    put(bench, "S/A")
    look(bench)
    told = {
        number: value(bench, "andon_item_at_risk_value", sku=f"A{number}", **EUR)
        for number in range(30)
    }
    assert {number: at for number, at in told.items() if at is not None} == {
        number: number for number in range(10, 30)
    }
    assert value(bench, "andon_item_at_risk_value", sku="A", **EUR) is None
