"""The board as it is read from its topic: what is open, with its answers, and what changes of it."""

from collections.abc import Iterable, Iterator, MutableMapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import lz4.block
import msgspec

from andon.schemas.board import BoardEntry
from andon.schemas.headers import EPOCH

FAMILY: Final = "board"
#: So many alerts that are open no longer are remembered, so that what a zombie says of one later opens it no more.
_MOST_ENDED: Final = 50_000
#: Where what is said lies further back than this, time is not the wall's: a history is replayed, or a network simulated.
_FAR: Final = timedelta(days=30)


class BoardChange(NamedTuple):
    """What became of one alert on the board: what stands there now and stood before, None for nothing."""

    alert_id: str
    entry: BoardEntry | None
    before: BoardEntry | None


class PackedEntries(MutableMapping[str, BoardEntry]):
    """Entries of the board by alert id, kept encoded and compressed, which takes a tenth of the room; each is decoded when it is asked for.

    They are compressed by what they have in common with the first of them: names of fields, and the words of sentences.
    """

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._like = b""
        self._decoder = msgspec.msgpack.Decoder(BoardEntry)
        self._encoder = msgspec.msgpack.Encoder()

    def __getitem__(self, name: str) -> BoardEntry:
        return self._decoder.decode(lz4.block.decompress(self._packed[name], dict=self._like))

    def __setitem__(self, name: str, entry: BoardEntry) -> None:
        encoded = self._encoder.encode(entry)
        self._like = self._like or encoded
        self._packed[name] = lz4.block.compress(encoded, dict=self._like)

    def __delitem__(self, name: str) -> None:
        del self._packed[name]

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


class OpenBoard:
    """Folds the records of the board into what is open now.

    Args:
        packed: keep the entries encoded, where there may be very many.
    """

    def __init__(self, *, packed: bool = False) -> None:
        #: What is open, by alert id.
        self.entries: MutableMapping[str, BoardEntry] = PackedEntries() if packed else {}
        #: The last entry of those that were removed.
        self.ended: MutableMapping[str, BoardEntry] = PackedEntries() if packed else {}
        self._epochs: dict[str, int] = {}
        self._decoder = msgspec.json.Decoder(BoardEntry)

    def take(self, record: Any) -> BoardChange | None:
        """Take in a record; return what it changed, or None if it changed nothing.

        What cannot be read is passed over, and so is the word of a worker that had lost its partition: of an older epoch.
        """
        if not record.key:
            return None
        name, epoch = record.key.decode("utf-8", "replace"), _epoch_of(record.headers)
        if epoch < self._epochs.get(name, 0):
            return None
        before = self.entries.get(name)
        entry: BoardEntry | None = None
        if record.value:
            try:
                entry = self._decoder.decode(record.value)
            except msgspec.MsgspecError:
                # Written by a newer Andon or by someone else: nothing that a reader could act on.
                return None
        self._epochs[name] = epoch
        if entry == before:
            return None
        if entry is None:
            if before is not None:
                del self.entries[name]
                self._end(name, before)
        else:
            self.ended.pop(name, None)
            self.entries[name] = entry
        return BoardChange(name, entry, before)

    def fold(self, records: Iterable[Any]) -> "OpenBoard":
        """Take in records, and return this board."""
        for record in records:
            self.take(record)
        return self

    def _end(self, name: str, last: BoardEntry) -> None:
        self.ended[name] = last
        if len(self.ended) > _MOST_ENDED:
            oldest = next(iter(self.ended))
            del self.ended[oldest]
            self._epochs.pop(oldest, None)

    @property
    def oldest_first(self) -> list[BoardEntry]:
        """What is open, by when it last changed."""
        return sorted(
            self.entries.values(), key=lambda one: (one.alert.changed_at, one.alert.alert_id)
        )


def _epoch_of(headers: Iterable[tuple[str, bytes | None]]) -> int:
    """Return the epoch of who wrote a record; 0 if it does not say."""
    said = dict(headers or ()).get(EPOCH) or b""
    return int(said) if said.isdigit() else 0


def time_on_board(newest: datetime, now: datetime) -> datetime:
    """Return what time it is where `newest` is when something changed last: the wall's (`now`), or that where it lies far back."""
    return newest if now - newest > _FAR else now


def stands(entry: BoardEntry, now: datetime) -> bool:
    """Return whether an alert was answered and needs nobody: it has said nothing since, and no snooze of it is over."""
    answer = entry.answer
    if answer is None or entry.alert.revision > answer.revision:
        return False
    return answer.snooze_until is None or now < answer.snooze_until
