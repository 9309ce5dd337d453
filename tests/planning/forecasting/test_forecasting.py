"""Forecasts: histories and candidates against batch oracles, scores against their definitions, and who comes to speak."""

import math
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.demand import demand as demands
from andon.planning.demand import special_functions as special
from andon.planning.demand.demand import DAY, Demand
from andon.planning.demand.distributions import Distribution
from andon.planning.forecasting import scores
from andon.planning.forecasting.candidates import (
    NAMES,
    SeasonalNaive,
    Shaped,
    Tsb,
    WeekdayMean,
    combined,
)
from andon.planning.forecasting.history import Lately, history_of
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.scores import Score, Seen, moved_factor, pinball, widened, within
from andon.planning.forecasting.voice import of_level, scale_to_forecast

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


class Item:
    """A level and its models, told what an item sold day by day."""

    def __init__(self, sold=(), first=FIRST):
        self.level = Demand(closed=first - 1)
        self.models = Models()
        self.go_on(sold, first)

    def go_on(self, sold, first):
        hear = self.models.observer(self.level)
        for day, units in enumerate(sold, first):
            demands.record(self.level, day, units or 0)
            demands.close_through(self.level, day, 0.0 if units is None else 1.0, observe=hear)

    @property
    def record(self):
        return msgspec.msgpack.encode((self.level, self.models))


def news(sold):
    """Days of which all are new."""
    return Lately(history_of(FIRST, sold), len(sold))


def run(sold):
    return Item(sold).models


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
    found = models.seasonal_naive.over(Lately(models.history), FIRST + len(sold) + 2, 9)
    assert found.mean == sum((sold[-7:] * 3)[2:11])


def test_the_weekday_mean_is_four_weeks_mean_times_eight_weeks_factors():
    sold = weekly(10)
    models = run(sold)
    first = FIRST + len(sold)
    level = sum(sold[-28:]) / 28
    factors = [sum(sold[-56:][place::7]) / 8 / (sum(sold[-56:]) / 56) for place in range(7)]
    for step in range(7):
        found = models.weekday_mean.over(Lately(models.history), first + step, 1).mean
        assert found == pytest.approx(level * factors[step])


def mean_of(days, before=()):
    """The mean of the days that are known; if none is, of all before."""
    known = [units for units in days if units is not None]
    known = known or [units for units in before if units is not None]
    return sum(known) / len(known) if known else 0.0


def naive_by_definition(days, place):
    before = days[:place]
    last = before[-7] if len(before) >= 7 else None
    return mean_of(before[-7:], before) if last is None else last


def weekday_mean_by_definition(days, place):
    before = days[:place]
    season = before[-56:]
    factor = 1.0
    same = [units for units in before[-7:-57:-7] if units is not None]
    if len(before) >= 14 and same and mean_of(season):
        factor = mean_of(same) / mean_of(season)
    return mean_of(before[-28:], before) * factor


@given(st.lists(st.one_of(st.none(), st.integers(0, 40)), min_size=1, max_size=120), st.data())
def test_every_day_is_expected_by_definition_however_many_are_new(days, data):
    new = data.draw(st.integers(1, len(days)))
    places = [place for place in range(len(days) - new, len(days)) if days[place] is not None]
    for model, definition in (
        (SeasonalNaive(), naive_by_definition),
        (WeekdayMean(), weekday_mean_by_definition),
    ):
        found = model.learn(Lately(history_of(FIRST, days), new))
        assert found == pytest.approx([definition(days, place) for place in places])


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 40)), min_size=1, max_size=120), st.integers(1, 30)
)
def test_an_interval_is_the_sum_of_its_days(days, length):
    history = history_of(FIRST, days)
    for model in (SeasonalNaive(), WeekdayMean()):
        first = FIRST + len(days)
        each = [model.mean(Lately(history), first + step, 1) for step in range(length)]
        assert model.mean(Lately(history), first, length) == pytest.approx(sum(each))


def test_tsb_is_its_two_exponential_smoothings():
    sold = [0, 0, 3, 0, 5, 0, 0, 0, 4]
    tsb = Tsb()
    tsb.learn(news(sold))
    size = 1.0
    for units in [units for units in sold if units]:
        size = 0.9 * size + 0.1 * units
    count = len(sold)
    chance = 0.5 * 0.95**count + sum(
        0.05 * 0.95 ** (count - 1 - place) for place, units in enumerate(sold) if units
    )
    assert tsb.over(news([]), 0, 4).mean == pytest.approx(4 * chance * size)


