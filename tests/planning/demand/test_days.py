"""A day is that of the place, over clocks that skip midnight, are put back over it, or skip a day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand.days import begin_of, day_of

EPOCH = date(1970, 1, 1).toordinal()
ZONES = (
    "UTC",
    "Europe/London",
    "Pacific/Auckland",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Havana",
)
zones = st.sampled_from(ZONES)
moments = st.integers(1_150_000_000, 1_900_000_000)


@given(at=moments, zone=zones)
def test_a_moment_lies_in_the_day_that_has_begun_last(at, zone):
    day = day_of(at, zone)
    assert begin_of(day, zone) <= at < begin_of(day + 1, zone)


@given(at=moments, zone=zones, later=st.integers(0, 200_000))
def test_days_never_go_back(at, zone, later):
    assert day_of(at, zone) <= day_of(at + later, zone)


@given(at=moments, zone=zones)
def test_it_is_the_date_that_a_calendar_on_the_wall_shows(at, zone):
    shown = datetime.fromtimestamp(at, ZoneInfo(zone)).toordinal() - EPOCH
    # Where a clock is put back over midnight, its calendar shows a day twice.
    assert day_of(at, zone) in ((shown, shown + 1) if zone == "America/St_Johns" else (shown,))


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        ("2026-03-06", "UTC", "2026-03-06T00:00:00+00:00"),
        ("2026-03-06", "Pacific/Auckland", "2026-03-05T11:00:00+00:00"),
        ("2026-03-29", "Europe/London", "2026-03-29T00:00:00+00:00"),
        ("2026-03-30", "Europe/London", "2026-03-29T23:00:00+00:00"),
        # In Santiago clocks skip the first hour of a day.
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00:00+00:00"),
    ],
)
def test_a_day_begins_where_the_clock_first_shows_it(day, zone, begins):
    number = date.fromisoformat(day).toordinal() - EPOCH
    assert datetime.fromtimestamp(begin_of(number, zone), UTC) == datetime.fromisoformat(begins)


@pytest.mark.parametrize("at", [-1e12, -1.0, 0.0, 253_402_300_799.0, 1e14])
@pytest.mark.parametrize("zone", ZONES)
def test_there_is_a_day_for_every_moment(at, zone):
    assert abs(day_of(at, zone) - at / 86400) < 2
