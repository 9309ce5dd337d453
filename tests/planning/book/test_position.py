"""The book of stock against an oracle that keeps the whole history."""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh3_64_digest

from andon.planning.book import position, receiving
from andon.planning.book.answers import acknowledge
from andon.planning.book.book import Book
from andon.planning.book.counts import move_stock
from andon.planning.book.memory import NO_BLOCKS, Bounds, let_go
from andon.schemas.acks import Ack
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import LineUpdate
from andon.schemas.stock import StockMovement

DAY = 86400.0
START = 20_000 * DAY


def sale(name, quantity, at=START, kind="sale", **fields):
    return Sale(
        event_id=name,
        occurred_at=utc(at),
        location="S",
        sku="A",
        quantity=quantity,
        kind=kind,
        **fields,
    )


def movement(name, kind, quantity, at=START):
    return StockMovement(
        event_id=name, occurred_at=utc(at), location="S", sku="A", kind=kind, quantity=quantity
    )


def line(shipment, version, *, quantity=10, received=0, status="ordered", at=START, alert=None):
    return LineUpdate(
        shipment_id=shipment,
        version=version,
        location="S",
        sku="A",
        occurred_at=utc(at),
        status=status,
        quantity=quantity,
        received=received,
        expected_at=utc(at + 5 * DAY),
        alert_id=alert,
    )


def item_of(**fields):
    source = Source(supplier="X", lead_time_days=3)
    return Item(location="S", sku="A", updated_at=utc(START), sources=(source,), **fields)


def apply(book, event, window=32, blocks=NO_BLOCKS):
    outcome = applied(book, event, blocks)
    let_go(book, blocks, Bounds(window), event.at)
    return outcome


def applied(book, event, blocks):
    name = getattr(event, "event_id", None) or f"{event.shipment_id}:{event.version}"
    digest = xxh3_64_digest(name.encode())
    match event:
        case Sale():
            return position.sell(book, event, event.at, digest, blocks)
        case StockMovement():
            return move_stock(book, event, event.at, digest, blocks)
        case _:
            return receiving.update_line(book, event, event.at, digest)


def test_a_sale_takes_from_the_stock_and_a_return_gives_back():
    book = Book()
    apply(book, movement("c", "count", 10))
    apply(book, sale("a", 3, START + 60))
    apply(book, sale("b", 1, START + 120, kind="return"))
    assert (book.on_hand, book.sold, book.returned) == (8, 3, 1)


def sold_so_far(book):
    return book.demand.sold + sum(book.demand.pending.values())


