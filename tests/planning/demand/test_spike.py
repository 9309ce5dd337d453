"""A public holiday is no spike, unless it sells beyond what holidays did before."""

from datetime import UTC, date, datetime

import holidays
import msgspec
import numpy as np
import pytest
from support.stories import DAY, START, Story

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.planning.demand.holidays import is_holiday
from andon.planning.demand.spike import observing_holidays, spike_threshold, usual_of

FIRST = 20_000


def day_of(year, month, day):
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() // DAY)


@pytest.mark.parametrize("country", ["DE", "US", "GB"])
def test_the_holidays_are_those_of_the_calendar(country):
    known = holidays.country_holidays(country, years=[2025, 2026])
    first = day_of(2025, 1, 1)
    found = {
        date.fromordinal(date(1970, 1, 1).toordinal() + day)
        for day in range(first, first + 730)
        if is_holiday(country, day)
    }
    assert found == set(known)


def test_a_country_whose_holidays_are_not_known_has_none():
    assert not any(is_holiday("XX", FIRST + day) for day in range(400))


def learned(days, *, effect):
    """Poisson sales of ten a day, and of so many times that on German holidays."""
    chance = np.random.default_rng(5)
    demand = Demand()
    hear = observing_holidays(demand, "DE", None)
    for day in range(FIRST, FIRST + days):
        daily = 10.0 * (effect if is_holiday("DE", day) else 1.0)
        demands.record(demand, day, int(chance.poisson(daily)))
        demands.close_through(demand, day, observe=hear)
    return demand


@pytest.mark.parametrize("effect", [0.3, 1.0, 2.5])
def test_what_holidays_do_is_found_and_moves_only_what_a_holiday_is_compared_with(effect):
    demand = learned(3 * 365, effect=effect)
    holiday = next(day for day in range(FIRST + 3 * 365, FIRST + 5 * 365) if is_holiday("DE", day))
    plain = demands.over(demand, holiday * DAY, 1.0)
    usual = usual_of(demand, holiday, "DE")
    assert usual.mean == pytest.approx(effect * plain.mean, rel=0.25)
    assert usual_of(demand, holiday) == plain
    after = next(day for day in range(holiday, holiday + 9) if not is_holiday("DE", day))
    assert usual_of(demand, after, "DE") == demands.over(demand, after * DAY, 1.0)


def test_a_holiday_is_a_spike_only_beyond_what_holidays_did_before():
    demand = learned(3 * 365, effect=3.0)
    holiday = next(day for day in range(FIRST + 3 * 365, FIRST + 5 * 365) if is_holiday("DE", day))
    threshold = spike_threshold(demand, holiday, "DE")
    assert spike_threshold(demand, holiday) < threshold
    assert 30 < threshold < 90


@pytest.mark.parametrize(("country", "spikes"), [(None, 1), ("DE", 0)])
def test_the_same_sales_are_a_spike_where_no_holiday_explains_them(country, spikes):
    story = Story(stock=10_000, country=country)
    holiday = next(
        day
        for day in range(int(START // DAY) + 30, int(START // DAY) + 400)
        if is_holiday("DE", day)
    )
    story.days(holiday - int(START // DAY) - 1)
    story.sell(29, holiday * DAY + 3600)
    assert len(story.alerts("demand_spike")) == spikes


def test_a_state_with_holidays_reads_back_the_same():
    demand = learned(400, effect=2.0)
    assert demand.holidays is not None
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(demand), type=Demand)
    assert again == demand
