"""What may be answered to what is open, what not, and that the same answer is the same acknowledgement."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from andon.console.answers import (
    AlreadyAnswered,
    NotOpen,
    Unfit,
    Wish,
    answer_to,
    clock_of,
    in_words,
    nearest,
)
from andon.schemas.acks import Ack
from andon.schemas.board import Answer, BoardEntry
from andon.schemas.common import decode, encode
from andon.schemas.examples import EXAMPLES
from andon.streams.board_feed import OpenBoard, stands

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REPLENISH = EXAMPLES["replenishment"]
NAME = REPLENISH.alert_id
HOUR = timedelta(hours=1)


def board_of(*entries, ended=()):
    board = OpenBoard()
    board.entries = {entry.alert.alert_id: entry for entry in entries}
    board.ended = dict(ended)
    return board


def open_alert(name=NAME, answer=None, **fields):
    alert = msgspec.structs.replace(REPLENISH, alert_id=name, **fields)
    return BoardEntry(alert=alert, answer=answer)


def answered(by="max", action="acknowledged", revision=1, **fields):
    return Answer(event_id="x", action=action, at=NOW - HOUR, revision=revision, by=by, **fields)


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        (Wish("acknowledged", "lena"), {}),
        (Wish("snoozed", "lena", snooze=2 * HOUR), {"snooze_until": NOW + 2 * HOUR}),
        (Wish("ordered", "lena"), {"quantity": None}),
        (Wish("ordered", "lena", quantity=9, shipment_id="PO-1"), {"quantity": 9}),
        (Wish("rejected", "lena", comment="off"), {"comment": "off"}),
    ],
)
def test_an_answer_says_what_was_wished(wish, fields):
    told = answer_to(board_of(open_alert()), NAME, wish, NOW)
    assert (told.alert_id, told.action, told.by) == (NAME, wish.action, "lena")
    assert told.occurred_at == NOW
    assert {name: getattr(told, name) for name in fields} == fields
    assert decode(encode(told), Ack) == told


@pytest.mark.parametrize(
    ("wish", "kind", "text"),
    [
        (Wish("ordered", "lena"), "late_shipment", "of no item"),
        (Wish("ordered", "lena", quantity=5), "disruption", "of no item"),
        (Wish("ordered", "lena"), "stockout_risk", "give a quantity"),
        (Wish("ordered", "lena", quantity=0), "replenish", "quantity"),
        (Wish("ordered", "lena", quantity=-4), "replenish", "quantity"),
        (Wish("ordered", "lena", quantity=10**12), "replenish", "quantity"),
        (Wish("ordered", "lena", shipment_id=""), "replenish", "shipment_id"),
        (Wish("rejected", "lena"), "replenish", "reason"),
        (Wish("rejected", "lena", comment=" "), "replenish", "reason"),
        (Wish("rejected", "lena", comment="x" * 2001), "replenish", "comment"),
        (Wish("snoozed", "lena"), "replenish", "longer than nothing"),
        (Wish("snoozed", "lena", snooze=timedelta()), "replenish", "longer than nothing"),
        (Wish("acknowledged", " "), "replenish", "needs a name"),
        (Wish("acknowledged", "l" * 129), "replenish", "by"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_a_reason(wish, kind, text):
    with pytest.raises(Unfit, match=text):
        answer_to(board_of(open_alert(kind=kind)), NAME, wish, NOW)


def test_an_order_of_what_cannot_be_ordered_needs_a_quantity():
    with pytest.raises(Unfit, match="give a quantity"):
        answer_to(board_of(open_alert(order_quantity=None)), NAME, Wish("ordered", "lena"), NOW)


def test_a_snooze_beyond_all_time_is_refused():
    wish = Wish("snoozed", "lena", snooze=timedelta(days=9_000_000))
    with pytest.raises(Unfit, match="too far"):
        answer_to(board_of(open_alert()), NAME, wish, NOW)


def test_what_is_not_open_is_named_with_what_comes_near():
    board = board_of(open_alert("replenish:store-3/TEA-02:1"), open_alert("replenish:x/y:1"))
    with pytest.raises(NotOpen, match=r"is not open; near it are replenish:store-3/TEA-02:1"):
        answer_to(board, "replenish:store-3/TEA-01:1", Wish("acknowledged", "lena"), NOW)
    with pytest.raises(NotOpen, match="nothing like it is open"):
        answer_to(board_of(), NAME, Wish("acknowledged", "lena"), NOW)


def test_other_alerts_of_the_same_item_come_nearest():
    same = "stockout_risk:store-3/TEA-01:4"
    board = board_of(open_alert("replenish:store-3/TEA-02:1"), open_alert(same))
    assert nearest(board, NAME)[0] == same
    assert nearest(board, "TEA-01") == [same]
    assert (
        len(nearest(board_of(*(open_alert(f"replenish:a/b{n}:1") for n in range(9))), "a/b")) == 3
    )


def test_who_closed_it_is_named():
    last = open_alert(answer=answered(action="ordered", quantity=12))
    board = board_of(ended=[(NAME, last)])
    with pytest.raises(NotOpen, match="open no longer: it was ordered 12 by max"):
        answer_to(board, NAME, Wish("ordered", "lena"), NOW)


@pytest.mark.parametrize(
    ("answer", "revision", "standing"),
    [
        (None, 1, False),
        (answered(), 1, True),
        (answered(), 2, False),
        (answered(action="snoozed", snooze_until=NOW + HOUR), 1, True),
        (answered(action="snoozed", snooze_until=NOW), 1, False),
        (answered(action="snoozed", snooze_until=NOW + HOUR), 2, False),
        (answered(action="ordered", quantity=3), 1, True),
    ],
)
def test_an_answer_stands_until_the_alert_speaks_again(answer, revision, standing):
    entry = open_alert(answer=answer, revision=revision)
    assert stands(entry, NOW) is standing
    if standing:
        with pytest.raises(AlreadyAnswered, match=r"by max at 2026-03-02 08:00$") as caught:
            answer_to(board_of(entry), NAME, Wish("acknowledged", "lena"), NOW)
        assert caught.value.answer is answer
    again = Wish("acknowledged", "lena", again=True)
    assert answer_to(board_of(entry), NAME, again, NOW).by == "lena"


def test_the_same_answer_has_the_same_id_whenever_it_is_sent():
    board, wish = board_of(open_alert()), Wish("ordered", "lena", quantity=9)
    one = answer_to(board, NAME, wish, NOW)
    assert answer_to(board, NAME, wish, NOW + HOUR).event_id == one.event_id
    shown = Answer(event_id=one.event_id, action="ordered", at=NOW, revision=1, by="lena")
    board = board_of(open_alert(answer=shown))
    assert answer_to(board, NAME, wish, NOW + HOUR).event_id == one.event_id


@pytest.mark.parametrize(
    "other",
    [
        Wish("ordered", "lena", quantity=10),
        Wish("ordered", "max", quantity=9),
        Wish("ordered", "lena", quantity=9, shipment_id="PO-1"),
        Wish("ordered", "lena", quantity=9, comment="a"),
        Wish("acknowledged", "lena", quantity=9),
        Wish("ordered", "lena\n", quantity=9),
    ],
)
def test_another_answer_has_another_id(other):
    board = board_of(open_alert())
    one = answer_to(board, NAME, Wish("ordered", "lena", quantity=9), NOW)
    assert answer_to(board, NAME, other, NOW).event_id != one.event_id


def test_the_same_answer_after_a_snooze_is_over_is_a_new_one():
    wish = Wish("snoozed", "lena", snooze=HOUR)
    one = answer_to(board_of(open_alert()), NAME, wish, NOW)
    over = Answer(
        event_id=one.event_id,
        action="snoozed",
        at=NOW,
        revision=1,
        by="lena",
        snooze_until=NOW + HOUR,
    )
    board = board_of(open_alert(answer=over))
    assert answer_to(board, NAME, wish, NOW + 2 * HOUR).event_id != one.event_id


def test_where_time_is_not_the_wall_s_an_answer_is_given_in_the_board_s():
    said = REPLENISH.changed_at
    assert clock_of(board_of(open_alert()), said + timedelta(days=2)) == said + timedelta(days=2)
    assert clock_of(board_of(open_alert()), said + timedelta(days=400)) == said
    assert clock_of(board_of(), NOW) == NOW


def test_an_answer_is_told_in_words():
    told = answered(action="ordered", quantity=12, shipment_id="PO-1", comment="by phone")
    assert in_words(told) == "ordered 12 as PO-1 by max at 2026-03-02 08:00 (by phone)"
