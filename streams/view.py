"""A view of a small compacted topic that every worker reads whole, such as the suppliers' scorecards.

What a view holds is at most as old as the topic's delivery: milliseconds behind its writer while running. It is not part
of the state that checkpoints make exact; decisions use it as a parameter, never as a count.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer
from mode import Service


class TopicView(Service):
    """Keeps the newest value of every key of a topic by calling `learn(key, value)`; a deletion brings None."""

    def __init__(
        self,
        topic: str,
        consumer_options: dict[str, Any],
        learn: Callable[[bytes, bytes | None], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.topic = topic
        self._consumer_options = consumer_options
        self._learn = learn
        self.caught_up = asyncio.Event()

    @Service.task
    async def _read(self) -> None:
        # Named here, without a group, all partitions of the topic are assigned; asked for its partitions later, a consumer
        # that was told of no topic knows none.
        consumer = AIOKafkaConsumer(
            self.topic,
            **self._consumer_options,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            partitions = sorted(consumer.assignment())
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            while not self.should_stop:
                if not self.caught_up.is_set():
                    positions = [await consumer.position(tp) >= ends[tp] for tp in partitions]
                    if all(positions):
                        self.caught_up.set()
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        if record.key is not None:
                            self._learn(record.key, record.value)
        finally:
            await consumer.stop()
