"""Wide disruptions are found by what they hold up; the worst of them is what looking at each would find."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.supply.disruption import Disruption, arrival, in_force, matches
from andon.planning.supply.wide_disruptions import Disruptions, way_of

DAY = 86400.0
NOW = 20_000 * DAY
WAY = {"supplier": "ACME", "carrier": "X", "lane": "L1", "locations": ("S",)}

days = st.integers(-4, 9).map(lambda number: NOW + number * DAY)
ones = st.builds(
    Disruption,
    delay_id=st.just(""),
    scope=st.sampled_from(["supplier", "carrier", "lane", "location"]),
    name=st.sampled_from(["ACME", "X", "L1", "S"]),
    at=days,
    hours=st.none() | st.integers(-48, 240).map(float),
    starts=st.none() | days,
    ends=st.none() | days,
    since=days,
    severity=st.sampled_from([0.0, 0.5, 1.0]),
)
known_ones = st.lists(ones, max_size=12).map(
    lambda found: {
        f"D{number}": msgspec.structs.replace(one, delay_id=f"D{number}")
        for number, one in enumerate(found)
    }
)


@given(known_ones, days, st.none() | days, st.sampled_from([0.0, 0.4, 1.0, 2.5]))
def test_the_worst_is_what_looking_at_each_of_them_finds(known, base, ordered, multiplier):
    touching = [
        one
        for one in known.values()
        if matches(one, **WAY) and (ordered is None or in_force(one, ordered))
    ]
    worst = Disruptions(known).worst(way_of(**WAY), base, ordered)
    found = arrival(base, 1.0, [] if worst is None else [worst], multiplier)
    assert found == arrival(base, 1.0, touching, multiplier)


@given(known_ones)
def test_those_that_touch_a_way_come_in_the_order_in_which_they_are_known(known):
    touching = [one for one in known.values() if matches(one, **WAY)]
    assert Disruptions(known).touching(way_of(**WAY)) == touching


def test_what_is_not_known_of_a_way_is_touched_by_nothing():
    known = Disruptions({"D": Disruption("D", "lane", "L1", NOW, hours=5.0)})
    assert known.worst(way_of(supplier="ACME"), NOW, None) is None
    assert known.touching(way_of(carrier="L1")) == []


def test_they_are_those_of_the_moment_and_found_by_name():
    one = Disruption("D", "lane", "L1", NOW, hours=5.0)
    before = {"D": one}
    known = Disruptions(before)
    before.clear()
    assert dict(known) == {"D": one}
    assert known.get("E") is None
    with pytest.raises(KeyError):
        known["E"]
