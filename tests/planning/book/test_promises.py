"""What is promised to customers: every view of the stock takes the same of it away."""

import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import KEY, START, Story, SupplyNetwork
from xxhash import xxh3_64_digest

from andon.planning.book import position, promises
from andon.planning.book.book import Book, Line
from andon.planning.decision import decide
from andon.planning.decision.overstock import excess_of
from andon.planning.decision.situation import situation_of
from andon.planning.decision.surplus import spare
from andon.planning.demand import demand as demands
from andon.schemas.common import utc
from andon.schemas.pos import Sale

DAY = 86_400.0
NOW = START + 2 * DAY
WINDOW = 64


def book_of(on_hand, *, daily=10.0, on_order=0, days=1.0):
    book = Book(on_hand=on_hand, counted_at=START, clock=START)
    position.set_item(
        book, Story(expected_daily_demand=daily, unit_cost=2.0, unit_price=4.0).item, START
    )
    book.demand.days = 30
    if on_order:
        at = NOW + days * DAY
        book.lines["PO"] = Line("PO", 1, on_order, 0, "ordered", at, 0.0, at, NOW, "ACME")
        book.on_order = on_order
    return book


def promise(book, units, *, at=NOW, due=None, name="p"):
    event = Sale(
        event_id=f"{name}-{units}-{at}-{due}",
        occurred_at=utc(at),
        location="S",
        sku="A",
        quantity=units,
        kind="backorder",
        due_at=None if due is None else utc(due),
    )
    return position.sell(book, event, at, xxh3_64_digest(event.event_id.encode()), WINDOW)


def view_of(book, now=NOW):
    return situation_of(book, KEY, now, SupplyNetwork())


@pytest.mark.parametrize(
    ("on_hand", "promised", "due_days", "free_now", "free_then", "position"),
    [
        (20, 0, None, 20, 20, 20),
        (20, 5, None, 15, 15, 15),
        (20, 295, None, -275, -275, -275),
        (320, 295, None, 25, 25, 25),
        (320, 295, 2, 320, 25, 25),
        (320, 295, 300, 320, 25, 320),
        (-3, 4, None, -4, -4, -4),
    ],
)
def test_what_is_promised_is_not_free_from_when_it_is_due(
    on_hand, promised, due_days, free_now, free_then, position
):
    book = book_of(on_hand)
    if promised:
        promise(book, promised, due=None if due_days is None else NOW + due_days * DAY)
    decide.reconsider(book, KEY, NOW, SupplyNetwork())
    assert promises.free(book) == free_now
    assert promises.free(book, math.inf) == free_then
    assert book.inventory_position == position


def severities(book, kinds):
    return {kind: alert.severity for kind, alert in book.alerts.items() if kind in kinds}


@given(st.integers(0, 3000), st.integers(1, 1500), st.integers(0, 500))
@settings(max_examples=60, deadline=None)
def test_promised_goods_are_as_good_as_gone_to_every_decision(on_hand, promised, on_order):
    told, gone = (book_of(on_hand + more, on_order=on_order) for more in (promised, 0))
    promise(told, promised)
    gone.demand = msgspec.structs.replace(told.demand)
    one, other = view_of(told), view_of(gone)
    if on_hand > 0:
        assert one.projection == other.projection
    assert one.projection.risk == other.projection.risk
    assert one.projection.short_units == other.projection.short_units
    assert told.inventory_position == gone.inventory_position
    assert excess_of(one) == excess_of(other)
    assert spare(one) == spare(other)
    for book in (told, gone):
        decide.reconsider(book, KEY, NOW, SupplyNetwork())
    # What is promised of a shelf that holds no more is still there to be sold: only then an order has more time.
    looked_at = told.alerts.keys() | gone.alerts.keys() if on_hand > 0 else {"stockout_risk"}
    assert severities(told, looked_at) == severities(gone, looked_at)
    assert told.wake_on_hand - promised == gone.wake_on_hand
    assert told.wake_position == gone.wake_position


def test_a_promise_that_leaves_nothing_is_a_stockout_at_once():
    # 300 are on their way, and 295 of them are another's already.
    book = book_of(20, on_order=300)
    decide.reconsider(book, KEY, NOW, SupplyNetwork())
    assert "stockout_risk" not in book.alerts
    promise(book, 295)
    assert position.needs_reconsidering(book)
    book.outbox.clear()
    decide.reconsider(book, KEY, NOW, SupplyNetwork())
    assert book.alerts["stockout_risk"].severity == "critical"
    told = [msgspec.json.decode(one.body) for one in book.outbox]
    (risk,) = (one for one in told if one.get("kind") == "stockout_risk")
    assert risk["probability"] == 1.0
    assert "nothing free to sell: 20 on hand and 295 promised" in risk["sentence"]


