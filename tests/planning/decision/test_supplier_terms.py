"""Whatever is proposed can be ordered as it stands: at that moment, in that quantity, for a day on which it can come."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.stories import DAY, START, Story, SupplyNetwork

from andon.planning.decision.alternatives import all_alternatives
from andon.planning.decision.decide import look_again
from andon.planning.decision.situation import situation_of
from andon.planning.policy.lot_size import lot_size, order_cost_at, unit_cost_at
from andon.planning.supply.order_calendar import calendar_of
from andon.schemas.calendars import WEEKDAYS
from andon.schemas.common import utc
from andon.schemas.items import PriceBreak, Source
from andon.schemas.locations import Place
from andon.schemas.suppliers import Supplier

TODAY = utc(START).date()
weekdays = st.none() | st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(tuple)
days = st.integers(-30, 60).map(lambda step: date.fromordinal(TODAY.toordinal() + step))
suppliers = st.builds(
    Supplier,
    supplier=st.sampled_from(("ACME", "FAST")),
    updated_at=st.just(utc(START)),
    time_zone=st.sampled_from(("UTC", "Europe/Berlin", "Pacific/Auckland", "America/New_York")),
    open_weekdays=weekdays,
    order_weekdays=weekdays,
    delivery_weekdays=weekdays,
    order_cutoff=st.sampled_from(("24:00", "09:30", "12:00")),
    lead_times_in=st.sampled_from(("calendar_days", "working_days")),
    closed=st.lists(days, max_size=4).map(tuple),
)
places = st.builds(
    Place,
    location=st.just("S"),
    updated_at=st.just(utc(START)),
    time_zone=st.sampled_from(("UTC", "Pacific/Auckland")),
    receiving_weekdays=weekdays,
)
sources = st.builds(
    Source,
    supplier=st.sampled_from(("ACME", "FAST", "OTHER")),
    lead_time_days=st.sampled_from((0.5, 2.0, 9.0)),
    unit_cost=st.sampled_from((None, 0.9, 1.4)),
    expedite=st.booleans(),
    pack_size=st.sampled_from((None, 5, 12)),
    pallet_size=st.sampled_from((None, 60)),
    minimum_order=st.sampled_from((None, 48, 500)),
    maximum_order=st.sampled_from((None, 400)),
    price_breaks=st.sampled_from(((), (PriceBreak(quantity=300, unit_cost=0.5),))),
    valid_until=st.none() | days,
    valid_from=st.none() | days,
    priority=st.integers(0, 2),
)


def proposals(story):
    """Yield supplier's name, quantity, moment and arrival of all that a story's alerts propose to order."""
    for alert in story.alerts():
        now = alert.changed_at.timestamp()
        if alert.kind == "replenish" and alert.order_quantity:
            begin = alert.order_from.timestamp() if alert.order_from else now
            yield alert.supplier, alert.order_quantity, begin, alert.expected_arrival
        for way in alert.alternatives:
            if way.kind in ("source", "expedite"):
                begin = way.order_from.timestamp() if way.order_from else now
                yield way.supplier, way.quantity, begin, None


@given(
    told=st.lists(suppliers, max_size=2),
    place=st.none() | places,
    options=st.lists(sources, min_size=1, max_size=3),
    hour=st.integers(0, 7 * 24),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_is_proposed_that_a_supplier_cannot_take_or_bring(told, place, options, hour):
    told = {one.supplier: one for one in told}
    supply = SupplyNetwork(suppliers=told.values(), places=[place] if place else [])
    story = Story(stock=60, supply=supply, sources=tuple(options), pack_size=4, minimum_order=8)
    story.sell(30, START + hour * 3600)
    story.line("PO-1", 1, quantity=96, days=1)
    story.line("PO-1", 2, quantity=96, days=6)
    story.sell(25)
    for name, quantity, moment, arrives in proposals(story):
        assert any(
            can_be_ordered(story.item, one, told.get(name), place, quantity, moment, arrives)
            for one in options
            if one.supplier == name
        )


def can_be_ordered(item, source, supplier, place, quantity, moment, arrives):
    lot = lot_size(item, source)
    if not lot.fit(quantity) == lot.fit_below(quantity) == quantity:
        return False
    calendar = calendar_of(source, supplier, place)
    if calendar is None:
        return True
    window = calendar.window(moment)
    is_taken = window is not None and window.opens <= moment < window.cutoff
    return is_taken and (arrives is None or comes_on_a_day(calendar, arrives.timestamp()))


def comes_on_a_day(calendar, moment):
    delivering, receiving = calendar.delivering, calendar.receiving
    return delivering.has(datetime.fromtimestamp(moment, delivering.zone).date()) and receiving.has(
        datetime.fromtimestamp(moment, receiving.zone).date()
    )


def test_an_order_waits_for_the_day_on_which_it_is_taken_and_lasts_until_the_one_after():
    # START is a Friday: orders are taken on Tuesdays until noon, and come on Thursdays.
    terms = Supplier(
        supplier="ACME",
        updated_at=utc(START),
        order_weekdays=("TUE",),
        order_cutoff="12:00",
        delivery_weekdays=("THU",),
    )
    assert utc(START).weekday() == 4
    source = Source(supplier="ACME", lead_time_days=2.0, lead_time_sd_days=0.1)
    plain = Story(stock=40, sources=(source,))
    weekly = Story(stock=40, sources=(source,), supply=SupplyNetwork(suppliers=[terms]))
    (alert,) = weekly.alerts("replenish")
    tuesday = START + 4 * DAY
    assert alert.order_from.timestamp() == tuesday
    assert alert.order_by.timestamp() == tuesday + DAY / 2
    assert alert.expected_arrival.timestamp() == pytest.approx(tuesday + 2 * DAY)
    assert "between Tue 08 Oct 00:00 and Tue 08 Oct 12:00" in alert.sentence
    # Its goods have to last until those of the Tuesday after it are there, which are ordered eleven and a half days from now.
    assert weekly.book.targets.protection_days == pytest.approx(13.5, abs=0.6)
    assert plain.book.targets.protection_days == pytest.approx(3.0, abs=0.1)


def test_a_source_whose_offer_is_over_is_no_longer_the_usual_one():
    old = Source(supplier="OLD", lead_time_days=2.0, valid_until=date(2000, 1, 1))
    new = Source(supplier="NEW", lead_time_days=4.0)
    story = Story(stock=10, sources=(old, new))
    assert {one.supplier for one in story.alerts("replenish")} == {"NEW"}
    named = {way.supplier for one in story.alerts() for way in one.alternatives}
    assert "OLD" not in named


def test_what_nobody_takes_an_order_for_is_said_and_not_ordered():
    old = Source(supplier="OLD", lead_time_days=2.0, valid_until=date(2000, 1, 1))
    story = Story(stock=10, sources=(old,))
    (alert,) = story.alerts("replenish")
    assert alert.order_quantity is None
    assert "cannot be ordered" in alert.sentence
    assert "none of its sources takes an order" in alert.sentence


def test_a_supplier_of_the_highest_priority_is_asked_first():
    options = (
        Source(supplier="DEAR", lead_time_days=2.0, priority=2),
        Source(supplier="OURS", lead_time_days=4.0, priority=1),
    )
    story = Story(stock=10, sources=options)
    assert {one.supplier for one in story.alerts("replenish")} == {"OURS"}


def test_a_bridge_and_its_ways_out_are_quantities_that_can_be_ordered():
    sources = (
        Source(supplier="SLOW", lead_time_days=5.0),
        Source(supplier="FAST", lead_time_days=1.0, unit_cost=2.1, expedite=True),
    )
    story = Story(stock=20, sources=sources, pack_size=12, minimum_order=48, unit_cost=2.0)
    story.line("PO-1", 1, quantity=96, days=2, promised_at=utc(START + 2 * DAY))
    story.line("PO-1", 2, quantity=96, days=4, promised_at=utc(START + 2 * DAY))
    bridges = [one.bridge_quantity for one in story.alerts("stockout_risk") if one.bridge_quantity]
    assert bridges
    ways = [
        way.quantity for one in story.alerts() for way in one.alternatives if way.kind != "wait"
    ]
    assert all(one >= 48 and one % 12 == 0 for one in (*bridges, *ways))


def test_an_order_below_what_a_supplier_takes_says_so():
    terms = Supplier(supplier="ACME", updated_at=utc(START), minimum_order_value=1000.0)
    small = Story(stock=10, supply=SupplyNetwork(suppliers=[terms]), unit_cost=2.0)
    (alert,) = small.alerts("replenish")
    assert "of the 1,000 EUR that ACME takes at least" in alert.sentence
    large = Story(stock=10, supply=SupplyNetwork(suppliers=[terms]), unit_cost=20.0)
    assert "ACME takes at least" not in large.alerts("replenish")[0].sentence


@pytest.mark.parametrize(
    ("terms", "item", "said"),
    [
        ({"minimum_order_units": 500}, {}, "of the 500 units that ACME takes at least"),
        ({"minimum_order_units": 5}, {}, None),
        ({"minimum_order_weight": 900.0}, {"unit_weight": 2.0}, "of the 900 kg that ACME"),
        ({"minimum_order_weight": 900.0}, {}, None),
        ({"minimum_order_value": 1000.0, "currency": "EUR"}, {}, "of the 1,000 EUR that ACME"),
        (
            {"minimum_order_value": 1000.0, "currency": "USD"},
            {},
            "ACME takes at least 1,000 USD, and this is paid in EUR: not compared",
        ),
    ],
)
def test_a_minimum_is_in_money_units_or_weight(terms, item, said):
    told = Supplier(supplier="ACME", updated_at=utc(START), **terms)
    story = Story(stock=10, supply=SupplyNetwork(suppliers=[told]), unit_cost=2.0, **item)
    (alert,) = story.alerts("replenish")
    assert said is None or said in alert.sentence
    assert said is not None or "at least" not in alert.sentence


def test_a_minimum_in_another_currency_is_compared_in_that_currency():
    told = Supplier(
        supplier="ACME", updated_at=utc(START), minimum_order_value=1000.0, currency="JPY"
    )
    # One euro is 160 yen: what costs 2 EUR each is far more than 1,000 JPY together.
    source = Source(supplier="ACME", lead_time_days=5.0, currency="JPY", exchange_rate=1 / 160)
    story = Story(
        stock=10, supply=SupplyNetwork(suppliers=[told]), unit_cost=2.0, sources=(source,)
    )
    assert "at least" not in story.alerts("replenish")[0].sentence


def test_a_source_in_another_currency_says_what_that_is_worth():
    with pytest.raises(ValueError, match="exchange_rate"):
        Story(sources=(Source(supplier="ACME", lead_time_days=5.0, currency="USD"),))


def test_costs_of_sources_are_compared_in_the_items_money():
    yen = Source(
        supplier="YEN",
        lead_time_days=5.0,
        unit_cost=320.0,
        order_cost=1600.0,
        currency="JPY",
        exchange_rate=1 / 160,
        price_breaks=(PriceBreak(quantity=100, unit_cost=160.0),),
    )
    item = Story(sources=(yen,), unit_cost=9.0).item
    assert unit_cost_at(item, yen, 10) == pytest.approx(2.0)
    assert unit_cost_at(item, yen, 100) == pytest.approx(1.0)
    assert order_cost_at(item, yen) == pytest.approx(10.0)


def test_no_more_is_ordered_than_a_supplier_takes_in_a_week_and_it_says_when_it_takes_more():
    told = Supplier(supplier="ACME", updated_at=utc(START), capacity_units=50)
    story = Story(stock=10, supply=SupplyNetwork(suppliers=[told]), pack_size=12)
    (alert,) = story.alerts("replenish")
    assert alert.order_quantity == 48
    # That day is a Thursday: the next week begins on Monday.
    assert "ACME takes 50 units a week" in alert.sentence
    assert "more from Mon 07 Oct 00:00 on" in alert.sentence
    ways = [one.quantity for one in alert.alternatives if one.supplier == "ACME"]
    assert all(one <= 50 for one in ways)


def test_what_a_supplier_cannot_take_at_all_is_not_ordered():
    told = Supplier(supplier="ACME", updated_at=utc(START), capacity_units=50)
    story = Story(stock=10, supply=SupplyNetwork(suppliers=[told]), pack_size=60)
    (alert,) = story.alerts("replenish")
    assert alert.order_quantity is None
    assert "ACME takes 50 units a week, and of this 60 at least" in alert.sentence


@pytest.mark.parametrize(
    ("terms", "extra"),
    [
        ({}, 0.0),
        ({"freight_cost": 40.0}, 40.0),
        ({"freight_cost": 40.0, "free_freight_from": 20.0}, 0.0),
        ({"freight_cost": 40.0, "free_freight_from": 20_000.0}, 40.0),
        # What it is in the item's money nobody says.
        ({"freight_cost": 40.0, "currency": "USD"}, 0.0),
    ],
)
def test_a_way_out_counts_the_freight_that_it_costs(terms, extra):
    def cost(**told):
        supplier = Supplier(supplier="FAST", updated_at=utc(START), **told)
        story = Story(stock=20, supply=SupplyNetwork(suppliers=[supplier]), unit_cost=2.0)
        view = situation_of(story.book, "S/A", START, story.supply)
        (found,) = [
            one for one in all_alternatives(view, START + 2 * DAY, 30) if one.supplier == "FAST"
        ]
        return found.extra_cost

    assert cost(**terms) - cost() == pytest.approx(extra)


def test_the_day_is_the_suppliers():
    # In Auckland it is Friday already.
    now = datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp()
    terms = Supplier(
        supplier="ACME",
        updated_at=utc(0),
        time_zone="Pacific/Auckland",
        order_weekdays=("FRI",),
        order_cutoff="12:00",
    )
    window = calendar_of(Source(supplier="ACME", lead_time_days=1), terms, None).window(now)
    assert window.opens < now < window.cutoff


def test_a_cut_off_that_passes_is_said_at_that_moment_and_not_with_the_next_sale():
    terms = Supplier(
        supplier="ACME", updated_at=utc(START), order_weekdays=("FRI",), order_cutoff="09:00"
    )
    source = Source(supplier="ACME", lead_time_days=2.0)
    story = Story(stock=40, sources=(source,), supply=SupplyNetwork(suppliers=[terms]))
    (alert,) = story.alerts("replenish")
    cutoff = alert.order_by.timestamp()
    assert cutoff == START + 9 * 3600
    assert look_again(story.book, story.now) == cutoff
    story.now = cutoff
    story._done()
    (_, alert) = story.alerts("replenish")
    assert alert.order_from.timestamp() == START + 7 * DAY
    assert look_again(story.book, story.now) == START + 7 * DAY + 9 * 3600
