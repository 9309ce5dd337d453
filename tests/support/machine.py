"""The machine of the topology without a broker: every agent, view, timer and the forecaster, and what each of them did."""

import asyncio
from collections import defaultdict
from itertools import count
from types import SimpleNamespace

import msgspec
from aiokafka.structs import ConsumerRecord

from andon.agents.alerts import composer, fence
from andon.agents.context import Context, rules_of
from andon.agents.forecaster import Fitted, Forecaster, ForecasterMetrics
from andon.agents.tables import TABLES, open_alerts
from andon.agents.topology import AGENTS, FORECASTER, TIMERS, VIEWS
from andon.schemas.common import encode
from andon.schemas.families import FAMILIES
from andon.streams.batches import RecordBatch
from andon.streams.engine import Engine
from andon.streams.metrics import Metrics
from andon.streams.producer import partition_of
from andon.streams.settings import load_settings
from andon.streams.state import Shard, Shards
from andon.streams.topics import topic_name

PARTITIONS = 2
_ENCODE = msgspec.msgpack.Encoder().encode


class Deeds:
    """What a row of the topology did, all told."""

    def __init__(self):
        #: Tables with a record that it changed.
        self.wrote = set()
        #: Families of the messages that its records published.
        self.published = set()
        #: Families of the topics on which it put records back.
        self.put_back = set()
        #: Whether it sent anything to the dead letters.
        self.rejected = False


class _Changelog:
    """Remembers which records were written, and what waited in their outboxes then."""

    def __init__(self, machine):
        self.machine = machine

    async def write(self, shard, keys, applied=None):
        for table, key in keys:
            record = shard.tables[table].get(key)
            self.machine.written.add((shard.partition, table, key))
            for message in () if record is None else record.outbox:
                self.machine.see_message(shard.partition, table, key, message)
        return len(keys)


class _Producer:
    """Puts what is published on the machine's topics."""

    def __init__(self, machine):
        self.machine = machine

    async def publish(self, records):
        for one in records:
            self.machine.see_record(one)


class _App:
    """An app that lets a timer do its work once."""

    def __init__(self, machine):
        self.engine = machine.engine
        self.settings = machine.settings
        self._rounds = iter((False,))

    @property
    def should_stop(self):
        return next(self._rounds, True)

    async def sleep(self, _):
        await asyncio.sleep(0)


