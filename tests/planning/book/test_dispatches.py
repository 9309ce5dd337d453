"""Transfers that are amended: what is on its way is the same in whatever order it is heard that they were called off, or came back."""

import itertools
import random

import pytest
from support.movements import movement
from xxhash import xxh3_64_digest

from andon.planning.book import corrections, transfers
from andon.planning.book.book import STOCK, Book
from andon.planning.book.memory import NO_BLOCKS
from andon.schemas.common import decode
from andon.schemas.shipments import LineUpdate

START = 20_000 * 86400.0


class World:
    """The books of one item at some locations, and what they have yet to hear of each other."""

    def __init__(self):
        self.books = {name: Book() for name in ("W", "S", "S2")}
        self.told = []

    def moved(self, name, location, quantity, **fields):
        book = self.books[location]
        book.applied[STOCK] += 1
        event = movement(name, "transfer", quantity, START, location=location, **fields)
        digest = xxh3_64_digest(name.encode())
        if event.corrects is None:
            transfers.move_stock(book, event, START, digest, NO_BLOCKS)
        else:
            corrected = xxh3_64_digest(event.corrects.encode())
            corrections.move_instead(book, event, START, digest, corrected, NO_BLOCKS)
        self.told += [decode(one.body, LineUpdate) for one in book.outbox]
        book.outbox.clear()

    def hear(self):
        for update in self.told:
            transfers.update_line(self.books[update.location], update, update.at, b"12345678")
        self.told.clear()

    def stands(self):
        return {
            name: (book.on_hand, book.on_order, book.demand.sold)
            for name, book in self.books.items()
        }


OUT = [
    ("a", "W", -40, {"to_location": "S", "transfer_id": "T1"}),
    ("b", "W", -20, {"to_location": "S", "transfer_id": "T1"}),
    ("a2", "W", -25, {"to_location": "S", "transfer_id": "T1", "corrects": "a"}),
    ("a3", "W", -25, {"to_location": "S2", "transfer_id": "T1", "corrects": "a2"}),
]
IN = [
    ("c", "S", 20, {"transfer_id": "T1"}),
    ("d", "S2", 3, {"transfer_id": "T1"}),
    ("d2", "S2", 20, {"transfer_id": "T1", "corrects": "d"}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(OUT)))
def test_what_is_on_its_way_does_not_depend_on_the_order_of_what_amends_it(order):
    for seed in range(20):
        world = played(order, random.Random(seed))
        assert world.stands() == {"W": (-45, 0, 45), "S": (20, 0, 0), "S2": (20, 5, 0)}


def played(order, rng):
    """Return a world in which these left in this order, some twice, and arrived in any, each heard of sooner or later."""
    events = [("out", one) for one in order] + [("in", one) for one in IN]
    places = sorted(range(len(events)), key=lambda place: rng.random())
    outs, ins = iter(order), iter(rng.sample(IN, len(IN)))
    world = World()
    for place in places:
        name, location, quantity, fields = next(outs if events[place][0] == "out" else ins)
        for _ in range(rng.choice((1, 2))):
            world.moved(name, location, quantity, **fields)
        if rng.random() < 0.5:
            world.hear()
    world.hear()
    return world


def test_what_comes_back_is_on_its_way_no_more_and_was_no_demand():
    world = World()
    world.moved("a", "W", -40, to_location="S", transfer_id="T1")
    world.moved("b", "W", 30, transfer_id="T1")
    world.hear()
    assert world.stands() == {"W": (-10, 0, 10), "S": (0, 10, 0), "S2": (0, 0, 0)}


def test_a_transfer_without_a_name_keeps_that_of_what_it_stands_in_the_place_of():
    world = World()
    world.moved("a", "W", -40, to_location="S")
    world.moved("b", "W", -30, to_location="S", corrects="a")
    world.hear()
    assert [line.shipment_id for line in world.books["S"].lines.values()] == ["a"]
    assert world.stands()["S"] == (0, 30, 0)


def test_what_was_keyed_in_wrong_where_it_arrived_is_still_on_its_way():
    world = World()
    world.moved("a", "W", -40, to_location="S")
    world.hear()
    world.moved("b", "S", 40)
    world.moved("b2", "S", 4, corrects="b")
    assert world.stands()["S"] == (4, 36, 0)
