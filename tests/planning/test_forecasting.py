"""Forecasts: histories and candidates against batch oracles, scores against their definitions, and who comes to speak."""

import math
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.distributions import Distribution
from andon.planning.forecasting.candidates import COMBINED, NAMES, Shaped, Tsb, combined
from andon.planning.forecasting.history import History, history_of
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.scores import Score, pinball, stretched, widen

FIRST = 20_000
DAYS = st.lists(st.one_of(st.none(), st.integers(0, 70_000)), max_size=60)


@given(DAYS)
def test_a_history_remembers_what_it_was_told(days):
    history = history_of(FIRST, days)
    assert history.last(1000) == [None if one is None else min(one, 65_534) for one in days]
    assert len(history) == len(days)
    if days:
        assert (history.first, history.closed) == (FIRST, FIRST + len(days) - 1)


def test_days_passed_over_are_unknown_and_repeats_change_nothing():
    history = history_of(FIRST, [3])
    assert history.add(FIRST + 3, 5)
    assert not history.add(FIRST + 3, 9)
    assert not history.add(FIRST + 1, 9)
    assert history.last(9) == [3, None, None, 5]


def test_only_two_years_are_remembered():
    history = history_of(FIRST, range(1000))
    assert len(history) == 736
    assert history.last(736) == list(range(264, 1000))


def run(sold, models=None):
    models = models or Models()
    for day, units in enumerate(sold, FIRST):
        models.close(day, units)
    return models


def weekly(weeks, seed=1, level=10.0):
    chance = random.Random(seed)
    shape = (0.5, 0.7, 0.8, 1.0, 1.2, 1.6, 1.2)
    return [
        max(round(chance.gauss(level * shape[day % 7], math.sqrt(level * shape[day % 7]))), 0)
        for day in range(7 * weeks)
    ]


def test_the_seasonal_naive_forecast_is_last_week():
    sold = weekly(6)
    models = run(sold)
    found = models.seasonal_naive.over(models.history, FIRST + len(sold) + 2, 9)
    assert found.mean == sum((sold[-7:] * 3)[2:11])


def test_the_weekday_mean_is_four_weeks_mean_times_eight_weeks_factors():
    sold = weekly(10)
    models = run(sold)
    first = FIRST + len(sold)
    level = sum(sold[-28:]) / 28
    factors = [sum(sold[-56:][place::7]) / 8 / (sum(sold[-56:]) / 56) for place in range(7)]
    for step in range(7):
        found = models.weekday_mean.over(models.history, first + step, 1).mean
        assert found == pytest.approx(level * factors[step])


def test_tsb_is_its_two_exponential_smoothings():
    sold = [0, 0, 3, 0, 5, 0, 0, 0, 4]
    tsb = Tsb()
    for units in sold:
        tsb.learn(History(), units)
    size = 1.0
    for units in [units for units in sold if units]:
        size = 0.9 * size + 0.1 * units
    count = len(sold)
    chance = 0.5 * 0.95**count + sum(
        0.05 * 0.95 ** (count - 1 - place) for place, units in enumerate(sold) if units
    )
    assert tsb.over(History(), 0, 4).mean == pytest.approx(4 * chance * size)


def test_an_item_that_stops_selling_fades_out_of_tsb():
    tsb = Tsb()
    for units in [2] * 30 + [0] * 120:
        tsb.learn(History(), units)
    assert tsb.over(History(), 0, 1).mean < 0.01


def test_a_level_on_a_shape_counts_no_rise_twice():
    """A shape that doubles, told after the demand did: the level stays what it was in units of the shape."""
    sold = [10] * 56 + [20] * 28
    models = run(sold)
    models.reshape([0.5] * 56 + [1.0] * 28 + [1.0] * 28, FIRST)
    ahead = models.shaped.over(models.history, FIRST + len(sold), 7)
    assert ahead.mean == pytest.approx(140, rel=0.03)


