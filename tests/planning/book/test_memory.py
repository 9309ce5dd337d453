"""What a book remembers: every event for two days of the best seller, in bounded bytes, and for ever by source and number."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.movements import movement
from xxhash import xxh3_64_digest

from andon.planning.book import memory, position
from andon.planning.book.book import Book
from andon.planning.book.counts import move_stock
from andon.planning.book.memory import BLOCK, NO_BLOCKS, Block, Bounds
from andon.planning.book.movements import move
from andon.schemas.common import utc
from andon.schemas.pos import Sale

DAY = 86400.0
HOUR = 3600.0
START = 20_000 * DAY
#: As the settings have it.
BOUNDS = Bounds(32, 2 * DAY, 16_384)


class DictBlocks:
    """The blocks of one book, as a worker keeps them."""

    def __init__(self, kept=()):
        self.kept = dict(kept)

    def get(self, number):
        return self.kept.get(number)

    def change(self, number):
        return self.kept.setdefault(number, Block())

    def drop(self, number):
        self.kept.pop(number, None)

    def copy(self):
        return DictBlocks({number: again(block) for number, block in self.kept.items()})

    @property
    def size(self):
        return sum(len(msgspec.msgpack.encode(one)) for one in self.kept.values())


def again(record):
    """Return a record of state as it is read back."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=type(record))


class Till:
    """A book, its blocks, and the time that events arrive at."""

    def __init__(self, bounds=BOUNDS):
        self.book, self.blocks, self.bounds = Book(), DictBlocks(), bounds
        self.now = START

    def sell(self, name, at, quantity=1, **fields):
        sale = Sale(
            event_id=name, occurred_at=utc(at), location="S", sku="A", quantity=quantity, **fields
        )
        digest = xxh3_64_digest(name.encode())
        return self._done(at, position.sell(self.book, sale, sale.at, digest, self.blocks))

    def put(self, name, at, kind, quantity, **fields):
        event = movement(name, kind, quantity, at, **fields)
        digest = xxh3_64_digest(f"stock:{name}".encode())
        return self._done(at, move_stock(self.book, event, event.at, digest, self.blocks))

    def _done(self, at, outcome):
        self.now = max(self.now, at)
        memory.let_go(self.book, self.blocks, self.bounds, self.now)
        return outcome


@given(
    st.lists(
        st.tuples(st.floats(1.0, 4 * HOUR), st.floats(0.0, 1.0), st.floats(0.0, 30.0)),
        min_size=1,
        max_size=400,
    ),
    st.integers(1, 64),
)
def test_a_repeat_within_two_days_never_counts_twice(steps, least):
    """Sales at any pace and of any age, and after each perhaps one that arrived within the last two days once more."""
    till = Till(Bounds(least, 2 * DAY, 16_384))
    sent = []
    now = START
    for number, (wait, which, age_days) in enumerate(steps):
        now += wait
        at = now if number % 3 else now - age_days * DAY
        till.now = now
        assert till.sell(f"s{number}", at) != position.DUPLICATE
        sent.append((now, f"s{number}", at))
        recent = [one for one in sent if one[0] > now - 2 * DAY]
        _, name, at = recent[int(which * (len(recent) - 1))]
        assert till.sell(name, at) == position.DUPLICATE
    assert till.book.sold == len(steps)


def busy_days(till, days, daily, first=0):
    """Sell from eight to eight, evenly."""
    for day in range(first, first + days):
        for number in range(daily):
            at = START + day * DAY + 8 * HOUR + number * 12 * HOUR / daily
            assert till.sell(f"{day}-{number}", at) != position.DUPLICATE


def test_a_till_that_sends_its_day_again_changes_nothing_even_of_a_seller_of_five_thousand_a_day():
    till = Till()
    busy_days(till, 3, 5000)
    sold = till.book.sold
    for number in range(5000):
        at = START + DAY + 8 * HOUR + number * 12 * HOUR / 5000
        assert till.sell(f"1-{number}", at) == position.DUPLICATE
    assert till.book.sold == sold


@pytest.mark.parametrize(
    ("daily", "most"), [(5, 0), (10, 0), (100, 10_000), (5000, 210_000), (20_000, 380_000)]
)
def test_what_is_remembered_is_bounded(daily, most):
    till = Till()
    busy_days(till, 6 if daily > 100 else 60, daily)
    assert till.blocks.size <= most
    assert len(msgspec.msgpack.encode(till.book)) < 1520
    assert all(len(block.digests) <= 8 * BLOCK for block in till.blocks.kept.values())


def test_what_sells_no_more_is_forgotten_when_its_days_are_closed():
    till = Till()
    busy_days(till, 2, 1000)
    assert till.blocks.kept
    memory.age(till.book, till.blocks, BOUNDS, START + 5 * DAY)
    assert till.blocks.kept == {}
    busy_days(till, 1, 1000, first=6)
    assert till.sell("6-100", START + 6 * DAY + 8 * HOUR + 100 * 43.2) == position.DUPLICATE


