"""Lots with a day of expiry: the first to expire is sold first, a sale never looks, and a book without them is as it was."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.movements import move
from support.stories import DAY, START, Story

from andon.planning.book import lots
from andon.planning.book.book import Book
from andon.planning.book.counts import MOST_LOTS
from andon.planning.book.dated_lots import Lots
from andon.planning.book.fast_sale import sell_today
from andon.planning.book.promises import free
from andon.schemas.common import utc
from andon.schemas.stock import CountedLot

TODAY = int(START // DAY)


def on(day):
    return utc((TODAY + day) * DAY).date()


def moved(book, name, kind, quantity, at=START, **fields):
    return move(book, name, kind, quantity, at, **fields)


def counted(book, *found, others=0, at=START, name="c"):
    told = tuple(
        CountedLot(lot=lot, quantity=units, expires_on=on(day)) for lot, units, day in found
    )
    total = sum(units for _, units, _ in found) + others
    return moved(book, name, "count", total, at, lots=told)


def sell(book, units):
    book.sold += units
    book.on_hand -= units


def there(book):
    return [(one.lot, one.units) for one in lots.left(book)]


@pytest.mark.parametrize(
    ("sold", "left"),
    [
        (0, [("A", 10), ("B", 20)]),
        (4, [("A", 6), ("B", 20)]),
        (10, [("B", 20)]),
        (25, [("B", 5)]),
        # What is of no lot is sold last.
        (30, []),
        (35, []),
    ],
)
def test_the_first_to_expire_is_sold_first(sold, left):
    book = Book()
    counted(book, ("B", 20, 9), ("A", 10, 5), others=8)
    sell(book, sold)
    assert there(book) == left


def test_a_lot_that_comes_later_with_an_earlier_day_was_not_sold_before_it_came():
    book = Book()
    counted(book, ("A", 10, 9))
    sell(book, 4)
    moved(book, "in", "adjustment", 10, START + 60, lot="B", expires_on=on(3))
    assert there(book) == [("B", 10), ("A", 6)]
    sell(book, 12)
    assert there(book) == [("A", 4)]


def test_what_is_thrown_away_of_a_lot_is_of_that_lot_and_else_of_the_first_to_expire():
    book = Book()
    counted(book, ("A", 10, 5), ("B", 20, 9))
    moved(book, "w", "spoilage", 3, START + 60, lot="B")
    assert there(book) == [("A", 10), ("B", 17)]
    moved(book, "v", "spoilage", 4, START + 120)
    assert there(book) == [("A", 6), ("B", 17)]


def test_what_is_on_hold_or_has_expired_is_not_sold():
    book = Book()
    counted(book, ("A", 10, 1), ("B", 20, 9), ("C", 5, 20))
    moved(book, "h", "hold", 15, START + 60, lot="B")
    lots.settle(book, START + 3 * DAY)
    sell(book, 7)
    assert there(book) == [("A", 10), ("B", 15), ("C", 3)]
    assert lots.held_by_lot(book) == {"B": 15}
    moved(book, "r", "release", 15, START + 120, lot="B")
    assert (book.held, lots.held_by_lot(book)) == (10, {}), "what has expired is not free"


def test_what_has_expired_is_there_and_not_free():
    book = Book()
    counted(book, ("A", 10, 1), ("B", 20, 9))
    moved(book, "h", "hold", 4, START + 60, lot="A")
    assert (book.on_hand, free(book)) == (30, 26)
    lots.settle(book, START + 2 * DAY)
    assert (book.on_hand, free(book), book.inventory_position) == (30, 20, 20)
    moved(book, "w", "spoilage", 10, START + 2 * DAY, lot="A")
    moved(book, "r", "release", 4, START + 2 * DAY, lot="A")
    assert (book.on_hand, free(book)) == (20, 20)


def test_there_is_never_more_of_lots_than_there_is():
    book = Book()
    counted(book, ("A", 10, 5), ("B", 20, 9))
    moved(book, "t", "transfer", -25, START + 60)
    assert there(book) == [("B", 5)]


def test_a_count_says_anew_what_there_is_of_each_lot_and_takes_off_what_went_since():
    book = Book()
    counted(book, ("A", 10, 5), ("B", 20, 9))
    sell_story = [("A", 2, 5), ("B", 15, 9)]
    counted(book, *sell_story, at=START + 60, name="d")
    assert there(book) == [("A", 2), ("B", 15)]


def test_what_was_sold_after_a_count_that_comes_late_is_taken_off_it():
    story = Story(stock=100)
    for _ in range(4):
        story.sell(1)
    book = story.book
    counted(book, ("A", 10, 5), ("B", 20, 9), at=START + 1e-3, name="late")
    assert sum(units for _, units in there(book)) == book.on_hand


def test_a_repeat_says_nothing_new():
    book = Book()
    counted(book, ("A", 10, 5))
    for _ in range(2):
        moved(book, "in", "adjustment", 5, START + 60, lot="B", expires_on=on(3))
    assert there(book) == [("B", 5), ("A", 10)]


def test_a_lot_too_many_is_refused():
    book = Book()
    counted(book, *((f"L{number}", 1, number) for number in range(MOST_LOTS)))
    refused = moved(book, "in", "adjustment", 1, START + 60, lot="X", expires_on=on(3))
    assert (refused, book.on_hand) == ("too_many_lots", MOST_LOTS)


def test_a_book_without_lots_is_not_a_byte_larger_and_one_with_them_is_read_again():
    plain, book = Book(), Book()
    moved(plain, "c", "count", 10)
    moved(book, "c", "count", 10)
    assert msgspec.msgpack.encode(plain) == msgspec.msgpack.encode(book)
    assert plain.holds == {}
    counted(book, ("A", 10, 5), at=START + 60, name="d")
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(book), type=Book)
    assert isinstance(again.holds, Lots)
    assert there(again) == [("A", 10)]
    sell(book, 10)
    lots.settle(book, START + DAY)
    assert book.holds == {}, "what is gone is kept no longer"


def test_a_plain_sale_of_an_item_with_lots_goes_the_fast_way():
    story = Story(stock=100)
    story.sell(1)
    counted(story.book, ("A", 10, 5), others=89, at=story.now + 1, name="lots")
    assert sell_today(story.book, 4, story.now + 60, b"12345678") is not None
    assert there(story.book) == [("A", 6)]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("sell"), st.integers(1, 30), st.just(0)),
        st.tuples(st.sampled_from("ABCD"), st.integers(1, 30), st.integers(0, 20)),
        st.tuples(st.just("look"), st.just(0), st.just(0)),
        st.tuples(st.just("other"), st.integers(1, 30), st.just(0)),
    ),
    max_size=30,
)


@given(steps)
def test_lots_are_as_if_every_unit_had_its_day_and_the_first_to_expire_was_sold(steps):
    """Against a list of units that is sold from in order of their days; units of no lot are sold last."""
    book, units = Book(on_hand=0, counted_at=START - 1), []
    days: dict[str, int] = {}
    for number, (what, quantity, day) in enumerate(steps):
        at = START + 60 * number
        if what == "sell":
            part = min(quantity, len(units))
            sell(book, part)
            units = sorted(units)[part:]
        elif what == "look":
            lots.settle(book, at)
        elif what == "other":
            moved(book, f"e{number}", "adjustment", quantity, at)
            units += [(10**6, "")] * quantity
        else:
            last = days.setdefault(what, day)
            moved(book, f"e{number}", "adjustment", quantity, at, lot=what, expires_on=on(last))
            units += [(last, what)] * quantity
    expected = {}
    for day, lot in units:
        if lot:
            expected[day, lot] = expected.get((day, lot), 0) + 1
    assert there(book) == [(lot, count) for (_, lot), count in sorted(expected.items())]