class Machine:
    """Topics as lists, the shards of all partitions in one worker, and the rows of the topology at work on them."""

    def __init__(self):
        self.settings = load_settings(partitions=PARTITIONS)
        metrics = Metrics()
        self.context = Context(rules_of(self.settings), metrics)
        shards = Shards(TABLES)
        self.engine = Engine(
            shards,
            _Changelog(self),
            _Producer(self),
            metrics,
            deadletter_topic=topic_name(self.settings, "deadletters"),
            compose=composer(self.settings, metrics),
            survey=open_alerts,
            fence=fence,
            max_dirty_keys=10**9,
            max_live_records=10**9,
        )
        for number in range(PARTITIONS):
            shards.owned[number] = Shard(number, shards.specs, 1)
        self.engine.generation = 1
        self.families = {topic_name(self.settings, family): family for family in FAMILIES}
        self.now = 0.0
        self.deeds = defaultdict(Deeds)
        self.heard = []
        #: Which families the records of a table published.
        self.spoken = defaultdict(set)
        #: Which record published under which key: there must be one for each.
        self.writers = defaultdict(set)
        #: What was changed and not marked as changed, so that no checkpoint would have written it.
        self.unmarked = set()
        self.written = set()
        self._row = ""
        self._waiting = defaultdict(list)
        self._offsets = defaultdict(count)
        self._agents = [(row, row.make(self.context)) for row in AGENTS]
        self._views = {row.reads: row.learns(self.context) for row in VIEWS}

    # What is published

    def send(self, family, record, *, key=None, partition=None):
        """Let the world publish an event; under the key that it should have, unless another is given."""
        key = FAMILIES[family].key_of(record).encode() if key is None else key
        self.send_bytes(family, key, encode(record), partition=partition)

    def send_bytes(self, family, key, value, headers=(), partition=None):
        if partition is None:
            partition = partition_of(key, PARTITIONS)
        offset = next(self._offsets[family, partition])
        at = int(self.now * 1000)
        sizes = len(key or b""), len(value or b"")
        record = ConsumerRecord(
            topic_name(self.settings, family),
            partition,
            offset,
            at,
            0,
            key,
            value,
            None,
            *sizes,
            tuple(headers),
        )
        self._waiting[family, partition].append(record)

    def see_message(self, partition, table, key, message):
        self.spoken[table].add(message.family)
        self.deeds[self._row].published.add(message.family)
        self.writers[message.family, message.key].add((partition, table, key))

    def see_record(self, one):
        family, deeds = self.families[one.topic], self.deeds[self._row]
        if family == "deadletters":
            deeds.rejected = True
        elif one.topic == self._reading:
            deeds.put_back.add(family)
        self.send_bytes(family, one.key, one.value, one.headers, one.partition)

    # What is done

    async def settle(self):
        """Let agents, views and the forecaster go on until nothing waits for them."""
        while any(self._waiting.values()):
            for family in ("replenishment", "replenishment.shadow", "disruptions"):
                self.heard += [record.value for record in self._take(family)]
            for family in ("forecasts", "deadletters"):
                self._take(family)
            for row, apply in self._agents:
                for partition in range(PARTITIONS):
                    records = self._waiting.pop((row.reads, partition), [])
                    if records:
                        await self._apply(row.reads, apply, partition, records)
            for family, learn in self._views.items():
                for record in self._take(family):
                    learn(record.key, record.value)
            requests = self._take(FORECASTER.reads)
            if requests:
                await self._forecast(requests)

    async def look(self):
        """Let every timer do its work once."""
        for row in TIMERS:
            self.context.disrupted.set()  # so that nobody waits for it
            async with self._doing(row.name):
                await row.run(_App(self), self.context)
                for shard in self.engine.shards:
                    assert not shard.pending_outboxes, "a timer leaves nothing unsaid"
            await self.settle()

    def _take(self, family):
        return [
            record
            for partition in range(PARTITIONS)
            for record in self._waiting.pop((family, partition), [])
        ]

    async def _apply(self, name, apply, partition, records):
        topic = topic_name(self.settings, name)
        batch = RecordBatch(
            topic,
            partition,
            records,
            begin=records[0].offset,
            end=records[-1].offset + 1,
            generation=1,
        )
        async with self._doing(name, topic):
            await self.engine.handle(batch, apply)

    async def _forecast(self, records):
        async with self._doing(FORECASTER.name):
            forecaster = Forecaster(self.settings, ForecasterMetrics())
            forecaster._producer = SimpleNamespace(publish=self._publish_shapes)
            forecaster._in_pool = self._fit
            await forecaster._see_to(records)
            await forecaster._consumer.stop()

    async def _publish_shapes(self, records):
        for one in records:
            family = self.families[one.topic]
            if family != "deadletters":
                self.deeds[self._row].published.add(family)
            self.see_record(one)

    async def _fit(self, request):
        days = len(request.sold) + request.horizon_days
        return Fitted([1.0] * days, "nothing", request.first_day, 0.0)

    def _doing(self, name, topic=""):
        return _Doing(self, name, topic)

    def contents(self):
        """Return every record there is, encoded."""
        return {
            (shard.partition, table, key): _ENCODE(records.peek(key))
            for shard in self.engine.shards
            for table, records in shard.tables.items()
            for key in records
        }


class _Doing:
    """Compares the state before a row of the topology does something with the state afterwards."""

    def __init__(self, machine, name, topic):
        self.machine, self.name, self.topic = machine, name, topic

    async def __aenter__(self):
        machine = self.machine
        machine._row, machine._reading = self.name, self.topic
        machine.written = set()
        self.before = machine.contents()
        for shard in machine.engine.shards:
            for keys in shard.dirty.values():
                keys.clear()

    async def __aexit__(self, kind, error, trace):
        machine = self.machine
        after = machine.contents()
        marked = {
            (shard.partition, table, key)
            for shard in machine.engine.shards
            for table, keys in shard.dirty.items()
            for key in keys
        }
        specs = machine.engine.shards.specs
        for place in self.before.keys() | after.keys():
            _, table, key = place
            new = after.get(place)
            before = self.before.get(place) or _ENCODE(specs[table].new(key))
            if new == before:
                continue
            machine.deeds[self.name].wrote.add(table)
            if place not in marked | machine.written:
                machine.unmarked.add((self.name, place))
