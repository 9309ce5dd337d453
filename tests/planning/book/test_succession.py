"""A code that takes the place of another: what was taught, what is left and what is on order of the old one count for the new one."""

import itertools
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh3_64_digest

from andon.planning.book import position, receiving, succession, under_orders
from andon.planning.book.book import Book, Line
from andon.planning.book.inheritance import Replaced
from andon.planning.book.memory import NO_BLOCKS
from andon.planning.demand import demand as demands
from andon.schemas.common import decode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import LineUpdate
from andon.schemas.succession import Legacy, Replaces

DAY = 86400.0
FIRST = 20_000
START = FIRST * DAY
NEW, OLD = "S/new", "S/old"


def item(sku, at=START, **fields):
    return Item(
        location="S",
        sku=sku,
        updated_at=utc(at),
        sources=(Source(supplier="ACME", lead_time_days=3),),
        **fields,
    )


def sell(book, name, quantity, at=START + 100):
    sale = Sale(event_id=name, occurred_at=utc(at), location="S", sku="x", quantity=quantity)
    return position.sell(book, sale, at, xxh3_64_digest(name.encode()), NO_BLOCKS)


def known(days=60, daily=10, on_hand=80):
    """Return the book of goods that sold for some days."""
    book = Book(on_hand=on_hand, counted_at=START - DAY)
    for day in range(FIRST - days, FIRST):
        demands.record(book.demand, day, daily)
    demands.close_through(book.demand, FIRST - 1)
    position.set_item(book, item("old", START - DAY), START - DAY)
    return book


def told(book, since=0):
    return [decode(one.body, LineUpdate) for one in book.outbox[since:] if one.family == "lines"]


def tell(sender, receiver, since=0):
    return [succession.hear(receiver, one, one.at) for one in told(sender, since)]


def succeed(old, new, *, at=START, now=START + 1, **fields):
    """Let a code take the place of another, and each book hear the other's."""
    position.set_item(new, item("new", at, replaces=Replaces(sku="old", **fields)), at)
    tell(new, old)
    succession.say(old, OLD, now)
    tell(old, new)


def test_the_new_code_takes_over_level_stock_and_orders():
    old, new = known(), Book()
    old.lines["PO-1"] = Line("PO-1", 1, 50, 0, "ordered", START + 2 * DAY, supplier="ACME")
    old.on_order = 50
    succeed(old, new)
    assert new.demand.own_level == pytest.approx(old.demand.own_level)
    assert new.demand.days == old.demand.days
    assert (new.on_hand, new.inherited, new.on_order, new.inventory_position) == (0, 80, 50, 130)
    (line,) = new.lines.values()
    assert (line.shipment_id, line.open_quantity, line.expected) == ("PO-1", 50, START + 2 * DAY)
    assert new.stock_is_known
    assert succession.is_replaced(old, START)


def test_a_code_alone_says_the_same():
    assert item("new", replaces="old").predecessor == Replaces(sku="old")


def test_a_code_cannot_take_its_own_place():
    with pytest.raises(ValueError, match="replaces: an item cannot take its own place"):
        item("new", replaces="new")


@pytest.mark.parametrize("factor", [0.5, 2.0, 12.0])
def test_units_of_the_old_code_count_by_the_factor(factor):
    old, new = known(), Book()
    old.lines["PO-1"] = Line("PO-1", 1, 51, 0, "ordered", START + DAY)
    succeed(old, new, factor=factor)
    assert new.demand.own_level == pytest.approx(factor * old.demand.own_level)
    assert new.inherited == 80 * factor
    assert new.on_order == int(51 * factor)


def test_what_both_sold_before_counts_together():
    old, new = known(daily=10), Book()
    for day in range(FIRST - 30, FIRST):
        demands.record(new.demand, day, 5)
    demands.close_through(new.demand, FIRST - 1)
    succeed(old, new)
    assert new.demand.own_level == pytest.approx(15, rel=0.1)


def test_what_the_old_code_sells_is_demand_of_the_new_one_as_well():
    old, new = known(), Book()
    sell(new, "own", 3)
    succeed(old, new)
    since = len(old.outbox)
    sell(old, "of the old", 7)
    succession.say(old, OLD, START + 101)
    tell(old, new, since)
    assert demands.sold_on(new.demand, FIRST) == 3 + 7
    assert new.inherited == 73


def test_what_is_not_news_is_not_told():
    old, new = known(), Book()
    succeed(old, new)
    since = len(old.outbox)
    succession.say(old, OLD, START + 500)
    assert told(old, since) == []


def test_before_its_day_nothing_of_the_old_code_counts():
    old, new = known(), Book()
    succeed(old, new, starts_on=date.fromordinal(date(1970, 1, 1).toordinal() + FIRST + 3))
    assert (new.inherited, new.demand.days) == (0, 0)
    assert not succession.is_replaced(old, START + 3 * DAY - 1)
    assert not succession.is_awaited(new, START)
    succession.settle(new, START + 3 * DAY)
    assert (new.inherited, new.demand.days) == (80, 60)
    assert succession.is_replaced(old, START + 3 * DAY)


def test_nothing_is_said_of_the_new_code_before_the_old_one_has_answered_and_not_for_ever():
    new = Book()
    position.set_item(new, item("new", replaces="old"), START)
    assert succession.is_awaited(new, START + 10)
    assert succession.is_awaited(new, START + 3600)
    assert not succession.is_awaited(new, START + 3611)


def test_what_replaces_nothing_any_more_lets_go_and_the_old_code_is_ordered_again():
    old, new = known(), Book()
    old.lines["PO-1"] = Line("PO-1", 1, 50, 0, "ordered", START + DAY)
    succeed(old, new)
    since = len(new.outbox)
    position.set_item(new, item("new", START + 50), START + 50)
    tell(new, old, since)
    assert (new.inherited, new.on_order, new.lines) == (0, 0, {})
    assert not succession.is_replaced(old, START + DAY)
    assert succession.hear(new, told(old)[-1], START + 60) == position.STALE