def test_an_item_that_stops_selling_fades_out_of_tsb():
    tsb = Tsb()
    tsb.learn(news([2] * 30 + [0] * 120))
    assert tsb.over(news([]), 0, 1).mean < 0.01


def test_a_level_on_a_shape_counts_no_rise_twice():
    """A shape that doubles, told after the demand did: the level stays what it was in units of the shape."""
    sold = [10] * 56 + [20] * 28
    models = run(sold)
    assert models.reshape([0.5] * 56 + [1.0] * 28 + [1.0] * 28, FIRST, FIRST + 84, "weekly")
    ahead = models.shaped.over(Lately(models.history), FIRST + len(sold), 7)
    assert ahead.mean == pytest.approx(140, rel=0.03)


def test_the_mean_of_forecasts_is_as_uncertain_as_they_are_and_as_they_differ():
    found = combined([Distribution(10, 20), None, Distribution(14, 30)], [2.0, 7.0, 2.0])
    assert (found.mean, found.variance) == (12, 25 + 4)
    found = combined([Distribution(10, 20), Distribution(14, 30)], [3.0, 1.0])
    assert (found.mean, found.variance) == (11, 22.5 + 3)


@given(st.integers(0, 60))
def test_the_pinball_loss_is_its_definition(sold):
    forecast = Distribution(20, 45)
    losses = []
    for level in (0.5, 0.9, 0.98):
        quantile = forecast.quantile(level)
        losses.append(max(level * (sold - quantile), (level - 1) * (sold - quantile)))
    assert pinball(forecast, sold) == pytest.approx(sum(losses) / 3, abs=0.5)
    assert pinball(forecast, 60) == pytest.approx(
        sum(level * (60 - forecast.about(special.ndtri(level))) for level in (0.5, 0.9, 0.98)) / 3
    )


def test_scores_are_their_definitions_where_nothing_is_forgotten_yet():
    score = Score()
    score.see_days([5.0], Seen([8], [6]))
    assert (score.wape, score.mase) == (3 / 8, 3 / 2)
    assert score.bias == -3 / 8


DISCOUNT = 0.98


@given(
    st.lists(
        st.tuples(st.floats(0, 50), st.integers(0, 50), st.one_of(st.none(), st.integers(0, 50)))
    ),
    st.data(),
)
def test_scores_are_discounted_sums_however_the_days_come(days, data):
    score, at_once = Score(), data.draw(st.integers(0, len(days)))
    for part in (days[:at_once], days[at_once:]):
        seen = Seen([sold for _, sold, _ in part], [before for _, _, before in part])
        score.see_days([forecast for forecast, _, _ in part], seen)
    error = signed = total = naive = 0.0
    for forecast, sold, before in days:
        error = error * DISCOUNT + abs(forecast - sold)
        signed = signed * DISCOUNT + forecast - sold
        total = total * DISCOUNT + sold
        naive = naive if before is None else naive * DISCOUNT + abs(before - sold)
    found = (score.error, score.signed_error, score.sold, score.naive_error)
    assert found == pytest.approx((error, signed, total, naive), abs=1e-9)


def test_who_falls_silent_is_scored_on_the_days_it_spoke_of():
    score, same = Score(), Score()
    score.see_days([4.0, 5.0], Seen([3, 7, 9], [1, 2, 3]))
    same.see_days([4.0, 5.0], Seen([3, 7], [1, 2]))
    assert score == same


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_stretching_brings_the_90_percent_interval_to_90_percent(factor):
    """Demand of a variance that the forecast has wrong by a factor."""
    chance = random.Random(3)
    forecast, variance_factor, inside = Distribution(400, 2000), 1.0, []
    for _ in range(4000):
        sold = round(chance.gauss(400, math.sqrt(2000 * factor)))
        wide = Distribution(forecast.mean, widened(forecast, variance_factor))
        inside.append(within(wide, sold))
        variance_factor = moved_factor(variance_factor, inside=inside[-1])
    assert sum(inside[1000:]) / 3000 == pytest.approx(0.9, abs=0.02)


