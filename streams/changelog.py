"""The changelog: the compacted topic that holds every record of state, one partition a shard.

Every value, and every removal, says in which epoch it was written. A worker that lost its partition without knowing (a zombie) writes
in an older epoch than its successor: such a record is ignored when the changelog is read, and the successor,
who sees that its own appends are no longer contiguous, writes those keys again.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from andon.streams.errors import UserError
from andon.streams.fold import Fold
from andon.streams.metrics import Metrics
from andon.streams.producer import Appended, Producer
from andon.streams.state import MARK, Codec, Mark, Shard, epoch_of

logger = logging.getLogger(__name__)

#: How many records are decoded or encoded before other tasks get a turn.
_SLICE = 2000


def _item(key: str) -> str:
    """Return the part of a record's key before a line's end: what follows names parts of one thing."""
    return key.partition("\n")[0]


class StateCorrupt(UserError, RuntimeError):
    """The changelog is not whole, or holds a record that is not state of this version; nothing was reset."""

    def __init__(self, text: str = "the state is corrupt.") -> None:
        super().__init__(f"{text} `andon state repair` says what it means, and what can be mended.")


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

    async def write(
        self,
        shard: Shard,
        keys: Sequence[tuple[str, str]],
        applied: Mapping[str, int] | None = None,
    ) -> int:
        """Append these records, or their absence, and return their number once they are durable.

        The caller holds the shard's lock, so that what is written later is also encoded later. If these are all changed
        records, `applied` says how far each topic is applied, and a mark of it comes last.
        """
        records: list[Appended] = []
        # What is in the changelog in the end: what is in memory now, but for what changes while this waits.
        present = sum(len(table) for table in shard.tables.values())
        present -= sum(key in shard.tables[table] for table, key in keys)
        waited = 0
        for count, (table, key) in enumerate(keys, 1):
            record = shard.tables[table].get(key)
            if record is None:
                removed = self._codec.stamp(shard.epoch)
                records.append((self._codec.encode_key(table, key), None, removed))
            else:
                value = self._codec.encode(record, shard.epoch)
                present += 1
                self._codec.weigh(table, len(value))
                records.append((self._codec.encode_key(table, key), value, []))
            # Records that belong together are encoded at one moment, so that none is older than it must be.
            if count - waited >= _SLICE and (
                count == len(keys) or _item(keys[count][1]) != _item(key)
            ):
                waited = count
                await asyncio.sleep(0)
        written = len(records)
        marked = shard.marked
        if applied is not None:
            # A mark never goes back: what is applied stays applied, wherever reading goes on.
            furthest = {
                topic: max(offset, shard.marked.get(topic, 0)) for topic, offset in applied.items()
            }
            mark = Mark({**shard.marked, **furthest}, present)
            if written or mark.applied != shard.marked:
                last = self._codec.encode(mark, shard.epoch)
                records.append((self._codec.encode_key(*MARK), last, []))
                marked = mark.applied
        if not records:
            return 0
        appended = await self._producer.write(
            self.topic, shard.partition, records, is_urgent=applied is None
        )
        for offset, count in appended:
            if shard.changelog_end is not None and offset > shard.changelog_end:
                await self._overrule(shard, shard.changelog_end, offset)
            elif shard.changelog_end is not None and offset < shard.changelog_end:
                msg = (
                    f"{self.topic}[{shard.partition}]: what was written came to lie at offset {offset}, but the topic "
                    f"ended at {shard.changelog_end} before: it was truncated or made anew. Nothing was committed since. "
                    "Restore the topic."
                )
                raise StateCorrupt(msg)
            shard.changelog_end = offset + count
        shard.marked = marked
        return written

    async def read(self, shard: Shard, live: int) -> int:
        """Fill an empty shard from its partition and return the number of records read.

        About `live` records are decoded for good; of tables that may rest, the others stay encoded until asked for.

        Raises:
            StateCorrupt: a record cannot be decoded, or some are missing.
        """
        fold = Fold(self._codec)
        shard.changelog_end = await read_partition(
            self._consumer_options, self.topic, shard.partition, fold
        )
        shard.epoch = epoch_of(shard.generation, fold.newest)
        self._metrics.foreign_writes.inc(fold.foreign)
        self._check(shard, fold)
        await self._fill(shard, fold.latest, live)
        for raw_key in fold.overruled:
            self._have_last_word(shard, raw_key)
        return fold.count

    def _have_last_word(self, shard: Shard, raw_key: bytes | None) -> None:
        """Let the next checkpoint write what a zombie wrote too: compaction keeps the last record of a key, whoever's."""
        try:
            table, key = self._codec.decode_key(raw_key)
        except ValueError as error:
            logger.error(  # noqa: TRY400 - no traceback
                "%s[%s]: somebody else wrote a record under %r, which is no state (%s): no worker will begin with it. "
                "Run `andon state repair`.",
                self.topic,
                shard.partition,
                raw_key,
                error,
            )
            return
        if table != MARK[0]:
            shard.dirty[table].add(key)

    def _check(self, shard: Shard, fold: Fold) -> None:
        """Compare what was read with the last checkpoint's mark."""
        here = f"{self.topic}[{shard.partition}]"
        if fold.unreadable_mark:
            msg = (
                f"{here}: the mark of the last checkpoint cannot be read ({fold.unreadable_mark})."
            )
            raise StateCorrupt(msg)
        if fold.mark is None:
            return
        shard.marked = fold.mark.applied
        if fold.mark.repaired:
            logger.warning("%s: its state was repaired, and begins as it was left then", here)
        if fold.missing:
            msg = (
                f"{here}: {fold.missing} of {fold.mark.records} records of state are missing. "
                "Nothing was changed. Restore the topic, and set its cleanup.policy to compact."
            )
            raise StateCorrupt(msg)

    def vouch(self, shard: Shard, topic: str, committed: int) -> None:
        """Check that the changelog knows of all that the group has committed as applied.

        Raises:
            StateCorrupt: it does not, so that its end, or all of it, is gone.
        """
        known = shard.marked.get(topic, 0)
        if committed > known:
            msg = (
                f"{self.topic}[{shard.partition}]: {topic} is committed up to offset {committed}, but the state knows "
                f"only of those before {known}: the topic was truncated or made anew, or the group's offsets were moved. "
                f"Nothing was changed. Restore the topic, or set the group's offset back to {known} "
                "(kafka-consumer-groups.sh --reset-offsets), which replays what is missing."
            )
            raise StateCorrupt(msg)

    def compare(self, shard: Shard, topic: str, end: int) -> None:
        """Check that a topic is at least as long as what the changelog knows of it as applied.

        Raises:
            StateCorrupt: it is shorter, so that what it holds now would be taken for applied.
        """
        known = shard.marked.get(topic, 0)
        if end < known:
            msg = (
                f"{topic}[{shard.partition}] ends at offset {end}, but {known} of it are applied: it was truncated or made "
                f"anew, and what it holds below offset {known} would be taken for applied. Nothing was changed. "
                "Restore the topic, or begin anew under another ANDON_PREFIX."
            )
            raise StateCorrupt(msg)

    async def _fill(
        self, shard: Shard, latest: Mapping[bytes | None, bytes | None], live: int
    ) -> None:
        for count, (raw_key, value) in enumerate(latest.items(), 1):
            if value is not None:
                try:
                    table, key = self._codec.decode_key(raw_key)
                    self._codec.weigh(table, len(value))
                    shard.add(table, key, self._codec.decode(table, value), value[4:], live)
                except ValueError as error:
                    msg = (
                        f"{self.topic}[{shard.partition}]: the state under {raw_key!r} cannot be read ({error}). "
                        "Nothing was changed. Run the version of andon that wrote it, or restore the topic."
                    )
                    raise StateCorrupt(msg) from error
            if not count % _SLICE:
                await asyncio.sleep(0)

    async def _overrule(self, shard: Shard, begin: int, end: int) -> None:
        """Mark the keys that a predecessor wrote in between as changed, so that ours is the last word.

        What a successor wrote is not ours to change: we are the zombie then, and will hear of it.
        """
        partition = TopicPartition(self.topic, shard.partition)
        foreign = 0
        async with _reader(self._consumer_options) as reader:
            reader.assign([partition])
            reader.seek(partition, begin)
            position = begin
            while position < end:
                fetched = await reader.getmany(partition, timeout_ms=1000)
                for record in fetched.get(partition, ()):
                    if record.offset < end:
                        epoch = self._codec.epoch(record.value, record.headers)
                        if epoch is None or epoch <= shard.epoch:
                            self._have_last_word(shard, record.key)
                        foreign += 1
                position = await reader.position(partition)
        self._metrics.foreign_writes.inc(foreign)
        logger.warning(
            "%s[%s]: %s records between offsets %s and %s were written by another worker; a predecessor's are overwritten",
            self.topic,
            shard.partition,
            foreign,
            begin,
            end,
        )


def _reader(options: dict[str, Any]) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(**options, auto_offset_reset="none", enable_auto_commit=False)


async def read_partition(options: dict[str, Any], topic: str, partition: int, fold: Fold) -> int:
    """Take all that a partition of a changelog has now into a fold, and return where it ends."""
    place = TopicPartition(topic, partition)
    async with _reader(options) as reader:
        reader.assign([place])
        end: int = (await reader.end_offsets([place]))[place]
        begin = (await reader.beginning_offsets([place]))[place]
        reader.seek(place, begin)
        while (await reader.position(place)) < end:
            fetched = await reader.getmany(place, timeout_ms=1000)
            for record in fetched.get(place, ()):
                fold.take(record)
    return end
