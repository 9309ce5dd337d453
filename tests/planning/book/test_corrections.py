"""What corrects another event by its id stands in its place, whichever of them is heard first, and however often."""

import itertools

import pytest
from xxhash import xxh3_64_digest

from andon.planning.book import corrections, position
from andon.planning.book.book import Book
from andon.planning.book.counts import move_stock
from andon.planning.book.memory import NO_BLOCKS, Block, Bounds, let_go
from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement

DAY = 86400.0
START = 20_000 * DAY

BOUNDS = Bounds(64)


def sale(name, quantity, minute, kind="sale", corrects=None):
    return Sale(
        event_id=name,
        occurred_at=utc(START + 60 * minute),
        location="S",
        sku="A",
        quantity=quantity,
        kind=kind,
        corrects=corrects,
    )


def stock(name, kind, quantity, minute, corrects=None, area=None):
    return StockMovement(
        event_id=name,
        occurred_at=utc(START + 60 * minute),
        location="S",
        sku="A",
        kind=kind,
        quantity=quantity,
        corrects=corrects,
        area=area,
    )


def hear(book, event, blocks=NO_BLOCKS, bounds=BOUNDS):
    digest = xxh3_64_digest(event.event_id.encode())
    of_sales = isinstance(event, Sale)
    if event.corrects is None:
        act = position.sell if of_sales else move_stock
        outcome = act(book, event, event.at, digest, blocks)
    else:
        instead = corrections.sell_instead if of_sales else corrections.move_instead
        corrected = xxh3_64_digest(event.corrects.encode())
        outcome = instead(book, event, event.at, digest, corrected, blocks)
    let_go(book, blocks, bounds, event.at)
    return outcome


def told(events):
    book = Book()
    for event in events:
        hear(book, event)
    return book.on_hand, book.sold, book.returned, book.spoiled, book.demand.sold


COUNT = stock("count", "count", 100, 0)


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ((sale("a", 20, 5), sale("b", 2, 5, corrects="a")), (98, 2, 0, 0, 2)),
        ((sale("a", 20, 5), sale("b", 0, 5, corrects="a")), (100, 0, 0, 0, 0)),
        (
            (sale("a", 20, 5), sale("b", 2, 5, corrects="a"), sale("c", 3, 5, corrects="b")),
            (97, 3, 0, 0, 3),
        ),
        (
            (
                sale("a", 20, 5),
                stock("later", "count", 50, 7),
                sale("b", 2, 5, corrects="a"),
            ),
            (50, 2, 0, 0, 2),
        ),
        (
            (
                stock("s", "spoilage", 30, 5),
                stock("t", "spoilage", 3, 5, corrects="s"),
            ),
            (97, 0, 0, 3, 0),
        ),
        (
            (stock("s", "adjustment", -30, 5), stock("t", "adjustment", 30, 5, corrects="s")),
            (130, 0, 0, 0, 0),
        ),
        (
            (
                stock("wrong", "count", 10, 5),
                sale("later", 1, 6),
                stock("right", "count", 90, 5, corrects="wrong"),
            ),
            (89, 1, 0, 0, 1),
        ),
    ],
    ids=[
        "a sale of 2",
        "no sale at all",
        "twice",
        "a sale that a count knows of",
        "spoilage",
        "an adjustment",
        "a count",
    ],
)
def test_a_correction_counts_in_the_place_of_what_it_corrects_in_any_order(events, outcome):
    assert told([COUNT, *events]) == outcome
    for order in itertools.permutations([COUNT, *events]):
        assert told([*order, *order]) == outcome


def test_a_count_that_was_keyed_in_wrong_is_no_mismatch_once_it_is_corrected():
    book = Book()
    for event in (COUNT, sale("a", 10, 1), stock("wrong", "count", 9, 5)):
        hear(book, event)
    assert book.count_error == -81
    hear(book, stock("right", "count", 90, 5, corrects="wrong"))
    assert (book.on_hand, book.count_error) == (90, 0)


AREAS = (
    stock("floor", "count", 40, 2, area="floor"),
    stock("back", "count", 60, 2, area="back"),
    stock("floor again", "count", 30, 2, corrects="floor", area="floor"),
)


@pytest.mark.parametrize("others", [(), (sale("a", 5, 1),), (sale("a", 5, 3),)])
def test_the_count_of_one_area_is_corrected_in_any_order(others):
    expected = 90 - sum(one.quantity for one in others if one.at > AREAS[0].at)
    for order in itertools.permutations((*AREAS, *others)):
        for again in order:
            assert told((*order, again))[0] == expected


def test_what_is_corrected_of_an_area_is_not_in_the_rest_that_nobody_counted():
    assert told((COUNT, AREAS[0]))[0] == 100
    assert told((COUNT, AREAS[0], AREAS[2]))[0] == 100
    book = Book()
    for one in (COUNT, AREAS[0], AREAS[2], stock("b", "count", 50, 3, area="back")):
        hear(book, one)
    assert {area: one.quantity for area, one in book.areas.items() if area} == {
        "floor": 30,
        "back": 50,
    }


def test_a_count_of_an_area_that_was_counted_again_since_is_not_corrected():
    book = Book()
    for one in (*AREAS[:2], stock("later", "count", 44, 9, area="floor")):
        hear(book, one)
    assert hear(book, AREAS[2]) == position.STALE
    assert book.on_hand == 104


def test_a_return_is_corrected_too():
    book = Book()
    for event in (COUNT, sale("a", 10, 1), sale("r", 5, 2, "return")):
        hear(book, event)
    hear(book, sale("r2", 1, 2, "return", corrects="r"))
    assert (book.on_hand, book.returned) == (91, 1)


def test_what_was_corrected_by_another_or_is_forgotten_is_not_corrected():
    book = Book()
    for event in (COUNT, sale("a", 20, 5), sale("b", 2, 5, corrects="a")):
        hear(book, event)
    assert hear(book, sale("c", 3, 5, corrects="a")) == position.UNMATCHED
    assert book.on_hand == 98
    for number in range(100):
        hear(book, sale(f"s{number}", 1, 10 + number))
    assert hear(book, sale("d", 1, 5, corrects="b")) == position.STALE
    assert book.on_hand == -2


@pytest.mark.parametrize(
    "fields", [{"quantity": 0}, {"quantity": 1, "kind": "backorder", "corrects": "x"}]
)
def test_only_a_correction_of_a_sale_or_return_may_be_of_nothing(fields):
    with pytest.raises(ValueError, match="quantity|corrects"):
        Sale(event_id="a", occurred_at=utc(START), location="S", sku="A", **fields)


class Kept(dict):
    """The blocks of one book."""

    def change(self, number):
        return self.setdefault(number, Block())

    def drop(self, number):
        self.pop(number, None)


@pytest.mark.parametrize("later", [0, 20, 400])
def test_what_is_no_longer_in_the_book_itself_is_corrected_too_and_once(later):
    book, blocks = Book(), Kept()
    events = [COUNT, sale("a", 10, 1), *(sale(f"s{number}", 1, 2) for number in range(later))]
    right = sale("right", 3, 1, corrects="a")
    for event in (*events, right, right, sale("other", 4, 1, corrects="a"), sale("a", 10, 1)):
        hear(book, event, blocks, Bounds(32, 172_800.0, 16_384))
    assert (book.on_hand, book.sold) == (97 - later, 3 + later)
    assert bool(blocks) == (later > 300)
