"""Time slices: one batch is applied at a time, and no longer than a moment before everybody else goes on.

A record may cost four microseconds or four hundred, and a batch has thousands: applied in one go, dear ones would hold up
checkpoints, and what other partitions publish, for seconds.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from andon.streams.batches import RecordBatch

#: How much processor time a slice is meant to take.
SLICE_SECONDS = 0.01
#: What a record is taken to cost until it is known, and how much the newest slice says of it.
_DEAR_SECONDS = 0.0001
_NEWEST_SHARE = 0.5
#: A round of the event loop that takes no longer had nothing to do, and so many in a row say that nobody waits: one who
#: waits for a slice may be let in two rounds after the last.
_IDLE_SECONDS = 0.0005
_IDLE_ROUNDS = 4


async def give_way(seconds: float, clock: Callable[[], float] = time.perf_counter) -> None:
    """Let everybody else go on for so long, or until nobody wants to.

    It is for what can wait: that takes its share of a busy worker, and the whole of an idle one.
    """
    began = now = clock()
    idle = 0
    while now - began < seconds and idle < _IDLE_ROUNDS:
        await asyncio.sleep(0)
        before, now = now, clock()
        idle = idle + 1 if now - before < _IDLE_SECONDS else 0


class TimeSlices:
    """Divides batches by what the records of their topic have cost of late.

    Costs are processor time: beside other programs a record takes longer by the clock, and slices by that would become so
    small that writing and publishing after each of them costs more than they do.
    """

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
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
            began = self._clock()
            yield
            if len(part):
                cost = (self._clock() - began) / len(part)
                known = self._cost.get(part.topic, cost)
                self._cost[part.topic] = known + (cost - known) * _NEWEST_SHARE
            await asyncio.sleep(0)
