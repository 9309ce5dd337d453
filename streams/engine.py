"""The engine: applies batches to shards, writes before it publishes, and commits only what is durable.

A batch is applied in one time slice, or in several if it takes long. What it rejected, put back or published is acknowledged
before its offsets count as settled; a checkpoint writes what changed, waits, and commits the settled offsets. A crash anywhere
replays from the last commit, and every record of state knows which offsets it has already applied.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from faust.types import TP

from andon.streams.batches import RecordBatch
from andon.streams.changelog import Changelog
from andon.streams.effects import Effects
from andon.streams.garbage import spare_the_living
from andon.streams.metrics import Metrics
from andon.streams.producer import Outgoing, Producer
from andon.streams.state import Shard, Shards, epoch_of
from andon.streams.time_slices import TimeSlices

logger = logging.getLogger(__name__)

#: How long a refetch may take before it is asked for again.
_REFETCH_SECONDS = 5.0


class Offsets(Protocol):
    """What the engine needs of the group's consumer."""

    async def committed(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        """Return the group's committed offsets."""
        ...

    async def seek_to(self, offsets: Mapping[TP, int]) -> None:
        """Go on reading at these offsets."""
        ...

    async def commit_offsets(self, offsets: Mapping[TP, int]) -> bool:
        """Commit; False if the group has moved on."""
        ...

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """Return the first offsets that the broker still has."""
        ...

    async def end_offsets(self, partitions: Iterable[TP]) -> Mapping[TP, int]:
        """Return the offsets after the last records that may be read."""
        ...

    def highwater(self, tp: TP) -> int | None:
        """Return the offset after the last record."""
        ...


Apply = Callable[[Shard, RecordBatch, Effects], None]
Compose = Callable[[Any], Outgoing]
#: Kind and severity of each alert that a record of state has open.
Survey = Callable[[Any], Iterable[tuple[str, str]]]


class Engine:
    """Owns the shards of one worker, and the order in which things become durable."""

    def __init__(
        self,
        shards: Shards,
        changelog: Changelog,
        producer: Producer,
        metrics: Metrics,
        *,
        deadletter_topic: str,
        compose: Compose,
        survey: Survey,
        max_dirty_keys: int,
        max_live_records: int,
    ) -> None:
        self.shards = shards
        self.metrics = metrics
        self.generation = -1
        self.checkpoint_due = asyncio.Event()
        self._changelog = changelog
        self._producer = producer
        self._deadletter_topic = deadletter_topic
        self._compose = compose
        self._survey = survey
        self._max_dirty_keys = max_dirty_keys
        self._max_live_records = max_live_records
        self._consumer: Offsets | None = None
        self._refetching: dict[tuple[str, int], float] = {}
        self._checkpointing = asyncio.Lock()
        self._revoked_at: float | None = None
        self._slices = TimeSlices()

    @property
    def mean_bytes(self) -> Mapping[str, float]:
        """The mean size of a table's records in the changelog, of late."""
        return self._changelog.mean_bytes

    def attach(self, consumer: Offsets) -> None:
        """Use this consumer to seek and commit."""
        self._consumer = consumer

    @property
    def ready(self) -> bool:
        """Whether the state of an assignment is restored and events may flow."""
        return self.generation >= 0

    @property
    def consumer(self) -> Offsets:
        """The attached consumer."""
        if self._consumer is None:
            msg = "the engine has no consumer yet"
            raise RuntimeError(msg)
        return self._consumer

    async def handle(self, batch: RecordBatch, apply: Apply) -> None:
        """Apply a batch to its shard and see to its effects; a batch of a lost partition is dropped."""
        shard = self.shards.get(batch.partition)
        if shard is None or batch.generation != self.generation:
            return
        position = shard.positions.get(batch.topic)
        if position is not None and batch.begin > position:
            await self._refetch(batch, position)
            return
        self._refetching.pop((batch.topic, batch.partition), None)
        if position is not None and batch.records and batch.records[0].offset > position:
            await self._look_for_loss(batch, position)
        for part in self._slices.parts(batch):
            if not await self._take(shard, part, apply):
                return

    async def _take(self, shard: Shard, part: RecordBatch, apply: Apply) -> bool:
        """Apply a part of a batch, and see to its effects; False if the partition was lost meanwhile."""
        effects = Effects(part.topic, part.partition, self._deadletter_topic, self.metrics)
        async with self._slices.take(part):
            if part.generation != self.generation:
                return False
            started = time.perf_counter()
            apply(shard, part, effects)
            self.metrics.batch_seconds.labels(part.topic).observe(time.perf_counter() - started)
            self._count(shard, part, effects)
            shard.positions[part.topic] = part.end
        if effects.outgoing:
            async with shard.lock:
                if part.generation != self.generation:
                    return False
                await self._producer.publish(effects.outgoing)
        if shard.pending_outboxes:
            await self.publish_outboxes(shard)
        shard.settled[part.topic] = part.end
        if shard.dirty_keys >= self._max_dirty_keys:
            self.checkpoint_due.set()
        return True

    def _count(self, shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        topic = batch.topic
        self.metrics.batch_records.labels(topic).observe(len(batch))
        self.metrics.last_event.labels(topic).set_to_current_time()
        if effects.written:
            delay = max(time.time() - effects.written, 0.0)
            self.metrics.batch_delay.labels(topic).observe(delay)
        if effects.newest > shard.event_times.get(topic, 0.0):
            shard.event_times[topic] = effects.newest

    async def publish_outboxes(self, shard: Shard) -> None:
        """Write the records that have something to say, publish it, and empty their outboxes."""
        async with shard.lock:
            if shard.generation != self.generation:
                return
            pending_outboxes, shard.pending_outboxes = shard.pending_outboxes, {}
            if not pending_outboxes:
                return
            messages = []
            said: dict[tuple[str, str], tuple[Any, int]] = {}
            writing = shard.with_those_before(pending_outboxes)
            for table, key in writing:
                record = shard.tables[table].get(key)
                if record is not None and record.outbox:
                    messages.extend(record.outbox)
                    said[table, key] = record, len(record.outbox)
                shard.dirty[table].discard(key)
            await self._write(shard, writing)
            await self._producer.publish(self._compose(message) for message in messages)
            for (table, key), (record, count) in said.items():
                del record.outbox[:count]
                shard.dirty[table].add(key)
                shard.note_alerts(table, key, self._survey(shard.tables[table].get(key)))
        self._observe(messages, pending_outboxes.values())

    async def _write(
        self,
        shard: Shard,
        keys: Sequence[tuple[str, str]],
        applied: Mapping[str, int] | None = None,
    ) -> int:
        """Write these records; those of a write that failed or was given up are still to be written."""
        try:
            return await self._changelog.write(shard, keys, applied)
        except BaseException:
            for table, key in keys:
                shard.dirty[table].add(key)
            raise

    def _observe(self, messages: list[Any], caused_at: Iterable[float]) -> None:
        for message in messages:
            self.metrics.messages.labels(message.family).inc()
        now = time.time()
        for at in caused_at:
            if at > 0:
                self.metrics.event_to_alert.observe(max(now - at, 0.0))

    async def checkpoint(self) -> bool:
        """Write what changed and commit what is settled; False if the group no longer took the commit."""
        async with self._checkpointing:
            started = time.perf_counter()
            self.checkpoint_due.clear()
            offsets: dict[TP, int] = {}
            keys = 0
            for shard in self.shards:
                async with shard.lock:
                    if shard.generation != self.generation:
                        continue
                    settled = dict(shard.settled)
                    keys += await self._write(shard, shard.take_dirty(), settled)
                    shard.pack(self._max_live_records // max(len(self.shards.owned), 1))
                for topic, offset in settled.items():
                    if shard.committed.get(topic) != offset:
                        offsets[TP(topic, shard.partition)] = offset
            if offsets and not await self.consumer.commit_offsets(offsets):
                return False
            for tp, offset in offsets.items():
                shard_of = self.shards.get(tp.partition)
                if shard_of is not None:
                    shard_of.committed[tp.topic] = offset
            if keys or offsets:
                self.metrics.checkpoint_keys.inc(keys)
                self.metrics.checkpoint_seconds.observe(time.perf_counter() - started)
            self.metrics.last_checkpoint.set_to_current_time()
            return True

    async def revoke(self) -> None:
        """Make everything durable before the partitions may go to others; forget what could not be committed."""
        self._revoked_at = time.perf_counter()
        kept = await self.checkpoint()
        self.generation = -1
        for shard in self.shards:
            async with shard.lock:
                pass  # what was being published is published to its end, and nothing more begins
        if not kept:
            self.shards.owned.clear()

    async def restore(self, assignment: set[TP], generation: int) -> None:
        """Own exactly the assigned partitions: keep clean shards, read the others, go on where commits end."""
        started = time.perf_counter()
        partitions = {tp.partition for tp in assignment}
        for partition in set(self.shards.owned) - partitions:
            del self.shards.owned[partition]
        for partition in sorted(partitions):
            shard = self.shards.owned.get(partition)
            if shard is not None and shard.generation != generation - 1:
                shard = None
            if shard is None:
                self.shards.owned.pop(partition, None)
                shard = Shard(partition, self.shards.specs, generation)
                live = self._max_live_records // len(partitions)
                read = await self._changelog.read(shard, live)
                logger.info("partition %s: %s records of state read", partition, read)
            shard.epoch = epoch_of(generation, shard.epoch)
            shard.generation = generation
            self.shards.owned[partition] = shard
        await self._position(assignment)
        self._refetching.clear()
        spare_the_living()
        self.metrics.expect({tp.topic for tp in assignment})
        self.generation = generation
        for shard in self.shards:
            self._recall(shard)
            await self.publish_outboxes(shard)
        self.metrics.rebalances.inc()
        ended = time.perf_counter()
        self.metrics.recovery_seconds.observe(ended - started)
        if self._revoked_at is not None:
            self.metrics.rebalance_seconds.observe(ended - self._revoked_at)
            self._revoked_at = None

    def _recall(self, shard: Shard) -> None:
        """Say again what a crash may have left unsaid."""
        for table, records in shard.tables.items():
            for key, record in records.live_items():
                if record.outbox:
                    shard.pending_outboxes[table, key] = 0.0
                shard.note_alerts(table, key, self._survey(record))

    async def _position(self, assignment: set[TP]) -> None:
        """Go on reading where the group's commit ends or, if that knows of less, where the state's own mark does."""
        committed = await self.consumer.committed(assignment)
        # What was fetched before the state was there is dropped: without a seek, reading would go on behind it.
        earliest = await self.consumer.earliest_offsets(*assignment)
        ends = await self.consumer.end_offsets(assignment)
        for shard in self.shards:
            shard.positions.clear()
            shard.settled.clear()
            shard.committed.clear()
        begins: dict[TP, int] = {}
        for tp in assignment:
            shard = self.shards.owned[tp.partition]
            self._changelog.compare(shard, tp.topic, ends[tp])
            offset = committed[tp] or 0
            if offset:
                self._changelog.vouch(shard, tp.topic, offset)
                shard.committed[tp.topic] = offset
            known = max(offset, shard.marked.get(tp.topic, 0))
            if known and earliest[tp] > known:
                self._lose(tp, known, earliest[tp])
            begins[tp] = shard.positions[tp.topic] = max(known, earliest[tp])
        await self.consumer.seek_to(begins)

    def _lose(self, tp: TP, begin: int, end: int) -> None:
        """Tell that the broker deleted records before they were read."""
        self.metrics.offsets_lost.labels(tp.topic).inc(end - begin)
        logger.error(
            "%s: offsets %s to %s were deleted by the broker before they were read; "
            "lengthen the topic's retention",
            tp,
            begin,
            end,
        )

    async def _look_for_loss(self, batch: RecordBatch, position: int) -> None:
        """Tell what the broker has deleted between what was read last and a batch's first record.

        The client goes on at the earliest record there is, without a word; compaction and transactions leave offsets
        out, too, so that only the broker's own beginning tells.
        """
        tp = TP(batch.topic, batch.partition)
        first = batch.records[0].offset
        earliest = (await self.consumer.earliest_offsets(tp))[tp]
        if earliest > position:
            self._lose(tp, position, min(earliest, first))

    async def _refetch(self, batch: RecordBatch, position: int) -> None:
        """A batch is missing: go back for it, unless the broker no longer has it."""
        place = (batch.topic, batch.partition)
        tp = TP(*place)
        now = time.monotonic()
        if now - self._refetching.get(place, -_REFETCH_SECONDS) < _REFETCH_SECONDS:
            return
        self._refetching[place] = now
        earliest = (await self.consumer.earliest_offsets(tp))[tp]
        if earliest > position:
            self._lose(tp, position, earliest)
            shard = self.shards.get(batch.partition)
            if shard is not None:
                shard.positions[batch.topic] = earliest
            position = earliest
        else:
            self.metrics.gaps.labels(batch.topic).inc()
            logger.warning(
                "%s: expected offset %s, got %s; reading again", tp, position, batch.begin
            )
        await self.consumer.seek_to({tp: position})
