"""The rehearsal's machine with a forecaster, and what each row of the topology did in it."""

from collections import defaultdict
from contextlib import asynccontextmanager
from types import SimpleNamespace

import msgspec

from andon.agents.forecaster import Fitted, Forecaster, ForecasterMetrics
from andon.agents.topology import FORECASTER
from andon.rehearsal import machine
from andon.schemas.common import encode
from andon.schemas.families import FAMILIES
from andon.streams.settings import load_settings

PARTITIONS = 2
_ENCODE = msgspec.msgpack.Encoder().encode
_ALERTS = ("replenishment", "replenishment.shadow", "disruptions")


class Deeds:
    """What a row of the topology did, all told."""

    def __init__(self):
        #: Tables with a record that it changed, if only by what that says.
        self.wrote = set()
        #: Families of the messages that its records published.
        self.published = set()
        #: Families of the topics on which it put records back.
        self.put_back = set()
        #: Whether it sent anything to the dead letters.
        self.rejected = False


class Machine(machine.Machine):
    """A machine that watches itself."""

    def __init__(self):
        self.deeds = defaultdict(Deeds)
        self.heard = []
        #: Which families the records of a table published.
        self.spoken = defaultdict(set)
        #: Which record published under which key: there must be one for each.
        self.writers = defaultdict(set)
        #: What was changed and not marked as changed, so that no checkpoint would have written it.
        self.unmarked = set()
        self.written = set()
        self._row = self._reading = ""
        super().__init__(load_settings(partitions=PARTITIONS))

    def hear(self, family, record, *, key=None, partition=None):
        """Let the world publish an event; under the key that it should have, unless another is given."""
        key = FAMILIES[family].key_of(record).encode() if key is None else key
        self.send(family, key, encode(record), partition=partition)

    def writes(self, shard, keys):
        for table, key in keys:
            record = shard.tables[table].get(key)
            self.written.add((shard.partition, table, key))
            if record is not None and record.outbox:
                self.deeds[self._row].wrote.add(table)
            for message in () if record is None else record.outbox:
                self.spoken[table].add(message.family)
                self.deeds[self._row].published.add(message.family)
                writer = shard.partition, table, key
                self.writers[message.family, message.key].add(writer)

    def publishes(self, record):
        family, deeds = self.families[record.topic], self.deeds[self._row]
        if family == "deadletters":
            deeds.rejected = True
        elif record.topic == self._reading:
            deeds.put_back.add(family)
        super().publishes(record)

    def says(self, family, record):
        if family in _ALERTS:
            self.heard.append(record.value)

    async def look(self):
        await super().look()
        for shard in self.engine.shards:
            assert not shard.pending_outboxes, "a timer leaves nothing unsaid"

    async def fit(self, requests):
        async with self.doing(FORECASTER.name):
            forecaster = Forecaster(self.settings, ForecasterMetrics())
            forecaster._producer = SimpleNamespace(publish=self._publish_shapes)
            forecaster._in_pool = self._fit_flat
            await forecaster._see_to(requests)
            await forecaster._consumer.stop()

    async def _publish_shapes(self, records):
        for one in records:
            family = self.families[one.topic]
            if family != "deadletters":
                self.deeds[self._row].published.add(family)
            self.publishes(one)

    async def _fit_flat(self, request):
        days = len(request.sold) + request.horizon_days
        return Fitted([1.0] * days, "nothing", request.first_day, 0.0)

    @asynccontextmanager
    async def doing(self, name, topic=""):
        """Compare the state before a row of the topology does something with the state afterwards."""
        self._row, self._reading, self.written = name, topic, set()
        before = self.contents()
        for shard in self.engine.shards:
            for keys in shard.dirty.values():
                keys.clear()
        yield
        after = self.contents()
        marked = {
            (shard.partition, table, key)
            for shard in self.engine.shards
            for table, keys in shard.dirty.items()
            for key in keys
        }
        specs = self.engine.shards.specs
        for place in before.keys() | after.keys():
            _, table, key = place
            new = after.get(place)
            if new == (before.get(place) or _ENCODE(specs[table].new(key))):
                continue
            self.deeds[name].wrote.add(table)
            if place not in marked | self.written:
                self.unmarked.add((name, place))

    def contents(self):
        """Return every record there is, encoded."""
        return {
            (shard.partition, table, key): _ENCODE(records.peek(key))
            for shard in self.engine.shards
            for table, records in shard.tables.items()
            for key in records
        }
