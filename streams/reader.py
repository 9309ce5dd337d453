"""Reading topics whole and without a group: from their beginning, or their last records, and whatever comes after, for good."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

_POLL_MS: Final = 200


async def read_whole(
    topics: Iterable[str],
    consumer_options: Mapping[str, Any],
    take: Callable[[Any], object],
    have_read: Callable[[], object],
    *,
    stopped: Callable[[], bool] = lambda: False,
    last: Mapping[str, int] | None = None,
) -> None:
    """Hand over every record, in the order of its partition.

    Args:
        topics: which are read.
        consumer_options: aiokafka's: broker and security.
        take: is handed each record.
        have_read: is told once all was handed over that was there at the start.
        stopped: says whether to end.
        last: of which topics so many records of each partition are enough.

    Raises:
        aiokafka.errors.KafkaError: the broker is lost.
    """
    # Named here, without a group, all partitions of the topics are assigned; asked for its partitions later, a consumer
    # that was told of no topic knows none.
    consumer = AIOKafkaConsumer(
        *topics, **consumer_options, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        for tp in partitions:
            most = (last or {}).get(tp.topic)
            if most is not None:
                consumer.seek(tp, max(begins[tp], ends[tp] - most))
        is_read = False
        while not stopped():
            if not is_read:
                is_read = all([await consumer.position(tp) >= ends[tp] for tp in partitions])
                if is_read:
                    have_read()
            for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                for record in records:
                    take(record)
    finally:
        await consumer.stop()
