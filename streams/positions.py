"""Where reading goes on: after the commit or the state's own mark, at what is missing, and past what the broker deleted."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from faust.types import TP

from andon.streams.batches import RecordBatch
from andon.streams.changelog import Changelog
from andon.streams.metrics import Metrics
from andon.streams.state import Shards

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


class Positions:
    """Sets the positions of a worker's partitions, and tells what was lost of them."""

    def __init__(
        self,
        shards: Shards,
        changelog: Changelog,
        metrics: Metrics,
        consumer: Callable[[], Offsets],
    ) -> None:
        self._shards = shards
        self._changelog = changelog
        self._metrics = metrics
        self._consumer = consumer
        self._refetching: dict[tuple[str, int], float] = {}
        #: Up to where a topic was cut, by topic and partition; it is told once.
        self._cut: dict[tuple[str, int], int] = {}

    async def take_up(self, assignment: set[TP]) -> None:
        """Go on reading where the group's commit ends or, if that knows of less, where the state's own mark does."""
        committed = await self._consumer().committed(assignment)
        # What was fetched before the state was there is dropped: without a seek, reading would go on behind it.
        earliest = await self._consumer().earliest_offsets(*assignment)
        ends = await self._consumer().end_offsets(assignment)
        for shard in self._shards:
            shard.positions.clear()
            shard.settled.clear()
            shard.committed.clear()
        begins: dict[TP, int] = {}
        for tp in assignment:
            shard = self._shards.owned[tp.partition]
            self._changelog.compare(shard, tp.topic, ends[tp])
            offset = committed[tp] or 0
            if offset:
                self._changelog.vouch(shard, tp.topic, offset)
                shard.committed[tp.topic] = offset
            known = max(offset, shard.marked.get(tp.topic, 0))
            if known > offset:
                # A worker was killed between its last write and the commit: the next checkpoint commits it.
                shard.settled[tp.topic] = known
            if known and earliest[tp] > known:
                self._lose(tp, known, earliest[tp])
            begins[tp] = shard.positions[tp.topic] = max(known, earliest[tp])
        await self._consumer().seek_to(begins)
        self._refetching.clear()
        self._cut.clear()

    def _lose(self, tp: TP, begin: int, end: int) -> None:
        """Tell that the broker deleted records before they were read."""
        self._metrics.offsets_lost.labels(tp.topic).inc(end - begin)
        logger.error(
            "%s: offsets %s to %s were deleted by the broker before they were read; "
            "lengthen the topic's retention",
            tp,
            begin,
            end,
        )

    async def look_for_loss(self, batch: RecordBatch, position: int) -> None:
        """Tell what the broker has deleted between what was read last and a batch's first record.

        The client goes on at the earliest record there is, without a word; compaction and transactions leave offsets
        out, too, so that only the broker's own beginning tells.
        """
        tp = TP(batch.topic, batch.partition)
        first = batch.records[0].offset
        earliest = (await self._consumer().earliest_offsets(tp))[tp]
        if earliest > position:
            self._lose(tp, position, min(earliest, first))

    async def beyond(self, batch: RecordBatch, position: int) -> RecordBatch | None:
        """Return what a batch that begins before what is applied has beyond it; None if that is nothing.

        It was asked for twice, or the topic was cut at its end: a leader that had not all of it was elected, or it was made
        anew. The client then begins at its beginning, without a word. What comes to lie where something applied lay is taken
        for that by every record of state, so that it is told, and the position never goes back.
        """
        place = (batch.topic, batch.partition)
        if self._cut.get(place) != position:
            tp = TP(*place)
            end = (await self._consumer().end_offsets([tp]))[tp]
            if end < position:
                self._cut[place] = position
                self._metrics.offsets_cut.labels(batch.topic).inc(position - end)
                logger.error(
                    "%s ends at offset %s, but all before %s are applied: it was truncated or made anew. What comes to lie "
                    "below offset %s is passed over, and no worker will begin before the topic is as long again; "
                    "`andon state repair` says what it means",
                    tp,
                    end,
                    position,
                    position,
                )
        first = sum(record.offset < position for record in batch.records)
        if first == len(batch.records):
            return None
        part = batch.part(first, len(batch.records))
        part.begin = position
        return part

    def arrived(self, batch: RecordBatch) -> None:
        """Take note that a batch meets the one before it, so that nothing is asked for again."""
        self._refetching.pop((batch.topic, batch.partition), None)

    async def refetch(self, batch: RecordBatch, position: int) -> None:
        """A batch is missing: go back for it, unless the broker no longer has it."""
        place = (batch.topic, batch.partition)
        tp = TP(*place)
        now = time.monotonic()
        if now - self._refetching.get(place, -_REFETCH_SECONDS) < _REFETCH_SECONDS:
            return
        self._refetching[place] = now
        earliest = (await self._consumer().earliest_offsets(tp))[tp]
        if earliest > position:
            self._lose(tp, position, earliest)
            shard = self._shards.get(batch.partition)
            if shard is not None:
                shard.positions[batch.topic] = earliest
            position = earliest
        else:
            self._metrics.gaps.labels(batch.topic).inc()
            logger.warning(
                "%s: expected offset %s, got %s; reading again", tp, position, batch.begin
            )
        await self._consumer().seek_to({tp: position})
