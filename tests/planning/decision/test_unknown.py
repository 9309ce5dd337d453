"""What is not known is not zero, and zero is not unknown: no demand, no price, no date, no lead time."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import DAY, KEY, START, Story

from andon.planning.book import position
from andon.planning.book.arrivals import with_dates
from andon.planning.book.book import Line
from andon.planning.decision import decide
from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Source

FAR = (Source(supplier="ACME", lead_time_days=30.0),)


def passed(story, days):
    for _ in range(days):
        story.now = (story.now // DAY + 1) * DAY + 1.0
        story._done(decide.advance(story.book, story.now, 0.0))


def test_of_what_nobody_knows_to_sell_nothing_is_ordered_and_that_is_said_once():
    story = Story(stock=0, expected_daily_demand=None, sources=FAR)
    passed(story, 200)
    assert [(one.kind, one.status, one.severity) for one in story.alerts()] == [
        ("demand_unknown", "opened", "info")
    ]
    assert "Nobody knows what A at S sells" in story.alerts()[0].sentence
    aims = story.book.targets
    assert (aims.reorder_point, aims.order_up_to, aims.safety_stock) == (0, 0, 0)


def test_the_first_sale_ends_the_not_knowing():
    story = Story(stock=1, expected_daily_demand=None)
    story.sell(1)
    assert [(one.kind, one.status) for one in story.alerts("demand_unknown")] == [
        ("demand_unknown", "opened"),
        ("demand_unknown", "resolved"),
    ]
    assert "replenish" in story.book.alerts


@pytest.mark.parametrize("expected", [0.0, 3.0])
def test_an_expectation_of_nothing_is_an_expectation(expected):
    story = Story(stock=0, expected_daily_demand=expected, sources=FAR)
    assert not story.alerts("demand_unknown")
    assert story.book.targets.reorder_point < 250 * max(expected, 0.1)


@pytest.mark.parametrize("expected", [None, 2.0])
def test_days_on_the_shelf_without_a_sale_are_evidence(expected):
    story = Story(stock=500, expected_daily_demand=expected, sources=FAR)
    passed(story, 200)
    assert story.book.demand.level < 0.05
    assert story.book.targets.reorder_point <= 5
    assert "demand_unknown" not in story.book.alerts


def test_goods_that_are_put_out_within_two_weeks_have_not_waited():
    story = Story(stock=500, expected_daily_demand=2.0)
    passed(story, 12)
    assert story.book.demand.level == pytest.approx(2.0)
    story.sell(3)
    passed(story, 1)
    assert story.book.demand.days == 1


def test_what_nobody_ever_knew_is_no_level_to_go_back_to():
    story = Story(stock=500, expected_daily_demand=None)
    passed(story, 120)
    story.sell(1)
    passed(story, 2)
    assert story.book.demand.level < 0.2


def test_off_the_shelf_teaches_nothing():
    story = Story(stock=500)
    story.days(20)
    level, days = story.book.demand.level, story.book.demand.days
    off = msgspec.structs.replace(story.item, updated_at=utc(story.now), active=False)
    position.set_item(story.book, off, story.now)
    for _ in range(60):
        story.now += DAY
        decide.advance(story.book, story.now, 0.0)
    on = msgspec.structs.replace(off, updated_at=utc(story.now), active=True)
    position.set_item(story.book, on, story.now)
    assert story.book.demand.level == pytest.approx(level, rel=0.1)
    assert story.book.demand.days <= days + 1


@given(
    price=st.floats(0.01, 1e6),
    margin=st.floats(0.1, 3.0),
    stock=st.integers(0, 80),
    service_class=st.sampled_from(["lean", "balanced", "critical"]),
)
@settings(max_examples=60, deadline=None)
def test_severity_does_not_hang_on_the_currency_or_the_price(price, margin, stock, service_class):
    sources = (Source(supplier="ACME", lead_time_days=5.0),)
    found = []
    for unit in (1.0, price):
        story = Story(
            stock=stock,
            sources=sources,
            unit_cost=unit,
            unit_price=unit * (1 + margin),
            order_cost=0.0,
            service_class=service_class,
        )
        found.append({one.kind: one.severity for one in story.alerts()})
    assert found[0] == found[1]


@pytest.mark.parametrize("price", [0.0, 4.0])
def test_what_is_given_away_is_as_urgent_as_what_is_sold(price):
    story = Story(stock=10, unit_cost=price / 2, unit_price=price, service_class="critical")
    assert {one.kind: one.severity for one in story.alerts()} == {
        "replenish": "critical",
        "stockout_risk": "critical",
    }


def test_order_by_is_the_last_moment_that_beats_the_stockout():
    sources = (Source(supplier="ACME", lead_time_days=2.0, lead_time_sd_days=0.2),)
    story = Story(stock=31, sources=sources, review_period_days=7.0)
    (told,) = story.alerts("replenish")
    lead = told.numbers["lead_time_days"]
    assert told.order_by is not None
    assert told.order_by.timestamp() == pytest.approx(
        told.stockout_p50.timestamp() - lead * DAY, abs=900
    )
    assert told.order_by.timestamp() > START + DAY / 2


def undated(ordered, **fields):
    return Line(
        "PO", 1, 40, 0, "ordered", ordered + 7 * DAY, 1.0, None, ordered, undated=True, **fields
    )


@pytest.mark.parametrize(
    ("supplier", "lane", "days"),
    [
        ("ACME", None, 30.0),
        ("FAST", "air", 2.0),
        ("FAST", "sea", 20.0),
        (None, None, 30.0),
        ("OTHER", None, 30.0),
    ],
)
def test_an_order_without_a_date_takes_what_its_source_takes(supplier, lane, days):
    sources = (
        Source(supplier="ACME", lead_time_days=30.0),
        Source(supplier="FAST", lead_time_days=20.0, lane="sea"),
        Source(supplier="FAST", lead_time_days=2.0, lane="air", expedite=True),
    )
    item = Story(sources=sources).item
    (line,) = with_dates(
        [undated(START, supplier=supplier, lane=lane)],
        item,
        START,
        lambda source: prior(source.lead_time_days),
    )
    assert (line.expected - START) / DAY == pytest.approx(days, rel=0.01)
    assert line.spread_days == pytest.approx(days / 4, rel=0.01)


def test_the_longer_an_order_without_a_date_is_out_the_later_it_is_expected():
    item = Story(sources=FAR).item
    before = START
    for day in range(120):
        now = START + day * DAY
        (line,) = with_dates([undated(START)], item, now, lambda _: prior(30.0))
        assert line.expected >= max(before, now)
        assert line.spread_days > 0
        before = line.expected - 60.0


def test_an_order_without_a_date_is_overdue_all_the_same():
    story = Story(stock=2000, sources=FAR)
    story.line("PO", 1, quantity=40, days=7, undated=True, ordered_at=utc(START), supplier="ACME")
    passed(story, 30)
    assert not story.alerts("overdue_order")
    passed(story, 30)
    (told,) = story.alerts("overdue_order")
    assert (told.shipment_id, told.supplier, told.severity) == ("PO", "ACME", "warning")
    assert "40 units of A for S are overdue" in told.sentence
    story.line("PO", 2, quantity=40, days=0, received=40, status="received", undated=True)
    assert story.alerts("overdue_order")[-1].status == "resolved"


def test_a_demand_that_was_guessed_by_an_earlier_version_is_read():
    old = msgspec.json.decode(msgspec.json.encode(Demand()))
    assert not demands.is_known(msgspec.convert(old, Demand, strict=False))
    assert KEY


@pytest.mark.parametrize("sold", [0, 3])
@given(looks=st.lists(st.integers(1, 90), min_size=1, max_size=8), arrives=st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_what_is_learned_does_not_hang_on_when_a_worker_looked(sold, looks, arrives):
    def level(days):
        story = Story(stock=0, expected_daily_demand=None)
        passed(story, arrives)
        story.count(500)
        if sold:
            story.sell(sold)
        for ahead in days:
            story.now += ahead * DAY
            while decide.advance(story.book, story.now, 0.0):
                pass
        return story.book.demand.level, story.book.demand.days

    assert level(looks) == pytest.approx(level([1] * sum(looks)))
