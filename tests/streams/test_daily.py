"""A gauge of the most that was seen on a day, or on the day before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge

from andon.streams.daily import DailyMost


def after(seen):
    """The gauge after what was seen."""
    registry = CollectorRegistry()
    most = DailyMost(Gauge("most", "The most.", registry=registry))
    for day, value in seen:
        most.see(day, value)
    return registry.get_sample_value("most")


@pytest.mark.parametrize(
    ("seen", "most"),
    [
        ([], 0.0),
        ([(9, 2.0), (9, 5.0), (9, 3.0)], 5.0),
        ([(9, 5.0), (10, 3.0)], 5.0),
        ([(9, 5.0), (10, 3.0), (11, 1.0)], 3.0),
        ([(9, 5.0), (11, 1.0)], 1.0),
        ([(10, 3.0), (9, 5.0)], 5.0),
        ([(10, 3.0), (8, 5.0)], 3.0),
    ],
)
def test_it_is_the_most_of_the_newest_day_or_of_the_day_before(seen, most):
    assert after(seen) == most


@given(st.lists(st.tuples(st.integers(1, 6), st.floats(0, 9)), min_size=1))
def test_in_the_order_of_days_it_is_their_maximum(seen):
    seen.sort(key=lambda one: one[0])
    newest = seen[-1][0]
    assert after(seen) == max(value for day, value in seen if day >= newest - 1)
