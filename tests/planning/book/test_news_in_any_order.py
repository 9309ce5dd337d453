"""A book is a function of the set of news that its shipments and counts brought: whatever their order, and however often."""

import itertools
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from xxhash import xxh3_64_digest

from andon.planning.book import receiving
from andon.planning.book.book import Book, Line
from andon.planning.book.counts import move_stock
from andon.planning.book.memory import NO_BLOCKS
from andon.planning.supply import shipment as shipments
from andon.planning.supply.advised import apply_advice
from andon.planning.supply.inbound import Shipment
from andon.schemas.common import decode, utc
from andon.schemas.shipments import AdviceUpdate, LineUpdate, ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement

DAY = 86400.0
START = 20_000 * DAY


@dataclass
class World:
    """One item's book and the shipments that bring it, as the agents hold them; state goes through its encoding."""

    book: Book = field(default_factory=Book)
    orders: dict[str, Shipment] = field(default_factory=dict)
    forgets: bool = False

    def hear(self, news):
        digest = xxh3_64_digest(news.event_id.encode())
        if isinstance(news, StockMovement):
            move_stock(self.book, news, news.at, digest, NO_BLOCKS)
            return
        order = self.orders.setdefault(news.shipment_id, Shipment(news.shipment_id))
        if self.forgets:
            order.recent = b""
        shipments.apply_event(order, news, news.at, digest, {})
        self.deliver(order)

    def deliver(self, order):
        """Bring the book and other orders what one has to say, and keep all as it is written."""
        advices = []
        for said in order.outbox:
            if said.family == "advices":
                advices.append(decode(said.body, AdviceUpdate))
            elif said.family == "lines":
                update = decode(said.body, LineUpdate)
                name = xxh3_64_digest(said.event_id.encode())
                receiving.update_line(self.book, update, update.at, name)
        order.outbox.clear()
        self.orders[order.shipment_id] = again(order, Shipment)
        self.book = again(self.book, Book)
        for update in advices:
            advised = self.orders.setdefault(update.order_id, Shipment(update.order_id))
            apply_advice(advised, update, update.at, {})
            self.deliver(advised)

    def outcome(self):
        """What anybody may see of the item."""
        book = self.book
        lines = {
            name: (line.quantity, line.received, line.open_quantity, line.expected, line.promised)
            for name, line in book.lines.items()
            if line.open_quantity
        }
        return book.on_hand, book.on_order, book.received, book.counted_at, lines


def again(state, kind):
    return msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=kind)


def told(news, *, forgets=False):
    world = World(forgets=forgets)
    with pytest.MonkeyPatch.context() as patch:
        if forgets:
            patch.setattr(receiving, "MOST_DONE", 0)
        for one in news:
            world.hear(one)
    return world.outcome()


def news(name, status, day, *lines, shipment="PO-1", **fields):
    return ShipmentEvent(
        event_id=name,
        occurred_at=utc(START + day * DAY),
        shipment_id=shipment,
        status=status,
        lines=tuple(ShipmentLine(location="S", sku="A", **one) for one in lines),
        **fields,
    )


def count(day, quantity):
    return StockMovement(
        event_id=f"count {day}",
        occurred_at=utc(START + day * DAY),
        location="S",
        sku="A",
        kind="count",
        quantity=quantity,
    )


def day_of(days):
    return utc(START + days * DAY)


