"""Topic administration by kafka-python: what is not in the hot path."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import BrokerResponseError, KafkaError, TopicAlreadyExistsError, for_code

from andon.streams.coordinator import asked_of_coordinator
from andon.streams.diagnosis import why_unreachable
from andon.streams.errors import UserError
from andon.streams.security import kafka_python_config
from andon.streams.settings import Settings
from andon.streams.topics import TOPICS, TopicSpec, missing, topic_name

_TIMEOUT_MS = 5000


class BrokerUnavailable(UserError, ConnectionError):
    """No Kafka broker answers; the text says where and what to do."""


class BrokerLost(BrokerUnavailable):
    """A broker answered, and went away before it had said what it was asked; another one may answer."""


class TopicError(UserError, RuntimeError):
    """The broker answers but refuses; the text has a line for each topic and what the broker said."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with a topic, in a sentence that says what to do; a warning does not stop a worker."""

    topic: str
    text: str
    fatal: bool = True


@dataclass(frozen=True)
class Lag:
    """How far a consumer group is in a partition; `committed` is None before its first commit."""

    topic: str
    partition: int
    committed: int | None
    begin: int
    end: int

    @property
    def records(self) -> int:
        """Records not yet committed, those before the first commit included."""
        done = self.begin if self.committed is None else self.committed
        return max(0, self.end - max(done, self.begin))


_one_at_a_time = threading.RLock()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep kafka-python's own complaints to itself: ours say what to do."""
    logger = logging.getLogger("kafka")
    with _one_at_a_time:  # threads that overlapped would restore each other's silence for good
        level = logger.level
        logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            logger.setLevel(level)


