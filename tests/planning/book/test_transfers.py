"""Transfers: demand where they leave, on order where they go, until they arrive; told in any order."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.movements import movement
from xxhash import xxh3_64_digest

from andon.planning.book import position, transfers
from andon.planning.book.book import Book
from andon.planning.book.memory import NO_BLOCKS
from andon.schemas.common import decode, utc
from andon.schemas.pos import Sale
from andon.schemas.shipments import LineUpdate

DAY = 86400.0
START = 20_000 * DAY


def moved(book, name, quantity, at=START, *, location="W", **fields):
    event = movement(name, "transfer", quantity, at, location=location, **fields)
    return transfers.move_stock(book, event, at, xxh3_64_digest(name.encode()), NO_BLOCKS)


def told(book):
    """Return what a book says to others of what is on its way."""
    return [decode(one.body, LineUpdate) for one in book.outbox]


def hear(book, update):
    name = f"{update.shipment_id}:{update.version}"
    return transfers.update_line(book, update, update.at, xxh3_64_digest(name.encode()))


def sent(quantity=40, **fields):
    """Return what the receiver is told of one transfer."""
    sender = Book()
    moved(sender, "out", -quantity, to_location="S", **fields)
    (update,) = told(sender)
    return update


def test_what_leaves_for_another_location_is_demand_and_the_receiver_is_told():
    sender, receiver = Book(), Book()
    moved(sender, "out", -40, to_location="S", transfer_id="T1")
    assert (sender.on_hand, sender.demand.sold) == (-40, 40)
    assert [one.key for one in sender.outbox] == ["S/A"]
    (update,) = told(sender)
    assert hear(receiver, update) == position.APPLIED
    assert (receiver.on_hand, receiver.on_order, receiver.inventory_position) == (0, 40, 40)
    (line,) = receiver.lines.values()
    assert (line.shipment_id, line.transfer_from, line.status) == ("T1", "W", "in_transit")
    assert line.expected == START + DAY


@pytest.mark.parametrize(
    ("has_sold", "fields", "demand"),
    [
        (False, {}, 40),
        (True, {}, 0),
        (True, {"to_location": "S"}, 40),
        (True, {"to_location": "S", "exceptional": True}, 0),
        (False, {"exceptional": True}, 0),
        (False, {"to_location": "W"}, 0),
    ],
    ids=["of a warehouse", "of a shop", "to a shop", "for once", "for once, anywhere", "to itself"],
)
def test_a_transfer_is_demand_where_it_will_be_wanted_again(has_sold, fields, demand):
    book = Book()
    if has_sold:
        sale = Sale(event_id="s", occurred_at=utc(START), location="W", sku="A", quantity=1)
        position.sell(book, sale, START, b"12345678", NO_BLOCKS)
    moved(book, "out", -40, START + 60, **fields)
    assert book.demand.sold == demand + has_sold
    assert book.on_hand == -40 - has_sold


def test_a_transfer_of_a_closed_day_moves_stock_and_teaches_nothing():
    book = Book()
    book.demand.closed = int(START // DAY)
    assert moved(book, "out", -40, to_location="S") == position.LATE
    assert (book.on_hand, book.late_events) == (-40, 1)


def test_it_says_itself_when_it_will_be_there():
    update = sent(expected_at=utc(START + 4 * DAY))
    assert update.expected_at == utc(START + 4 * DAY)
    assert update.spread_days == 1.0
    assert sent(expected_at=utc(START - DAY)).expected_at == utc(START)


def test_a_repeat_changes_nothing():
    sender, receiver = Book(), Book()
    moved(sender, "out", -40, to_location="S")
    assert moved(sender, "out", -40, to_location="S") == position.DUPLICATE
    (update,) = told(sender)
    hear(receiver, update)
    assert hear(receiver, update) == position.DUPLICATE
    moved(receiver, "in", 40, START + DAY, location="S", transfer_id="out")
    hear(receiver, update)
    assert (receiver.on_hand, receiver.on_order) == (40, 0)


@given(
    parts=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    is_named=st.booleans(),
    data=st.data(),
)
def test_news_of_transfers_in_any_order_make_one_book(parts, is_named, data):
    names = [{"transfer_id": "T1"} if is_named else {} for _ in parts]
    update = sent(sum(parts) + 5, transfer_id="T1")
    news = [("told", 0), *(("came", number) for number in range(len(parts)))]
    book = Book()
    for kind, number in data.draw(st.permutations(news)):
        if kind == "told":
            hear(book, update)
        else:
            at = START + (number + 1) * 3600
            moved(book, f"in{number}", parts[number], at, location="S", **names[number])
    assert (book.on_hand, book.on_order) == (sum(parts), 5)


def test_what_comes_without_a_name_belongs_to_what_is_due_first():
    book = Book()
    for name, days, place in (("late", 3, "W"), ("soon", 1, "W"), ("other", 2, "V")):
        update = sent(10, transfer_id=name, expected_at=utc(START + days * DAY))
        hear(book, msgspec.structs.replace(update, transfer_from=place))
    moved(book, "in1", 4, START + DAY, location="S")
    moved(book, "in2", 10, START + DAY, location="S", from_location="V")
    moved(book, "in3", 8, START + DAY, location="S")
    assert {line.shipment_id: line.open_quantity for line in book.lines.values()} == {"late": 8}
    assert book.on_order == 8


def test_a_shipment_and_a_transfer_of_one_number_are_two():
    book = Book()
    transfer = sent(10, transfer_id="X")
    shipment = msgspec.structs.replace(transfer, transfer_from=None, quantity=25)
    for first, second in itertools.permutations((transfer, shipment)):
        book = Book()
        hear(book, first)
        hear(book, second)
        assert book.on_order == 35
        moved(book, "in", 10, START + DAY, location="S", transfer_id="X")
        assert book.on_order == 25


def test_what_is_a_week_overdue_is_on_order_no_more():
    book = Book()
    hear(book, sent())
    transfers.lapse(book, START + 8 * DAY)
    assert book.on_order == 40
    transfers.lapse(book, START + 8 * DAY + 1)
    assert (book.on_order, book.lines) == (0, {})


def test_state_from_before_there_were_transfers_is_read():
    book = Book()
    hear(book, msgspec.structs.replace(sent(), transfer_from=None))
    fields = msgspec.msgpack.decode(msgspec.msgpack.encode(book))
    names = Book.__struct_fields__
    del fields[names.index("arrived") :]
    place = names.index("lines")
    fields[place] = {name: line[:20] for name, line in fields[place].items()}
    known = msgspec.msgpack.decode(msgspec.msgpack.encode(fields), type=Book)
    assert (known.on_order, known.arrived) == (40, {})


@given(st.floats(0, 20), st.integers(1, 50), st.floats(0.1, 5))
def test_time_alone_brings_about_that_a_lost_transfer_is_asked_for_and_given_up(days, units, takes):
    book = Book()
    hear(book, sent(units, expected_at=utc(START + takes * DAY)))
    now, seen = START, []
    while (at := transfers.next_look(book, now)) is not None:
        assert at > now
        now = at
        seen.append(now)
        transfers.lapse(book, now)
    assert [round((at - START) / DAY - takes, 2) for at in seen] == [1.0, 7.0]
    assert (book.lines, book.on_order) == ({}, 0)
    assert transfers.next_look(book, now + days * DAY) is None
