r"""Records whose header names are not UTF-8 are read, too: a name is bytes on the wire, and whoever sends may send any.

aiokafka decodes the names while it parses, below everything that could make a dead letter of the record: the fetch fails,
and so does every later one (docs/upstream.md). What fails is parsed once more, slower, with the odd bytes of a name
written as `\xe9`.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy


class _Part(bytearray):
    """Bytes cut from a buffer; as a name they are never wrong."""

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        """Return the text, with what is no UTF-8 spelled out."""
        return super().decode(encoding, errors)


class _Buffer(bytearray):
    """A batch's bytes."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Part(found) if isinstance(place, slice) else found


class _LenientBatch(_DefaultRecordBatchPy):
    """A batch whose header names may be any bytes."""

    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        if type(self._buffer) is not _Buffer:
            self._buffer = _Buffer(self._buffer)


class _LenientMemory(_MemoryRecordsPy):
    """Fetched bytes, parsed into lenient batches."""

    def next_batch(self, *args: Any) -> Any:
        """Return the next batch."""
        place = self._next_slice
        batch = super().next_batch(*args)
        is_legacy = place is None or place[self.MAGIC_OFFSET] < 2
        return batch if is_legacy else _LenientBatch(place)


class KeptMemory:
    """Fetched bytes, parsed by aiokafka's fast parser, and kept until they are read."""

    __slots__ = ("_fast", "has_next", "next_batch", "raw", "size_in_bytes")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._fast = MemoryRecords(raw)
        self.has_next = self._fast.has_next
        self.next_batch = self._fast.next_batch
        self.size_in_bytes = self._fast.size_in_bytes


class ForgivingRecords(PartitionRecords):
    """The records of one fetch of a partition."""

    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Any]:
        aborted = list(self._aborted_transactions)
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            again = PartitionRecords(
                self._tp,
                _LenientMemory(self._records.raw),
                aborted,
                self.next_fetch_offset,
                self._key_deserializer,
                self._value_deserializer,
                self._check_crcs,
                self._isolation_level,
            )
            # Whoever was made of us meanwhile says what a record becomes.
            again._consumer_record = self._consumer_record  # noqa: SLF001
            for record in again:
                # It begins with the first batch once more, and only skips within one.
                if record.offset >= self.next_fetch_offset:
                    self.next_fetch_offset = again.next_fetch_offset
                    yield record
            self.next_fetch_offset = max(self.next_fetch_offset, again.next_fetch_offset)


def install() -> None:
    """Have every consumer of this process read so."""
    fetcher.PartitionRecords = ForgivingRecords
    fetcher.MemoryRecords = KeptMemory
