"""The board as it is shown, held against what is open: whatever differs for longer than words are on their way is said anew.

That is so where alerts were opened before the board was there, where a worker that had lost its partition has spoken last, and
where somebody has written or deleted what is not theirs.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
from xxhash import xxh3_64_intdigest

from andon.agents.frame import home
from andon.agents.tables import (
    BOOKS,
    INCIDENTS,
    LOOPS,
    PARTITION_STATE,
    PARTITIONS,
    PRODUCTION,
    SCORECARDS,
    SHIPMENTS,
)
from andon.planning.alerting.alerts import OpenAlert, board_message, parse_alert_id
from andon.streams.state import Shard

#: The tables whose records have alerts.
ALERTING: Final = (BOOKS, SHIPMENTS, SCORECARDS, INCIDENTS, PRODUCTION, LOOPS)
#: So many differences of a partition are mended in one go.
_MOST_AT_ONCE: Final = 100


class _Said(msgspec.Struct):
    revision: int


class _Entry(msgspec.Struct):
    alert: _Said
    answer: msgspec.Raw = msgspec.Raw(b"")


class Word(NamedTuple):
    """Which words on an alert are meant: its revision, and a digest of the answer."""

    revision: int
    answer: int


_decode: Final = msgspec.json.Decoder(_Entry).decode


class Board:
    """What the board shows of each alert, by the partition that it belongs to, and what was wrong there at the last look."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._shown: dict[int, dict[str, Word]] = {}
        self._doubts: dict[int, dict[str, tuple[Word | None, Word | None]]] = {}
        #: Whether all was read that was there at the start: before, what is not shown may only not be read yet.
        self.is_read = False

    def learn(self, key: bytes, value: bytes | None) -> None:
        """Take in a record of the board.

        Raises:
            ValueError: its key is no alert's id.
        """
        name = key.decode()
        shown = self._shown.setdefault(home(parse_alert_id(name)[1], self._partitions), {})
        if not value:
            shown.pop(name, None)
            return
        try:
            entry = _decode(value)
            shown[name] = Word(entry.alert.revision, xxh3_64_intdigest(bytes(entry.answer)))
        except msgspec.MsgspecError:
            # It stands there all the same, and is to be replaced or removed.
            shown[name] = Word(-1, 0)
            raise

    def have_read(self) -> None:
        """Take it that all was read that was there at the start."""
        self.is_read = True

    def differences(self, partition: int, is_open: dict[str, Word]) -> list[str]:
        """Return the ids of alerts that the board shows otherwise than they are, now and at the last look."""
        shown = self._shown.get(partition, {})
        doubts = {
            name: (is_open.get(name), shown.get(name))
            for name in is_open.keys() | shown.keys()
            if is_open.get(name) != shown.get(name)
        }
        before, self._doubts[partition] = self._doubts.get(partition, {}), doubts
        return [name for name, doubt in doubts.items() if before.get(name) == doubt]


def words_of(alert: OpenAlert) -> Word:
    """Return which words on an alert are the last."""
    return Word(alert.revision, xxh3_64_intdigest(alert.answer))


def open_in(shard: Shard) -> Iterator[tuple[str, str, OpenAlert]]:
    """Yield table, key and each alert that a shard's records have open."""
    for table in ALERTING:
        records: Any = shard.tables[table]
        for key in shard.alerting(table):
            for alert in records[key].alerts.values():
                yield table, key, alert


def mend_board(shard: Shard, board: Board) -> int:
    """Have the records of a partition say on the board what it should show and does not; return how many alerts that concerns."""
    if not board.is_read:
        return 0
    places: dict[str, tuple[str, str]] = {}
    words: dict[str, Word] = {}
    for table, key, alert in open_in(shard):
        places[alert.alert_id] = table, key
        words[alert.alert_id] = words_of(alert)
    wrong = board.differences(shard.partition, words)[:_MOST_AT_ONCE]
    now = shard.get(PARTITIONS, PARTITION_STATE).watermark
    for name in wrong:
        # What no record knows is removed by the partition's own.
        table, key = places.get(name, (PARTITIONS, PARTITION_STATE))
        known = words.get(name, Word(0, 0))
        said = board_message(name, f"{name}:{known.revision}:{known.answer:x}:{shard.epoch}", now)
        shard.tables[table][key].outbox.append(said)
        shard.touch(table, key)
    return len(wrong)
