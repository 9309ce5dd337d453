"""The year of the items of a study: whose it is, and what it makes of their stock."""

import math
from dataclasses import replace

import numpy as np
import pytest

from andon.planning.backtest.history import Conditions, History
from andon.planning.backtest.scenario import ANDON, Study
from andon.planning.backtest.years import with_years
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.studies.study import run_study

FIRST = 20_000
DAYS = 7 * 170


def history(number, *, location="S", category=None, swing=0.6, days=DAYS):
    chance = np.random.default_rng(number)
    mean = 4.0 * np.exp(swing * np.sin(2 * math.pi * np.arange(DAYS) / 364))[:days]
    item = Item(
        location=location,
        sku=f"A{number}",
        updated_at=utc(0.0),
        category=category,
        sources=(Source(supplier="ACME", lead_time_days=14.0),),
        unit_cost=6.0,
        unit_price=10.0,
    )
    return History(item, FIRST, chance.poisson(mean), prior(14.0, 1.0))


def test_a_year_is_that_of_the_finest_pool_of_at_least_eight_items():
    teas = [history(one, category="tea") for one in range(8)]
    salts = [history(10 + one, category="salt") for one in range(3)]
    others = [history(20, location="elsewhere")]
    found = with_years([*teas, *salts, *others])
    assert len({id(one.year) for one in found[:8]}) == 1
    assert found[8].year is not None
    assert found[8].year is not found[0].year
    assert found[-1].year is None


def test_the_year_of_a_study_foresees_its_season_from_the_weeks_before():
    found = with_years([history(one) for one in range(12)])
    day = FIRST + 7 * 140
    ahead = np.exp(0.6 * np.sin(2 * math.pi * np.arange(7 * 140 - 56, 7 * 140 + 14) / 364))
    expected = ahead[56:].mean() / np.average(ahead[:56], weights=0.96 ** np.arange(55, -1, -1))
    assert found[0].year.factor(day, 14) == pytest.approx(expected, rel=0.1)


def test_days_that_were_not_for_sale_and_new_items_are_no_season():
    steady = [history(one, swing=0.0) for one in range(10)]
    shut = np.ones(DAYS, dtype=np.bool_)
    shut[100:160] = False
    found = with_years(
        [
            replace(steady[0], in_stock=shut),
            *steady[1:8],
            *(replace(one, first_day=FIRST + 300) for one in steady[8:]),
        ]
    )
    for week in range(120, 160):
        assert found[0].year.factor(FIRST + 7 * week, 14) == pytest.approx(1.0, abs=0.05)


def promoted(number, days=360):
    """Poisson sales of four a day, and of twelve on five days of every second week."""
    is_on = np.arange(days) % 14 < 5
    chance = np.random.default_rng(number)
    sold = chance.poisson(np.where(is_on, 12.0, 4.0))
    told = tuple((FIRST + np.flatnonzero(is_on)).tolist())
    return replace(history(number), sold=sold, promoted=told)


def test_promotions_of_a_record_are_spans_of_days_beside_those_of_the_item():
    one = replace(history(1), promoted=(3, 4, 5, 9, 11, 12))
    assert one.promotions == [(3, 5, 1.0), (9, 9, 1.0), (11, 12, 1.0)]
    assert history(1).promotions == []


def test_what_a_promotion_did_is_no_season():
    found = with_years([promoted(one, DAYS) for one in range(8)])
    for week in range(120, 160):
        assert found[0].year.factor(FIRST + 7 * week, 7) == pytest.approx(1.0, abs=0.06)


@pytest.mark.slow
def test_promotions_that_are_told_cost_less():
    told = [promoted(one) for one in range(8)]
    study = Study(
        Conditions(warm_up_days=180),
        rivals=(),
        curves=False,
        splits=False,
        first_day=FIRST,
        last_day=FIRST + 359,
    )
    costs = [
        run_study(study, chosen, processes=1, progress=lambda _: None)
        .outcomes[ANDON, "own"]
        .cost.sum()
        for chosen in (told, [replace(one, promoted=()) for one in told])
    ]
    assert costs[0] < 0.9 * costs[1]


@pytest.mark.slow
def test_a_season_that_is_foreseen_costs_less():
    histories = [history(one) for one in range(12)]
    study = Study(
        Conditions(warm_up_days=7 * 118),
        rivals=(),
        curves=False,
        splits=False,
        first_day=FIRST,
        last_day=FIRST + DAYS - 1,
    )
    costs = [
        run_study(study, chosen, processes=1, progress=lambda _: None)
        .outcomes[ANDON, "own"]
        .cost.sum()
        for chosen in (histories, [replace(one, item=_alone(one)) for one in histories])
    ]
    assert costs[0] < 0.97 * costs[1]


def _alone(one):
    """An item in a location of its own, whose pool has no other."""
    return Item(
        location=f"S{one.item.sku}",
        sku=one.item.sku,
        updated_at=one.item.updated_at,
        sources=one.item.sources,
        unit_cost=6.0,
        unit_price=10.0,
    )
