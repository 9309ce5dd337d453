"""Topic administration by kafka-python: what is not in the hot path."""

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from andon.streams.security import kafka_python_config
from andon.streams.settings import Settings
from andon.streams.topics import TOPICS, TopicSpec, topic_name

_TIMEOUT_MS = 5000


class BrokerUnavailable(ConnectionError):
    """No Kafka broker answers; the text says where and what to do."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with a topic, in a sentence that says what to do; a warning does not stop a worker."""

    topic: str
    text: str
    fatal: bool = True


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep kafka-python's own complaints about a missing broker to itself: ours say what to do."""
    logger = logging.getLogger("kafka")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def answers(bootstrap: str) -> bool:
    """Whether a broker without security answers there now."""
    try:
        with quiet():
            client = KafkaAdminClient(
                bootstrap_servers=bootstrap, request_timeout_ms=2000, bootstrap_timeout_ms=1000
            )
            try:
                client.list_topics()
            finally:
                client.close()
    except (KafkaError, OSError):
        return False
    return True


class TopicAdmin:
    """Creates, lists and checks the topics; a context manager."""

    def __init__(self, settings: Settings) -> None:
        """Connect.

        Raises:
            BrokerUnavailable: nobody answers within five seconds.
        """
        self._settings = settings
        try:
            with quiet():
                self._client = KafkaAdminClient(
                    **kafka_python_config(settings),
                    request_timeout_ms=_TIMEOUT_MS * 2,
                    bootstrap_timeout_ms=_TIMEOUT_MS,
                )
        except (KafkaError, OSError) as error:
            msg = (
                f"no Kafka broker answers at {settings.broker}: start one, name another with "
                "--broker host:port, or run `andon up`, which brings its own"
            )
            raise BrokerUnavailable(msg) from error

    def create(self, specs: Sequence[TopicSpec] = TOPICS) -> dict[str, bool]:
        """Create the topics that are missing; return for each whether it was made now."""
        settings = self._settings
        existing = set(self.existing())
        wanted = {topic_name(settings, spec.family): spec for spec in specs}
        missing = {
            name: {
                "num_partitions": settings.partitions,
                "replication_factor": settings.replication_factor,
                "configs": spec.config(settings),
            }
            for name, spec in wanted.items()
            if name not in existing
        }
        if missing:
            self._client.create_topics(missing)
            self._client.wait_for_topics(list(missing))
        return {name: name in missing for name in wanted}

    def existing(self) -> dict[str, int]:
        """Return this prefix's topics and their numbers of partitions."""
        prefix = f"{self._settings.prefix}."
        return {
            topic["name"]: len(topic["partitions"])
            for topic in self._client.describe_topics()
            if topic["name"].startswith(prefix)
        }

    def check(self) -> list[Problem]:
        """Return what is wrong with the topics; nothing is a good answer."""
        settings = self._settings
        existing = self.existing()
        problems = []
        for spec in TOPICS:
            name = topic_name(settings, spec.family)
            partitions = existing.get(name)
            if partitions is None:
                text = f"topic {name} is missing: run `andon topics create`"
                problems.append(Problem(name, text))
            elif spec.co_partitioned and partitions != settings.partitions:
                text = (
                    f"topic {name} has {partitions} partitions, but {settings.partitions} are set: "
                    "set ANDON_PARTITIONS to what all co-partitioned topics have, "
                    "or make the topic again with the right number"
                )
                problems.append(Problem(name, text))
        problems.extend(self._wrong_cleanup(existing))
        return problems

    def _wrong_cleanup(self, existing: dict[str, int]) -> list[Problem]:
        compacted = [
            name
            for spec in TOPICS
            if spec.compact and (name := topic_name(self._settings, spec.family)) in existing
        ]
        problems = []
        for name, policy in self._cleanup_policies(compacted).items():
            if "compact" not in policy:
                text = f"topic {name} has cleanup.policy={policy}, but must be compacted"
                problems.append(Problem(name, text, fatal=name.endswith(".state.v1")))
        return problems

    def _cleanup_policies(self, topics: Sequence[str]) -> dict[str, str]:
        """Return what the broker says; one that says nothing (the embedded one) is not doubted."""
        try:
            described = self._client.describe_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics],
                config_filter="all",
            )
        except KafkaError:
            return {}
        found = {}
        for topic, config in described.get("topic", described).items():
            policy = config.get("cleanup.policy") if isinstance(config, dict) else None
            if isinstance(policy, dict):
                policy = policy.get("value")
            if policy:
                found[topic] = str(policy)
        return found

    def close(self) -> None:
        """Disconnect."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def wait_for_broker(settings: Settings, seconds: float) -> None:
    """Return when a broker answers.

    Raises:
        BrokerUnavailable: none did in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            TopicAdmin(settings).close()
        except BrokerUnavailable:
            if time.monotonic() > deadline:
                raise
        else:
            return


