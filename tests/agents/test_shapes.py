"""Books that close a day teach their models and ask for shapes; shapes reach the models of the items that asked."""

import math

import pytest
from support.batches import PARTITIONS, Bench

from andon.agents.frame import home
from andon.agents.items import item_agent
from andon.agents.sales import sale_agent
from andon.agents.shapes import shape_agent
from andon.agents.tables import BOOKS, MEMORIES, MODELS, POOLS
from andon.planning.demand import demand as demands
from andon.planning.forecasting.candidates import NAMES, Shaped
from andon.planning.forecasting.schedule import phase_of
from andon.schemas.common import decode, encode, utc
from andon.schemas.forecasts import FitRequest, Forecast, Shape
from andon.schemas.items import Item, Source
from andon.schemas.pools import PoolShare
from andon.schemas.pos import Sale

DAY = 86400.0
FIRST = 20_000
WEEK = (4, 6, 8, 10, 12, 20, 10)
KEY = "S/A"
SHAPED = NAMES.index(Shaped.name)


class Till:
    """An item that sells every day, in one partition."""

    def __init__(self, *, planned=True):
        self.bench = Bench(allowed_lateness_hours=0.0)
        self.sell_to = sale_agent(self.bench.context)
        self.shape_to = shape_agent(self.bench.context)
        if not planned:
            return
        source = Source(supplier="ACME", lead_time_days=5.0)
        item = Item(location="S", sku="A", updated_at=utc(FIRST * DAY), sources=(source,))
        self.feed(item_agent(self.bench.context), "items", item, FIRST * DAY)

    @property
    def models(self):
        return self.bench.shard.tables[MODELS].get(KEY)

    @property
    def book(self):
        return self.bench.shard.tables[BOOKS][KEY]

    def feed(self, agent, family, event, at):
        topic = f"andon.{family}.v1"
        self.bench.apply(agent, self.bench.record(topic, encode(event), timestamp=at))

    def sell(self, days, first=0):
        for day in range(first, first + days):
            at = (FIRST + day) * DAY + DAY / 2
            sale = Sale(
                event_id=f"e{day}",
                occurred_at=utc(at),
                location="S",
                sku="A",
                quantity=WEEK[day % 7],
            )
            self.feed(self.sell_to, "pos", sale, at)

    def shape(self, sku="A", days=150, asked=FIRST + 40.0):
        shape = Shape(
            location="S",
            sku=sku,
            asked_at=utc(asked * DAY),
            first_day=FIRST,
            shape=tuple(WEEK[day % 7] / 10 for day in range(days)),
            used="week",
        )
        self.feed(self.shape_to, "shapes", shape, asked * DAY)

    def said(self, table, family):
        return [one for one in self.bench.shard.tables[table][KEY].outbox if one.family == family]


def test_a_day_that_is_closed_is_learned_from_by_the_models_and_published_as_a_forecast():
    till = Till()
    till.sell(20)
    assert till.models.history.last(100) == [WEEK[day % 7] for day in range(19)]
    assert (MODELS, KEY) not in till.bench.shard.pending_outboxes
    forecast = decode(till.said(BOOKS, "forecasts")[-1].body, Forecast)
    assert forecast.model == NAMES[till.models.active]
    assert forecast.wape == pytest.approx(till.book.demand.wape)


def test_an_item_with_history_asks_for_a_shape_once_and_gets_it():
    till = Till()
    till.sell(40)
    (asked,) = till.said(MODELS, "fits")
    assert decode(asked.body, FitRequest).sold[:7] == WEEK
    assert (MODELS, KEY) in till.bench.shard.pending_outboxes
    till.shape()
    assert till.models.is_ready(SHAPED)
    assert KEY in till.bench.shard.dirty[MODELS]


def test_the_age_of_the_oldest_shape_is_a_metric():
    till = Till()
    till.sell(40)
    till.shape()
    till.sell(6, first=40)
    age = till.bench.context.metrics.registry.get_sample_value("andon_forecast_shape_age_seconds")
    assert age == 4 * DAY


def test_a_shape_that_comes_twice_or_for_nobody_changes_nothing():
    till = Till()
    till.sell(40)
    till.shape()
    before = encode(till.models)
    till.shape()
    till.shape(sku="B")
    assert encode(till.models) == before
    counts = till.bench.outcomes()
    assert (counts["applied"], counts["stale"], counts["unknown_item"]) == (42, 1, 1)


