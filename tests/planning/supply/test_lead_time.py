"""Lead times and punctuality against batch estimates and simulation."""

import math
import random
import statistics

import pytest
from scipy import stats

from andon.planning.supply.lead_time import LeadTime, Punctuality, blend, learn, prior


def test_a_prior_says_what_the_master_data_say():
    belief = prior(10, 3)
    assert belief.mean_days == pytest.approx(10)
    assert belief.sd_days == pytest.approx(3)


def test_learning_is_the_discounted_batch_estimate():
    days = [5, 7, 4, 12, 6]
    state = prior(6, 2)
    weight, total, squares = state.weight, state.total, state.squares
    for took in days:
        learn(state, took)
        log = math.log(took)
        weight, total, squares = 0.97 * weight + 1, 0.97 * total + log, 0.97 * squares + log**2
    assert state.mu == pytest.approx(total / weight)
    assert state.sigma == pytest.approx(math.sqrt(squares / weight - (total / weight) ** 2))


def test_many_deliveries_outweigh_a_wrong_prior():
    chance = random.Random(1)
    state = prior(30)
    for _ in range(400):
        learn(state, chance.lognormvariate(math.log(5), 0.3))
    assert state.quantile(0.5) == pytest.approx(5, rel=0.15)
    assert state.sigma == pytest.approx(0.3, rel=0.3)


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.9])
def test_quantiles_and_probabilities_are_those_of_scipy(probability):
    state = prior(8, 2)
    law = stats.lognorm(state.sigma, scale=math.exp(state.mu))
    assert state.quantile(probability) == pytest.approx(law.ppf(probability))
    assert state.cdf(9.5) == pytest.approx(law.cdf(9.5))


@pytest.mark.parametrize("elapsed", [0.0, 4.0, 8.0, 12.0])
def test_what_remains_is_what_a_simulation_finds(elapsed):
    chance = random.Random(3)
    state = prior(8, 2)
    rest = [
        days - elapsed
        for days in (chance.lognormvariate(state.mu, state.sigma) for _ in range(200_000))
        if days > elapsed
    ]
    mean, sd = state.remaining(elapsed)
    assert mean == pytest.approx(statistics.fmean(rest), rel=0.05)
    assert sd == pytest.approx(statistics.stdev(rest), rel=0.08)


def test_far_out_in_the_tail_the_wait_is_still_finite():
    mean, sd = prior(2, 0.2).remaining(60)
    assert 0 < mean < 10
    assert 0 < sd < 10


def test_a_blend_moves_from_the_belief_to_what_was_seen():
    belief = prior(10, 2)
    little, much = blend(belief, 4, 0.2, 1), blend(belief, 4, 0.2, 200)
    assert belief.mean_days > little.mean_days > much.mean_days > 4


def test_punctuality_counts_deliveries_up_to_half_a_day_late_as_on_time():
    punctuality = Punctuality()
    for late in (-1, 0, 0.4, 3):
        punctuality.learn(late, None)
    assert punctuality.share_on_time == pytest.approx(0.75, abs=0.02)


def test_reports_that_came_half_true_are_worth_half():
    punctuality = Punctuality()
    for _ in range(200):
        punctuality.learn(2.0, 4.0)
    assert punctuality.delay_multiplier == pytest.approx(0.5, abs=0.02)


def test_nothing_known_is_said_as_nothing():
    nothing = Punctuality()
    assert nothing.share_on_time is None
    assert nothing.mean_delay_days is None
    assert nothing.delay_multiplier == 1


def test_a_lead_time_of_nothing_is_within_the_hour():
    assert prior(0).mean_days == pytest.approx(1 / 24)
    assert prior(0).quantile(0.99) < 0.1


@pytest.mark.parametrize("days", [-0.1, -1])
def test_a_lead_time_is_never_below_nothing(days):
    with pytest.raises(ValueError, match="mean_days"):
        prior(days)


def test_lead_times_survive_the_changelog():
    import msgspec

    state = prior(8, 2)
    learn(state, 3)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=LeadTime) == state


@pytest.mark.parametrize("mean", [5e-324, 1e-300, 1e-160, 1e-9])
@pytest.mark.parametrize("sd", [None, 0.0, 3650.0])
def test_however_short_a_lead_time_its_moments_are_numbers(mean, sd):
    belief = prior(mean, sd)
    assert math.isfinite(belief.mean_days)
    assert math.isfinite(belief.sd_days)
    assert 0 <= belief.quantile(0.5) <= belief.quantile(0.9) < math.inf
