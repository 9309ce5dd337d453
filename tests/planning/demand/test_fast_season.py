"""The fast copies of the weekday factors are held to the clear ones."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand.fast_season import factor_of, season_of
from andon.planning.demand.weekday_season import WEEKDAYS, week_of

SUMS = st.lists(st.floats(0, 1e5), min_size=WEEKDAYS, max_size=WEEKDAYS)


@given(st.one_of(st.just(([], [])), st.tuples(SUMS, SUMS)), st.floats(0, 1e4))
def test_one_factor_is_that_of_the_whole_week(sums, level):
    one_by_one = [factor_of(weekday, *sums, level) for weekday in range(WEEKDAYS)]
    assert one_by_one == pytest.approx(week_of(*sums, level), rel=1e-12)


#: What changes between two questions: nothing, the level, or a weekday's sales or exposure, in place as a level learns.
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["nothing", "level", "sales", "exposure", "other"]),
        st.integers(0, WEEKDAYS - 1),
        st.sampled_from([0.0, 1.0, 7.0]),
    ),
    max_size=20,
)


@given(SUMS, SUMS, st.floats(0, 1e4), CHANGES)
def test_a_week_is_what_it_would_be_had_nobody_asked_before(sales, exposure, level, changes):
    for what, weekday, value in [("nothing", 0, 0.0), *changes]:
        if what == "level":
            level = value
        elif what in ("sales", "exposure"):
            (sales if what == "sales" else exposure)[weekday] = value
        elif what == "other":
            season_of([], [], value)
        week = week_of(sales, exposure, level)
        found = season_of(sales, exposure, level)
        assert found.week == week
        assert found.until == list(accumulate(week, initial=0.0))