def test_a_day_that_is_closed_twice_counts_once():
    sold = weekly(12)
    once, twice = Item(sold), Item()
    for day, units in enumerate(sold, FIRST):
        twice.go_on([units], day)
        assert not twice.models.close(day, units, twice.level, 10.0)
        assert not twice.models.close(day - 1, 1000, twice.level, 10.0)
    assert twice.record == once.record


@settings(max_examples=20)
@given(st.integers(1, 83))
def test_a_record_that_was_written_and_read_back_goes_on_as_if_nothing_had_happened(cut):
    sold = weekly(12)
    item = Item(sold[:cut])
    kinds = tuple[Demand, Models]
    item.level, item.models = msgspec.msgpack.decode(item.record, type=kinds)
    item.go_on(sold[cut:], FIRST + cut)
    assert item.record == Item(sold).record


@settings(max_examples=20)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=1, max_size=120),
    st.integers(0, 119),
    st.integers(0, 6),
)
def test_putting_off_what_a_day_teaches_changes_nothing(days, shaped, phase):
    """One learns every day, the other at the ends of intervals; both get a shape that ends before the last day."""
    daily, put_off = Item(), Item()
    for item in (daily, put_off):
        item.models.phase = phase
        for place, units in enumerate(days):
            if place == shaped:
                item.models.reshape([1.0] * (place + 20), FIRST, FIRST + place, "weekly")
            item.go_on([units], FIRST + place)
            if item is daily:
                item.models.catch_up()
    put_off.models.catch_up()
    for one, other in zip(daily.models.scores, put_off.models.scores, strict=True):
        assert msgspec.structs.astuple(one) == pytest.approx(msgspec.structs.astuple(other))
    daily.models.scores = put_off.models.scores = []
    assert figures(daily) == pytest.approx(figures(put_off))


def figures(item):
    """Every number of a record, in turn."""
    found, waiting = [], [msgspec.msgpack.decode(item.record)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, int | float):
            found.append(one)
    return found


def test_the_first_interval_is_put_off_by_the_phase():
    for phase in range(7):
        item = Item()
        item.models.phase = phase
        item.go_on(weekly(4), FIRST)
        assert (item.models.watched.first - FIRST - phase) % 7 == 0


def test_two_years_of_an_item_fit_into_four_kilobytes():
    item = Item(weekly(105))
    assert item.models.reshape([1.0] * 830, FIRST, FIRST + 735, "weekly")
    item.go_on([10] * 14, FIRST + 735)
    assert len(msgspec.msgpack.encode(item.models)) < 4096


def test_days_out_of_stock_teach_nothing():
    sold = weekly(20)
    before, after = Item(sold), Item([*sold, *[None] * 21])
    assert after.level.level == before.level.level
    assert after.models.scores == before.models.scores


def test_after_a_long_time_out_of_stock_every_candidate_expects_what_it_did_before():
    item = Item([10] * 60 + [None] * 70)
    for place in range(len(NAMES)):
        if item.models.is_ready(place):
            found = item.models.forecast(item.level, FIRST + 130, 7, place)
            assert found.mean == pytest.approx(70, rel=0.03), NAMES[place]


def test_a_model_that_is_clearly_better_comes_to_speak_and_one_bad_week_does_not_depose_it():
    """What every tenth day sells no week repeats: the shape knows, the others cannot."""
    sold = [100 if day % 10 == 0 else 2 for day in range(500)]
    shape = [value / 11.8 for value in (100 if day % 10 == 0 else 2 for day in range(900))]
    item = Item(sold[:120])
    assert item.models.reshape(shape, FIRST, FIRST + 120, "all")
    item.go_on(sold[120:498], FIRST + 120)
    assert NAMES[item.models.champion] == Shaped.name
    item.go_on([0] * 7, FIRST + 498)
    assert NAMES[item.models.champion] == Shaped.name


def test_what_the_level_lost_in_its_first_ten_weeks_gives_nobody_its_voice():
    """As where an item began with a bulk order; from then on nobody is better than the level."""
    models = Models(history=history_of(FIRST, [10]))
    for week in range(60):
        for place, score in enumerate(models.scores):
            loss = 4.0 if place == 0 and week < 10 else 1.0
            score.see_sum(Distribution(10, 10), 10, loss, 1.0)
        models._choose()
        assert models.champion == 0, week
    assert models.cost(0) is not None


