"""When a supplier takes orders and delivers: against a walk minute by minute, over clocks that are put forward and back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.supply.order_calendar import calendar_of
from andon.schemas.calendars import WEEKDAYS
from andon.schemas.items import Source
from andon.schemas.locations import Place
from andon.schemas.suppliers import Supplier

DAY = 86400
MINUTE = 60
NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: Clocks skip 02:00, 00:00 and half an hour, stand still, or are put back.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/New_York",
)
#: Around these, clocks of one zone or another change.
CHANGES = ("2026-03-07", "2026-03-28", "2026-04-03", "2026-09-05", "2026-10-03", "2026-10-24")


def at(text):
    return datetime.fromisoformat(text).timestamp()


def calendar(place=None, source=None, **terms):
    supplier = Supplier(supplier="ACME", updated_at=NOW, **terms)
    place = None if place is None else Place(location="S", updated_at=NOW, **place)
    return calendar_of(Source(supplier="ACME", lead_time_days=2, **(source or {})), supplier, place)


weekdays = st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(tuple)
instants = st.builds(
    lambda day, minute: at(f"{day}T00:00:00+00:00") + minute * MINUTE,
    st.sampled_from(CHANGES),
    st.integers(0, 5 * 24 * 60),
)
dates = st.builds(
    lambda day, step: date.fromisoformat(day) + timedelta(days=step),
    st.sampled_from(CHANGES),
    st.integers(0, 9),
)
suppliers = st.builds(
    lambda cutoff, **terms: {**terms, "order_cutoff": cutoff},
    st.sampled_from(("24:00", "00:30", "02:30", "12:00", "23:59")),
    time_zone=st.sampled_from(ZONES),
    order_weekdays=st.none() | weekdays,
    open_weekdays=st.none() | weekdays,
    delivery_weekdays=st.none() | weekdays,
    closed=st.lists(dates, max_size=3).map(tuple),
)
places = st.none() | st.fixed_dictionaries(
    {
        "time_zone": st.sampled_from(ZONES),
        "receiving_weekdays": st.none() | weekdays,
        "closed": st.lists(dates, max_size=2).map(tuple),
    }
)


def names(days, given):
    """Return whether a local day is among these weekdays and not closed."""
    return lambda day: (not given or WEEKDAYS[day.weekday()] in given) and day not in days


def takes_orders(terms, moment):
    """The rule as people say it: today is an order day, and it is not yet the cut-off."""
    clock = datetime.fromtimestamp(moment, ZoneInfo(terms["time_zone"]))
    hours, minutes = map(int, terms["order_cutoff"].split(":"))
    opens = terms["order_weekdays"] or terms["open_weekdays"]
    early = clock.hour * 60 + clock.minute < hours * 60 + minutes
    return names(terms["closed"], opens)(clock.date()) and early


def delivers(terms, place, moment):
    day = datetime.fromtimestamp(moment, ZoneInfo(terms["time_zone"])).date()
    if not names(terms["closed"], terms["delivery_weekdays"] or terms["open_weekdays"])(day):
        return False
    if place is None:
        return True
    day = datetime.fromtimestamp(moment, ZoneInfo(place["time_zone"])).date()
    return names(place["closed"], place["receiving_weekdays"])(day)


@given(terms=suppliers, now=instants)
@settings(max_examples=60)
def test_no_order_is_taken_before_the_window_and_every_one_in_it(terms, now):
    found = calendar(**terms)
    walk = range(int(now), int(now) + 30 * DAY, MINUTE)
    first = next((moment for moment in walk if takes_orders(terms, moment)), None)
    if found is None:
        assert first == now
        return
    window = found.window(now)
    if first is None:
        assert window is None or window.opens >= walk[-1]
        return
    assert window is not None
    assert max(window.opens, now) == first
    last = int(window.cutoff - 1)
    begin = max(first, last - 2 * DAY)
    # A clock that is put back at the cut-off shows the time before it once more: nobody is sent home and called again.
    assert all(takes_orders(terms, moment) for moment in range(int(begin), last, MINUTE))
    zone = ZoneInfo(terms["time_zone"])
    after = datetime.fromtimestamp(window.cutoff, zone)
    again = after.utcoffset() < datetime.fromtimestamp(last, zone).utcoffset()
    tomorrow = after.date() != datetime.fromtimestamp(last, zone).date()
    assert tomorrow or again or not takes_orders(terms, window.cutoff)


@given(terms=suppliers, place=places, ordered=instants, minutes=st.integers(0, 6 * 24 * 60))
@settings(max_examples=60)
def test_nothing_arrives_on_a_day_without_deliveries_nor_later_than_the_first_with(
    terms, place, ordered, minutes
):
    found = calendar(place, **terms)
    due = ordered + minutes * MINUTE
    walk = range(int(due), int(due) + 40 * DAY, MINUTE * 15)
    first = next((moment for moment in walk if delivers(terms, place, moment)), None)
    if found is None:
        assert first == due
        return
    arrives = found.arrival(ordered, minutes / (24 * 60))
    if first is None:
        assert arrives is None or arrives >= walk[-1]
        return
    if arrives is None:
        # Delivered at this time of day, it is never a day on which the location takes it in.
        assert first > due
        return
    assert arrives >= due - 1e-3
    assert delivers(terms, place, arrives)
    if first == due:
        assert arrives == pytest.approx(due)
    if place is None:
        # The same time on the first such day: less than a day after its first moment.
        assert arrives - first <= 25 * 3600


@given(
    terms=suppliers,
    ordered=instants | st.just(at("2025-12-29T07:00:00+00:00")),
    minutes=st.integers(0, 20 * 24 * 60) | st.just(24 * 60),
)
@settings(max_examples=100)
def test_a_supplier_has_worked_for_as_long_as_a_walk_over_its_minutes_says(terms, ordered, minutes):
    terms = {**terms, "delivery_weekdays": WEEKDAYS, "closed": (), "lead_times_in": "working_days"}
    found = calendar(**terms)
    if found is None:
        return
    works = names((), terms["open_weekdays"])
    zone, left, moment = ZoneInfo(terms["time_zone"]), minutes, ordered
    while left or (not minutes and not works(datetime.fromtimestamp(moment, zone).date())):
        if works(datetime.fromtimestamp(moment, zone).date()):
            left -= 1
        moment += MINUTE
    assert found.arrival(ordered, minutes / (24 * 60)) == pytest.approx(moment, abs=1e-3)


@pytest.mark.parametrize(
    ("ordered", "days", "arrives"),
    [
        ("2026-03-02T10:00:00+01:00", 2, "2026-03-04T10:00:00+01:00"),
        ("2026-03-06T10:00:00+01:00", 2, "2026-03-10T10:00:00+01:00"),
        ("2026-03-07T10:00:00+01:00", 1, "2026-03-10T00:00:00+01:00"),
        ("2026-03-27T12:00:00+01:00", 1, "2026-03-30T12:00:00+02:00"),
        ("2026-04-02T12:00:00+02:00", 1, "2026-04-07T12:00:00+02:00"),
    ],
)
def test_working_days_pass_while_the_supplier_works(ordered, days, arrives):
    found = calendar(
        time_zone="Europe/Berlin",
        open_weekdays=("MON", "TUE", "WED", "THU", "FRI"),
        closed=(date(2026, 4, 3), date(2026, 4, 6)),
        lead_times_in="working_days",
    )
    assert found.arrival(at(ordered), days) == pytest.approx(at(arrives), abs=1)


@pytest.mark.parametrize(
    ("now", "opens", "cutoff"),
    [
        # Tuesdays until noon; the offer holds in March.
        ("2026-03-02T10:00:00+00:00", "2026-03-03T00:00:00+01:00", "2026-03-03T12:00:00+01:00"),
        ("2026-03-03T10:59:00+00:00", "2026-03-03T00:00:00+01:00", "2026-03-03T12:00:00+01:00"),
        ("2026-03-03T11:00:00+00:00", "2026-03-10T00:00:00+01:00", "2026-03-10T12:00:00+01:00"),
        ("2026-02-10T10:00:00+00:00", "2026-03-03T00:00:00+01:00", "2026-03-03T12:00:00+01:00"),
        ("2026-03-31T09:00:00+00:00", "2026-03-31T00:00:00+02:00", "2026-03-31T12:00:00+02:00"),
        ("2026-03-31T10:00:00+00:00", None, None),
    ],
)
def test_an_offer_can_be_ordered_on_its_days_until_the_cut_off(now, opens, cutoff):
    source = {
        "valid_from": date(2026, 3, 1),
        "valid_until": date(2026, 3, 31),
        "order_weekdays": ("TUE",),
    }
    found = calendar(source=source, time_zone="Europe/Berlin", order_cutoff="12:00")
    window = found.window(at(now))
    expected = None if opens is None else (at(opens), at(cutoff))
    assert window == expected


def test_who_takes_orders_and_delivers_at_any_time_needs_no_calendar():
    assert calendar() is None
    assert calendar({"time_zone": "Asia/Tokyo"}, time_zone="Europe/Berlin") is None
    assert calendar({"closed": (date(2026, 5, 1),)}) is not None


def test_who_never_takes_an_order_is_not_waited_for():
    assert (
        calendar(source={"valid_until": date(2020, 1, 1)}).window(at("2026-01-01T00:00Z")) is None
    )
    found = calendar({"receiving_weekdays": ("SUN",)}, delivery_weekdays=("MON",))
    assert found.arrival(at("2026-01-01T00:00Z"), 1) is None