def test_of_what_is_promised_only_the_rest_runs_out():
    book = book_of(320)
    promise(book, 295)
    found = view_of(book).projection
    assert found.risk > 0.95
    assert (found.stockout_p50 - NOW) / DAY == pytest.approx(2.4, abs=0.4)


def test_an_order_for_later_leaves_the_stock_on_its_day():
    book = book_of(100, daily=10.0)
    assert promise(book, 80, due=NOW + 4 * DAY) == position.APPLIED
    assert book.demand.sold == 80
    found = view_of(book).projection
    assert (found.dry_p50 - NOW) / DAY == pytest.approx(4, abs=1.0)
    assert view_of(book, NOW).free == 100
    then = NOW + 4 * DAY
    decide.advance(book, then, 0.0)
    decide.reconsider(book, KEY, then, SupplyNetwork())
    assert promises.free(book) == 20
    assert (book.later, book.sudden) == ({}, {})


@given(
    st.integers(1, 500), st.integers(0, 60), st.sampled_from(["filled", "filled before", "waits"])
)
@settings(max_examples=60, deadline=None)
def test_what_was_known_before_it_had_to_be_ordered_is_no_demand_to_be_forecast(units, notice, end):
    # Where goods that are ordered after it was heard come too late for it, it is demand of the day on which it was.
    told, other = book_of(2000), book_of(2000)
    for book in (told, other):
        decide.reconsider(book, KEY, NOW, SupplyNetwork())
    days = told.targets.protection_days
    promise(told, units, due=NOW + notice * DAY)
    is_foreseen = promises.is_foreseen(told, NOW, NOW + notice * DAY)
    assert is_foreseen == (notice > days + 0.01)
    assert told.demand.sold == (0 if is_foreseen else units)
    for day in range(1, notice + 3):
        at = NOW + day * DAY
        for book in (told, other):
            decide.advance(book, at, 0.0)
            decide.reconsider(book, KEY, at, SupplyNetwork())
        if day == notice + (1 if end == "filled" else -1) and end != "waits":
            promises.fill(told, units, at)
    assert (told.demand.level == other.demand.level) == is_foreseen
    assert "demand_spike" not in told.alerts or not is_foreseen
    assert (told.demand.overshoot == 0) or not is_foreseen
    assert other.inventory_position - told.inventory_position == told.backorders
    assert told.later == told.sudden == {}


def test_what_is_cancelled_of_an_order_for_later_takes_only_its_own_demand():
    book = book_of(100)
    promise(book, 7)
    promise(book, 30, due=NOW + 3 * DAY)
    promise(book, 50, due=NOW + 30 * DAY)
    assert book.demand.sold == 37
    day = demands.day_at(book.demand, NOW)
    promises.cancel(book, 60, NOW, day)
    assert (book.demand.sold, book.backorders) == (27, 7)
    promises.cancel(book, 27, NOW, day)
    assert (book.demand.sold, book.backorders, book.later, book.sudden) == (0, 0, {}, {})


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 30)), max_size=8), st.data())
@settings(max_examples=100)
def test_what_was_promised_and_filled_in_any_order_is_gone(orders, data):
    book = book_of(1000)
    for place, (units, days) in enumerate(orders):
        due = NOW + days * DAY if days else None
        promise(book, units, at=NOW + place, due=due, name=str(place))
    promises.reach(book, NOW, data.draw(st.integers(0, 40)))
    for units in data.draw(st.permutations([units for units, _ in orders])):
        promises.fill(book, units, NOW + 100)
    assert promises.promised(book, math.inf) == 0
    assert (book.backorders, book.later, book.filled_early) == (0, {}, 0)
    assert demands.expected(book.demand, 0) >= 0


def test_a_book_that_knew_no_later_orders_is_read():
    book = book_of(20)
    promise(book, 5)
    old = msgspec.json.decode(msgspec.json.encode(book))[:-2]
    assert msgspec.convert(old, Book, strict=False).backorders == 5


@pytest.mark.parametrize(
    ("on_hand", "promised", "on_order", "days"),
    [(20, 295, 300, 2.5), (20, 25, 0, 0.0), (20, 25, 3, 0.0), (20, 25, 8, 0.3)],
)
def test_what_is_on_the_shelf_sells_on_while_those_who_wait_wait_for_what_comes(
    on_hand, promised, on_order, days
):
    book = book_of(on_hand, on_order=on_order)
    promise(book, promised)
    found = view_of(book).projection
    assert found.risk == 1.0
    assert (found.stockout_p50 - NOW) / DAY == pytest.approx(days, abs=0.5)