def test_who_is_better_by_little_does_not_speak_and_who_spoke_may_lose_some_of_its_lead():
    models = Item(weekly(40)).models
    spoke = []
    for pinball_loss in (80.0, 65.0, 80.0, 90.0):
        for place, score in enumerate(models.scores):
            score.intervals, score.rival = 30.0, 100.0
            score.pinball = pinball_loss if place == 1 else 100.0
        models._choose()
        spoke.append(models.champion)
    assert spoke == [0, 1, 1, 0]


def test_the_level_speaks_as_it_is():
    item = Item(weekly(40))
    item.level.mean_factor = item.level.variance_factor = 1.3
    item.models.champion, item.models.weighed = 0, -1
    item.models.apply_champion(item.level, 7.0)
    assert item.level.mean_factor == item.level.variance_factor == 1.0


def test_a_candidate_without_a_shape_says_so():
    item = Item(weekly(3))
    place = NAMES.index(Shaped.name)
    with pytest.raises(ValueError, match="no shape of these days"):
        item.models.forecast(item.level, FIRST + 30, 7, place)
    assert item.models.champion == 0
    assert item.models.forecast(item.level, FIRST + 21, 7).mean > 0


def test_when_its_shape_has_ended_the_champion_is_silent_and_the_level_speaks():
    item = Item(weekly(8))
    assert item.models.reshape([1.0] * 60, FIRST, FIRST + 56, "weekly")
    item.models.champion = NAMES.index(Shaped.name)
    assert item.models.active == item.models.champion
    item.go_on([10] * 4, FIRST + 56)
    assert item.models.active == 0


def test_a_shape_that_was_asked_for_earlier_than_the_last_or_is_over_changes_nothing():
    item = Item(weekly(8))
    assert item.models.reshape([1.0] * 90, FIRST, FIRST + 56, "weekly")
    before = item.record
    assert not item.models.reshape([2.0] * 90, FIRST, FIRST + 56, "weekly")
    assert not item.models.reshape([2.0] * 56, FIRST, FIRST + 60, "weekly")
    assert item.record == before


@given(st.floats(0.5, 2.0), st.floats(0.5, 3.0))
def test_a_demand_speaks_with_the_mean_and_variance_of_the_forecast_that_was_chosen(
    mean_factor, spread
):
    item = Item(weekly(20))
    begin = (FIRST + 140) * DAY
    level = of_level(item.level, begin, 7.0)
    chosen = Distribution(
        level.mean * mean_factor, max(level.variance * spread, level.mean * mean_factor)
    )
    scale_to_forecast(item.level, chosen, begin, 7.0)
    spoken = demands.over(item.level, begin, 7.0)
    assert spoken.mean == pytest.approx(chosen.mean)
    assert spoken.sd == pytest.approx(chosen.sd, rel=0.25)
    assert of_level(item.level, begin, 7.0) == level


def test_the_level_learns_the_same_whoever_speaks():
    sold = weekly(20)
    plain, spoken = Item(sold[:70]), Item(sold[:70])
    spoken.level.mean_factor, spoken.level.variance_factor = 1.7, 2.5
    for item in (plain, spoken):
        item.go_on(sold[70:], FIRST + 70)
    assert spoken.level.level == pytest.approx(1.7 * plain.level.level)
    spoken.level.mean_factor = spoken.level.variance_factor = 1.0
    assert spoken.record == plain.record


@given(st.floats(0.1, 400), st.floats(1.0, 5.0), st.integers(0, 900))
def test_an_interval_holds_what_lies_between_its_quantiles(mean, ratio, sold):
    forecast = Distribution(mean, mean * ratio)
    if mean < 200:
        assert within(forecast, sold) == (
            forecast.quantile(0.05) <= sold <= forecast.quantile(0.95)
        )


@pytest.mark.parametrize("mean", [1e-9, 1e-5, 0.001, 0.1])
@pytest.mark.parametrize("variance", [1e-3, 1.0, 1e4])
def test_a_forecast_of_next_to_nothing_loses_next_to_nothing_if_nothing_sells(mean, variance):
    """Outside its range, the correction for skewness once made this 1,428.9 units."""
    # At each level a quantile is at most mean / (1 - level), of which the loss takes the share 1 - level.
    assert scores.pinball(Distribution(mean, variance), 0) <= mean * (1 + 1e-9)
