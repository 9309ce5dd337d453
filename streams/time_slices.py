"""Time slices: one batch is applied at a time, and no longer than a moment before everybody else goes on.

A record may cost four microseconds or four hundred, and a batch has thousands: applied in one go, dear ones would hold up
checkpoints, and what other partitions publish, for seconds.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from andon.streams.batches import RecordBatch

#: How long a slice is meant to last.
SLICE_SECONDS = 0.01
#: What a record is taken to cost until it is known, and how much the newest slice says of it.
_DEAR_SECONDS = 0.0001
_NEWEST_SHARE = 0.5


class TimeSlices:
    """Divides batches by what the records of their topic have cost of late."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._cost: dict[str, float] = {}

    def parts(self, batch: RecordBatch) -> Iterator[RecordBatch]:
        """Yield the batch in parts of about one slice each, cut when the one before has been applied."""
        begin = 0
        while begin < len(batch) or not begin:
            cost = self._cost.get(batch.topic, _DEAR_SECONDS)
            end = begin + max(int(SLICE_SECONDS / cost), 1)
            yield batch.part(begin, end)
            begin = end

    @asynccontextmanager
    async def take(self, part: RecordBatch) -> AsyncIterator[None]:
        """Wait for a slice, and let everybody else go on after it; what is done in it is taken for what the part costs."""
        async with self._lock:
            began = time.perf_counter()
            yield
            if len(part):
                cost = (time.perf_counter() - began) / len(part)
                known = self._cost.get(part.topic, cost)
                self._cost[part.topic] = known + (cost - known) * _NEWEST_SHARE
            await asyncio.sleep(0)
