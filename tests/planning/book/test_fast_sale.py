"""The fast copy of a sale is held to the clear one, byte by byte of the book."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.book import position
from andon.planning.book.book import Book, Reservation
from andon.planning.book.counts import move_stock
from andon.planning.book.fast_sale import sell_today
from andon.planning.book.memory import NO_BLOCKS, Bounds, let_go
from andon.planning.demand import demand as demands
from andon.planning.demand.days import DAY, day_of
from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement

TODAY = 20_000
#: From yesterday evening to tomorrow morning.
HOURS = [hour * 3600.0 for hour in range(-2, 26, 2)]
LEVELS = st.integers(-12, 12)


def encoded(book):
    return msgspec.msgpack.encode(book)


@st.composite
def books(draw):
    """Any book in the middle of a day, with a level that a sale or two may cross, and counts between which a sale may fall."""
    book = Book(
        on_hand=draw(LEVELS),
        on_order=draw(st.integers(0, 5)),
        backorders=draw(st.integers(0, 5)),
        reserved=draw(st.integers(0, 5)),
        counted_at=TODAY * DAY + draw(st.sampled_from(HOURS[:8])),
        count_explains=TODAY * DAY + draw(st.sampled_from(HOURS[:4])),
        count_error=draw(LEVELS),
        reservations={"one": Reservation(2, 0.0)},
    )
    book.demand.day, book.demand.closed = TODAY, TODAY - draw(st.integers(1, 3))
    book.demand.sold = draw(st.integers(0, 9))
    book.demand.zone = draw(st.sampled_from((None, "Pacific/Auckland", "America/New_York")))
    if draw(st.booleans()):
        demands.see_day(book.demand)
    crossed, distance = (
        draw(st.sampled_from(["on_hand", "position", "sold"])),
        draw(st.integers(0, 9)),
    )
    if crossed == "on_hand":
        book.wake_on_hand = book.on_hand - distance
    elif crossed == "position":
        book.wake_position = book.inventory_position - distance
    else:
        book.wake_sold = book.demand.sold + distance
    for number in range(draw(st.integers(0, 12))):
        at = TODAY * DAY + draw(st.sampled_from(HOURS))
        move_stock(book, _adjustment(), at, b"before%02d" % number, NO_BLOCKS)
    return book


def _adjustment():
    return StockMovement(
        event_id="m", occurred_at=utc(0), location="S", sku="A", kind="adjustment", quantity=0
    )


SALES = st.lists(
    st.tuples(
        st.one_of(
            st.integers(0, 50).map(lambda number: b"digest%02d" % number),
            # The end of one digest and the beginning of another are no digest.
            st.sampled_from([b"01before", b"before03"]),
        ),
        st.sampled_from(HOURS),
        st.integers(1, 4),
    ),
    min_size=10,
    max_size=30,
)


@settings(max_examples=300)
@given(books(), SALES, st.integers(1, 6))
def test_a_sale_of_today_does_to_a_book_what_any_sale_does_or_nothing(book, sales, window):
    for digest, seconds, quantity in sales:
        at = TODAY * DAY + seconds
        sale = Sale(event_id="e", occurred_at=utc(at), location="S", sku="A", quantity=quantity)
        before, open_day, remembered = encoded(book), book.demand.day, bytes(book.digests)
        clear = msgspec.msgpack.decode(before, type=Book)
        forgotten = book.forgotten
        outcome = position.sell(clear, sale, at, digest, NO_BLOCKS)
        let_go(clear, NO_BLOCKS, Bounds(window), at)
        woken = sell_today(book, quantity, at, digest)
        if woken is None:
            assert encoded(book) == before
            is_open = book.demand.day_ends and day_of(at, book.demand.zone) == open_day
            is_known = outcome == position.DUPLICATE or digest in remembered
            assert not is_open or is_known or at <= forgotten
            book = clear
            continue
        let_go(book, NO_BLOCKS, Bounds(window), at)
        assert outcome == position.APPLIED
        assert encoded(book) == encoded(clear)
        assert woken == position.needs_reconsidering(clear)
