"""The changelog: the compacted topic that holds every record of state, one partition a shard.

Every value says which group generation wrote it. A worker that lost its partition without knowing (a zombie) writes
with an older generation than its successor: such a record is ignored when the changelog is read, and the successor,
who sees that its own appends are no longer contiguous, writes those keys again.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from andon.streams.metrics import Metrics
from andon.streams.producer import Producer
from andon.streams.state import Codec, Shard

logger = logging.getLogger(__name__)

#: How many records are decoded or encoded before other tasks get a turn.
_SLICE = 2000


class StateCorrupt(RuntimeError):
    """The changelog holds a record that is not state of this version; nothing was reset."""


class Changelog:
    """Writes records of state and reads them back."""

    def __init__(
        self,
        topic: str,
        codec: Codec,
        producer: Producer,
        consumer_options: dict[str, Any],
        metrics: Metrics,
    ) -> None:
        self.topic = topic
        self._codec = codec
        self._producer = producer
        self._consumer_options = consumer_options
        self._metrics = metrics

    @property
    def mean_bytes(self) -> dict[str, float]:
        """The mean size of a table's records, as written or read of late."""
        return self._codec.mean_bytes

    async def write(self, shard: Shard, keys: Iterable[tuple[str, str]]) -> int:
        """Append these records, or their absence, and return their number once they are durable.

        The caller holds the shard's lock, so that what is written later is also encoded later.
        """
        records = []
        for count, (table, key) in enumerate(keys, 1):
            record = shard.tables[table].get(key)
            value = None if record is None else self._codec.encode(record, shard.generation)
            if value is not None:
                self._codec.weigh(table, len(value))
            records.append((self._codec.encode_key(table, key), value))
            if not count % _SLICE:
                await asyncio.sleep(0)
        if not records:
            return 0
        for offset, count in await self._producer.write(self.topic, shard.partition, records):
            if shard.changelog_end is not None and offset > shard.changelog_end:
                await self._overrule(shard, shard.changelog_end, offset)
            shard.changelog_end = offset + count
        return len(records)

    async def read(self, shard: Shard, awake: int) -> int:
        """Fill an empty shard from its partition and return the number of records read.

        About `awake` records are decoded for good; of tables that may rest, the others stay encoded until asked for.

        Raises:
            StateCorrupt: a record cannot be decoded.
        """
        latest: dict[bytes, bytes | None] = {}
        newest_generation = 0
        count = 0
        partition = TopicPartition(self.topic, shard.partition)
        async with self._reader() as reader:
            reader.assign([partition])
            shard.changelog_end = (await reader.end_offsets([partition]))[partition]
            begin = (await reader.beginning_offsets([partition]))[partition]
            reader.seek(partition, begin)
            while (await reader.position(partition)) < shard.changelog_end:
                fetched = await reader.getmany(partition, timeout_ms=1000)
                for record in fetched.get(partition, ()):
                    count += 1
                    if record.value is not None:
                        generation = self._codec.generation(record.value)
                        if generation < newest_generation:
                            self._metrics.foreign_writes.inc()
                            continue
                        newest_generation = generation
                    latest[record.key] = record.value
        await self._fill(shard, latest, awake)
        return count

    async def _fill(self, shard: Shard, latest: dict[bytes, bytes | None], awake: int) -> None:
        for count, (raw_key, value) in enumerate(latest.items(), 1):
            if value is not None:
                try:
                    table, key = self._codec.decode_key(raw_key)
                    self._codec.weigh(table, len(value))
                    shard.add(table, key, self._codec.decode(table, value), value[4:], awake)
                except ValueError as error:
                    msg = (
                        f"{self.topic}[{shard.partition}]: the state under {raw_key!r} cannot be read ({error}). "
                        "Nothing was changed. Run the version of andon that wrote it, or restore the topic."
                    )
                    raise StateCorrupt(msg) from error
            if not count % _SLICE:
                await asyncio.sleep(0)

    async def _overrule(self, shard: Shard, begin: int, end: int) -> None:
        """Mark the keys that somebody else wrote in between as changed, so that ours is the last word."""
        partition = TopicPartition(self.topic, shard.partition)
        foreign = 0
        async with self._reader() as reader:
            reader.assign([partition])
            reader.seek(partition, begin)
            position = begin
            while position < end:
                fetched = await reader.getmany(partition, timeout_ms=1000)
                for record in fetched.get(partition, ()):
                    if record.offset < end:
                        table, key = self._codec.decode_key(record.key)
                        shard.dirty[table].add(key)
                        foreign += 1
                position = await reader.position(partition)
        self._metrics.foreign_writes.inc(foreign)
        logger.warning(
            "%s[%s]: %s records between offsets %s and %s were written by another worker and are overwritten",
            self.topic,
            shard.partition,
            foreign,
            begin,
            end,
        )

    def _reader(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **self._consumer_options, auto_offset_reset="none", enable_auto_commit=False
        )
