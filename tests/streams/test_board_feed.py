"""The board as it is read: the last word of the newest writer counts, and what is none is passed over."""

from types import SimpleNamespace

import msgspec
import pytest

from andon.schemas.common import encode
from andon.schemas.examples import EXAMPLES
from andon.streams.board_feed import BoardChange, OpenBoard

ENTRY = EXAMPLES["board"]
NAME = ENTRY.alert.alert_id
PLAIN = msgspec.structs.replace(ENTRY, answer=None)


def record(entry, epoch=7, name=NAME):
    value = entry if entry is None or isinstance(entry, bytes) else encode(entry)
    headers = [("andon-epoch", str(epoch).encode())] if epoch is not None else []
    return SimpleNamespace(key=name.encode() if name else None, value=value, headers=headers)


@pytest.mark.parametrize(
    ("records", "shown"),
    [
        ([], None),
        ([record(PLAIN)], PLAIN),
        ([record(PLAIN), record(ENTRY)], ENTRY),
        ([record(PLAIN), record(None)], None),
        ([record(None), record(PLAIN)], PLAIN),
        ([record(ENTRY, 8), record(PLAIN, 7)], ENTRY),
        ([record(ENTRY, 8), record(None, 7)], ENTRY),
        ([record(None, 8), record(PLAIN, 7)], None),
        ([record(PLAIN, None)], PLAIN),
        ([record(PLAIN), record(b"{")], PLAIN),
        ([record(b'{"alert":{}}')], None),
        ([record(PLAIN, name=None)], None),
    ],
)
def test_the_last_word_of_the_newest_writer_is_shown(records, shown):
    board = OpenBoard().fold(records)
    assert board.entries == ({} if shown is None else {NAME: shown})
    assert board.oldest_first == ([] if shown is None else [shown])


def test_a_change_says_what_was_there_before_and_a_repeat_is_none():
    board = OpenBoard()
    assert board.take(record(PLAIN)) == BoardChange(NAME, PLAIN, None)
    assert board.take(record(PLAIN)) is None
    assert board.take(record(ENTRY)) == BoardChange(NAME, ENTRY, PLAIN)
    assert board.take(record(None)) == BoardChange(NAME, None, ENTRY)
    assert board.take(record(None)) is None
    assert board.ended == {NAME: ENTRY}, "who answered last is known of what has ended"
