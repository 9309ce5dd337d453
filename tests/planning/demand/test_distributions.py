"""Distributions against scipy.stats and against sums over their probabilities."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from andon.planning.demand import special_functions as special
from andon.planning.demand.distributions import Distribution
from andon.planning.forecasting.scores import LEVELS, pinball


def reference(mean, variance):
    if mean >= 200:
        return stats.gamma(mean**2 / variance, scale=variance / mean)
    if variance > mean:
        return stats.nbinom(mean**2 / (variance - mean), mean / variance)
    if variance < mean:
        chances = max(math.ceil(mean**2 / (mean - variance) - 0.01), math.floor(mean) + 1)
        return stats.binom(chances, mean / chances)
    return stats.poisson(mean)


CASES = [
    (0.3, 0.3),
    (0.3, 0.1),
    (12, 0),
    (12.4, 3),
    (150, 40),
    (5, 4.9),
    (0.3, 0.9),
    (5, 5),
    (5, 12),
    (60, 75),
    (150, 900),
    (250, 400),
    (9000, 40000),
]


@pytest.mark.parametrize(("mean", "variance"), CASES)
@pytest.mark.parametrize("probability", [0.01, 0.1, 0.5, 0.9, 0.98, 0.999])
def test_quantiles_are_those_of_scipy(mean, variance, probability):
    found = Distribution(mean, variance).quantile(probability)
    expected = reference(mean, variance).ppf(probability)
    assert expected <= found < expected + 1


@pytest.mark.parametrize(("mean", "variance"), CASES)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0, 1.4])
def test_probabilities_are_those_of_scipy(mean, variance, share):
    units = int(mean * share)
    expected = reference(mean, variance).cdf(units)
    assert Distribution(mean, variance).cdf(units) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("mean", "variance"), [case for case in CASES if case[0] < 200])
@pytest.mark.parametrize("stock", [0, 1, 7, 80])
def test_the_expected_shortage_is_the_sum_over_all_demands(mean, variance, stock):
    law = reference(mean, variance)
    expected = sum((units - stock) * law.pmf(units) for units in range(stock, 3000))
    found = Distribution(mean, variance).shortage(stock)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(st.floats(0.01, 199), st.floats(0, 1))
def test_a_binomial_varies_by_no_less_than_it_is_to_and_by_no_more_than_a_unit_beyond(mean, ratio):
    theirs = reference(mean, mean * ratio)
    assert mean * ratio - 0.01 <= theirs.var() <= mean * ratio + 1 + 1e-6
    assert theirs.mean() == pytest.approx(mean)


@pytest.mark.parametrize("stock", [0, 200, 250, 320])
def test_the_expected_shortage_of_a_gamma_is_its_integral(stock):
    expected = stats.gamma(250**2 / 400, scale=400 / 250).expect(
        lambda units: max(units - stock, 0), lb=stock
    )
    assert Distribution(250, 400).shortage(stock) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(("mean", "variance"), [case for case in CASES if case[0] < 200])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0, 2.0])
def test_what_lies_beyond_a_sale_is_the_mean_of_all_demands_from_it_on(mean, variance, share):
    units = round(mean * share)
    theirs = reference(mean, variance)
    tail = np.arange(units, 5000)
    chances = theirs.pmf(tail)
    if not chances.any():
        assert Distribution(mean, variance).beyond(units) == units
        return
    expected = (tail * chances).sum() / chances.sum()
    assert Distribution(mean, variance).beyond(units) == pytest.approx(expected, rel=1e-6)


def test_beyond_what_could_not_have_been_there_is_only_what_was():
    assert Distribution(1.0, 1.0).beyond(60) == 60
    assert Distribution(0.0, 0.0).beyond(3) == 3


def test_no_demand_is_no_demand():
    nothing = Distribution(0.0, 0.0)
    assert (nothing.quantile(0.99), nothing.cdf(0), nothing.shortage(0)) == (0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("mean", "variance", "name"),
    [
        (-1, 1, "mean"),
        (float("nan"), 1, "mean"),
        (1, -1, "variance"),
        (1, float("inf"), "variance"),
    ],
)
def test_a_bad_argument_is_named(mean, variance, name):
    with pytest.raises(ValueError, match=name):
        Distribution(mean, variance)


@given(st.floats(0.01, 5000), st.floats(0, 20), st.floats(0.02, 0.97))
def test_a_quantile_is_the_smallest_that_suffices_and_grows_with_its_probability(
    mean, ratio, probability
):
    demand = Distribution(mean, mean * ratio)
    units = demand.quantile(probability)
    assert demand.cdf(units) >= probability - 1e-9
    assert units == 0 or demand.cdf(units - 1) < probability + 1e-9
    assert demand.quantile(probability + 0.02) >= units


@given(st.floats(2, 500), st.floats(1.0, 4.0), st.sampled_from([0.5, 0.9, 0.95, 0.98]))
def test_the_quick_quantile_is_about_the_quantile(mean, ratio, probability):
    forecast = Distribution(mean, mean * ratio)
    found = forecast.about(special.ndtri(probability))
    assert found == pytest.approx(forecast.quantile(probability), abs=2.0 + 0.02 * forecast.sd)


PLANE = [
    (mean, mean * ratio)
    for mean in (1e-9, 1e-5, 0.01, 0.3, 3.0, 42.0, 199.0, 201.0, 1e4, 1e7)
    for ratio in (0.0, 1.0, 1.0 + 1e-7, 1.5, 4.0, 30.0, 1e3, 1e5)
]
SHARES = [1e-9, 1e-3, 0.1, 0.5, 0.9, 0.98, 0.999, 1 - 1e-9, 1 - 1e-12, 0.9999999999999999]


@pytest.mark.parametrize(("mean", "variance"), PLANE)
def test_a_quantile_is_right_over_the_whole_plane_and_takes_no_more_than_a_search(
    mean, variance, monkeypatch
):
    """Steps are counted, not seconds: one unit at a time, a service level of nearly one took minutes."""
    law = Distribution(mean, variance)
    asked = []
    cdf = Distribution.cdf
    monkeypatch.setattr(
        Distribution, "cdf", lambda self, units: asked.append(units) or cdf(self, units)
    )
    for share in SHARES:
        asked.clear()
        units = law.quantile(share)
        assert len(asked) <= 120, share
        # Beyond a part in a billion, both sides are rounding.
        assert cdf(law, units) >= share - 1e-9
        assert units == 0 or cdf(law, units - 1) < share + 1e-9


@pytest.mark.parametrize(("mean", "variance"), PLANE)
def test_the_quick_quantile_never_exceeds_what_markov_allows(mean, variance):
    law = Distribution(mean, variance)
    for share in (0.5, 0.9, 0.98, 0.999):
        deviate = special.ndtri(share)
        assert 0 <= law.about(deviate) <= mean / (1 - share) * (1 + 1e-9)


#: The whole plane: from one unit in a million intervals to millions, from no variance to that of one interval in a thousand.
PLANE = [
    (mean, mean * ratio)
    for mean in (1e-6, 1e-5, 1e-3, 0.03, 0.3, 1.0, 5.0, 40.0, 199.0, 201.0, 1e4, 1e6)
    for ratio in (0.0, 0.5, 1.0, 1.0000005, 1.01, 2.0, 9.0, 26.0, 300.0, 1e5, 1e8)
]


def law(mean, variance):
    if mean >= 200:
        return reference(mean, max(variance, 1e-9))
    return reference(mean, mean if abs(variance / mean - 1) < 1e-6 else variance)


@pytest.mark.parametrize(("mean", "variance"), PLANE)
def test_quantiles_are_those_of_scipy_over_the_whole_plane(mean, variance):
    found = Distribution(mean, variance)
    together = found.quantiles((0.05, 0.5, 0.9, 0.98, 0.999))
    assert together == [found.quantile(one) for one in (0.05, 0.5, 0.9, 0.98, 0.999)]
    for probability, units in zip((0.05, 0.5, 0.9, 0.98, 0.999), together, strict=True):
        expected = law(mean, variance).ppf(probability)
        assert units == pytest.approx(expected, abs=1.0, rel=1e-9)


@pytest.mark.parametrize(("mean", "variance"), PLANE)
def test_a_forecast_is_scored_by_about_its_quantiles_over_the_whole_plane(mean, variance):
    quantiles = [law(mean, variance).ppf(level) for level in LEVELS]
    sd = math.sqrt(variance)
    for sold in (0, int(mean), int(mean + 2 * sd), int(3 * mean) + 1):
        losses = [
            level * (sold - units) if sold >= units else (1 - level) * (units - sold)
            for level, units in zip(LEVELS, quantiles, strict=True)
        ]
        found = pinball(Distribution(mean, variance), sold)
        assert found == pytest.approx(sum(losses) / 3, rel=0.25, abs=max(0.5, 0.05 * min(mean, sd)))
