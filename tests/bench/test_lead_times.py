"""The scores that bench/lead_times.py judges by, against plain definitions of them."""

import importlib
import random
import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        return importlib.import_module("lead_times")


distributions = st.dictionaries(st.integers(-60, 60), st.floats(0.01, 9.0), min_size=1, max_size=9)


@given(distributions, st.integers(-80, 80))
def test_crps_is_what_its_energy_form_gives(bench, weights, actual):
    """E|X - y| - E|X - X'| / 2 (Gneiting and Raftery, 2007, eq. 21)."""
    total = sum(weights.values())
    delays = {day: weight / total for day, weight in sorted(weights.items())}
    far = sum(share * abs(day - actual) for day, share in delays.items())
    apart = sum(p * q * abs(x - y) for x, p in delays.items() for y, q in delays.items())
    assert bench.score(delays, actual).crps == pytest.approx(far - apart / 2, abs=1e-9)


@pytest.mark.parametrize("actual", [-4, 0, 11])
def test_of_a_date_alone_the_crps_is_the_error(bench, actual):
    found = bench.score({0: 1.0}, actual)
    assert found.error == found.crps == abs(actual)


def test_what_is_drawn_from_the_prediction_is_covered_as_often_as_the_interval_says(bench):
    """An atom of 63% does not flatter: a closed interval from quantile to quantile would cover more."""
    chance = random.Random(5)
    delays = {-10: 0.2, 0: 0.63, 3: 0.1, 30: 0.07}
    drawn = chance.choices(list(delays), list(delays.values()), k=20_000)
    scores = [bench.score(delays, day) for day in drawn]
    assert statistics.fmean(one.inside_50 for one in scores) == pytest.approx(0.5, abs=0.01)
    assert statistics.fmean(one.inside_90 for one in scores) == pytest.approx(0.9, abs=0.01)


def past(bench, name, known, received, recorded):
    return bench.Past(name, "V", "L", "M", known, None, 10.0, received, recorded, 0)


@pytest.mark.parametrize("moment", ["known", "due"])
def test_nothing_is_learned_before_it_was_recorded_and_nothing_from_itself(bench, moment):
    history = [past(bench, "late", 1.0, 14.0, 20.0), past(bench, "early", 2.0, 5.0, 6.0)]
    seen = [(one.name, learning) for learning, one in bench.in_time_order(history, moment)]
    for name in ("late", "early"):
        assert seen.index((name, False)) < seen.index((name, True))
    assert len(seen) == 4
    assert seen[-1] == ("late", True)