@given(
    sales=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40)), min_size=1, max_size=20),
    returns=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 30)), max_size=20),
)
def test_returns_of_older_sales_are_no_less_demand(sales, returns):
    alone, besides = Book(), Book()
    for book in (alone, besides):
        position.set_item(book, item_of(expected_daily_demand=10.0), START)
    for number, (day, quantity) in enumerate(sales):
        for book in (alone, besides):
            apply(book, sale(f"s{number}", quantity, START + day * DAY))
        for other, (when, back) in enumerate(returns if number == len(sales) // 2 else ()):
            apply(besides, sale(f"r{other}", back, START + when * DAY, kind="return"))
    assert besides.demand == alone.demand
    assert besides.on_hand == alone.on_hand + sum(back for _, back in returns)


@pytest.mark.parametrize(
    ("fields", "learned"),
    [
        ({"quantity": 4}, 20),
        ({"quantity": 4, "sold_at": utc(START)}, 16),
        ({"quantity": 4, "sold_at": utc(START - 3 * DAY)}, 20),
        ({"quantity": 4, "sold_at": utc(START - DAY)}, 20),
        ({"quantity": 300}, 20),
    ],
    ids=["whenever", "sold today", "sold long ago", "sold on a day that sold none", "too many"],
)
def test_what_comes_back_is_no_demand_of_the_open_day_it_was_sold_on(fields, learned):
    book = Book()
    position.set_item(book, item_of(expected_daily_demand=10.0), START)
    apply(book, sale("s", 20))
    apply(book, sale("r", fields.pop("quantity"), START + 60, kind="return", **fields))
    assert sold_so_far(book) == learned


def test_a_mistaken_entry_that_is_taken_back_is_no_demand():
    book = Book()
    apply(book, sale("s", 2))
    apply(book, sale("mistake", 80_995))
    apply(book, sale("r", 80_995, START + 60, kind="return"))
    assert (sold_so_far(book), book.on_hand) == (2, -2)


@pytest.mark.parametrize(
    ("kind", "on_hand", "backorders"), [("sale", -7, 0), ("backorder", 0, 7), ("return", 7, 0)]
)
def test_what_is_exceptional_changes_the_stock_and_teaches_nothing(kind, on_hand, backorders):
    book = Book()
    event = sale("s", 7, kind=kind, exceptional=True, promotion="for once")
    assert apply(book, event) == position.APPLIED
    assert (book.on_hand, book.backorders) == (on_hand, backorders)
    assert (sold_so_far(book), book.demand.promotions, book.backordered) == (0, None, 0)


def test_selling_what_the_book_does_not_have_makes_it_negative():
    book = Book()
    apply(book, sale("a", 2))
    assert book.on_hand == -2


def test_a_backorder_lowers_the_position_and_its_filling_is_no_new_demand():
    book = Book()
    apply(book, movement("c", "count", 10))
    apply(book, sale("a", 4, START + 60, kind="backorder"))
    assert (book.on_hand, book.backorders, book.inventory_position) == (10, 4, 6)
    apply(book, sale("b", 4, START + 120, kind="backorder_filled"))
    assert (book.on_hand, book.backorders, book.inventory_position) == (6, 0, 6)
    assert book.demand.sold == 4


def test_a_count_stands_on_its_own_time():
    #   sale 3 ---- count 10 ---- sale 2         arrives as: count, sale 2, sale 3
    book = Book()
    apply(book, movement("c", "count", 10, START + 100))
    apply(book, sale("later", 2, START + 200))
    apply(book, sale("earlier", 3, START + 50))
    assert book.on_hand == 8
    assert book.sold == 5


def test_a_count_that_arrives_late_keeps_what_happened_after_it():
    #   count 10 ---- sale 2                     arrives as: sale 2, count
    book = Book()
    apply(book, sale("later", 2, START + 200))
    apply(book, movement("c", "count", 10, START + 100))
    assert book.on_hand == 8


def test_a_count_older_than_another_is_stale():
    book = Book()
    apply(book, movement("new", "count", 10, START + 100))
    assert apply(book, movement("old", "count", 99, START + 50)) == position.STALE
    assert book.on_hand == 10


def test_a_first_count_is_no_error_and_a_later_one_tells_how_wrong_the_book_was():
    book = Book()
    apply(book, movement("a", "count", 10, START))
    assert book.count_error == 0
    apply(book, movement("b", "count", 7, START + 60))
    assert book.count_error == -3


def test_a_sale_that_a_count_overtook_explains_its_error():
    book = Book()
    apply(book, movement("a", "count", 10, START))
    apply(book, movement("b", "count", 7, START + 100))
    apply(book, sale("late", 3, START + 50))
    assert (book.on_hand, book.count_error) == (7, 0)


@pytest.mark.parametrize(
    ("counts", "when"),
    [
        (((100, 10),), 50),  # before the first count: nobody knew better
        (((100, 10), (200, 10)), 50),  # before the last count but one, which knew of it
    ],
)
def test_a_sale_that_the_last_error_does_not_span_explains_nothing(counts, when):
    book = Book()
    for number, (at, quantity) in enumerate(counts):
        apply(book, movement(f"c{number}", "count", quantity, START + at))
    apply(book, sale("late", 8, START + when))
    assert (book.on_hand, book.count_error) == (10, 0)


@pytest.mark.parametrize("fill_first", [False, True])
def test_a_backorder_and_its_filling_come_to_the_same_in_either_order(fill_first):
    #   backorder 4 ---- filled 4
    book = Book()
    apply(book, movement("c", "count", 10))
    news = [
        sale("promise", 4, START + 100, kind="backorder"),
        sale("filling", 4, START + 200, kind="backorder_filled"),
    ]
    for one in reversed(news) if fill_first else news:
        apply(book, one)
    assert (book.on_hand, book.backorders, book.inventory_position) == (6, 0, 6)


@pytest.mark.parametrize("names", list(itertools.permutations("pfc")))
def test_a_backorder_of_which_a_part_is_filled_and_a_part_cancelled_in_any_order(names):
    """50 wanted, 30 of them no longer, 10 given: no stock moves for what was cancelled, and it was no demand."""
    news = {
        "p": sale("promise", 50, START + 100, kind="backorder"),
        "f": sale("filling", 10, START + 200, kind="backorder_filled"),
        "c": sale("cancelled", 30, START + 300, kind="backorder_cancelled"),
    }
    book = Book()
    apply(book, movement("count", "count", 12))
    apply(book, sale("other", 2, START + 50))
    for name in names:
        apply(book, news[name])
        apply(book, news[name])
    assert (book.on_hand, book.backorders, book.backordered) == (0, 10, 20)
    assert book.demand.sold == 22


def test_what_is_cancelled_of_yesterdays_backorder_takes_nothing_from_todays_sales():
    book = Book()
    apply(book, sale("promise", 50, START + 100, kind="backorder"))
    apply(book, sale("today", 8, START + DAY + 50))
    apply(book, sale("cancelled", 30, START + DAY + 100, kind="backorder_cancelled"))
    assert (book.demand.sold, book.demand.pending) == (8, {int(START // DAY): 20})


def test_filling_a_backorder_from_before_our_time_does_not_swallow_a_new_one():
    book = Book()
    apply(book, sale("old filling", 4, START + 100, kind="backorder_filled"))
    apply(book, sale("new", 3, START + 200, kind="backorder"))
    assert book.backorders == 3


@pytest.mark.parametrize("kind", ["sale", "return", "backorder"])
def test_an_event_that_comes_twice_counts_once(kind):
    book = Book()
    assert apply(book, sale("same", 2, kind=kind)) == position.APPLIED
    before = (book.on_hand, book.sold, book.returned, book.backorders)
    assert apply(book, sale("same", 2, kind=kind)) == position.DUPLICATE
    assert (book.on_hand, book.sold, book.returned, book.backorders) == before


def test_a_late_shipment_stays_on_order():
    book = Book()
    apply(book, line("x", 1, quantity=10))
    apply(book, line("x", 2, quantity=10, at=START + 9 * DAY))
    assert (book.on_order, book.inventory_position) == (10, 10)


@pytest.mark.parametrize(
    ("updates", "on_hand", "on_order", "outcome"),
    [
        ([("partly_received", 4)], 4, 6, position.APPLIED),
        ([("partly_received", 4), ("received", 10)], 10, 0, position.APPLIED),
        ([("received", 12)], 12, 0, position.OVER_RECEIPT),
        ([("cancelled", 0)], 0, 0, position.APPLIED),
        ([("partly_received", 4), ("cancelled", 4)], 4, 0, position.APPLIED),
        ([("received", 10), ("received", 11)], 11, 0, position.OVER_RECEIPT),
    ],
)
def test_receipts_go_on_hand_and_the_rest_stays_on_order(updates, on_hand, on_order, outcome):
    book = Book()
    apply(book, line("x", 1, quantity=10))
    for version, (status, received) in enumerate(updates, 2):
        found = apply(book, line("x", version, quantity=10, received=received, status=status))
    assert (book.on_hand, book.on_order, found) == (on_hand, on_order, outcome)


def test_a_line_update_that_comes_again_changes_nothing_even_after_the_line_is_closed():
    book = Book()
    apply(book, line("x", 1))
    apply(book, line("x", 2, received=10, status="received"))
    assert apply(book, line("x", 1)) == position.DUPLICATE
    assert apply(book, line("x", 2, received=10, status="received")) == position.DUPLICATE
    assert (book.on_hand, book.on_order) == (10, 0)


def test_a_shipment_never_ordered_is_an_over_receipt():
    book = Book()
    unknown = line("x", 1, quantity=0, received=5, status="received")
    assert apply(book, unknown) == position.OVER_RECEIPT
    assert book.on_hand == 5


def test_an_announced_order_is_reserved_until_its_shipment_is_seen():
    book = Book()
    ack = Ack(
        event_id="a",
        occurred_at=utc(START),
        alert_id="replenish:S/A:1",
        action="ordered",
        quantity=7,
    )
    acknowledge(book, ack, START)
    assert book.inventory_position == 7
    apply(book, line("x", 1, quantity=7, alert="replenish:S/A:1"))
    assert (book.reserved, book.on_order, book.inventory_position) == (0, 7, 7)


def test_older_master_data_do_not_replace_newer():
    source = (Source(supplier="X", lead_time_days=3),)
    new = Item(location="S", sku="A", updated_at=utc(START), sources=source, pack_size=6)
    old = Item(location="S", sku="A", updated_at=utc(START - 1), sources=source)
    book = Book()
    position.set_item(book, new, new.at)
    assert position.set_item(book, old, old.at) == position.STALE
    assert book.item == new


def master_data(version, *, active=True):
    source = (Source(supplier="X", lead_time_days=3),)
    return Item(
        location="S", sku="A", updated_at=utc(START + version), sources=source, active=active
    )


@given(
    st.dictionaries(st.integers(0, 9), st.booleans(), min_size=1).flatmap(
        lambda versions: st.permutations(list(versions.items()) * 2)
    )
)
def test_the_newest_master_data_decide_whether_an_item_is_planned_in_whatever_order_they_come(
    versions,
):
    book = Book()
    for version, active in versions:
        position.set_item(book, master_data(version, active=active), START + version)
    newest, active = max(versions)
    assert book.item == (master_data(newest) if active else None)


def test_a_deletion_is_newer_than_the_master_data_from_before_it():
    book = Book()
    position.set_item(book, master_data(2), START + 2)
    position.set_item(book, None, START + 5)
    for version in (2, 4):
        assert position.set_item(book, master_data(version), START + version) == position.STALE
        assert book.item is None
    assert position.set_item(book, master_data(6), START + 6) == position.APPLIED
    assert book.item == master_data(6)


@dataclass
class Oracle:
    """Stock from the whole history: the newest count, and every change after it."""

    changes: list[tuple[float, int]] = field(default_factory=list)
    counts: list[tuple[float, int]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def apply(self, name, at, change=None, count=None):
        if name in self.seen:
            return
        self.seen.add(name)
        if count is not None:
            self.counts.append((at, count))
        else:
            self.changes.append((at, change))

    @property
    def on_hand(self):
        at, base = max(self.counts, default=(0.0, 0), key=lambda one: one[0])
        return base + sum(change for when, change in self.changes if when > at)

    @property
    def count_error(self):
        """The newest count, less the one before it and what happened in between."""
        if len(self.counts) < 2:
            return 0
        (before, base), (at, count) = sorted(self.counts)[-2:]
        return count - base - sum(change for when, change in self.changes if before < when <= at)


events = st.lists(
    st.tuples(
        st.integers(0, 30),  # which event: the same number twice is a duplicate
        st.sampled_from(["sale", "return", "count", "adjustment", "spoilage"]),
        st.integers(1, 50),
        st.integers(0, 2000),  # when
    ),
    max_size=60,
)


@settings(max_examples=150)
@given(events)
def test_stock_is_conserved_whatever_the_order_and_the_repeats(drawn):
    book, oracle = Book(), Oracle()
    known = {}
    for number, *rest in drawn:
        kind, quantity, minute = known.setdefault(number, rest)
        at = START + 60.0 * minute
        name = f"e{number}"
        if kind in ("sale", "return"):
            apply(book, sale(name, quantity, at, kind), window=64)
            oracle.apply(name, at, change=quantity if kind == "return" else -quantity)
        elif kind == "count":
            apply(book, movement(name, kind, quantity, at), window=64)
            # Of two counts at the same time either may win; the oracle takes the first, so skip the second.
            if not any(when == at for when, _ in oracle.counts) or name in oracle.seen:
                oracle.apply(name, at, count=quantity)
            else:
                return
        else:
            apply(book, movement(name, kind, quantity, at), window=64)
            oracle.apply(name, at, change=-quantity if kind == "spoilage" else quantity)
        assert book.on_hand == oracle.on_hand


@settings(max_examples=100)
@given(events)
def test_the_error_of_a_count_is_what_nothing_between_two_counts_explains(drawn):
    """Sales and adjustments may come in any order, as long as the counts come in theirs."""
    book, oracle, counted = Book(), Oracle(), 0.0
    for place, (_, kind, quantity, minute) in enumerate(drawn):
        at, name = START + 60.0 * minute, f"e{place}"
        if kind == "count":
            if at <= counted:
                continue
            counted = at
            apply(book, movement(name, kind, quantity, at), window=64)
            oracle.apply(name, at, count=quantity)
        elif kind == "sale":
            apply(book, sale(name, quantity, at), window=64)
            oracle.apply(name, at, change=-quantity)
        else:
            apply(book, movement(name, "adjustment", quantity, at), window=64)
            oracle.apply(name, at, change=quantity)
        assert book.count_error == oracle.count_error


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 12)), max_size=20), st.randoms())
def test_receipts_are_counted_once_whatever_is_repeated(steps, chance):
    """Every version of a shipment may come again, and versions may be missing; what was received is what came."""
    book = Book()
    received = version = 0
    history = []
    for jump, more in steps:
        version += jump
        received += more
        history.append(line("x", version, quantity=100, received=received))
        apply(book, history[-1])
        apply(book, chance.choice(history))
        assert book.on_hand == book.received == received
        assert book.on_order == max(100 - received, 0)


def test_an_item_has_so_many_open_orders_and_no_more_but_receipts_always_count():
    book = Book()
    most = position.MOST_OPEN_LINES
    for number in range(most):
        assert apply(book, line(f"x{number}", 1, quantity=1)) == position.APPLIED
    assert apply(book, line("more", 1, quantity=1)) == position.TOO_MANY
    assert (book.on_order, len(book.lines)) == (most, most)
    assert apply(book, line("x0", 2, quantity=2)) == position.APPLIED, "known lines go on"
    came = line("late", 1, quantity=5, received=5, status="received")
    assert apply(book, came) == position.APPLIED
    assert book.on_hand == 5
    part = line("half", 1, quantity=5, received=2, status="partly_received")
    assert apply(book, part) == position.APPLIED
    assert book.on_hand == 7
