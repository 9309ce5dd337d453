"""The second judge of a chaos run can find each thing that it looks for."""

from types import SimpleNamespace

import msgspec
import pytest
from support.chaos.judge import (
    Ledger,
    Said,
    ledgers,
    lives,
    off_the_board,
    open_elsewhere,
    open_twice,
    silent_shortages,
    two_contents,
)

from andon.schemas.common import utc
from andon.schemas.examples import EXAMPLES
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement

NAME = "replenish:store-3/TEA-01:1"
NOW = 20_000 * 86400.0


def word(epoch, revision, status):
    return msgspec.structs.replace(
        EXAMPLES["replenishment"],
        alert_id=NAME,
        event_id=f"{NAME}:{revision}:{epoch}",
        epoch=epoch,
        revision=revision,
        status=status,
    )


def told(*words):
    return [word(*one) for one in words]


@pytest.mark.parametrize(
    "words",
    [
        [(1, 1, "opened")],
        [(1, 1, "opened"), (1, 2, "updated"), (2, 3, "updated"), (2, 4, "resolved")],
        [(1, 1, "opened"), (1, 1, "opened"), (1, 2, "resolved")],
        [(1, 1, "opened"), (1, 2, "resolved"), (2, 2, "updated"), (2, 3, "updated")],
        [(1, 1, "opened"), (2, 1, "opened"), (2, 2, "resolved"), (1, 2, "updated")],
    ],
    ids=["opened", "whole", "repeated", "overruled", "a zombie speaks last"],
)
def test_a_life_is_opened_updated_with_rising_revisions_and_resolved(words):
    assert lives(told(*words)) == []


@pytest.mark.parametrize(
    "words",
    [
        [(1, 1, "updated")],
        [(1, 2, "updated")],
        [(1, 1, "opened"), (1, 3, "updated")],
        [(1, 1, "opened"), (1, 2, "resolved"), (1, 3, "updated")],
        [(1, 1, "opened"), (1, 2, "opened")],
        [(1, 1, "resolved")],
        [(1, 1, "opened"), (2, 3, "updated")],
    ],
    ids=["no start", "late", "a hole", "after its end", "opened twice", "only an end", "unheard"],
)
def test_what_is_no_life_is_found(words):
    assert len(lives(told(*words))) == 1


def test_one_id_with_two_contents_is_found():
    one = word(1, 1, "opened")
    assert two_contents([Said(one, b"a"), Said(one, b"a")]) == []
    assert two_contents([Said(one, b"a"), Said(one, b"b")]) == [f"{NAME}:1:1 has two contents"]


def test_two_open_alerts_of_one_name_are_found():
    assert open_twice([NAME, "replenish:store-4/TEA-01:1"]) == []
    assert len(open_twice([NAME, "replenish:store-3/TEA-01:2"])) == 1


@pytest.mark.parametrize(
    ("words", "held", "wrong"),
    [
        ([(1, 1, "opened")], {NAME: 1}, 0),
        ([(1, 1, "opened"), (1, 2, "resolved")], {}, 0),
        ([(1, 1, "opened"), (1, 2, "resolved"), (1, 1, "opened")], {}, 0),
        ([(1, 1, "opened")], {}, 1),
        ([(1, 1, "opened")], {NAME: 2}, 1),
        ([], {NAME: 1}, 1),
        ([(1, 1, "opened"), (2, 1, "opened"), (1, 2, "resolved")], {NAME: 1}, 0),
    ],
)
def test_what_is_open_in_the_stream_or_in_the_books_alone_is_found(words, held, wrong):
    assert len(open_elsewhere(told(*words), held)) == wrong


@pytest.mark.parametrize(
    ("records", "held", "wrong"),
    [
        ([(1, b"")], {1: b""}, 0),
        ([(1, b""), None], {}, 0),
        ([None, (1, b"")], {1: b""}, 0),
        ([(1, b'{"by":"lena"}')], {1: b'{"by":"lena"}'}, 0),
        ([(1, b"")], {}, 1),
        ([], {1: b""}, 1),
        ([(1, b""), None], {1: b""}, 1),
        ([(1, b"")], {2: b""}, 1),
        ([(1, b"")], {1: b'{"by":"lena"}'}, 1),
        ([(1, b'{"by":"lena"}')], {1: b'{"by":"max"}'}, 1),
    ],
)
def test_what_the_board_shows_otherwise_than_the_state_has_it_is_found(records, held, wrong):
    def written(entry):
        value = None
        if entry is not None:
            revision, answer = entry
            said = f'{{"alert":{{"alert_id":"{NAME}","revision":{revision}}}'.encode()
            value = said + (b',"answer":' + answer if answer else b"") + b"}"
        return SimpleNamespace(key=NAME.encode(), value=value)

    is_open = {}
    for revision, answer in held.items():
        is_open[NAME] = SimpleNamespace(revision=revision, answer=answer)
    assert len(off_the_board(map(written, records), is_open)) == wrong


def test_an_item_at_its_reorder_point_without_an_alert_is_found():
    def book(position, *alerts):
        aims = SimpleNamespace(reorder_point=81)
        return SimpleNamespace(
            targets=aims, stock_is_known=True, inventory_position=position, alerts=set(alerts)
        )

    books = {"a": book(82), "b": book(81, "replenish"), "c": book(81, "overstock")}
    assert silent_shortages(books) == ["c is at 81 of 81, and nobody says so"]


def test_the_ledger_counts_each_document_once():
    def event(kind, number, what, quantity):
        return kind(
            event_id=str(number),
            occurred_at=utc(NOW),
            location="S",
            sku="A",
            kind=what,
            quantity=quantity,
        )

    sale, spoiled = event(Sale, 1, "sale", 5), event(StockMovement, 1, "spoilage", 3)
    back = event(Sale, 2, "return", 2)
    assert ledgers([sale, spoiled, sale, back, spoiled]) == {"S/A": Ledger(5, 2, 0, 3)}