#: What happened, and what is on hand and on order then.
STORIES = {
    "ordered 10, then confirmed 0": (
        (
            news("1", "ordered", 1, {"quantity": 10}),
            news("2", "confirmed", 2, {"quantity": 0}),
        ),
        0,
        0,
    ),
    "amended to 5, and then on its way": (
        (
            news("1", "ordered", 1, {"quantity": 10}),
            news("2", "confirmed", 2, {"quantity": 5}),
            news("3", "in_transit", 3),
        ),
        0,
        5,
    ),
    "5 of 12 came before a count and 7 after it": (
        (
            news("1", "ordered", 1, {"quantity": 12}),
            news("2", "partly_received", 2, {"received": 5}),
            count(3, 50),
            news("4", "partly_received", 4, {"received": 12}),
        ),
        57,
        0,
    ),
    "100 keyed in where 10 came, and counted before that was seen": (
        (
            count(0, 30),
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "partly_received", 2, {"quantity": 100, "received": 100}),
            count(2.5, 40),
            news("3", "partly_received", 3, {"quantity": 100, "received": 10}),
        ),
        40,
        90,
    ),
    "received by mistake, then 10 of 100": (
        (
            count(0, 30),
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "received", 2),
            news("3", "partly_received", 3, {"received": 10}),
        ),
        40,
        90,
    ),
    "cancelled by mistake, and confirmed again": (
        (
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "cancelled", 2),
            news("3", "confirmed", 3, {"quantity": 100}),
        ),
        0,
        100,
    ),
    "partly received, the rest cancelled, a late parcel all the same": (
        (
            count(0, 10),
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "partly_received", 2, {"received": 40}),
            news("3", "cancelled", 3),
            news("4", "partly_received", 4, {"received": 45}),
        ),
        55,
        0,
    ),
    "more came than was ordered": (
        (news("1", "ordered", 1, {"quantity": 100}), news("2", "received", 2, {"received": 110})),
        110,
        0,
    ),
    "a short delivery that was all": (
        (
            news("1", "ordered", 1, {"quantity": 60}),
            news("2", "received", 2, {"received": 58}),
            count(3, 58),
        ),
        58,
        0,
    ),
    "20 went back to the supplier, who sends them again": (
        (
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "received", 2),
            count(3, 100),
            news("4", "partly_received", 4, {"returned": 20}),
        ),
        80,
        20,
    ),
    "20 went back for good": (
        (
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "received", 2),
            news("3", "received", 3, {"returned": 20}),
        ),
        80,
        0,
    ),
    "20 went back, and came again": (
        (
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "received", 2),
            news("3", "partly_received", 3, {"returned": 20}),
            news("4", "received", 4),
        ),
        100,
        0,
    ),
    "cancelled, and it came after all": (
        (
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "cancelled", 2),
            news("3", "received", 3),
        ),
        100,
        0,
    ),
    "two dates for one item, and a receipt under neither": (
        (
            news(
                "1",
                "ordered",
                1,
                {"line": "10", "quantity": 60, "promised_at": day_of(4)},
                {"line": "20", "quantity": 40, "promised_at": day_of(19)},
            ),
            news("2", "partly_received", 4, {"received": 70}),
            news("3", "confirmed", 5, {"line": "20", "expected_at": day_of(25)}),
        ),
        70,
        30,
    ),
    "two lines of one item without names": (
        (
            news("1", "ordered", 1, {"quantity": 60}, {"quantity": 40}),
            news("2", "partly_received", 4, {"received": 60}),
            news("3", "received", 5),
        ),
        100,
        0,
    ),
    "an order and its two dispatch advices": (
        (
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "dispatched", 2, {"quantity": 60}, shipment="ASN-a", order_id="PO-1"),
            news("3", "dispatched", 2.5, {"quantity": 40}, shipment="ASN-b", order_id="PO-1"),
            news("4", "received", 5, shipment="ASN-a", order_id="PO-1"),
        ),
        60,
        40,
    ),
    "a receipt told by the order and by its advice": (
        (
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "dispatched", 2, {"quantity": 60}, shipment="ASN-a", order_id="PO-1"),
            news("3", "received", 3, shipment="ASN-a", order_id="PO-1"),
            count(4, 60),
            news("5", "partly_received", 5, {"received": 60}),
        ),
        60,
        40,
    ),
    "an advice is cancelled": (
        (
            news("1", "ordered", 1, {"quantity": 100}),
            news("2", "dispatched", 2, {"quantity": 60}, shipment="ASN-a", order_id="PO-1"),
            news("3", "cancelled", 3, shipment="ASN-a"),
        ),
        0,
        100,
    ),
}
#: The number of an order that was done is used for another one a year later.
TWO_ORDERS = (
    news("old 1", "ordered", 1, {"quantity": 60}, promised_at=day_of(5)),
    news("old 2", "received", 5),
    count(366, 20),
    news("new 1", "ordered", 367, {"quantity": 70}, promised_at=day_of(372)),
    news("new 2", "partly_received", 371, {"received": 30}),
)
each_story = pytest.mark.parametrize(
    ("events", "on_hand", "on_order"), STORIES.values(), ids=list(STORIES)
)


