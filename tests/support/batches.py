"""Batches and shards without a broker, for what agents do with single records."""

from collections import Counter
from typing import Any

from aiokafka.structs import ConsumerRecord

from andon.agents.context import context_of
from andon.agents.tables import TABLES
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.metrics import Metrics
from andon.streams.producer import partition_of
from andon.streams.settings import load_settings
from andon.streams.state import Shard

PARTITIONS = 4


class Bench:
    """One shard, its agents, and what came out of them."""

    def __init__(self, key: str = "S/A", **settings: Any) -> None:
        self.settings = load_settings(partitions=PARTITIONS, **settings)
        self.context = context_of(self.settings, Metrics())
        self.partition = partition_of(key.encode(), PARTITIONS)
        self.shard = Shard(self.partition, {spec.name: spec for spec in TABLES}, 1)
        self.effects = Effects(
            "andon.pos.v1", self.partition, "andon.deadletters.v1", self.context.metrics
        )
        #: What had to be said before the rest of a batch could be applied.
        self.said: list[Any] = []
        self._offset = 0

    def record(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None = b"S/A",
        *,
        timestamp: float,
        headers: tuple[tuple[str, bytes], ...] = (),
        offset: int | None = None,
    ) -> Any:
        """Return a record at the next offset."""
        if offset is None:
            offset = self._offset
            self._offset += 1
        return ConsumerRecord(
            topic,
            self.partition,
            offset,
            int(timestamp * 1000),
            0,
            key,
            value,
            None,
            len(key or b""),
            len(value or b""),
            headers,
        )

    def batch(self, records: list[Any]) -> RecordBatch:
        """Return records as one batch."""
        return RecordBatch(
            records[0].topic,
            self.partition,
            records,
            begin=records[0].offset,
            end=records[-1].offset + 1,
            generation=1,
        )

    def apply(self, agent: Apply, *records: Any) -> None:
        """Apply records as one batch."""
        batch = self.batch(list(records))
        self.effects.topic = batch.topic
        while len(batch):
            self.shard.is_crowded, self.effects.left_at = False, None
            agent(self.shard, batch, self.effects)
            if self.effects.left_at is None:
                break
            applied, batch = batch.divided(self.effects.left_at)
            if not len(applied):
                self._say()

    def _say(self) -> None:
        """Publish what waits, as the engine always does before it goes on with what was left."""
        for table, key in self.shard.pending_outboxes:
            outbox = self.shard.tables[table][key].outbox
            self.said += outbox
            outbox.clear()
        self.shard.pending_outboxes.clear()

    def outcomes(self) -> dict[str, int]:
        """Return how many events had which outcome."""
        counts: Counter[str] = Counter()
        for family in self.context.metrics.events.collect():
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    counts[sample.labels["outcome"]] += int(sample.value)
        return dict(counts)

    def dead_letters(self) -> list[tuple[bytes | None, str]]:
        """Return value and reason of each dead letter."""
        return [
            (letter.value, dict(letter.headers)["andon-reason"].decode())
            for letter in self.effects.outgoing
            if letter.topic == "andon.deadletters.v1"
        ]

    def put_back(self) -> list[Any]:
        """Return what was put back."""
        return [one for one in self.effects.outgoing if one.topic != "andon.deadletters.v1"]