def test_a_code_that_another_one_replaces_instead_is_told_so():
    old, new, other = known(), Book(), Book()
    succeed(old, new)
    since = len(old.outbox)
    position.set_item(other, item("other", START + 9, replaces="old"), START + 9)
    tell(other, old)
    (update,) = told(old, since)
    assert (update.sku, update.legacy.no_longer) == ("new", True)
    succession.hear(new, update, update.at)
    assert new.inherited == 0


def test_codes_that_replace_each_other_one_after_another_add_up():
    old, new, newest = known(on_hand=80), Book(on_hand=5, counted_at=START), Book()
    succeed(old, new)
    position.set_item(newest, item("newest", START + 9, replaces="new"), START + 9)
    tell(newest, new)
    since = len(new.outbox)
    succession.say(new, NEW, START + 10)
    tell(new, newest, since)
    assert newest.inherited == 85
    assert newest.demand.own_level == pytest.approx(10, rel=0.05)
    assert newest.inheritance.legacy.through == ("old", "new")


def test_codes_that_replace_one_another_in_a_ring_do_not_count_for_ever():
    new = Book()
    position.set_item(new, item("new", replaces="old"), START)
    (told_old,) = told(new)
    update = msgspec.structs.replace(
        told_old,
        sku="new",
        shipment_id="old",
        successor=None,
        legacy=Legacy(units=5, through=("new",)),
    )
    assert succession.hear(new, update, START) == position.STALE
    assert new.inherited == 0


@pytest.mark.parametrize("later", ["old", "new"])
def test_of_two_that_replace_each_other_the_one_decided_last_does(later):
    first, second = Book(), Book()
    at = {"old": START + (later == "old"), "new": START + (later == "new")}
    position.set_item(first, item("old", at["old"], replaces="new"), at["old"])
    position.set_item(second, item("new", at["new"], replaces="old"), at["new"])
    to_first, to_second = told(second), told(first)
    for one in to_first:
        succession.hear(first, one, one.at)
    for one in to_second:
        succession.hear(second, one, one.at)
    replaced = {
        "old": succession.is_replaced(first, START + DAY),
        "new": succession.is_replaced(second, START + DAY),
    }
    assert replaced == {"old": later == "new", "new": later == "old"}


def test_receipts_of_an_order_with_both_codes_are_told_apart():
    old, new = known(), Book()
    old.lines["PO-1"] = Line("PO-1", 1, 50, 0, "ordered", START + DAY)
    succeed(old, new)
    update = LineUpdate(
        shipment_id="PO-1",
        version=1,
        location="S",
        sku="new",
        occurred_at=utc(START + 5),
        status="ordered",
        quantity=30,
        received=0,
        expected_at=utc(START + 2 * DAY),
    )
    receiving.update_line(new, update, START + 5, b"12345678")
    assert new.on_order == 80
    assert [one.of_sku for one in under_orders.lines_of(new, "PO-1")] == [None]


changes = st.lists(
    st.tuples(st.sampled_from(["sell", "count", "order", "come"]), st.integers(1, 60)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=100)
@given(changes, st.sampled_from([0.5, 1.0, 3.0]), st.randoms(use_true_random=False))
def test_news_of_the_old_code_in_any_order_and_repeated_make_one_book(steps, factor, chance):
    old, new = known(), Book()
    position.set_item(
        new, item("new", replaces=Replaces(sku="old", factor=factor), unit_price=2), START
    )
    tell(new, old)
    for number, (what, units) in enumerate(steps):
        at = START + 60 * (number + 1)
        if what == "sell":
            sell(old, f"{number}", units, at)
        elif what == "count":
            old.on_hand = units
        elif what == "order":
            old.lines[f"PO-{number}"] = Line(f"PO-{number}", 1, units, 0, "ordered", at + DAY)
        elif old.lines:
            old.on_hand += old.lines.popitem()[1].quantity
        succession.say(old, OLD, at)
    news = told(old)
    straight, shuffled = msgspec.msgpack.encode(new), chance.sample(news, len(news))
    shuffled += chance.choices(news, k=3)
    found = []
    for order in (news, shuffled):
        book = msgspec.msgpack.decode(straight, type=Book)
        for one in order:
            succession.hear(book, one, one.at)
        found.append((book.inherited, book.on_order, book.lines, book.demand, book.inheritance))
    assert found[0] == found[1]
    expected = max(0, old.on_hand)
    assert found[0][0] == int(expected * factor)
    open_units = [int(line.open_quantity * factor) for line in old.lines.values()]
    assert found[0][1] == sum(open_units)
    assert found[0][3].sold == round(old.demand.sold * factor)


def test_two_words_of_the_old_code_in_either_order_make_one_book():
    old = known()
    new = Book()
    position.set_item(new, item("new", replaces="old"), START)
    tell(new, old)
    succession.say(old, OLD, START + 1)
    sell(old, "a", 5)
    succession.say(old, OLD, START + 2)
    outcomes = []
    for order in itertools.permutations(told(old)):
        book = msgspec.msgpack.decode(msgspec.msgpack.encode(new), type=Book)
        for one in order:
            succession.hear(book, one, one.at)
        outcomes.append((book.inherited, book.demand))
    assert outcomes[0] == outcomes[1]


def test_a_book_of_an_earlier_version_is_read():
    fields = msgspec.to_builtins(Book(on_hand=3))
    assert msgspec.convert(fields[:-3], Book).inventory_position == 3
    assert Replaced().sku == ""
