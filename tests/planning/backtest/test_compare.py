"""Comparing policies: bootstrap intervals against theory, and stock read off a curve against a straight line."""

from dataclasses import fields

import numpy as np
import pytest

from andon.planning.backtest.compare import dearer, interval, less_stock, resamples, stock_at
from andon.planning.backtest.measure import DAYS_A_YEAR, Outcome, added, figures, summary


def outcome(days=10.0, **given):
    """An outcome of as many items as the values given have; what is not given is nothing."""
    count = max(len(values) for values in given.values())
    columns = {field.name: np.zeros(count) for field in fields(Outcome)}
    columns["days"] = np.full(count, days)
    return Outcome(**{**columns, **{name: np.array(v, dtype=float) for name, v in given.items()}})


def point(fill, stock, count=4):
    return outcome(
        demand=[100.0] * count, sold=[100.0 * fill] * count, stock=[10.0 * stock / count] * count
    )


def test_a_resampling_draws_as_many_items_as_there_are_and_the_first_row_is_all_of_them():
    weights = resamples(30, 50, seed=1)
    assert weights.shape == (51, 30)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 30).all()
    assert (weights == resamples(30, 50, seed=1)).all()
    assert (weights != resamples(30, 50, seed=2)).any()


def test_the_interval_of_a_mean_is_that_of_the_central_limit():
    chance = np.random.default_rng(5)
    values = chance.normal(100, 20, 400)
    found = interval(resamples(400, 4000, seed=3) @ values / 400)
    error = values.std() / np.sqrt(400)
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


@pytest.mark.parametrize(("unknown", "is_told"), [(0, True), (4, True), (6, False), (100, False)])
def test_an_interval_that_only_some_resamplings_have_is_not_told(unknown, is_told):
    values = np.arange(101, dtype=float)
    values[1 : 1 + unknown] = np.nan
    found = interval(values)
    assert found.value == 0
    assert (found.low is not None) is is_told
    assert (found.high is not None) is is_told


def test_a_figure_that_is_not_known_has_no_interval():
    assert interval(np.array([np.nan, 1.0, 2.0])) is None
    assert interval(np.array([])) is None


def test_stock_is_read_off_the_line_between_two_points_of_a_curve():
    curve = [point(0.99, 80), point(0.90, 20)]
    one = np.ones((1, 4))
    assert stock_at(curve, 0.96, one, money=False)[0] == pytest.approx(20 + 60 * 0.06 / 0.09)
    assert np.isnan(stock_at(curve, 0.995, one, money=False)[0])
    assert np.isnan(stock_at(curve, 0.85, one, money=False)[0])


def test_less_stock_is_the_share_that_is_not_needed():
    ours, theirs = [point(0.9, 30), point(0.99, 60)], [point(0.9, 60), point(0.99, 120)]
    found = less_stock(ours, theirs, 0.95, resamples(4, 100, seed=1))
    assert found.value == found.low == found.high == pytest.approx(0.5)
    assert less_stock(ours, theirs, 0.999, resamples(4, 100, seed=1)) is None


def test_what_is_dearer_is_dearer_by_the_difference_a_year():
    ours, theirs = outcome(holding_cost=[10.0, 20.0]), outcome(holding_cost=[15.0, 40.0])
    found = dearer(theirs, ours, np.ones((1, 2)))
    assert found.value == pytest.approx(25 / 10 * DAYS_A_YEAR)


def test_figures_of_a_weighted_item_are_those_of_the_item_counted_so_often():
    two = outcome(demand=[10.0, 30.0], sold=[9.0, 15.0], stock=[50.0, 20.0], orders=[1.0, 2.0])
    thrice = outcome(demand=[10.0] * 3, sold=[9.0] * 3, stock=[50.0] * 3, orders=[1.0] * 3)
    found = {name: rows[0] for name, rows in figures(two, np.array([[3.0, 0.0]])).items()}
    counted = summary(thrice)
    assert counted.items == 3
    assert found == {name: pytest.approx(getattr(counted, name)) for name in found}


def test_worlds_added_up_are_the_mean_of_them():
    one, other = outcome(demand=[10.0], sold=[9.0], orders=[4.0], stock=[70.0]), outcome(
        demand=[10.0], sold=[7.0], orders=[2.0], stock=[30.0]
    )  # fmt: skip
    both = summary(added([one, other]))
    assert both.items == 1
    assert both.fill_rate == pytest.approx(0.8)
    assert both.average_stock == pytest.approx(5.0)
    assert both.orders == pytest.approx(3 / 10 * DAYS_A_YEAR)
