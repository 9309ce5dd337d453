"""Faust's consumer, made to hand out record batches, read committed records only, and leave commits to checkpoints.

Stock Faust acknowledges events one by one and infers committable offsets from gaps; here a batch knows where it begins
and ends, the engine checks that batches meet without a hole, and only a checkpoint commits.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import aiokafka
from aiokafka.structs import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from andon.streams.batches import RecordBatch
from andon.streams.checked_consumer import CheckedConsumer
from andon.streams.lenient import ForgivingRecords

#: Faust drops a message whose offset lies below the last one it read. Batches carry growing numbers above every offset
#: instead, so that it drops none: holes and repeats are the engine's to judge.
_ABOVE_ALL_OFFSETS = 2**60
#: While an agent's queue is full, Faust leaves its partitions out and waits a whole second for the others, whose topics may
#: have nothing: the queue runs empty meanwhile. So it asks again after this long.
_WHILE_FULL_SECONDS = 0.01


class LeanRecords(ForgivingRecords):
    """Fetched records as the parser made them: without the copy that also names topic, partition and sizes.

    The copy costs more than three times what parsing does, and a batch knows where its records come from.
    """

    def __iter__(self) -> Any:
        """Return what yields the records, without a call in between for each."""
        return self._records_iterator

    def _consumer_record(self, tp: TopicPartition, record: Any) -> Any:
        del tp
        return record


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """Fetches batches and knows where the last one of each partition ended."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._handed_out: dict[TopicPartition, int] = {}

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        """Return the group's consumer: co-partitioned, and blind to aborted transactions."""
        del transport
        self._assignor = self.app.assignor
        return CheckedConsumer(
            **self.app.consumer_options,
            client_id=self.app.conf.broker_client_id,
            group_id=self.app.conf.id,
            group_instance_id=self.app.conf.consumer_group_instance_id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's signature
        max_records: int | None = None,
    ) -> dict[TP, RecordBatch]:
        for result in consumer._fetcher._records.values():  # noqa: SLF001
            records = getattr(result, "_partition_records", None)
            if type(records) is ForgivingRecords:
                records.__class__ = LeanRecords
        fetched: Mapping[TopicPartition, list[Any]] = await super()._fetch_records(
            consumer, active_partitions, timeout=timeout, max_records=max_records
        )
        assignment = consumer._fetcher._subscriptions.subscription.assignment  # noqa: SLF001
        generation = self.app.consumer_generation_id
        batches = {}
        for partition, records in fetched.items():
            first, last = records[0].offset, records[-1].offset
            state = assignment.state_value(partition) if assignment else None
            end = state.position if state is not None and state.has_valid_position else last + 1
            begin = self._handed_out.get(partition, first)
            self._handed_out[partition] = end
            batches[TP(*partition)] = RecordBatch(
                partition.topic,
                partition.partition,
                records,
                begin=min(begin, first),
                end=end,
                generation=generation,
            )
        return batches

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to the last committed offsets and return them."""
        committed: Mapping[TP, int] = await super().seek_to_committed()
        for tp, offset in committed.items():
            partition = TopicPartition(*tp)
            if offset:
                self._handed_out[partition] = offset
            else:
                self._handed_out.pop(partition, None)
        return committed

    async def committed(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        """Return the group's committed offsets."""
        found: dict[TP, int | None] = await self.call_thread(self._committed, list(partitions))
        return found

    async def _committed(self, partitions: list[TP]) -> dict[TP, int | None]:
        consumer = self._ensure_consumer()
        return {tp: await consumer.committed(TopicPartition(*tp)) for tp in partitions}

    async def end_offsets(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """Return the offsets after the last records that may be read."""
        found: dict[TP, int] = await self.call_thread(self._end_offsets, list(partitions))
        return found

    async def _end_offsets(self, partitions: list[TP]) -> dict[TP, int]:
        consumer = self._ensure_consumer()
        ends = await consumer.end_offsets([TopicPartition(*tp) for tp in partitions])
        return {TP(*partition): end for partition, end in ends.items()}

    async def seek_to(self, offsets: Mapping[TP, int]) -> None:
        """Go on reading at these offsets."""
        await self.call_thread(self._seek_to, offsets)

    async def _seek_to(self, offsets: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        for tp, offset in offsets.items():
            partition = TopicPartition(*tp)
            consumer.seek(partition, offset)
            self._handed_out[partition] = offset


class BatchConsumer(driver.Consumer):
    """Turns batches into messages; commits nothing by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batches_read = 0

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109 - Faust's signature
    ) -> Mapping[TP, RecordBatch]:
        """Return the next batches of the partitions whose queues take more, and look anew soon if some do not."""
        if self._buffered_partitions:
            timeout = min(timeout, _WHILE_FULL_SECONDS)
        batches: Mapping[TP, RecordBatch] = await super()._getmany(active_partitions, timeout)
        return batches

    def _to_message(self, tp: TP, record: RecordBatch) -> ConsumerMessage:
        self._batches_read += 1
        newest = record.records[-1]
        return ConsumerMessage(
            record.topic,
            record.partition,
            _ABOVE_ALL_OFFSETS + self._batches_read,
            newest.timestamp / 1000.0,
            newest.timestamp_type,
            (),
            None,
            record,
            None,
            0,
            0,
            tp,
            generation_id=record.generation,
        )

    async def committed(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        """Return the group's committed offsets."""
        found: dict[TP, int | None] = await self._thread.committed(partitions)
        return found

    async def end_offsets(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """Return the offsets after the last records that may be read."""
        found: dict[TP, int] = await self._thread.end_offsets(partitions)
        return found

    async def seek_to(self, offsets: Mapping[TP, int]) -> None:
        """Go on reading at these offsets."""
        await self._thread.seek_to(offsets)

    async def commit_offsets(self, offsets: Mapping[TP, int]) -> bool:
        """Commit offsets; False if the group has moved on, so that nothing was committed."""
        done: bool = await self._commit(offsets)
        return done


class BatchTransport(driver.Transport):
    """Faust's transport with the consumer above."""

    Consumer = BatchConsumer
