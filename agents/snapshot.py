"""A snapshot: the live state as its changelog has it, for those who look at it and touch nothing.

It is read with the engine's own codec and rules, by a changelog whose producer is never started: nothing can be written.
"""

from collections.abc import Iterable

from andon.agents.tables import PARTITION_STATE, PARTITIONS, TABLES
from andon.planning.supply.disruption import Disruption
from andon.streams.changelog import Changelog
from andon.streams.metrics import Metrics
from andon.streams.producer import Producer
from andon.streams.security import aiokafka_config
from andon.streams.settings import Settings
from andon.streams.state import Codec, Shard
from andon.streams.topics import topic_name

#: All books are looked at, so that none needs to be packed.
_ALL = 2**62


class Snapshot:
    """The shards of all partitions at one moment."""

    def __init__(self, shards: list[Shard]) -> None:
        self.shards = shards

    @property
    def at(self) -> float:
        """The latest event time that any partition has seen, seconds since 1970; 0 if none."""
        return max(
            (shard.get(PARTITIONS, PARTITION_STATE).watermark for shard in self.shards), default=0.0
        )

    @property
    def disruptions(self) -> dict[str, Disruption]:
        """The wide disruptions known to any partition."""
        found: dict[str, Disruption] = {}
        for shard in self.shards:
            found.update(shard.get(PARTITIONS, PARTITION_STATE).disruptions)
        return found

    def records(self, table: str) -> dict[str, object]:
        """Return a table over all partitions."""
        return {key: record for shard in self.shards for key, record in shard.tables[table].items()}


async def read_snapshot(settings: Settings, partitions: Iterable[int]) -> Snapshot:
    """Return the live state of these partitions; empty if there is none yet.

    Raises:
        StateCorrupt: a record cannot be decoded.
    """
    options = aiokafka_config(settings)
    specs = {spec.name: spec for spec in TABLES}
    codec, topic = Codec(specs), topic_name(settings, "state")
    changelog = Changelog(topic, codec, Producer(options), options, Metrics())
    shards = []
    for number in partitions:
        shard = Shard(number, specs, 0)
        await changelog.read(shard, _ALL)
        shards.append(shard)
    return Snapshot(shards)