@each_story
def test_every_order_of_news_comes_to_the_same_book(events, on_hand, on_order):
    found = {
        tuple(one.event_id for one in order): told(order)
        for order in itertools.permutations(events)
    }
    expected = told(events)
    assert expected[:2] == (on_hand, on_order)
    assert {order: end for order, end in found.items() if end != expected} == {}


@each_story
def test_news_that_come_again_when_all_was_forgotten_change_nothing(events, on_hand, on_order):
    expected = told(events)
    for late in itertools.permutations(events, 2):
        assert told([late[1], *events, *late], forgets=True) == expected
    assert expected[:2] == (on_hand, on_order)


amounts = st.integers(0, 30)
lines = st.fixed_dictionaries(
    {},
    optional={
        "quantity": amounts,
        "received": amounts,
        "returned": st.integers(0, 10),
        "rejected": st.integers(0, 10),
        "line": st.sampled_from(["10", "20"]),
        "expected_at": st.integers(5, 40).map(day_of),
    },
)
one_of_news = st.one_of(
    st.builds(
        lambda status, line, shipment, order: (status, line, shipment, order),
        st.sampled_from(
            [
                "ordered",
                "confirmed",
                "dispatched",
                "in_transit",
                "partly_received",
                "received",
                "cancelled",
            ]
        ),
        st.lists(lines, max_size=2, unique_by=lambda one: one.get("line")),
        st.sampled_from(["PO-1", "PO-1", "ASN-1", "PO-2"]),
        st.sampled_from(["PO-1", "PO-1", "PO-2", None]),
    ),
    amounts,
)


def as_events(drawn):
    """Give each its own moment, in which the list's order is that of time."""
    for day, one in enumerate(drawn):
        if isinstance(one, int):
            yield count(day, one)
        else:
            status, some, shipment, order_id = one
            order = {"order_id": order_id} if shipment == "ASN-1" else {}
            yield news(str(day), status, day, *some, shipment=shipment, **order)


@settings(max_examples=100)
@given(st.lists(one_of_news, max_size=12), st.randoms(use_true_random=False), st.booleans())
@example(
    [("received", [], "PO-1", None), ("ordered", [{"quantity": 5}], "PO-1", None)], None, False
)
@example(
    [
        ("received", [{"quantity": 1, "received": 1}], "PO-1", None),
        ("received", [{"quantity": 1, "received": 1}], "ASN-1", "PO-1"),
    ],
    None,
    True,
)
def test_random_news_in_any_order_with_repeats_come_to_the_same_book(drawn, chance, forgets):
    events = list(as_events(drawn))
    shuffled = list(reversed(events))
    if chance is not None:
        shuffled = chance.sample(events, len(events))
        shuffled += chance.choices(events, k=3) if events else []
    assert told(shuffled, forgets=forgets) == told(events)


def test_lines_of_one_item_are_expected_on_their_own_dates():
    lines = [
        {"quantity": 60, "promised_at": day_of(4)},
        {"quantity": 40, "promised_at": day_of(19)},
    ]
    *_, on_order = told([news("1", "ordered", 1, *lines)])
    assert {(open_, expected) for _, _, open_, expected, _ in on_order.values()} == {
        (60, START + 4 * DAY),
        (40, START + 19 * DAY),
    }