@given(st.randoms(use_true_random=False), st.integers(1, 1500), st.integers(0, 600))
def test_blocks_that_are_newer_than_their_book_are_read_as_of_its_time(chance, before, lost):
    """As after a crash between the two: what the book has lost is applied again, in any order, and all is remembered."""
    till = Till(Bounds(32, 2 * DAY, 700))
    names = [(f"s{number}", START + number * 40.0) for number in range(before + lost)]
    for name, at in names[:before]:
        till.sell(name, at)
    book = again(till.book)
    for name, at in names[before:]:
        till.sell(name, at)
    crashed = Till(till.bounds)
    crashed.book, crashed.blocks, crashed.now = book, till.blocks.copy(), names[before - 1][1]
    again_sent = names[before:]
    chance.shuffle(again_sent)
    for name, at in again_sent:
        assert crashed.sell(name, at) != position.DUPLICATE
    for name, at in names[-700:]:
        assert crashed.sell(name, at) == position.DUPLICATE
    assert crashed.book.sold == len(names)


def test_state_that_was_written_before_there_were_blocks_is_read():
    old = Book()
    for number in range(40):
        memory_of = xxh3_64_digest(f"s{number}".encode())
        move(old, memory_of, START + number, -1)
    fields = msgspec.msgpack.decode(msgspec.msgpack.encode(old))
    book = msgspec.msgpack.decode(
        msgspec.msgpack.encode(fields[: Book.__struct_fields__.index("item_version")]), type=Book
    )
    till = Till()
    till.book = book
    assert till.sell("s39", START + 39) == position.DUPLICATE
    busy_days(till, 1, 300)
    assert till.sell("0-10", START + 8 * HOUR + 10 * 144) == position.DUPLICATE


# Sources that number their events


def test_a_source_that_numbers_its_events_may_send_years_again():
    till = Till()
    sent = [(f"s{n}", START + n * 6 * HOUR, n) for n in range(800)]
    for name, at, number in sent:
        till.sell(name, at, source="till-4", sequence=number)
    for name, at, number in sent:
        assert till.sell(name, at, source="till-4", sequence=number) == position.DUPLICATE
    assert till.book.sold == 800
    assert till.sell(*sent[0][:2]) != position.DUPLICATE, (
        "without a number it is too old to be known"
    )


def test_what_was_overtaken_within_two_days_counts():
    till = Till()
    for number in (1, 5, 3, 2, 4):
        at = START + number * HOUR
        assert till.sell(f"s{number}", at, source="a", sequence=number) != position.DUPLICATE
    assert till.book.sold == 5


def test_each_family_and_each_source_counts_by_itself():
    till = Till(Bounds(1))
    for number in range(40):
        till.sell(f"s{number}", START + number, source="a", sequence=1000 + number)
    assert till.sell("b", START, source="b", sequence=1) != position.DUPLICATE
    assert till.put("c", START, "adjustment", 5, source="a", sequence=1) == position.APPLIED
    assert till.sell("s3", START + 3, source="a", sequence=1003) == position.DUPLICATE


def test_a_book_knows_so_many_sources_and_no_more():
    till = Till()
    for number in range(2 * memory.MOST_SOURCES):
        till.sell(f"s{number}", START + number, source=f"till-{number}", sequence=number)
    assert len(till.book.sequences) == memory.MOST_SOURCES


# Counts that come late


@given(st.randoms(use_true_random=False), st.integers(1, 300), st.booleans())
def test_a_count_is_placed_by_its_time_whatever_was_sold_since(chance, after, first):
    till = Till()
    if not first:
        till.put("before", START - DAY, "count", 500)
    sold_before = [
        (f"b{n}", START - 1 - chance.random() * HOUR) for n in range(chance.randrange(60))
    ]
    sold_after = [(f"a{n}", START + 1 + chance.random() * 30 * HOUR) for n in range(after)]
    sales = sold_before + sold_after
    chance.shuffle(sales)
    for name, at in sales:
        till.sell(name, at)
    assert till.put("late", START, "count", 1000) == position.APPLIED
    assert till.book.on_hand == 1000 - after
    assert till.book.counted_at == START


@pytest.mark.parametrize("daily", [3, 40, 600])
def test_a_count_of_the_morning_of_a_week_ago_is_placed_by_the_sums_of_the_days(daily):
    till = Till()
    till.put("first", START, "count", 10_000)
    busy_days(till, 10, daily)
    assert till.put("late", START + 3 * DAY, "count", 9000) == position.APPLIED
    assert till.book.on_hand == 9000 - 7 * daily


def test_within_a_day_of_which_only_the_sum_is_known_it_is_spread_evenly():
    till = Till()
    till.put("first", START, "count", 10_000)
    busy_days(till, 10, 600)
    till.put("late", START + 3 * DAY + 12 * HOUR, "count", 9000)
    assert till.book.on_hand == 9000 - 6 * 600 - 300


