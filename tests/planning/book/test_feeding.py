"""What a book hears of the network: in any order, once, and within bounds."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.book import feeding
from andon.planning.book.book import Book
from andon.planning.network.state import MOST_FED, below, level_of
from andon.schemas.common import utc
from andon.schemas.needs import Feed, Need, Step
from andon.schemas.shipments import LineUpdate

AT = 1_700_000_000.0


def need(version, location="shop", **fields):
    told = {
        "position": 10 * version,
        "target": 40,
        "mean": 7.0,
        "variance": 9.0,
        "horizon_days": 7.0,
    }
    return Need(
        warehouse="dc",
        sku="tea",
        location=location,
        version=version,
        updated_at=utc(AT + version),
        **told | fields,
    )


def feed(version, above, **fields):
    steps = tuple(Step(location=name, since=float(since)) for name, since in above)
    return LineUpdate(
        shipment_id="dc",
        version=version,
        location="shop",
        sku="tea",
        occurred_at=utc(AT),
        status="ordered",
        quantity=0,
        received=0,
        expected_at=utc(AT),
        feed=Feed(warehouse="dc", above=steps, **fields),
    )


def transfer(sent):
    return LineUpdate(
        shipment_id=f"T{sent}",
        version=1,
        location="shop",
        sku="tea",
        occurred_at=utc(AT),
        status="in_transit",
        quantity=1,
        received=0,
        expected_at=utc(AT),
        transfer_from="dc",
        sent_so_far=sent,
    )


@given(st.permutations([(name, version) for name in ("a", "b") for version in (1, 2, 3)]))
def test_needs_in_any_order_come_to_the_same(order):
    book = Book()
    for name, version in order:
        feeding.hear_need(book, need(version, name, ends=name == "b" and version == 3), AT)
    fed = book.network.fed
    assert fed["a"].position == 30
    assert below(book.network) == 30
    assert [one.version for one in book.network.feeds] == [3]


@given(st.permutations([5, 9, 20]))
def test_what_was_sent_counts_once_whoever_hears_of_it_first(order):
    warehouse, shop = Book(), Book()
    feeding.hear_need(warehouse, need(1, position=0), AT)
    for units in (5, 4, 11):
        feeding.note_sent(warehouse, "shop", units)
    assert below(warehouse.network) == 20
    for number, sent in enumerate(order, start=2):
        feeding.hear_sent(shop, transfer(sent))
        # Its position rises by what it has heard of.
        heard = shop.network.sources["dc"].heard
        feeding.hear_need(warehouse, need(number, position=heard, heard=heard), AT)
        assert below(warehouse.network) == 20


def test_what_a_location_needs_no_more_is_not_fed_until_it_needs_it_again():
    book = Book()
    assert feeding.hear_need(book, need(1, ends=True), AT) == feeding.APPLIED
    assert not feeding.is_fed(book, "shop")
    assert feeding.hear_need(book, need(2), AT) == feeding.APPLIED
    assert feeding.hear_need(book, need(2), AT) == feeding.DUPLICATE
    assert feeding.is_fed(book, "shop")
    assert not feeding.is_fed(book, "kiosk")


def test_a_book_has_room_for_so_many_and_forgets_those_it_feeds_no_more():
    book = Book()
    for number in range(MOST_FED):
        feeding.hear_need(book, need(1, f"shop-{number}"), AT)
    assert feeding.hear_need(book, need(1), AT) == feeding.TOO_MANY_FED
    feeding.hear_need(book, need(2, "shop-7", ends=True), AT)
    assert feeding.hear_need(book, need(1), AT) == feeding.APPLIED
    assert len(book.network.fed) == MOST_FED


def test_a_book_of_many_locations_fits_a_record():
    book = Book()
    for number in range(MOST_FED):
        name = f"{number:04}".rjust(64, "x")
        feeding.hear_need(book, need(10**13 + number, name, mean=1e6 / 3, variance=1e9 / 7), AT)
        book.network.fed[name].why = "w" * 160
    assert len(msgspec.msgpack.encode(book)) < 500_000


def test_levels_rise_from_those_who_sell():
    book = Book()
    assert level_of(book.network) == 0
    feeding.hear_need(book, need(1), AT)
    assert level_of(book.network) == 1
    feeding.hear_need(book, need(1, "depot", level=3), AT)
    assert level_of(book.network) == 4
    feeding.hear_need(book, need(2, "depot", level=3, refused=True), AT)
    assert level_of(book.network) == 1


@pytest.mark.parametrize(
    ("above", "circle", "refused"),
    [
        ([("dc", 1)], (), False),
        ([("dc", 1), ("plant", 9)], (), False),
        ([("dc", 1), ("shop", 2)], ("shop", "dc", "shop"), True),
        ([("dc", 3), ("shop", 2)], ("shop", "dc", "shop"), False),
        ([("dc", 1), ("hub", 1), ("shop", 1), ("dc", 1)], ("shop", "dc", "hub", "shop"), True),
    ],
)
def test_goods_that_would_go_round_are_refused_where_the_item_was_changed_last(
    above, circle, refused
):
    book = Book(item_version=2.0)
    feeding.hear_feed(book, feed(1, above))
    assert feeding.circle_through(book, "shop/tea", "dc") == circle
    assert feeding.is_refused(book, "shop/tea", "dc") == refused


def test_an_older_feed_is_no_news():
    book = Book()
    assert feeding.hear_feed(book, feed(2, [("dc", 1)], given=5, up_to=5)) == feeding.APPLIED
    assert feeding.hear_feed(book, feed(1, [("dc", 1)])) == feeding.DUPLICATE
    source = book.network.sources["dc"]
    assert feeding.allowed(book, source) == 5
    book.on_order = 3
    assert feeding.allowed(book, source) == 2
    book.on_hand = 9
    assert feeding.allowed(book, source) == 0


def test_a_place_that_sold_nothing_itself_lets_go_of_what_it_took_for_its_demand():
    book = Book()
    book.demand.days, book.demand.a, book.demand.b = 30, 100.0, 10.0
    feeding.hear_need(book, need(1), AT)
    assert book.demand.days == 0
    seller = Book(sold=5)
    seller.demand.days = 30
    feeding.hear_need(seller, need(1), AT)
    assert seller.demand.days == 30