def test_a_book_is_never_written_before_what_its_models_learned_from_the_same_day():
    till = Till()
    till.sell(40)
    shard = till.bench.shard
    writing = [one for one in shard.with_those_before([(BOOKS, KEY)]) if one[0] != MEMORIES]
    assert writing == [(MODELS, KEY), (BOOKS, KEY)]
    tables = [table for table, _ in shard.take_dirty()]
    assert tables.index(MODELS) < tables.index(BOOKS)
    assert shard.with_those_before([(BOOKS, KEY)]) == [(BOOKS, KEY)]


def test_items_take_turns_in_having_their_intervals_judged():
    till = Till()
    till.sell(30)
    assert till.models.watched.first % 7 == (FIRST + phase_of(KEY)) % 7


@pytest.mark.parametrize("plain_before", [False, True], ids=["the day's first", "a later one"])
def test_one_promoted_sale_says_that_the_day_is_promoted(plain_before):
    till = Till()
    till.sell(20)
    day = FIRST + 20
    if plain_before:
        till.sell(1, first=20)
    at = day * DAY + DAY / 2 + 60
    sale = Sale(
        event_id="promoted", occurred_at=utc(at), location="S", sku="A", quantity=1, promotion="tea"
    )
    till.feed(till.sell_to, "pos", sale, at)
    assert till.book.demand.promotions.believed(day) is not None
    till.sell(2, first=21)
    assert till.models.history.last(2) == [None, WEEK[21 % 7]]


def neighbour():
    """Another item's code in the same partition."""
    return next(
        sku for sku in map(str, range(100)) if home(f"S/{sku}", PARTITIONS) == home(KEY, PARTITIONS)
    )


def test_a_new_item_begins_with_the_week_that_partitions_have_told_of_its_location():
    till = Till()
    till.sell(130)
    assert ("pools", "S/") in till.bench.shard.pending_outboxes
    told = till.bench.shard.tables[POOLS]["S/"].outbox
    assert [one.event_id.rpartition(":")[2] for one in told] == sorted(
        {one.event_id.rpartition(":")[2] for one in told}
    )
    for one in told:
        till.bench.context.pools.learn(one.key.encode(), one.body)
    source = Source(supplier="ACME", lead_time_days=5.0)
    sku = neighbour()
    new = Item(
        location="S",
        sku=sku,
        updated_at=utc(FIRST * DAY),
        sources=(source,),
        expected_daily_demand=10.0,
    )
    till.feed(item_agent(till.bench.context), "items", new, FIRST * DAY)
    demand = till.bench.shard.tables[BOOKS][f"S/{sku}"].demand
    assert demand.level == 10.0
    peak = max(range(7), key=lambda day: demands.factor(demand, FIRST + day))
    assert WEEK[peak] == max(WEEK)


def test_each_week_of_an_item_teaches_its_pool_once():
    till = Till()
    till.sell(130)
    year = till.bench.shard.tables[POOLS]["S/"].year
    assert set(year.items) == {1}
    assert year.sold == year.before == [sum(WEEK)] * len(year)
    assert till.models.taught == year.end - 1


def test_what_is_not_planned_has_no_models_but_a_level():
    till = Till(planned=False)
    till.sell(30)
    assert till.models is None
    assert till.bench.shard.tables[BOOKS][KEY].demand.level > 5


def test_a_level_speaks_with_the_year_that_its_location_has_foreseen():
    till = Till()
    weeks = [math.exp(0.4 * math.sin(2 * math.pi * week / 52)) for week in range(-1, 150)]
    told = PoolShare(
        location="S",
        category=None,
        partition=1,
        updated_at=utc(FIRST * DAY),
        first_week=FIRST // 7 - 147,
        sold=tuple(weeks[1:]),
        before=tuple(weeks[:-1]),
        items=(20,) * 150,
        weekdays=(30.0,) * 7,
        item_weeks=20.0,
    )
    till.bench.context.pools.learn(told.key.encode(), encode(told))
    till.sell(25)
    demand = till.book.demand
    assert till.models.active == 0
    assert demand.mean_factor > 1.03
    assert demand.level == pytest.approx(demand.own_level * demand.mean_factor)
