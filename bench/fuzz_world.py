"""One partition in process: all agents, what they write, and the internal messages that one makes another hear."""

import time
from collections import deque
from typing import Any, Final, NamedTuple

from aiokafka.structs import ConsumerRecord

from andon.agents.context import Context, rules_of
from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS, TABLES
from andon.agents.topology import AGENTS
from andon.agents.wide_disruptions import decide_urgent, update_shipments
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.metrics import Metrics
from andon.streams.settings import load_settings
from andon.streams.state import Codec, Shard

#: A message of a shipment's line makes a book: so many of one shipment are followed.
_FOLLOWED: Final = 8


class Cost(NamedTuple):
    """What one record cost: of which family, seconds of CPU, and the largest record of state that it wrote."""

    family: str
    seconds: float
    largest: int
    table: str


class World:
    """The state of one partition, with agents to apply records to it one by one."""

    def __init__(self) -> None:
        settings = load_settings(partitions=1)
        self.context = Context(rules_of(settings), Metrics())
        self.shard = Shard(0, {spec.name: spec for spec in TABLES}, 1)
        self.rejected: list[str] = []
        self._agents = {agent.reads: agent.make(self.context) for agent in AGENTS}
        self._codec = Codec(self.shard.specs)
        self._offset = 0

    def play(self, family: str, key: str, value: bytes | None, at: float) -> list[Cost]:
        """Apply a record of a family, written at `at` (seconds since 1970), and what follows from it; return what each cost."""
        costs = []
        waiting = deque([(family, key.encode(), value, at, ())])
        while waiting:
            name, *record, headers = waiting.popleft()
            costs.append(self._apply(name, *record, headers, waiting))
            if family == "delays":
                costs += self._work_off(waiting)
        return costs

    def _apply(
        self, family: str, key: bytes, value: bytes | None, at: float, headers: Any, waiting: Any
    ) -> Cost:
        record = ConsumerRecord(
            family, 0, self._offset, int(at * 1000), 0, key, value, None, 0, 0, headers
        )
        self._offset += 1
        batch = RecordBatch(
            family, 0, [record], begin=record.offset, end=self._offset, generation=1
        )
        effects = Effects(family, 0, "deadletters", self.context.metrics)
        begin = time.process_time()
        self._agents[family](self.shard, batch, effects)
        largest, table = self._write()
        spent = time.process_time() - begin
        for one in effects.outgoing:
            if one.topic == "deadletters":
                self.rejected.append(dict(one.headers)["andon-reason"].decode())
            else:
                waiting.append((family, one.key, one.value, at, tuple(one.headers)))
        self._hear(at, waiting)
        return Cost(family, spent, largest, table)

    def _work_off(self, waiting: Any) -> list[Cost]:
        """Do what a wide disruption leaves to a timer, slice by slice."""
        costs = []
        for work in (decide_urgent, update_shipments):
            slices = work(self.shard, self.context)
            done = object()
            while True:
                begin = time.process_time()
                over = next(slices, done) is done
                largest, table = self._write()
                costs.append(Cost(work.__name__, time.process_time() - begin, largest, table))
                self._hear(0.0, waiting)
                if over:
                    break
        return costs

    def _write(self) -> tuple[int, str]:
        """Encode what changed, as a checkpoint would, and return the size of the largest record, and its table."""
        largest, where = 0, ""
        for table, key in self.shard.take_dirty():
            record = self.shard.tables[table].get(key)
            size = 0 if record is None else len(self._codec.encode(record, 1)) + len(key.encode())
            if size > largest:
                largest, where = size, table
        return largest, where

    def _hear(self, at: float, waiting: Any) -> None:
        """Publish what waits in outboxes, to the agents and views of this very partition."""
        clock = max(at, self.shard.get(PARTITIONS, PARTITION_STATE).watermark)
        for table, key in list(self.shard.pending_outboxes):
            record = self.shard.tables[table].get(key)
            followed = 0
            for message in [] if record is None else record.outbox:
                if message.family == "lines":
                    followed += 1
                    if followed > _FOLLOWED and message.key not in self.shard.tables[BOOKS]:
                        continue
                self._tell(message, clock, waiting)
            if record is not None:
                record.outbox.clear()
        self.shard.pending_outboxes.clear()

    def _tell(self, message: Any, at: float, waiting: Any) -> None:
        if message.family in self._agents:
            waiting.append((message.family, message.key.encode(), message.body, at, ()))
        views = {
            "scorecards": self.context.scorecards,
            "surplus": self.context.surpluses,
            "pools": self.context.pools,
        }
        view = views.get(message.family)
        if view is not None:
            view.learn(message.key.encode(), message.body)
