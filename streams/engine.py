"""The engine: applies batches to shards, writes before it publishes, and commits only what is durable.

A batch is applied in one time slice, or in several if it takes long. What it rejected, put back or published is acknowledged
before its offsets count as settled; a checkpoint writes what changed, waits, and commits the settled offsets. A crash anywhere
replays from the last commit, and every record of state knows which offsets it has already applied.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from faust.types import TP

from andon.streams.batches import RecordBatch
from andon.streams.changelog import Changelog
from andon.streams.effects import Effects
from andon.streams.garbage import spare_the_living
from andon.streams.metrics import Metrics
from andon.streams.positions import Offsets, Positions
from andon.streams.producer import Outgoing, Producer
from andon.streams.state import Shard, Shards, epoch_of
from andon.streams.time_slices import TimeSlices

logger = logging.getLogger(__name__)

Apply = Callable[[Shard, RecordBatch, Effects], None]
Compose = Callable[[Any], Outgoing]
#: Kind and severity of each alert that a record of state has open.
Survey = Callable[[Any], Iterable[tuple[str, str]]]


#: Marks what a record of state has to say with the epoch of its writer, and adds what follows from it.
Fence = Callable[[Any, int], None]


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
        fence: Fence,
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
        self._fence = fence
        self._max_dirty_keys = max_dirty_keys
        self._max_live_records = max_live_records
        self._consumer: Offsets | None = None
        self._positions = Positions(shards, changelog, metrics, lambda: self.consumer)
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
            await self._positions.refetch(batch, position)
            return
        if position is not None and batch.begin < position:
            rest = await self._positions.beyond(batch, position)
            if rest is None:
                return
            batch = rest
        self._positions.arrived(batch)
        if position is not None and batch.records and batch.records[0].offset > position:
            await self._positions.look_for_loss(batch, position)
        for part in self._slices.parts(batch):
            left: RecordBatch | None = part
            while left is not None:
                left = await self._take(shard, left, apply)
            if batch.generation != self.generation:
                return

    async def _take(self, shard: Shard, part: RecordBatch, apply: Apply) -> RecordBatch | None:
        """Apply a part of a batch, and see to its effects; return what was left of it for when these are said.

        Nothing is left, either, of a partition that was lost meanwhile.
        """
        effects = Effects(part.topic, part.partition, self._deadletter_topic, self.metrics)
        async with self._slices.take(part):
            if part.generation != self.generation:
                return None
            shard.is_crowded = False
            started = time.perf_counter()
            apply(shard, part, effects)
            self.metrics.batch_seconds.labels(part.topic).observe(time.perf_counter() - started)
            rest = None
            if effects.left_at is not None:
                part, rest = part.divided(effects.left_at)
            self._count(shard, part, effects)
            shard.positions[part.topic] = part.end
        if effects.outgoing:
            async with shard.lock:
                if part.generation != self.generation:
                    return None
                await self._producer.publish(effects.outgoing)
        if shard.pending_outboxes or rest is not None:
            await self.publish_outboxes(shard)
        shard.settled[part.topic] = part.end
        if shard.dirty_keys >= self._max_dirty_keys:
            self.checkpoint_due.set()
        return rest

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
                    self._fence(record, shard.epoch)
                    messages.extend(record.outbox)
                    said[table, key] = record, len(record.outbox)
                shard.dirty[table].discard(key)
            shard.publishing = {place: count for place, (_, count) in said.items()}
            try:
                await self._write(shard, writing)
                await self._producer.publish(self._compose(message) for message in messages)
            except BaseException:
                shard.pending_outboxes = pending_outboxes | shard.pending_outboxes
                raise
            finally:
                shard.publishing = {}
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
        await self._positions.take_up(assignment)
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
