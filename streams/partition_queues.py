"""Lanes: the batches of one topic, those of a partition in their order, those of several partitions beside each other.

A batch that publishes something waits for the broker twice. With one queue for all, the batches of all other partitions
would wait with it.
"""

import asyncio
from collections.abc import Awaitable, Callable

from andon.streams.batches import RecordBatch

#: So many batches are under way at once; whoever brings another waits.
MOST_UNDER_WAY = 8


class PartitionQueues:
    """Hands batches on, one at a time for each partition."""

    def __init__(
        self,
        handle: Callable[[RecordBatch], Awaitable[None]],
        fail: Callable[[Exception], Awaitable[None]],
    ) -> None:
        self._handle = handle
        self._fail = fail
        self._room = asyncio.Semaphore(MOST_UNDER_WAY)
        self._last: dict[int, asyncio.Task[None]] = {}

    async def put(self, batch: RecordBatch) -> None:
        """Take a batch, when there is room; it is handled after those of its partition that came before."""
        await self._room.acquire()
        before = self._last.get(batch.partition)
        task = asyncio.create_task(self._run(batch, before))
        self._last[batch.partition] = task

    async def _run(self, batch: RecordBatch, before: asyncio.Task[None] | None) -> None:
        try:
            if before is not None:
                await asyncio.wait((before,))
            await self._handle(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody awaits this task
            await self._fail(error)
        finally:
            self._room.release()
            if self._last[batch.partition] is asyncio.current_task():
                del self._last[batch.partition]
