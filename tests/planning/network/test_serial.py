"""The best levels of a chain are those of the books, and one newsvendor's quantile is near them."""

import pytest
from support.clark_scarf import Level, bounds, fair_share, optimum

# Snyder and Shen, Fundamentals of Supply Chain Theory, and Shang and Song (2003), as stockpyl 1.0.2 solves them.
NORMAL = [
    ("example 6.1", [(3, 1), (2, 1), (2, 2)], 37.12, 5, 1, 47.6654),
    ("problem 6.1", [(1, 1), (1, 1)], 15, 100, 15, 166.2705),
    ("problem 6.2a", [(2, 0.5), (2, 0.5), (1, 0.5), (1, 0.5), (1, 0.5)], 24, 64, 8, 451.7288),
    ("problem 6.16", [(5, 8), (2, 3)], 24, 20, 4, 438.2396),
]
POISSON = [
    ("row 1", [0.25] * 4, [8, 13, 18, 22], 12.6869),
    ("row 9", [0.25, 2.5, 2.5, 0.25], [9, 10, 13, 19], 53.0064),
]


def chain_of(pairs):
    return [Level(float(holding), float(days)) for holding, days in pairs]


@pytest.mark.parametrize(
    ("pairs", "shortage", "mean", "sd", "cost"),
    [case[1:] for case in NORMAL],
    ids=[case[0] for case in NORMAL],
)
def test_a_chain_with_normal_demand_costs_what_the_books_say(pairs, shortage, mean, sd, cost):
    found = optimum(chain_of(pairs), shortage, mean, sd)
    # The books' own figures come of a coarser grid.
    assert found.cost == pytest.approx(cost, rel=5e-4)


def test_its_levels_are_those_of_the_books():
    found = optimum(chain_of(NORMAL[0][1]), 37.12, 5, 1)
    assert found.levels == pytest.approx([6.49, 12.02, 22.71], abs=0.02)


@pytest.mark.parametrize(
    ("holding", "levels", "cost"), [case[1:] for case in POISSON], ids=[case[0] for case in POISSON]
)
def test_a_chain_with_poisson_demand_has_the_levels_and_the_cost_of_shang_and_song(
    holding, levels, cost
):
    found = optimum([Level(one, 0.25) for one in holding], 9, 16)
    assert found.levels == levels
    assert found.cost == pytest.approx(cost, rel=5e-4)


@pytest.mark.parametrize(
    ("pairs", "shortage", "mean", "sd"),
    [case[1:5] for case in NORMAL],
    ids=[case[0] for case in NORMAL],
)
def test_the_best_levels_lie_between_two_newsvendors(pairs, shortage, mean, sd):
    chain = chain_of(pairs)
    found = optimum(chain, shortage, mean, sd)
    for level, (low, high) in zip(found.levels, bounds(chain, shortage, mean, sd), strict=True):
        assert low - 0.1 <= level <= high + 0.1


def test_goods_are_shared_so_that_they_last_alike():
    days, given = fair_share(500, [50, 100, 75], [10, 50, 15])
    assert days == pytest.approx(9.667, abs=5e-4)
    assert given == pytest.approx([46.67, 383.33, 70.0], abs=0.005)


def test_who_has_more_than_the_others_will_have_gets_nothing():
    days, given = fair_share(10, [100, 0], [1, 1])
    assert (days, given) == (10, [0, 10])


@pytest.mark.parametrize("case", [([], []), ([1], [0]), ([1, 2], [1])])
def test_a_share_among_nobody_is_refused(case):
    with pytest.raises(ValueError, match="^stock, daily"):
        fair_share(1, *case)


@pytest.mark.parametrize(("chain", "mean"), [([], 1), ([Level(1, 1)], 0)])
def test_a_chain_that_cannot_be_is_refused(chain, mean):
    with pytest.raises(ValueError, match="^chain, shortage"):
        optimum(chain, 1.0, mean, 1.0)
