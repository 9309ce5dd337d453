"""The band of the stock to come: against the dates that decisions rest on, against simulation, and its laws."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand
from andon.planning.policy.band import band
from andon.planning.policy.projection import project
from andon.planning.policy.relief import Receipt

NOW = 20_100 * DAY + 9 * 3600


def demand_of(daily, seed=1):
    chance = random.Random(seed)
    demand = Demand()
    for day in range(20_000, 20_100):
        count = sum(chance.random() < daily / 1000 for _ in range(1000))
        demands.record(demand, day, count)
        demands.close_through(demand, day)
    return demand


TEN = demand_of(10)
receipts = st.lists(
    st.builds(
        lambda days, spread, units: Receipt(NOW + days * DAY, spread, units),
        st.floats(-3, 40),
        st.floats(0.01, 8),
        st.integers(1, 400),
    ),
    max_size=4,
)


def first_at_nothing(ends, line):
    return next((end for end, left in zip(ends, line, strict=True) if left < 1e-6), None)


@given(st.integers(1, 600), receipts)
def test_its_edges_reach_nothing_on_the_days_on_which_stock_is_said_to_run_out(on_hand, coming):
    path = band(on_hand, coming, TEN, NOW, days=60)
    found = project(on_hand, coming, TEN, NOW)
    for line, said in ((path.p10, found.stockout_p10), (path.p50, found.stockout_p50)):
        # A line that only touches nothing says neither.
        at = first_at_nothing(path.ends, line)
        if said is not None:
            assert at is not None
            assert at - DAY - 1 <= said <= at + 1


@given(st.integers(0, 600), receipts)
def test_it_is_a_band_that_is_never_below_nothing(on_hand, coming):
    path = band(on_hand, coming, TEN, NOW)
    assert len(path.ends) == len(path.p10) == 28
    for low, middle, high in zip(path.p10, path.p50, path.p90, strict=True):
        assert 0 <= low <= middle <= high


@given(st.integers(0, 600), st.integers(1, 100), receipts)
def test_more_stock_never_lowers_it(on_hand, more, coming):
    less, path = band(on_hand, coming, TEN, NOW), band(on_hand + more, coming, TEN, NOW)
    for one, other in zip(less.p50, path.p50, strict=True):
        assert other >= one - 1e-6


def test_it_is_what_a_simulation_finds():
    chance = random.Random(3)
    coming = [Receipt(NOW + 4 * DAY, 1.0, 60)]
    path = band(80, coming, TEN, NOW, days=10)
    runs = []
    for _ in range(4000):
        level = max(chance.gauss(TEN.level, TEN.level_variance**0.5), 0.0)
        # Nobody plans on a receipt before its time.
        arrives = NOW + (4 + max(chance.gauss(0, 1), 0.0)) * DAY
        stock, at, lived = 80.0, NOW, []
        for end in path.ends:
            mean = level * (end - at) / DAY
            stock -= chance.gauss(mean, (mean * TEN.dispersion) ** 0.5)
            lived.append(stock + (60 if arrives <= end else 0))
            at = end
        runs.append(lived)
    for step in range(10):
        values = sorted(run[step] for run in runs)
        for share, line in ((0.1, path.p10), (0.5, path.p50), (0.9, path.p90)):
            simulated = max(values[int(share * len(values))], 0.0)
            assert line[step] == pytest.approx(simulated, abs=6.0), (step, share)


def test_what_is_promised_for_later_leaves_it_then():
    path = band(200, [], TEN, NOW, promises=[(NOW + 5 * DAY, 50)])
    plain = band(200, [], TEN, NOW)
    assert path.p50[3] == plain.p50[3]
    assert path.p50[6] == pytest.approx(plain.p50[6] - 50, abs=1e-6)
