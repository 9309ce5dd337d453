"""The fast copy of a level's learning is held to the clear one, to the last bit."""

from itertools import chain, repeat

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from andon.planning.demand.fast_level import learn_known
from andon.planning.demand.level import learn
from andon.planning.demand.state import Demand

FIRST = 20_000
#: What only the level of a book is asked for: its copy leaves it as it was.
LEFT_OUT = {
    "error",
    "total",
    "signed_error",
    "shift",
    "overshoot",
    "followed",
    "sales",
    "exposure",
}
KEPT = [name for name in Demand.__struct_fields__ if name not in LEFT_OUT]


def state(demand):
    return {name: getattr(demand, name) for name in KEPT}


def copied(demand):
    return msgspec.msgpack.decode(msgspec.msgpack.encode(demand), type=Demand)


@st.composite
def starts(draw):
    """Any level that a state of old may hold: with a long run or none yet, in a silence, about to drift, or new."""
    if draw(st.booleans()):
        return Demand()
    level, days = draw(st.floats(0.01, 200)), draw(st.integers(0, 400))
    b = draw(st.one_of(st.just(14.0), st.floats(0.5, 25)))
    slow_b = draw(st.one_of(st.just(0.0), st.floats(0.5, 400)))
    return Demand(
        a=level * b,
        b=b,
        days=days,
        spread=draw(st.floats(0, 1e4)),
        expected_spread=draw(st.floats(0, 1e4)),
        drift=draw(st.floats(-8, 8)),
        quiet=draw(st.integers(0, 200)),
        quiet_level=draw(st.floats(0, 200)),
        slow_a=draw(st.floats(0.001, 200)) * slow_b,
        slow_b=slow_b,
        slow_sales=draw(st.one_of(st.just(0.0), st.floats(0.001, 1))) * slow_b,
    )


#: Runs of days that sell alike: silences, drifts and spikes need several.
RUNS = st.lists(
    st.tuples(st.one_of(st.just(0), st.integers(0, 300)), st.integers(1, 30)), min_size=1
)
WEEK = [0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4]


@settings(max_examples=300)
@given(starts(), RUNS, st.lists(st.floats(0.05, 4.0), min_size=1, max_size=14), st.data())
@example(Demand(a=140.0, b=14.0, days=60, quiet=30, quiet_level=20.0), [(20, 1)], WEEK, None)
@example(Demand(a=140.0, b=14.0, days=60, drift=7.9), [(300, 1)], WEEK, None)
def test_a_level_on_a_known_shape_learns_what_any_level_does_however_many_days_at_once(
    start, runs, week, data
):
    sold = list(chain.from_iterable(repeat(units, days) for units, days in runs))
    start.shape, start.shape_start = (week * len(sold))[: len(sold)], FIRST
    clear, fast = copied(start), copied(start)
    days = list(enumerate(sold, FIRST))
    cuts = data.draw(st.lists(st.integers(0, len(sold)), max_size=4)) if data else []
    expected = [learn(clear, day, units) for day, units in days]
    found = []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(sold)], strict=True):
        found += learn_known(fast, days[begin:end])
    assert found == expected
    assert state(fast) == state(clear)
