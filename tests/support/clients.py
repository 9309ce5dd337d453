"""A producer, a consumer and an admin client of a broker, made when they are first needed and closed together."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Self

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from andon.streams.coordinator import asked_of_coordinator
from andon.streams.settings import Settings
from andon.streams.topics import topic_name


class Clients:
    """Clients of one broker for the topics of some settings; a context manager."""

    def __init__(
        self,
        settings: Settings,
        *,
        producer: dict[str, Any] | None = None,
        consumer: dict[str, Any] | None = None,
    ) -> None:
        self.settings = settings
        self._options = {"producer": producer or {}, "consumer": consumer or {}}

    @cached_property
    def producer(self) -> KafkaProducer:
        """Publishes."""
        return KafkaProducer(bootstrap_servers=self.settings.servers, **self._options["producer"])

    @cached_property
    def consumer(self) -> KafkaConsumer:
        """Reads, as a member of no group."""
        return KafkaConsumer(
            bootstrap_servers=self.settings.servers, group_id=None, **self._options["consumer"]
        )

    @cached_property
    def admin(self) -> KafkaAdminClient:
        """Asks about groups."""
        return KafkaAdminClient(bootstrap_servers=self.settings.servers)

    def publish(self, records: Iterable[tuple[str, bytes | None, bytes | None]]) -> None:
        """Publish records as they are: family, key, value; one that the broker refuses raises."""
        sent = [
            self.producer.send(topic_name(self.settings, family), key=key, value=value)
            for family, key, value in records
        ]
        self.producer.flush()
        for one in sent:
            one.get(10)

    def read(self, family: str) -> Iterator[Any]:
        """Yield every record of a family's topic, each partition's in its order."""
        consumer, partitions = self.consumer, self._partitions(family)
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(tp) < ends[tp] for tp in partitions):
            for records in consumer.poll(timeout_ms=200).values():
                yield from records

    def committed(self, families: Iterable[str]) -> dict[TopicPartition, int]:
        """Return the group's committed offsets of some topics; asked of the broker, never as a member of the group."""
        group = self.settings.app_id
        wanted = [tp for family in families for tp in self._partitions(family)]
        found = asked_of_coordinator(
            self.admin, group, lambda: self.admin.list_group_offsets({group: wanted})[group]
        )
        return {tp: max(found[tp].offset, 0) if tp in found else 0 for tp in wanted}

    def all_committed(self, *families: str) -> bool:
        """Whether everything in some topics is applied and committed."""
        offsets = self.committed(families)
        ends = self.consumer.end_offsets(list(offsets))
        return all(offsets[tp] >= end for tp, end in ends.items())

    def _partitions(self, family: str) -> list[TopicPartition]:
        topic = topic_name(self.settings, family)
        return [TopicPartition(topic, number) for number in range(self.settings.partitions)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("producer", "consumer", "admin"):
            if name in self.__dict__:
                self.__dict__[name].close()
