"""What sells by the calendar: against simulated renewals, and what it must leave alone, demand by chance."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.planning.demand.distributions import Distribution
from andon.planning.demand.inherit import scaled
from andon.planning.demand.late_days import learn_late
from andon.planning.demand.rhythm import Due, Rhythm, Stepped
from andon.planning.demand.state import VAGUE
from andon.planning.policy.protection import protection
from andon.planning.supply.lead_time import prior

FIRST = 20_000
DAY = demands.DAY


def after(sold):
    demand = Demand(closed=FIRST - 1)
    for day, units in enumerate(sold, FIRST):
        demands.record(demand, day, int(units))
        demands.close_through(demand, day)
    return demand


def every(gap, size, sales, silent=0):
    return ([size] + [0] * (gap - 1)) * (sales - 1) + [size] + [0] * silent


def heard(sold):
    rhythm = Rhythm()
    for units in sold:
        rhythm.see(units, known=True, ran_out=False)
    return rhythm


@pytest.mark.parametrize("gap", [3, 7, 30])
@pytest.mark.parametrize("days", [5, 8, 61])
def test_what_sells_every_so_many_days_is_due_as_often_as_they_pass(gap, days):
    for silent in range(gap):
        due = heard(every(gap, 12, 40, silent)).over(days)
        number = (silent + days) // gap
        assert due.step == 12
        assert due.steps.mean == pytest.approx(number, abs=0.75)
        assert due.quantile(0.02) <= 12 * number <= due.quantile(0.98)


@pytest.mark.parametrize("silent", [0, 10, 22])
@pytest.mark.parametrize(("days", "sd"), [(8, 0.0), (30, 0.0), (61, 0.0), (61, 9.0)])
def test_the_number_of_sales_is_that_of_a_simulated_renewal_process(silent, days, sd):
    """The gaps are normal, as silent as it was, and so many are known that none of the spread is ignorance."""
    mean, cv = 20.0, 0.25
    known = 1e5
    rhythm = Rhythm(known, known * mean, known * mean**2 * (1 + cv**2), known, known, known, silent)
    chance = np.random.default_rng(1)
    gaps = chance.normal(mean, mean * cv, (200_000, 12))
    gaps = gaps[gaps[:, 0] > silent + 0.5]
    until = silent + 0.5 + days + sd * chance.standard_normal((len(gaps), 1))
    number = (np.cumsum(gaps, axis=1) <= until).sum(axis=1)
    due = rhythm.over(days, sd)
    # What is left of the first gap is taken for a normal, which it is not.
    assert due.steps.mean == pytest.approx(number.mean(), abs=0.04)
    assert due.steps.variance == pytest.approx(number.var(), abs=0.06)


@pytest.mark.parametrize("gap", [4, 8, 20, 60])
def test_demand_by_chance_has_no_rhythm_and_keeps_its_targets(gap):
    chance = np.random.default_rng(gap)
    regular = []
    for _ in range(25):
        demand = after((chance.random(730) < 1 / gap) * chance.integers(1, 4, 730))
        regular.append(demand.rhythm.over(21.0) is not None)
    assert np.mean(regular) <= 0.04


def test_the_irregularity_is_that_of_the_gaps_as_far_as_it_is_known():
    gaps = np.random.default_rng(3).gamma(16.0, 1.5, 3000).round().astype(int)
    sold = [units for gap in gaps for units in (*[0] * (gap - 1), 1)]
    rhythm = heard(sold)
    expected = (gaps.std() / gaps.mean()) ** 2
    assert rhythm.gaps == pytest.approx(1 / 0.03, rel=1e-3)
    assert expected * 0.7 < rhythm.irregularity < expected * 2.2


def test_what_is_overdue_by_far_has_lost_its_rhythm():
    assert heard(every(10, 5, 30, 9)).over(8) is not None
    assert heard(every(10, 5, 30, 40)).over(8) is None


def test_an_interval_that_varies_by_more_than_a_gap_is_left_to_the_level():
    rhythm = heard(every(10, 5, 30))
    assert rhythm.over(40, 9.0) is not None
    assert rhythm.over(40, 11.0) is None


def test_five_gaps_are_not_believed_before_they_are_there():
    assert heard(every(10, 5, 5)).over(8) is None
    assert heard(every(10, 5, 30)).over(8) is not None


def test_a_sale_that_an_empty_shelf_may_have_hidden_is_no_gap_and_leaves_the_rhythm():
    rhythm = heard(every(10, 5, 30))
    gaps = rhythm.gaps
    for _ in range(15):
        rhythm.see(0, known=False, ran_out=True)
    due = rhythm.over(20)
    assert due is not None
    assert due.steps.mean == pytest.approx(2.0, abs=0.1), "as many as at any time of the gap"
    rhythm.see(5, known=True, ran_out=False)
    assert rhythm.gaps == gaps
    assert not rhythm.unseen


def test_a_sale_that_emptied_the_shelf_says_when_but_not_how_much():
    rhythm = heard(every(10, 6, 30, 9))
    sales, gaps = rhythm.sales, rhythm.gaps
    rhythm.see(1, known=True, ran_out=True)
    assert (rhythm.sales, rhythm.step, rhythm.silent) == (sales, 6, 0)
    assert rhythm.gaps > gaps * 0.97


def test_a_sale_heard_of_late_spoils_the_gap_it_lies_in():
    demand = after(every(10, 5, 30, 6))
    assert learn_late(demand, demand.closed - 2, 5)
    assert demand.rhythm.unseen


@pytest.mark.parametrize("factor", [3.0, 0.5])
def test_in_other_units_it_is_the_same_rhythm(factor):
    demand = after(every(10, 6, 30, 3))
    own, other = demand.rhythm, scaled(demand, factor).rhythm
    assert other.irregularity == own.irregularity
    due, then = own.over(21), other.over(21)
    assert then.steps.mean * then.step == pytest.approx(due.steps.mean * due.step * factor)
    assert factor * 6 % then.step == 0


steps = st.builds(
    lambda mean, ratio, step: Stepped(Distribution(mean, mean * ratio), step),
    st.floats(0.05, 30),
    st.floats(0.0, 3.0),
    st.integers(1, 24),
)
by_chance = st.builds(
    lambda mean, ratio: Distribution(mean, mean * ratio), st.floats(0.1, 400), st.floats(1, 30)
)


@given(steps, by_chance, st.floats(0.02, 0.999))
def test_a_quantile_of_both_laws_is_the_smallest_number_of_steps_that_suffices(
    rhythm, chance, probability
):
    due = Due(rhythm, chance)
    units = due.quantile(probability)
    assert units % rhythm.step == 0
    assert due.cdf(units) >= probability - 1e-9
    assert units == 0 or due.cdf(units - rhythm.step) < probability + 1e-9


def test_both_laws_are_mixed_as_their_probabilities_are():
    due = Due(Stepped(Distribution(2.5, 1.0), 4), Distribution(9.0, 30.0))
    law = stats.binom(5, 0.5)
    assert due.rhythm.steps.cdf(2) == pytest.approx(stats.binom(5, 0.5).cdf(2))
    units = np.arange(400)
    other = stats.nbinom(9.0**2 / 21.0, 0.3).pmf(units)
    masses = 0.05 * other
    masses[: 4 * 6 : 4] += 0.95 * law.pmf(np.arange(6))
    mean = masses @ units
    assert due.mean == pytest.approx(mean, rel=1e-6)
    assert due.variance == pytest.approx(
        masses @ (units - mean) ** 2 + 0.95 * 16 * (1 - law.var()), rel=1e-6
    )
    for stock in (0, 3, 8, 21, 50):
        assert due.cdf(stock) == pytest.approx(masses[: stock + 1].sum(), abs=1e-9)
        assert due.shortage(stock) == pytest.approx(masses @ np.maximum(units - stock, 0), abs=1e-6)


def test_a_dozen_every_month_needs_no_more_than_what_falls_due_and_nothing_else_changes():
    lead_time = prior(7.0, 0.0)
    sold = every(30, 12, 25, 10)
    demand = after(sold)
    now = (demand.closed + 1) * DAY
    plain = msgspec.structs.replace(demand, rhythm=None)
    assert protection(demand, lead_time, 1.0, now).quantile(0.95) == 0
    assert protection(plain, lead_time, 1.0, now).quantile(0.95) > 12
    demand = after([*sold, *[0] * 14])
    needed = protection(demand, lead_time, 1.0, (demand.closed + 1) * DAY)
    assert needed.quantile(0.95) == 12
    assert needed.sd == math.sqrt(needed.variance)


def test_what_sells_on_most_days_learns_no_rhythm():
    assert after(np.random.default_rng(1).poisson(3.0, 60)).rhythm is None
    assert Demand().rhythm is None
    assert Demand().b == VAGUE[1]
