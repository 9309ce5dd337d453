"""Goods cannot be below nothing: a book that says so decides as an empty one, and asks for a count."""

import math

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import KEY, START, Story, SupplyNetwork
from xxhash import xxh3_64_digest

from andon.planning.book import position, promises, receiving, unrecorded
from andon.planning.book.book import Book, Line
from andon.planning.book.transfers import move_stock
from andon.planning.decision import decide
from andon.planning.decision.overstock import excess_of
from andon.planning.decision.replenish import to_order
from andon.planning.decision.situation import situation_of
from andon.planning.decision.surplus import spare
from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.schemas.shipments import LineUpdate
from andon.schemas.stock import StockMovement

DAY = 86_400.0
NOW = START + 2 * DAY
UNITS = st.integers(1, 1000)


def book_of(on_hand, on_order=0, backorders=0):
    book = Book(on_hand=on_hand, counted_at=START, clock=START, backorders=backorders)
    item = Story(expected_daily_demand=10.0, unit_cost=2.0, unit_price=4.0).item
    position.set_item(book, item, START)
    if on_order:
        at = NOW + DAY
        book.lines["PO"] = Line("PO", 1, on_order, 0, "ordered", at, 0.0, at, NOW, "ACME")
        book.on_order = on_order
    return book


def view_of(book):
    unrecorded.assume(book, NOW)
    return situation_of(book, KEY, NOW, SupplyNetwork())


def moved(book, kind, units, at, name="m"):
    event = StockMovement(
        event_id=name, occurred_at=utc(at), location="S", sku="A", kind=kind, quantity=units
    )
    return move_stock(book, event, at, xxh3_64_digest(name.encode()), {})


def received(book, units, at, name="PO"):
    update = LineUpdate(
        shipment_id=name,
        version=2,
        location="S",
        sku="A",
        occurred_at=utc(at),
        status="received",
        quantity=units,
        received=units,
        expected_at=utc(at),
    )
    return receiving.update_line(book, update, at, xxh3_64_digest(name.encode()))


def sold(book, units, at, kind="sale"):
    event = Sale(
        event_id=f"{kind}{units}{at}",
        occurred_at=utc(at),
        location="S",
        sku="A",
        quantity=units,
        kind=kind,
    )
    return position.sell(book, event, at, xxh3_64_digest(event.event_id.encode()), {})


@given(UNITS, st.integers(0, 300), st.integers(0, 500))
@settings(max_examples=80, deadline=None)
def test_a_book_below_nothing_decides_as_an_empty_one_of_which_less_is_to_come(
    below, promised, on_order
):
    wrong = view_of(book_of(-below, on_order, promised))
    empty = view_of(book_of(0, max(on_order - below, 0), promised))
    assert wrong.position == empty.position
    assert wrong.free == empty.free == -promised
    assert wrong.projection == empty.projection
    assert to_order(wrong) == to_order(empty)
    assert excess_of(wrong) == excess_of(empty)
    assert spare(wrong) == spare(empty) == 0
    decide.reconsider(wrong.book, KEY, NOW, SupplyNetwork())
    assert "book_mismatch" in wrong.book.alerts
    said = [msgspec.json.decode(one.body).get("sentence", "") for one in wrong.book.outbox]
    assert any("Count it" in sentence for sentence in said)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 400))
@settings(max_examples=80, deadline=None)
def test_goods_that_were_ordered_since_are_all_there_when_they_come(sales, ordered):
    book = book_of(0)
    for number, units in enumerate(sales):
        sold(book, units, NOW + number)
        unrecorded.assume(book, NOW + number)
    assert (book.on_hand, book.stock) == (-sum(sales), 0)
    book.lines["PO"] = Line("PO", 1, ordered, 0, "ordered", NOW + DAY)
    book.on_order = ordered
    received(book, ordered, NOW + DAY)
    assert book.on_hand == ordered - sum(sales)
    assert promises.free(book) == book.inventory_position == ordered
    decide.reconsider(book, KEY, NOW + DAY, SupplyNetwork())
    assert "book_mismatch" in book.alerts
    moved(book, "count", ordered + 3, NOW + 2 * DAY)
    assert (book.unrecorded, promises.free(book)) == (0, ordered + 3)


def test_what_was_missing_in_the_records_explains_what_was_unrecorded_once_it_is_told():
    told = {
        "a receipt that nobody announced": lambda book: received(book, 50, NOW + DAY),
        "an adjustment": lambda book: moved(book, "adjustment", 50, NOW + DAY),
        "a transfer of before": lambda book: moved(book, "transfer", 50, NOW - DAY),
        "a return of before": lambda book: sold(book, 50, NOW - DAY, "return"),
    }
    for what, tell in told.items():
        book = book_of(-30)
        unrecorded.assume(book, NOW)
        tell(book)
        assert (book.unrecorded, promises.free(book)) == (0, 20), what
        assert position.needs_reconsidering(book), what


def test_a_return_of_later_explains_nothing():
    book = book_of(-30)
    unrecorded.assume(book, NOW)
    sold(book, 5, NOW + DAY, "return")
    assert (book.unrecorded, promises.free(book)) == (30, 5)


def test_what_is_to_come_of_what_is_sold_already_is_no_surplus():
    book = book_of(-30, on_order=100)
    view = view_of(book)
    assert (book.unrecorded, book.overdrawn, view.position) == (0, 30, 70)
    assert [receipt.quantity for receipt in view.receipts] == [70]
    assert promises.free(book, math.inf) == 0
