"""What is heard of a day after it was closed corrects the level as if it had been heard in time, but for what was unusual."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand.demand import close_through, record, start
from andon.planning.demand.late_days import learn_late
from andon.planning.demand.state import Demand

START = 20_000


def demand_of(sold, expected=None):
    demand = Demand()
    start(demand, expected)
    for day, units in enumerate(sold, START):
        record(demand, day, units)
        close_through(demand, day)
    return demand


units = st.lists(st.integers(8, 12), min_size=15, max_size=40)


@given(units, st.data())
def test_units_that_come_late_count_in_the_level_as_if_they_had_been_in_time(sold, data):
    ago = data.draw(st.integers(0, len(sold) - 1))
    missing = data.draw(st.integers(1, 3))
    short = list(sold)
    short[-1 - ago] -= missing
    late, in_time = demand_of(short, 10.0), demand_of(sold, 10.0)
    assert learn_late(late, START + len(sold) - 1 - ago, missing)
    assert late.a == pytest.approx(in_time.a)
    assert late.b == pytest.approx(in_time.b, rel=0.01)
    assert late.level == pytest.approx(in_time.level, rel=0.01)
    assert sum(late.sales) == pytest.approx(sum(in_time.sales), rel=0.01)


@given(units, st.data())
def test_units_that_are_taken_back_late_leave_what_there_was(sold, data):
    demand, before = demand_of(sold, 10.0), demand_of(sold, 10.0)
    day = START + data.draw(st.integers(0, len(sold) - 1))
    learn_late(demand, day, 5)
    learn_late(demand, day, -5)
    assert (demand.a, demand.slow_a) == pytest.approx((before.a, before.slow_a))
    assert demand.level == pytest.approx(before.level, rel=0.01)


def test_a_shop_that_tells_its_sales_three_days_late_is_known_all_the_same():
    demand = Demand()
    start(demand, 10.0)
    record(demand, START, 10)
    close_through(demand, START)
    for day in range(START + 1, START + 60):
        close_through(demand, day)
        if day >= START + 4:
            assert learn_late(demand, day - 3, 10)
    assert demand.level == pytest.approx(10, rel=0.2)
    assert demand.dispersion < 5


def test_a_silence_ends_with_the_sale_that_is_heard_late():
    demand = demand_of([10] * 20 + [0] * 10)
    assert demand.quiet == 10
    assert learn_late(demand, START + 26, 10)
    assert demand.quiet == 3


@pytest.mark.parametrize("day", [START - 1, START + 20])
def test_a_day_that_was_never_closed_counts_for_nothing(day):
    demand = demand_of([10] * 20)
    before = (demand.a, list(demand.sales))
    assert not learn_late(demand, day, 10)
    assert (demand.a, demand.sales) == before
