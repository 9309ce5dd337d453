"""The period of a supplier's capacity is on its calendar, and what does not fit waits for the next in which it takes orders."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.supply.capacity import left_of, next_order_at, period_of
from andon.schemas.common import utc
from andon.schemas.suppliers import Supplier


def supplier(per="week", **fields):
    return Supplier(
        supplier="ACME", updated_at=utc(0), capacity_units=100, capacity_per=per, **fields
    )


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("per", "zone", "now", "begins", "ends"),
    [
        ("day", "UTC", "2026-03-04T10:00", "2026-03-04T00:00", "2026-03-05T00:00"),
        ("week", "UTC", "2026-03-04T10:00", "2026-03-02T00:00", "2026-03-09T00:00"),
        ("month", "UTC", "2026-02-28T23:59", "2026-02-01T00:00", "2026-03-01T00:00"),
        ("month", "UTC", "2026-12-31T10:00", "2026-12-01T00:00", "2027-01-01T00:00"),
        # It is Monday there already.
        ("week", "Pacific/Auckland", "2026-03-01T12:00", "2026-03-01T11:00", "2026-03-08T11:00"),
        # Clocks go forward in this week: it has an hour less.
        ("week", "Europe/Berlin", "2026-03-25T10:00", "2026-03-22T23:00", "2026-03-29T22:00"),
    ],
)
def test_a_period_begins_and_ends_with_days_of_the_supplier(per, zone, now, begins, ends):
    assert period_of(supplier(per, time_zone=zone), at(now)) == (at(begins), at(ends))


@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    per=st.sampled_from(("day", "week", "month")),
    zone=st.sampled_from(("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland")),
)
def test_periods_follow_each_other_without_a_gap(now, per, zone):
    told = supplier(per, time_zone=zone)
    seconds = now.replace(tzinfo=UTC).timestamp()
    period = period_of(told, seconds)
    assert period.has(seconds)
    assert period_of(told, period.ends).begins == period.ends
    assert period_of(told, period.ends - 1) == period


def test_what_waits_can_be_ordered_when_the_supplier_takes_orders_again():
    friday = at("2026-03-06T10:00")
    assert next_order_at(supplier(), friday) == at("2026-03-09T00:00")
    wednesdays = supplier(order_weekdays=("WED",))
    assert next_order_at(wednesdays, friday) == at("2026-03-11T00:00")


def test_what_was_ordered_is_taken_from_what_the_period_has():
    assert [left_of(supplier(), ordered) for ordered in (0, 40, 100, 130)] == [100, 60, 0, 0]
    assert left_of(None, 5) == left_of(Supplier(supplier="A", updated_at=utc(0)), 5) >= 10**9