def test_a_count_that_cannot_be_placed_changes_nothing_and_another_is_asked_for():
    till = Till()
    till.put("first", START, "count", 100_000)
    busy_days(till, 30, 600)
    on_hand = till.book.on_hand
    assert till.put("late", START + DAY, "count", 9000) == position.STALE
    assert (till.book.on_hand, till.book.unplaced) == (on_hand, START + DAY)
    till.put("new", START + 30 * DAY, "count", 777)
    assert (till.book.on_hand, till.book.unplaced) == (777, 0.0)


def test_a_first_count_is_never_too_old_but_another_is_asked_for_if_it_cannot_be_placed():
    till = Till()
    busy_days(till, 30, 600)
    assert till.put("late", START, "count", 20_000) == position.APPLIED
    assert till.book.on_hand == 20_000 - 30 * 600
    assert till.book.unplaced == START


def test_a_count_older_than_another_changes_nothing():
    till = Till()
    till.put("new", START, "count", 9)
    assert till.put("old", START - HOUR, "count", 99) == position.STALE
    assert (till.book.on_hand, till.book.unplaced) == (9, 0.0)


# Counts of one moment, and by areas


def test_two_counts_of_one_moment_must_say_the_same():
    till = Till()
    till.put("one", START, "count", 20)
    assert till.put("two", START, "count", 20) == position.APPLIED
    assert till.put("three", START, "count", 30) == position.CONFLICT
    assert till.book.on_hand == 20


@given(st.permutations([("floor", 20), ("back room", 30), ("cellar", 7)]))
def test_the_areas_of_one_moment_add_up_in_any_order(areas):
    till = Till()
    till.sell("before", START - HOUR, 3)
    for number, (area, quantity) in enumerate(areas):
        till.put(f"c{number}", START, "count", quantity, area=area)
    till.sell("after", START + HOUR, 5)
    assert till.book.on_hand == 52
    assert till.put("again", START, "count", 99, area="floor") == position.CONFLICT


def test_an_area_that_is_counted_anew_takes_the_place_of_its_own_last_count():
    till = Till()
    till.put("f1", START, "count", 20, area="floor")
    till.put("b1", START, "count", 30, area="back room")
    till.sell("s", START + HOUR, 5)
    till.put("f2", START + 2 * HOUR, "count", 14, area="floor")
    assert till.book.on_hand == 44
    till.put("b2", START + 3 * HOUR, "count", 30, area="back room")
    assert till.book.on_hand == 44
    till.put("old", START + HOUR, "count", 99, area="floor")
    assert till.book.on_hand == 44


def test_what_was_sold_between_the_counts_of_two_areas_is_taken_off_the_one_whose_count_it_explains():
    till = Till()
    till.put("f1", START, "count", 100, area="floor")
    till.put("b1", START, "count", 60, area="back room")
    till.sell("s", START + DAY, 20)
    till.put("b2", START + 2 * DAY, "count", 60, area="back room")
    assert till.book.on_hand == 140
    till.put("f2", START + 3 * DAY, "count", 80, area="floor")
    assert till.book.on_hand == 140


def test_an_area_counted_after_everything_was_leaves_the_rest_where_it_is():
    till = Till()
    till.put("all", START, "count", 150)
    till.sell("s", START + HOUR, 10)
    till.put("f1", START + DAY, "count", 90, area="floor")
    assert till.book.on_hand == 140
    till.put("b1", START + DAY, "count", 45, area="back room")
    assert till.book.on_hand == 140, "somewhere there are five more"
    till.put("f2", START + 2 * DAY, "count", 90, area="floor")
    assert till.book.on_hand == 135, "there is nowhere that was not counted"
    till.put("all again", START + 3 * DAY, "count", 130)
    assert (till.book.on_hand, till.book.areas) == (130, {})


def test_a_location_has_so_many_areas_and_no_more():
    till = Till()
    outcomes = [till.put(f"c{n}", START, "count", 1, area=f"bin {n}") for n in range(65)]
    assert outcomes == [position.APPLIED] * 64 + [position.TOO_MANY_AREAS]
    assert till.book.on_hand == 64


def test_without_blocks_a_book_remembers_its_last_events_alone():
    book = Book()
    for number in range(100):
        move(book, number.to_bytes(8, "big"), START + number, -1)
        memory.let_go(book, NO_BLOCKS, Bounds(8), START + number)
    assert not memory.seen(book, NO_BLOCKS, (50).to_bytes(8, "big"), START + 50)
    assert memory.seen(book, NO_BLOCKS, (99).to_bytes(8, "big"), START + 99)
    assert memory.since(book, NO_BLOCKS, START - 1) == -100


def test_digests_are_found_only_where_one_begins():
    chance = random.Random(3)
    book = Book()
    digests = [chance.randbytes(8) for _ in range(20)]
    for digest in digests:
        move(book, digest, START, 0)
    astride = digests[0][4:] + digests[1][:4]
    assert not memory.seen(book, NO_BLOCKS, astride, START)
    assert memory.seen(book, NO_BLOCKS, digests[1], START)
