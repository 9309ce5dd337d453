"""The machine of the topology without a broker: topics are lists, and one worker in this process owns every partition.

The agents, views and timers are the worker's own, and so is the engine; only what they would write to a broker comes back here.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Final, cast

from aiokafka.structs import ConsumerRecord

from andon.agents.alerts import composer, fence
from andon.agents.context import Context, rules_of
from andon.agents.tables import PARTITION_STATE, PARTITIONS, TABLES, open_alerts
from andon.agents.topology import AGENTS, FORECASTER, TIMERS, VIEWS
from andon.planning.decision.network import TransferTerms
from andon.schemas.families import FAMILIES
from andon.streams.app import AndonApp
from andon.streams.batches import RecordBatch
from andon.streams.changelog import Changelog
from andon.streams.engine import Apply, Engine
from andon.streams.metrics import Metrics
from andon.streams.producer import Outgoing, Producer, partition_of
from andon.streams.settings import Settings
from andon.streams.state import Codec, Shard, Shards
from andon.streams.topics import topic_name

#: What nobody in here reads: it is taken off the topics as soon as it is there, and handed to `publishes`.
_SAID: Final = (
    "replenishment",
    "replenishment.shadow",
    "disruptions",
    "forecasts",
    "orders",
    "allocations",
    "deadletters",
)
#: The timers that have nothing to say are left out.
_TIMERS: Final = tuple(row for row in TIMERS if row.writes)
_ENDLESS: Final = 10**9


class _Changelog(Changelog):
    """Writes nothing: what is in memory is all there is."""

    def __init__(self, machine: "Machine") -> None:
        options: dict[str, Any] = {}
        codec = Codec({spec.name: spec for spec in TABLES})
        super().__init__("", codec, Producer(options), options, machine.metrics)
        self._machine = machine

    async def write(
        self,
        shard: Shard,
        keys: Sequence[tuple[str, str]],
        applied: Mapping[str, int] | None = None,
    ) -> int:
        """Let the machine know what would have been written."""
        del applied
        self._machine.writes(shard, keys)
        return len(keys)


class _Producer(Producer):
    """Puts what is published on the machine's topics."""

    def __init__(self, machine: "Machine") -> None:
        super().__init__({})
        self._machine = machine

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Hand the records to the machine."""
        for one in records:
            self._machine.publishes(one)


class _OneRound:
    """An app that lets a timer do its work once."""

    def __init__(self, machine: "Machine") -> None:
        self.engine = machine.engine
        self.settings = machine.settings
        self._rounds = iter((False,))

    @property
    def should_stop(self) -> bool:
        """Whether the round is over."""
        return next(self._rounds, True)

    async def sleep(self, _: float) -> None:
        """Rest no longer than others need for a turn."""
        await asyncio.sleep(0)


class Machine:
    """Topics as lists, the shards of all partitions in one worker, and the rows of the topology at work on them.

    A record that is sent is written at the time `now`, seconds since 1970, which whoever drives the machine moves on. Shapes that are
    asked for are fitted only by a subclass: see `fit`.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.partitions = settings.partitions
        self.metrics = Metrics(settings.metrics_locations)
        transfers = TransferTerms(settings.transfer_days, settings.transfer_cost_rate)
        self.context = Context(rules_of(settings), self.metrics, transfers=transfers)
        shards = Shards(TABLES)
        self.engine = Engine(
            shards,
            _Changelog(self),
            _Producer(self),
            self.metrics,
            deadletter_topic=topic_name(settings, "deadletters"),
            compose=composer(settings, self.metrics),
            survey=open_alerts,
            fence=fence,
            max_dirty_keys=_ENDLESS,
            max_live_records=_ENDLESS,
        )
        for number in range(self.partitions):
            shards.owned[number] = Shard(number, shards.specs, 1)
        self.engine.generation = 1
        self.families = {topic_name(settings, family): family for family in FAMILIES}
        self.now = 0.0
        self._waiting: defaultdict[tuple[str, int], list[Any]] = defaultdict(list)
        self._offsets: defaultdict[tuple[str, int], Callable[[], int]] = defaultdict(
            lambda: count().__next__
        )
        self._agents = [(row.reads, row.make(self.context)) for row in AGENTS]
        self._views = {row.reads: row.learns(self.context) for row in VIEWS}
        for row in VIEWS:
            row.hears_the_end(self.context)()

    # What a subclass may want to know or to do

    def writes(self, shard: Shard, keys: Sequence[tuple[str, str]]) -> None:
        """Take note of records that the changelog would have been given."""

    def publishes(self, record: Outgoing) -> None:
        """Put a record that the machine itself publishes on its topic."""
        family = self.families[record.topic]
        self.send(family, record.key, record.value, record.headers, record.partition)

    def says(self, family: str, record: Any) -> None:
        """Take in an alert, a forecast, a purchase order or a dead letter."""

    async def fit(self, requests: list[Any]) -> None:
        """Answer requests for shapes; here nobody does, as if no forecaster ran beside the worker."""

    @asynccontextmanager
    async def doing(self, name: str, topic: str = "") -> AsyncIterator[None]:
        """Surround what a row of the topology does; an agent reads a topic."""
        del name, topic
        yield

    # What is published

    def send(
        self,
        family: str,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        partition: int | None = None,
    ) -> None:
        """Publish a record on a family's topic; without a partition its key decides."""
        if partition is None:
            partition = 0 if key is None else partition_of(key, self.partitions)
        record: Any = ConsumerRecord(
            topic_name(self.settings, family),
            partition,
            self._offsets[family, partition](),
            int(self.now * 1000),
            0,
            key,
            value,
            None,
            len(key or b""),
            len(value or b""),
            tuple(headers),
        )
        self._waiting[family, partition].append(record)

    # What is done

    async def settle(self) -> None:
        """Let agents, views and whoever fits go on until nothing waits for them."""
        while any(self._waiting.values()):
            for family in _SAID:
                for record in self._take(family):
                    self.says(family, record)
            for family, apply in self._agents:
                for partition in range(self.partitions):
                    records = self._waiting.pop((family, partition), [])
                    if records:
                        await self._apply(family, apply, partition, records)
            for family, learn in self._views.items():
                for record in self._take(family):
                    learn(record.key, record.value)
            requests = self._take(FORECASTER.reads)
            if requests:
                await self.fit(requests)

    async def look(self) -> None:
        """Let every timer that has something to do with the state do its work once."""
        for row in _TIMERS:
            self.context.disrupted.set()  # so that nobody waits for it
            async with self.doing(row.name):
                await row.run(cast(AndonApp, _OneRound(self)), self.context)
            await self.settle()

    def see(self, at: float) -> None:
        """Let time come as far as `at` in every partition, as events of other items would."""
        for shard in self.engine.shards:
            shard.get(PARTITIONS, PARTITION_STATE).see(at)
            shard.touch(PARTITIONS, PARTITION_STATE)

    def record(self, table: str, key: str) -> Any:
        """Return the record of a table under a key, or None; its place is where the key belongs."""
        shard = self.engine.shards.get(partition_of(key.encode(), self.partitions))
        return None if shard is None else shard.tables[table].peek(key)

    def _take(self, family: str) -> list[Any]:
        return [
            record
            for partition in range(self.partitions)
            for record in self._waiting.pop((family, partition), [])
        ]

    async def _apply(self, family: str, apply: Apply, partition: int, records: list[Any]) -> None:
        topic = topic_name(self.settings, family)
        batch = RecordBatch(
            topic,
            partition,
            records,
            begin=records[0].offset,
            end=records[-1].offset + 1,
            generation=1,
        )
        async with self.doing(family, topic):
            await self.engine.handle(batch, apply)