def test_the_mean_of_forecasts_is_as_uncertain_as_they_are_and_as_they_differ():
    found = combined([Distribution(10, 20), Distribution(14, 30)])
    assert (found.mean, found.variance) == (12, 25 + 4)


@given(st.integers(0, 60))
def test_the_pinball_loss_is_its_definition(sold):
    forecast = Distribution(20, 45)
    losses = []
    for level in (0.5, 0.9, 0.98):
        quantile = forecast.quantile(level)
        losses.append(max(level * (sold - quantile), (level - 1) * (sold - quantile)))
    assert pinball(forecast, sold) == pytest.approx(sum(losses) / 3)


def test_scores_are_their_definitions_where_nothing_is_forgotten_yet():
    score = Score()
    score.see_day(5.0, 8, 6.0)
    assert (score.wape, score.mase) == (3 / 8, 3 / 2)
    assert score.bias == -3 / 8


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_stretching_brings_the_90_percent_interval_to_90_percent(factor):
    """Demand of a variance that the forecast has wrong by a factor."""
    chance = random.Random(3)
    forecast, stretch, inside = Distribution(400, 2000), 1.0, []
    for _ in range(4000):
        sold = round(chance.gauss(400, math.sqrt(2000 * factor)))
        wide = widen(forecast, stretch)
        inside.append(wide.quantile(0.05) <= sold <= wide.quantile(0.95))
        stretch = stretched(stretch, inside=inside[-1])
    assert sum(inside[1000:]) / 3000 == pytest.approx(0.9, abs=0.02)


def test_a_day_that_is_closed_twice_counts_once():
    sold = weekly(12)
    once = run(sold)
    twice = Models()
    for day, units in enumerate(sold, FIRST):
        assert twice.close(day, units)
        assert not twice.close(day, units)
        assert not twice.close(day - 1, 1000)
    assert twice == once


@settings(max_examples=20)
@given(st.integers(1, 83))
def test_a_record_that_was_written_and_read_back_goes_on_as_if_nothing_had_happened(cut):
    sold = weekly(12)
    decode, encode = msgspec.msgpack.Decoder(Models).decode, msgspec.msgpack.encode
    first = decode(encode(run(sold[:cut])))
    for day, units in enumerate(sold[cut:], FIRST + cut):
        first.close(day, units)
    assert encode(first) == encode(run(sold))


def test_two_years_of_an_item_fit_into_four_kilobytes():
    models = run(weekly(105))
    models.reshape([1.0] * 830, FIRST)
    for day in range(14):
        models.close(FIRST + 735 + day, 10)
    assert len(msgspec.msgpack.encode(models)) < 4096


def test_days_out_of_stock_teach_nothing():
    sold = weekly(20)
    models = run([*sold, *[None] * 21])
    assert models.level.demand.level == pytest.approx(run(sold).level.demand.level)
    assert models.scores == run(sold).scores


def test_a_model_that_is_clearly_better_comes_to_speak_and_one_bad_week_does_not_depose_it():
    """What every tenth day sells no week repeats: the shape knows, the others cannot."""
    sold = [100 if day % 10 == 0 else 2 for day in range(500)]
    shape = [value / 11.8 for value in (100 if day % 10 == 0 else 2 for day in range(900))]
    models = run(sold[:120])
    models.reshape(shape, FIRST)
    for day in range(120, 498):
        models.close(FIRST + day, sold[day])
    assert NAMES[models.champion] == Shaped.name
    for day in range(498, 505):
        models.close(FIRST + day, 0)
    assert NAMES[models.champion] == Shaped.name


def test_a_candidate_without_a_shape_says_so():
    models = run(weekly(3))
    place = NAMES.index(Shaped.name)
    with pytest.raises(ValueError, match="no shape yet"):
        models.forecast(FIRST + 30, 7, place)
    assert models.champion == COMBINED
    assert models.forecast(FIRST + 21, 7).mean > 0
