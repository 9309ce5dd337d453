"""Waiting for an answer: it has arrived when the board shows it, or when its alert is gone."""

from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace

import msgspec
import pytest

from andon.cli.answer import await_answer
from andon.schemas.acks import Ack
from andon.schemas.board import Answer, BoardEntry
from andon.schemas.common import encode
from andon.schemas.examples import EXAMPLES
from andon.streams.board_feed import OpenBoard
from andon.streams.errors import UserError

ALERT = EXAMPLES["replenishment"]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOLD = Ack(event_id="mine", occurred_at=NOW, alert_id=ALERT.alert_id, action="acknowledged")


def shows(event_id, name=ALERT.alert_id):
    answer = Answer(event_id=event_id, action="acknowledged", at=NOW, revision=1)
    alert = msgspec.structs.replace(ALERT, alert_id=name)
    return record(name, encode(BoardEntry(alert=alert, answer=answer)))


def record(name, value):
    return SimpleNamespace(key=name.encode(), value=value, headers=[])


GONE = record(ALERT.alert_id, None)


def wait(*polls):
    board = OpenBoard()
    board.take(record(ALERT.alert_id, encode(BoardEntry(alert=ALERT))))
    coming, seconds = iter(polls), count()
    return await_answer(board, TOLD, lambda: next(coming, []), lambda: next(seconds) / 4)


def test_it_has_arrived_when_the_board_shows_it():
    assert wait([], [shows("other")], [shows("mine")]).entry.answer.event_id == "mine"


def test_an_alert_that_goes_right_after_it_is_gone():
    assert wait([shows("mine"), GONE]).entry is None
    assert wait([shows("mine")], [GONE]).entry is None


def test_an_alert_that_is_gone_needs_no_answer():
    assert wait([GONE]).entry is None


def test_what_does_not_arrive_is_said_to_be_sent_and_not_shown():
    with pytest.raises(UserError, match="is a worker running"):
        wait([shows("other")], [shows("mine", "replenish:a/b:1")])
