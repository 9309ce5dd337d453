"""State in memory: one shard a partition, with what changed since the last checkpoint and what waits to be published."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from andon.streams.table import Table

#: So many messages of one record are said before more is applied: an outbox is part of its record, which must not outgrow a broker.
MANY_MESSAGES: Final = 8
#: How much one record moves the mean size of its table's records.
_NEWEST_SHARE: Final = 0.001


class Message(Protocol):
    """An outbox message of a record of state: which topic family, under which key, and the encoded event."""

    family: str
    key: str
    event_id: str
    type: str
    body: bytes
    at: float


class Keeper(Protocol):
    """A record of state: what it publishes waits in its outbox, so that it is written first."""

    outbox: list[Any]


@dataclass(frozen=True)
class TableSpec:
    """A kind of state: its name in the changelog, the struct of its records, and how a new one begins.

    If records may be packed when they are not used, `rests` tells of one that was read back whether nobody needs to see it.
    A record is never written before what has changed of those that `after` names, each a function of its key and itself: of
    each, as far as the first that has not changed. `due` tells when time alone makes a record say something.
    """

    name: str
    kind: type[Any]
    new: Callable[[str], Any]
    rests: Callable[[Any], bool] | None = None
    after: tuple[Callable[[str, Any], Iterable[tuple[str, str]]], ...] = ()
    due: Callable[[Any], float | None] | None = None


class Mark(msgspec.Struct, array_like=True):
    """What a checkpoint leaves in the changelog: how far each topic is applied, and how many records there are.

    A changelog that has fewer records, or a group that has committed more, says that part of the changelog is gone.
    One that was `repaired` was written by `andon state repair`, and stands whatever the marks before it said.
    """

    applied: dict[str, int]
    records: int
    repaired: bool = False


#: The table and key of the mark.
MARK: Final = ("mark", "checkpoint")
_GENERATION_BITS: Final = 24
#: Where a removal, which has no value, says in which epoch it was written.
_EPOCH: Final = "epoch"
_EPOCH_BYTES: Final = 4
#: The first bytes of an array in MessagePack, which every record of state is.
_ARRAYS: Final = (*range(0x90, 0xA0), 0xDC, 0xDD)


def epoch_of(generation: int, newest: int) -> int:
    """Return the epoch of a writer of this group generation, given the newest epoch that the changelog holds.

    It is the generation, below an era of eight bits that grows when a group begins to count anew, as it does after it was
    deleted or forgotten by the broker: else all that its workers write would look like a zombie's.
    """
    era, last = newest >> _GENERATION_BITS, newest & ((1 << _GENERATION_BITS) - 1)
    if generation < last:
        era += 1
    return (era << _GENERATION_BITS) + generation


class Shard:
    """The state of one partition.

    `positions` is where each topic's next batch must begin; `settled` is how far everything was applied *and* its
    effects acknowledged, which is what a checkpoint may commit. `pending_outboxes` maps records with something to say to the
    time of the event that caused that; `open_alerts` counts the alerts open now by kind and severity, `appointments` has
    the event time at which a record must be looked at whatever happens, and `event_times` the newest event time by topic.
    The lock orders writes to the changelog.
    """

    def __init__(self, partition: int, specs: Mapping[str, TableSpec], generation: int) -> None:
        self.partition = partition
        self.specs = specs
        self.generation = generation
        self.tables = {name: Table(spec.kind) for name, spec in specs.items()}
        self.dirty: dict[str, set[str]] = {name: set() for name in specs}
        self._written: dict[str, tuple[set[str], set[str]]] = {}
        self.pending_outboxes: dict[tuple[str, str], float] = {}
        #: How many messages of a record's outbox are being published now.
        self.publishing: dict[tuple[str, str], int] = {}
        self.open_alerts: Counter[tuple[str, str]] = Counter()
        self._alerts: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
        self.appointments: dict[tuple[str, str], float] = {}
        self.event_times: dict[str, float] = {}
        self.positions: dict[str, int] = {}
        self.settled: dict[str, int] = {}
        self.committed: dict[str, int] = {}
        self.changelog_end: int | None = None
        #: Which writer this is, in an order that outlives the group; see `epoch_of`.
        self.epoch = generation
        #: How far the changelog's own mark says that each topic is applied.
        self.marked: dict[str, int] = {}
        #: Set when a record has so much to say that it must be said before more is applied.
        self.is_crowded = False
        self.lock = asyncio.Lock()

    def get(self, table: str, key: str) -> Any:
        """Return the record under `key`, made anew if there is none."""
        records = self.tables[table]
        record = records.get(key)
        if record is None:
            record = records[key] = self.specs[table].new(key)
            self.dirty[table].add(key)  # so that the changelog has every record there is
        return record

    def add(self, table: str, key: str, record: Any, encoded: bytes, live: int) -> None:
        """Take in a record that was read back; beyond `live` of them, one with nothing to say may rest."""
        records, rests = self.tables[table], self.specs[table].rests
        due = self.specs[table].due
        if due is not None:
            self.appoint(table, key, due(record))
        if rests is not None and records.live >= live and not record.outbox and rests(record):
            records.add_packed(key, encoded)
        else:
            records[key] = record

    def touch(self, table: str, key: str, at: float = 0.0) -> None:
        """Mark a record as changed; if it has something new to say, it will, because of the event of time `at`."""
        self.dirty[table].add(key)
        outbox = self.tables[table][key].outbox
        if len(outbox) > self.publishing.get((table, key), 0):
            self.pending_outboxes.setdefault((table, key), at)
            if len(outbox) > MANY_MESSAGES:
                self.is_crowded = True

    def is_saying(self, table: str, key: str) -> bool:
        """Return whether a record still has much to say, so that nothing may be added to it."""
        record = self.tables[table].get(key)
        return record is not None and len(record.outbox) > MANY_MESSAGES

    def appoint(self, table: str, key: str, at: float | None) -> None:
        """Have a record looked at when event time comes to `at` (seconds since 1970); None for never."""
        if at is None:
            self.appointments.pop((table, key), None)
        else:
            self.appointments[table, key] = at

    def delete(self, table: str, key: str) -> None:
        """Remove a record; the next checkpoint writes that it is gone."""
        self.tables[table].pop(key, None)
        self.dirty[table].add(key)
        self.note_alerts(table, key, ())

    def note_alerts(self, table: str, key: str, alerts: Iterable[tuple[str, str]]) -> None:
        """Take in kind and severity of the alerts that a record has open now."""
        before = self._alerts.pop((table, key), ())
        now = tuple(alerts)
        if before or now:
            self.open_alerts.subtract(before)
            self.open_alerts.update(now)
        if now:
            self._alerts[table, key] = now

    def alerting(self, table: str) -> list[str]:
        """Return the keys of a table's records that had an alert open when they last spoke."""
        records = self.tables[table]
        return [key for name, key in self._alerts if name == table and key in records]

    def with_those_before(self, places: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return what is to be written, and right before each the changed records that must not be older."""
        writing: dict[tuple[str, str], None] = {}
        for table, key in places:
            after = self.specs[table].after
            record = self.tables[table].get(key) if after else None
            if record is not None:
                before: list[tuple[str, str]] = []
                for befores in after:
                    for place in befores(key, record):
                        if place[1] not in self.dirty[place[0]]:
                            break
                        before.append(place)
                writing.update(dict.fromkeys(before[::-1]))
            writing[table, key] = None
        return list(writing)

    @property
    def dirty_keys(self) -> int:
        """How many records changed since the last checkpoint."""
        return sum(len(keys) for keys in self.dirty.values())

    def take_dirty(self) -> list[tuple[str, str]]:
        """Return what changed, and forget that it did."""
        # Those that must not be written before others come first, with these right before each.
        tables = sorted(self.dirty, key=lambda table: not self.specs[table].after)
        changed = self.with_those_before(
            (table, key) for table in tables for key in self.dirty[table]
        )
        for table, spec in self.specs.items():
            if spec.rests is not None:
                _, before = self._written.get(table, (set(), set()))
                self._written[table] = before, self.dirty[table]
            self.dirty[table] = set()
        return changed

    def pack(self, limit: int) -> None:
        """Keep about `limit` records of a table live; the caller holds the lock.

        What was not changed since before the last two checkpoints is written, and nobody holds it.
        """
        for table, lately in self._written.items():
            saying = {key for name, key in self.pending_outboxes if name == table}
            self.tables[table].pack(limit, (*lately, self.dirty[table], saying))


class Codec:
    """How a shard's records are written: `table:key` and four bytes of epoch before the struct in MessagePack.

    The removal of a record, which Kafka wants without a value, has its epoch in a header.
    """

    def __init__(self, specs: Mapping[str, TableSpec]) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoders = {name: msgspec.msgpack.Decoder(spec.kind) for name, spec in specs.items()}
        self._decoders[MARK[0]] = msgspec.msgpack.Decoder(Mark)
        self.mean_bytes: dict[str, float] = {}

    def encode_key(self, table: str, key: str) -> bytes:
        """Return a record's key in the changelog."""
        return f"{table}:{key}".encode()

    def encode(self, record: Any, epoch: int) -> bytes:
        """Return a record's value in the changelog."""
        return epoch.to_bytes(4, "big") + self._encoder.encode(record)

    def weigh(self, table: str, size: int) -> None:
        """Take in the size of one record; late ones count more."""
        mean = self.mean_bytes.get(table)
        self.mean_bytes[table] = size if mean is None else mean + (size - mean) * _NEWEST_SHARE

    def decode_key(self, key: bytes | None) -> tuple[str, str]:
        """Return table and key.

        Raises:
            ValueError: there is no such table, or no key at all.
        """
        if key is None:
            msg = "key: missing"
            raise ValueError(msg)
        table, _, name = key.decode().partition(":")
        if table not in self._decoders:
            msg = f"key: no table {table!r} in {key!r}"
            raise ValueError(msg)
        return table, name

    def decode(self, table: str, value: bytes) -> Any:
        """Return the record.

        Raises:
            msgspec.DecodeError: `value` is not what was written.
        """
        return self._decoders[table].decode(memoryview(value)[4:])

    @staticmethod
    def stamp(epoch: int) -> list[tuple[str, bytes]]:
        """Return the headers that say in which epoch a record was removed."""
        return [(_EPOCH, epoch.to_bytes(4, "big"))]

    @staticmethod
    def epoch(value: bytes | None, headers: Iterable[tuple[str, bytes]] = ()) -> int | None:
        """Return the epoch of the worker that wrote a value or removed a record.

        None if a removal does not say, or a value is not of our making: whatever its first bytes are, they are no epoch.
        """
        if value is None:
            said = dict(headers).get(_EPOCH) or b""
            return int.from_bytes(said, "big") if len(said) == _EPOCH_BYTES else None
        if len(value) <= _EPOCH_BYTES or value[_EPOCH_BYTES] not in _ARRAYS:
            return None
        return int.from_bytes(value[:_EPOCH_BYTES], "big")


class Shards:
    """The shards that this worker owns, by partition."""

    def __init__(self, specs: tuple[TableSpec, ...]) -> None:
        self.specs = {spec.name: spec for spec in specs}
        self.owned: dict[int, Shard] = {}

    def __iter__(self) -> Iterator[Shard]:
        return iter(tuple(self.owned.values()))

    def get(self, partition: int) -> Shard | None:
        """Return the shard of a partition if this worker owns it."""
        return self.owned.get(partition)

    def count(self, table: str) -> int:
        """Return how many records of a table this worker holds."""
        return sum(len(shard.tables[table]) for shard in self.owned.values())