def test_a_line_without_a_date_is_expected_from_when_it_was_ordered_whatever_other_lines_say():
    """It has no date because another line has one, nor a later one because there are more news."""
    world = World()
    world.hear(news("1", "confirmed", 1, {"quantity": 5}, {"quantity": 3, "line": "10"}))
    world.hear(news("2", "in_transit", 4, {"line": "10", "expected_at": day_of(9)}))
    lines = {name: (one.undated, one.expected) for name, one in world.book.lines.items()}
    assert lines == {"PO-1": (True, START + 8 * DAY), "PO-1\x1f10": (False, START + 9 * DAY)}


def test_very_many_parcels_with_counts_between_them_still_add_up():
    """More than are kept with their times: the oldest are merged, and stay on their side of each count."""
    world = World()
    world.hear(news("order", "ordered", 0, {"quantity": 1_000}))
    for day in range(1, 61):
        world.hear(news(f"parcel {day}", "partly_received", day, {"received": 10 * day}))
        if day % 7 == 0:
            world.hear(count(day + 0.5, 5))
    assert world.outcome()[:2] == (5 + 10 * (60 - 56), 1_000 - 600)
    world.hear(news("typo", "partly_received", 60.5, {"received": 590}))
    assert world.outcome()[:2] == (5 + 10 * (60 - 56) - 10, 1_000 - 590)
    assert len(world.orders["PO-1"].facts["S/A"]) <= 16


@pytest.mark.parametrize(("status", "received"), [("partly_received", 40), ("received", 100)])
def test_state_from_before_news_were_kept_goes_on(status, received):
    """A shipment and a book as 0.1.0 wrote them: what came is in the stock, and is not taken in again."""
    order = Shipment("PO-1", status, 7, START + DAY, lines={"S/A": (100, received)})
    open_ = received < 100
    line = Line("PO-1", 7, 100, received, status, START + 5 * DAY)
    book = Book(on_hand=received + 3, on_order=100 - received, received=received)
    if open_:
        book.lines["PO-1"] = line
    else:
        book.closed_lines["PO-1"] = (7, received)
    world = World(book, {"PO-1": order})
    world.hear(news("a", "in_transit", 2))
    assert world.outcome()[:2] == (received + 3, 100 - received)
    world.hear(news("b", "partly_received", 3, {"received": 30}))
    assert world.outcome()[:2] == (33, 70)
    world.hear(news("c", "received", 4))
    assert world.outcome()[:2] == (103, 0)


def test_a_number_that_is_used_again_is_another_order_in_whatever_order_its_news_come():
    for order in itertools.permutations(TWO_ORDERS):
        world = World()
        for one in order:
            world.hear(one)
        on_hand, on_order, _, _, lines = world.outcome()
        assert (on_hand, on_order) == (50, 40)
        assert lines == {"PO-1": (70, 30, 40, START + 372 * DAY, START + 372 * DAY)}


@pytest.mark.parametrize("forgets", [False, True])
def test_news_of_an_order_that_is_done_change_nothing_when_its_number_is_used_again(forgets):
    expected = told(TWO_ORDERS, forgets=forgets)
    for late in itertools.permutations(TWO_ORDERS, 2):
        assert told([*TWO_ORDERS, *late], forgets=forgets) == expected


def test_what_is_ordered_again_soon_or_was_ordered_before_is_the_same_order():
    done = TWO_ORDERS[:2]
    soon = news("soon", "ordered", 20, {"quantity": 60})
    known = news("sync", "ordered", 367, {"quantity": 60}, ordered_at=day_of(1))
    for one in (soon, known):
        assert told([*done, one])[:2] == (60, 0)
    meant = news("meant", "ordered", 20, {"quantity": 70}, new_life=True)
    assert told([*done, meant])[:2] == (60, 70)


def test_a_number_used_again_leaves_nothing_of_an_order_that_was_never_done():
    world = World()
    world.hear(news("old", "ordered", 1, {"quantity": 60}))
    world.hear(news("new", "ordered", 2, {"quantity": 70}, new_life=True))
    assert world.outcome()[:2] == (0, 70)