def answers(bootstrap: str) -> bool:
    """Whether a broker without security answers there now."""
    wait = {"request_timeout_ms": 2000, "bootstrap_timeout_ms": 1000}
    try:
        with quiet(), KafkaAdminClient(bootstrap_servers=bootstrap, **wait) as client:
            client.list_topics()
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
            raise BrokerUnavailable(why_unreachable(settings)) from error

    @contextlib.contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Tell a broker that refuses from one that went away."""
        try:
            with quiet():
                yield
        except BrokerResponseError as error:
            msg = f"the broker at {self._settings.broker} refused to {what}: {_reason(error)}"
            raise TopicError(msg) from error
        except (KafkaError, OSError) as error:
            msg = f"the Kafka broker at {self._settings.broker} went away: {error}"
            raise BrokerLost(msg) from error

    def create(self, specs: Sequence[TopicSpec] = TOPICS) -> dict[str, bool]:
        """Create the missing topics; return for each whether it was made now.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refused a topic, say for want of replicas; the others are made.
        """
        settings = self._settings
        existing = self.existing()
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
        made: set[str] = set()
        if missing:
            with self._asking("create topics"):
                response = self._client.create_topics(missing, raise_errors=False)
                refused = {}
                for topic in response["topics"]:
                    name, error = topic["name"], for_code(topic["error_code"])
                    if topic["error_code"] == 0:
                        made.add(name)
                    elif error is not TopicAlreadyExistsError:  # somebody may have been faster
                        refused[name] = topic["error_message"] or _reason(error())
                self._client.wait_for_topics([name for name in missing if name not in refused])
            if refused:
                raise TopicError("\n".join(f"{name}: {why}" for name, why in refused.items()))
        return {name: name in made for name in wanted}

    def existing(self) -> dict[str, int]:
        """Return this prefix's topics and their numbers of partitions.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        return {name: partitions for name, (partitions, _) in self.shapes().items()}

    def shapes(self) -> dict[str, tuple[int, str | None]]:
        """Return number of partitions and id, None where the broker gives none, of this prefix's topics.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        prefix = f"{self._settings.prefix}."
        with self._asking("list topics"):
            topics = self._client.describe_topics()
        return {
            topic["name"]: (len(topic["partitions"]), topic["topic_id"])
            for topic in topics
            if topic["name"].startswith(prefix)
        }

    def check(self) -> list[Problem]:
        """Return what is wrong with the topics; nothing is a good answer.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say which topics there are.
        """
        settings = self._settings
        existing = self.existing()
        if not any(topic_name(settings, spec.family) in existing for spec in TOPICS):
            every = f"{settings.prefix}.*"
            return [Problem(every, missing(settings, every))]
        problems = []
        for spec in TOPICS:
            name = topic_name(settings, spec.family)
            partitions = existing.get(name)
            if partitions is None:
                text = missing(settings, name)
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

    def _wrong_cleanup(self, existing: dict[str, int]) -> Iterator[Problem]:
        specs = {topic_name(self._settings, spec.family): spec for spec in TOPICS}
        present = [name for name in specs if name in existing]
        try:
            policies = self._cleanup_policies(present)
        except TopicError as error:
            text = f"the topics' cleanup policies were not checked: {error}"
            yield Problem(f"{self._settings.prefix}.*", text, fatal=False)
            return
        if present and not policies:
            text = "the topics' cleanup policies were not checked: the broker does not say"
            yield Problem(f"{self._settings.prefix}.*", text, fatal=False)
            return
        for name in present:
            spec, policy = specs[name], policies.get(name)
            want = "compact" if spec.compact else "delete"
            if policy is None:
                text = f"topic {name}: cleanup.policy was not checked, the broker does not say"
                yield Problem(name, text, fatal=False)
            elif policy != want:
                text = (
                    f"topic {name} has cleanup.policy={policy}, but needs {want}: kafka-configs.sh "
                    f"--alter --topic {name} --add-config cleanup.policy={want}"
                )
                # Deleting by age loses books; compacting an event topic loses all but the last event of a key.
                yield Problem(name, text, fatal=spec.family == "state" or not spec.compact)

    def _cleanup_policies(self, topics: Sequence[str]) -> dict[str, str]:
        if not topics:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
        with self._asking("describe the topics' configuration"):
            described = self._client.describe_configs(resources, config_filter="all")
        return {
            topic: str(config["cleanup.policy"]["value"])
            for topic, config in described.get("topic", {}).items()
            if "cleanup.policy" in config
        }

    def lag(self, group: str | None = None) -> list[Lag]:
        """Return how far a consumer group, by default the workers', is in each partition of this prefix's topics it reads.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        settings = self._settings
        group = group or settings.app_id
        read = {topic_name(settings, s.family) for s in TOPICS if s.direction != "out"}
        read.discard(topic_name(settings, "state"))
        parts = [
            TopicPartition(name, number)
            for name, count in self.existing().items()
            if name in read
            for number in range(count)
        ]
        if not parts:
            return []
        with self._asking(f"tell the offsets of group {group}"):
            committed = asked_of_coordinator(
                self._client, group, lambda: self._client.list_group_offsets({group: parts})[group]
            )
            begins = self._client.list_partition_offsets(dict.fromkeys(parts, OffsetSpec.EARLIEST))
            ends = self._client.list_partition_offsets(dict.fromkeys(parts, OffsetSpec.LATEST))
        done = {part: found.offset for part, found in committed.items() if found.offset >= 0}
        return [
            Lag(part.topic, part.partition, done.get(part), begins[part].offset, ends[part].offset)
            for part in sorted(parts)
        ]

    def close(self) -> None:
        """Disconnect."""
        with quiet():
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


def _reason(error: BrokerResponseError) -> str:
    """Return what a refusal means, without the whole request that kafka-python puts into its text."""
    return str(getattr(error, "description", "") or type(error).__name__)


def wait_for_broker(settings: Settings, seconds: float) -> None:
    """Return when a broker answers.

    Raises:
        BrokerUnavailable: none did in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return TopicAdmin(settings).close()
        except BrokerUnavailable:
            if time.monotonic() > deadline:
                raise
