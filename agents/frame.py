"""What every agent does with a record before planning sees it: size, decoding, time, place and repetition."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec

from andon.planning.book.memory import Bounds
from andon.schemas.common import utc
from andon.streams.batches import RecordBatch
from andon.streams.deadletters import ORIGIN
from andon.streams.effects import Effects
from andon.streams.metrics import Metrics
from andon.streams.producer import partition_of
from andon.streams.state import Shard

#: Marks a record that one partition passed on to all.
BROADCAST: Final = "andon-broadcast"

#: An origin is `partition:offset`; anything else under its name is some producer's own business.
_ORIGIN: Final = re.compile(rb"(\d{1,5}):(\d{1,19})")
#: What decoding may raise.
FAILURES = (msgspec.MsgspecError, ValueError, RecursionError)


@dataclass(frozen=True)
class Rules:
    """The bounds within which an event is believed; times in seconds."""

    partitions: int
    earliest: float
    ahead: float
    max_bytes: int
    lateness: float
    remembers: Bounds


class Outcomes:
    """Counts what became of a batch's events, and reports once a batch."""

    def __init__(self, topic: str, metrics: Metrics) -> None:
        self._topic = topic
        self._metrics = metrics
        self.counts: Counter[str] = Counter()

    def report(self) -> None:
        """Add the counts to the metrics."""
        for outcome, count in self.counts.items():
            self._metrics.events.labels(self._topic, outcome).inc(count)
        duplicates = self.counts.get("duplicate", 0)
        if duplicates:
            self._metrics.duplicates.labels(self._topic).inc(duplicates)


def events(
    shard: Shard,
    batch: RecordBatch,
    decoder: msgspec.json.Decoder[Any],
    rules: Rules,
    effects: Effects,
    counts: Counter[str],
    *,
    tombstones: bool = False,
) -> Iterator[tuple[Any, Any, float]]:
    """Yield record, event and event time of every record that can be believed; the others go to the dead letters.

    Once a record of state has much to say, the records that follow are left for when it is said.

    With `tombstones`, a record that has a key but no value is yielded with None as its event.
    """
    decode = decoder.decode
    earliest, ahead, max_bytes = rules.earliest, rules.ahead, rules.max_bytes
    newest = 0.0
    now = time.time()
    error: Exception
    for record in batch.records:
        if shard.is_crowded and record is not batch.records[0]:
            effects.leave(record.offset)
            break
        # A record without a time, or with one that cannot be (microseconds), was written now at the latest.
        written = record.timestamp / 1000
        if not 0 < written <= now + ahead:
            written = now
        value = record.value
        if not value:
            if tombstones and record.key:
                yield record, None, written
                continue
            reason, error = "empty", ValueError("the record has no value")
        elif len(value) > max_bytes:
            reason = "too_large"
            error = ValueError(f"{len(value)} bytes; at most {max_bytes} are taken")
        else:
            try:
                event = decode(value)
            except msgspec.ValidationError as failure:
                reason, error = "invalid", failure
            except FAILURES as failure:
                reason, error = "not_json", ValueError(str(failure))
            else:
                at = event.at
                if earliest <= at <= written + ahead:
                    newest = max(newest, at)
                    yield record, event, at
                    continue
                reason = "absurd_time"
                error = ValueError(f"{utc(at).isoformat()} is outside what is believed")
        effects.reject(record, reason, error)
        counts["rejected"] += 1
    if batch.records:
        effects.see(newest, batch.records[-1])


@lru_cache(maxsize=200_000)
def home(key: str, partitions: int) -> int:
    """Return the partition where a key belongs."""
    return partition_of(key.encode(), partitions)


def origin(record: Any) -> tuple[str, int] | None:
    """Return the partition (as text) and offset that put a record back, if one did."""
    for name, value in record.headers:
        if name == ORIGIN and value is not None and (found := _ORIGIN.fullmatch(value)):
            return found[1].decode(), int(found[2])
    return None


def send_home(record: Any, key: str, rules: Rules, effects: Effects, counts: Counter[str]) -> None:
    """Put a record back under its canonical key; one that was put back before is given up."""
    if origin(record) is not None:
        effects.reject(record, "unroutable", f"{key} was put back here, but belongs elsewhere")
        counts["rejected"] += 1
        return
    mark = f"{effects.partition}:{record.offset}".encode()
    effects.put_back(record, key.encode(), home(key, rules.partitions), [(ORIGIN, mark)])
    counts["rekeyed"] += 1


def is_broadcast(record: Any) -> bool:
    """Return whether a record is the copy of another that was passed on to this partition."""
    return any(name == BROADCAST for name, _ in record.headers)


def broadcast(record: Any, key: bytes, partitions: int, effects: Effects) -> None:
    """Put a record back once for every partition, marked: what it touches lies in all of them."""
    mark = f"{effects.partition}:{record.offset}".encode()
    for partition in range(partitions):
        effects.put_back(record, key, partition, [(BROADCAST, b"1"), (ORIGIN, mark)])


def first_time(applied: dict[str, int], record: Any, source: str) -> bool:
    """Return whether this record, and the one it was put back from, is new to the state that holds `applied`."""
    if record.offset <= applied.get(source, -1):
        return False
    applied[source] = record.offset
    came_from = origin(record) if record.headers else None
    if came_from is None:
        return True
    name = f"{source}:{came_from[0]}"
    if came_from[1] <= applied.get(name, -1):
        return False
    applied[name] = came_from[1]
    return True
