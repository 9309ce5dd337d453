"""What `andon doctor` asks a broker: nothing is changed by it, except by `clock`, which makes a topic and removes it."""

import time
from collections.abc import Mapping
from typing import Any, Final

from kafka import KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import KafkaError

from andon.streams.admin import BrokerLost, TopicError, quiet
from andon.streams.findings import ClockFacts, GroupFacts, TopicFacts
from andon.streams.group_admin import GroupAdmin
from andon.streams.security import kafka_python_config
from andon.streams.topics import FAMILIES, VERSION, topic_name

_PROBES: Final = 5
_SETTLE_SECONDS: Final = 10


class Checkup(GroupAdmin):
    """Asks a broker for the facts that `findings` judges; a context manager."""

    def brokers(self) -> list[int]:
        """Return the ids of the brokers, as far as they can be seen.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        with self._asking("describe the cluster"):
            try:
                found = self._client.describe_cluster()["brokers"]
                return sorted(one["broker_id"] for one in found)
            except KeyError:  # kafka-python expects more of an old answer than there is in it
                topics = self._client.describe_topics()
        parts = [part for topic in topics for part in topic["partitions"]]
        return sorted({one for part in parts for one in part["replica_nodes"]})

    def limits(self, broker: int) -> dict[str, str] | None:
        """Return a broker's configuration; None if it does not tell.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        resource = ConfigResource(ConfigResourceType.BROKER, str(broker))
        with self._asking("describe the broker's configuration"):
            described = self._client.describe_configs([resource], config_filter="all")
        return _values(described.get("broker", {}).get(str(broker), {})) or None

    def topics(self) -> dict[str, TopicFacts]:
        """Return this prefix's topics as they are.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to list them; what it says of their configuration may be missing.
        """
        known = {topic_name(self._settings, family) for family in FAMILIES}
        with self._asking("list topics"):
            described = [one for one in self._client.describe_topics() if one["name"] in known]
        configs = self._topic_configs([one["name"] for one in described])
        return {
            one["name"]: TopicFacts(
                partitions=len(one["partitions"]),
                replicas=min(len(part["replica_nodes"]) for part in one["partitions"]),
                in_sync=min(len(part["isr_nodes"]) for part in one["partitions"]),
                without_leader=sum(part["leader_id"] < 0 for part in one["partitions"]),
                config=configs.get(one["name"]),
            )
            for one in described
            if one["partitions"]
        }

    def _topic_configs(self, names: list[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        try:
            with self._asking("describe the topics' configuration"):
                described = self._client.describe_configs(resources, config_filter="all")
        except TopicError:
            return {}  # `check` says so
        return {name: _values(config) for name, config in described.get("topic", {}).items()}

    def group(self) -> GroupFacts:
        """Return the workers' group and how far it is.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        return GroupFacts(self.members(), tuple(self.lag()))

    def newest(self, topics: Mapping[str, TopicFacts], now: float) -> dict[str, float]:
        """Return by topic how far its newest record lies ahead of `now`, in seconds; empty topics are left out.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        parts = [
            TopicPartition(name, number)
            for name, facts in topics.items()
            if not facts.without_leader
            for number in range(facts.partitions)
        ]
        if not parts:
            return {}
        with self._asking("tell the newest records' times"):
            found = self._client.list_partition_offsets(
                dict.fromkeys(parts, OffsetSpec.MAX_TIMESTAMP)
            )
        ahead: dict[str, float] = {}
        for part, at in found.items():
            if at.timestamp is not None and at.timestamp >= 0:
                seconds = at.timestamp / 1000 - now
                ahead[part.topic] = max(ahead.get(part.topic, seconds), seconds)
        return ahead

    def room(self) -> dict[str, int]:
        """Return the free bytes of the brokers' disks, by broker and folder, as far as they tell (Kafka 3.3 and newer).

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        with self._asking("describe its disks"):
            found = self._client.describe_log_dirs()
        return {
            f"broker {one['broker']}, {folder['log_dir']}": int(folder["usable_bytes"])
            for one in found
            for folder in one["log_dirs"]
            if folder.get("usable_bytes", -1) >= 0
        }

    def clock(self) -> ClockFacts:
        """Measure the broker's clock: a topic whose records it dates itself is made, written to, and removed.

        Of a few records that with the shortest way there and back counts: the broker dated it in between.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses the topic or the record.
        """
        name = f"{self._settings.prefix}.doctor.v{VERSION}"
        dated = {"message.timestamp.type": "LogAppendTime", "retention.ms": "3600000"}
        shape: dict[str, Any] = {"num_partitions": 1, "replication_factor": 1, "configs": dated}
        with self._asking(f"make topic {name}"):
            self._client.create_topics({name: shape})
            self._client.wait_for_topics([name])
        try:
            return min(self._dated(name), key=lambda one: one.within)
        finally:
            with self._asking(f"remove topic {name}"):
                self._client.delete_topics([name])

    def _dated(self, topic: str) -> list[ClockFacts]:
        try:
            with quiet():
                producer = KafkaProducer(**kafka_python_config(self._settings), linger_ms=0)
                try:
                    return [_one_way(producer, topic) for _ in range(_PROBES)]
                finally:
                    producer.close()
        except (KafkaError, OSError) as error:
            msg = f"the broker at {self._settings.broker} took no record of topic {topic}: {error}"
            raise BrokerLost(msg) from error


def _one_way(producer: KafkaProducer, topic: str) -> ClockFacts:
    before = time.time()
    written = producer.send(topic, b"andon doctor", partition=0).get(timeout=_SETTLE_SECONDS)
    after = time.time()
    return ClockFacts(written.timestamp / 1000 - (before + after) / 2, (after - before) / 2)


def _values(config: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(one["value"]) for key, one in config.items() if one.get("value") is not None}
