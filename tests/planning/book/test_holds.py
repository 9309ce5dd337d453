"""Goods that are there and may not be sold for the time being."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.movements import move

from andon.planning.book import position
from andon.planning.book.book import Book
from andon.planning.book.counts import MOST_LOTS
from andon.planning.book.promises import free, on_shelf
from andon.schemas.common import utc
from andon.schemas.stock import StockMovement

START = 1_700_000_000.0


def moved(book, name, kind, quantity, minute=0, **fields):
    return move(book, name, kind, quantity, START + 60 * minute, **fields)


def test_what_is_on_hold_is_on_hand_and_covers_nothing():
    book = Book()
    moved(book, "c", "count", 100)
    moved(book, "h", "hold", 30, 1)
    assert (book.on_hand, book.on_hold, free(book), on_shelf(book)) == (100, 30, 70, 70)
    assert book.inventory_position == 70


def test_no_more_is_on_hold_than_there_is():
    book = Book()
    moved(book, "c", "count", 20)
    moved(book, "h", "hold", 30, 1)
    assert (book.on_hold, free(book)) == (20, 0)
    moved(book, "a", "adjustment", -25, 2)
    assert (book.on_hold, free(book)) == (0, 0)


def test_the_release_of_one_lot_frees_no_other():
    book = Book(on_hand=100, counted_at=START)
    moved(book, "h", "hold", 30, 1, lot="L-1")
    moved(book, "r", "release", 30, 2, lot="L-2")
    assert book.on_hold == 30


def test_one_lot_more_than_can_be_told_apart_is_refused_and_counts_once_there_is_room():
    book = Book(on_hand=100, counted_at=START)
    for number in range(MOST_LOTS):
        moved(book, f"{number}", "hold", 1, lot=f"L-{number}")
    assert moved(book, "more", "hold", 1, lot="more") == position.TOO_MANY_LOTS
    moved(book, "free", "release", 1, 1, lot="L-0")
    assert moved(book, "more", "hold", 1, lot="more") == position.APPLIED
    assert book.on_hold == MOST_LOTS


def test_a_hold_cannot_correct_another():
    fields = {"event_id": "x", "occurred_at": utc(START), "location": "S", "sku": "A"}
    with pytest.raises(ValueError, match="corrects: a hold cannot correct another"):
        StockMovement(kind="hold", quantity=1, corrects="y", **fields)
    with pytest.raises(ValueError, match="quantity: a release cannot be negative"):
        StockMovement(kind="release", quantity=-1, **fields)


steps = st.lists(
    st.tuples(st.sampled_from(["hold", "release"]), st.integers(0, 40), st.sampled_from("ab")),
    max_size=10,
)


@given(steps, st.randoms(use_true_random=False))
def test_holds_and_releases_in_any_order_and_repeated_make_one_book(drawn, chance):
    named = [(f"{number}", *one) for number, one in enumerate(drawn)]
    shuffled = chance.sample(named, len(named)) + (chance.choices(named, k=2) if named else [])
    outcomes = []
    for order in (named, shuffled):
        book = Book(on_hand=1_000, counted_at=START - 1)
        for name, kind, quantity, lot in order:
            moved(book, name, kind, quantity, int(name), lot=lot)
        outcomes.append((book.holds, book.held, book.on_hand))
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(book), type=Book) == book
    assert outcomes[0] == outcomes[1]
    by_lot = {
        lot: sum(n if kind == "hold" else -n for kind, n, of in drawn if of == lot) for lot in "ab"
    }
    assert outcomes[0][1] == sum(max(units, 0) for units in by_lot.values())
