"""Record batches: one Faust event holds all records that were fetched of one partition."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import faust
from faust.types import TP
from faust.types.transports import SchedulingStrategyT


class FetchedRecord(Protocol):
    """What a batch's records are known by; topic and partition are the batch's."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class RecordBatch:
    """The records of one partition that came with one fetch.

    `begin` is where the last batch handed out ended and `end` where the next one begins: transaction markers and
    compacted records lie between offsets without being lost, so only `begin` and `end` tell whether a batch is missing.
    """

    __slots__ = ("begin", "end", "generation", "partition", "records", "topic")

    def __init__(
        self,
        topic: str,
        partition: int,
        records: list[FetchedRecord],
        *,
        begin: int,
        end: int,
        generation: int,
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.records = records
        self.begin = begin
        self.end = end
        self.generation = generation

    def of(self, records: list[FetchedRecord]) -> "RecordBatch":
        """Return the part of this batch that holds these records."""
        return RecordBatch(
            self.topic,
            self.partition,
            records,
            begin=self.begin,
            end=self.end,
            generation=self.generation,
        )

    def divided(self, offset: int) -> "tuple[RecordBatch, RecordBatch]":
        """Return the records before an offset, and those from it on."""
        place = next(
            (number for number, one in enumerate(self.records) if one.offset >= offset), len(self)
        )
        before, rest = self.of(self.records[:place]), self.of(self.records[place:])
        before.end = rest.begin = offset
        return before, rest

    def part(self, begin: int, end: int) -> "RecordBatch":
        """Return the records from place `begin` to place `end` as a batch that meets those before and after it without a hole."""
        records = self.records
        if begin == 0 and end >= len(records):
            return self
        return RecordBatch(
            self.topic,
            self.partition,
            records[begin:end],
            begin=records[begin].offset if begin else self.begin,
            end=records[end].offset if end < len(records) else self.end,
            generation=self.generation,
        )

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        return f"RecordBatch({self.topic}[{self.partition}] {self.begin}..{self.end})"


class BatchScheduler(SchedulingStrategyT):
    """Hands out each partition's batch whole, where Faust's own scheduler interleaves single records."""

    @classmethod
    def map_from_records(cls, records: Mapping[TP, Any]) -> Any:
        """Return the records as they are: there is nothing to interleave."""
        return records

    def iterate(self, records: Mapping[TP, Any]) -> Iterator[tuple[TP, Any]]:
        """Iterate over partitions and their batches."""
        return iter(records.items())

    def records_iterator(self, index: Any) -> Iterator[tuple[TP, Any]]:
        """Iterate over partitions and their batches."""
        return iter(index.items())


class BatchSchema(faust.Schema):
    """Passes a batch through undecoded: agents decode, so that a bad record is theirs to handle."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> None:
        """Return nothing: a batch has many keys."""
        del app, message

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        """Return the batch."""
        del app
        return message.value
