"""Disruptions: how long they are in force, and what they do to an arrival."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stories import DAY, START, SupplyNetwork

from andon.planning.decision.sourcing import held_up
from andon.planning.supply.disruption import Disruption, arrival, disruption_of, in_force
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.items import Source


def strike(**fields):
    return Disruption(**{"delay_id": "D", "scope": "carrier", "name": "X", "at": START, **fields})


@pytest.mark.parametrize(
    ("fields", "lasts_days"),
    [
        ({"hours": 48.0}, 2),
        ({"hours": 48.0, "starts": START + DAY}, 3),
        ({"hours": 48.0, "ends": START + 9 * DAY}, 9),
        ({"ends": START + 4 * DAY}, 4),
    ],
)
def test_a_disruption_is_over_at_its_end_or_when_its_delay_has_passed(fields, lasts_days):
    one = strike(**fields)
    assert in_force(one, START + lasts_days * DAY - 1)
    assert not in_force(one, START + lasts_days * DAY)


def test_a_disruption_of_unknown_length_lasts_until_it_is_lifted():
    assert in_force(strike(), START + 1000 * DAY)


def test_an_order_placed_after_a_disruption_is_not_held_up():
    source = Source(supplier="ACME", lead_time_days=5.0, carrier="X")
    supply = SupplyNetwork(strike(hours=48.0))

    def days(at):
        found = held_up(source, "S", prior(5.0), at, supply)
        return 0.0 if found is None else found[0]

    assert days(START + DAY) == pytest.approx(2.0)
    assert days(START + 3 * DAY) == 0.0


@pytest.mark.parametrize("how", [{"hours": 48.0}, {"ends": START + 9 * DAY}, {}])
def test_what_arrives_before_a_disruption_starts_is_not_held_up(how):
    announced = strike(starts=START + 5 * DAY, **how)
    assert arrival(START + 4 * DAY, 1.0, [announced]).expected == START + 4 * DAY
    assert arrival(START + 6 * DAY, 1.0, [announced]).expected > START + 6 * DAY


def test_an_earlier_date_is_believed_when_nothing_else_holds_it_up():
    early = strike(scope="shipment", expected=START + DAY)
    assert arrival(START + 3 * DAY, 1.0, [early]).expected == START + DAY
    both = [early, strike(delay_id="E", hours=24.0)]
    assert arrival(START + 3 * DAY, 1.0, both).expected == START + 4 * DAY


def test_a_longer_delay_is_less_certain():
    short, long = (arrival(START, 1.0, [strike(hours=24.0 * days)]) for days in (1, 20))
    assert short.spread_days == 1.0
    assert long.spread_days > short.spread_days


delays = st.builds(
    strike,
    hours=st.none() | st.floats(0, 2000),
    starts=st.none() | st.floats(START - 30 * DAY, START + 30 * DAY),
    ends=st.none() | st.floats(START, START + 60 * DAY),
)


@given(st.lists(delays, max_size=4), delays, st.floats(0.1, 2.0))
def test_one_more_disruption_never_brings_goods_sooner(known, another, delay_multiplier):
    base = START + 3 * DAY
    before = arrival(base, 1.0, known, delay_multiplier)
    after = arrival(base, 1.0, [*known, another], delay_multiplier)
    assert after.expected >= before.expected >= base


def test_a_report_is_taken_in_with_all_it_says():
    event = DelayEvent(
        event_id="e",
        occurred_at=utc(START),
        delay_id="D",
        scope=Scope(type="lane", id="L1"),
        starts_at=utc(START),
        ends_at=utc(START + DAY),
    )
    assert disruption_of(event, START) == Disruption(
        "D", "lane", "L1", START, starts=START, ends=START + DAY, since=START
    )
    assert disruption_of(event, START).describe() == "lane L1 disrupted"
