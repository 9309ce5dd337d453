"""kafka-python's producer and consumer as the commands use them: canonical keys, no groups, whole topics."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from andon.schemas.common import Record, encode
from andon.schemas.families import FAMILIES
from andon.streams.admin import BrokerUnavailable, quiet
from andon.streams.diagnosis import why_unreachable
from andon.streams.errors import UserError
from andon.streams.security import kafka_python_config
from andon.streams.settings import Settings
from andon.streams.topics import missing, topic_name

_POLL_MS = 200


def producer(settings: Settings, **options: Any) -> KafkaProducer:
    """Return a producer whose partitioner (murmur2) sends a key where Java's, and so the workers', does.

    Args:
        settings: the broker and its security.
        options: further ones of kafka-python's.

    Raises:
        BrokerUnavailable: no broker answers.
    """
    return _connect(
        KafkaProducer, settings, acks="all", linger_ms=5, max_block_ms=10_000, **options
    )


def consumer(
    settings: Settings,
    families: Iterable[str],
    *,
    from_start: bool,
    group: str | None = None,
    isolation_level: str = "read_uncommitted",
) -> KafkaConsumer:
    """Return a consumer of all partitions of the families' topics; a group, if any, only remembers offsets.

    Raises:
        BrokerUnavailable: no broker answers.
        UserError: a topic is missing.
    """
    client = _connect(
        KafkaConsumer,
        settings,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest" if from_start else "latest",
        isolation_level=isolation_level,
    )
    try:
        names = [topic_name(settings, family) for family in families]
        partitions = [
            partition for name in names for partition in _partitions(client, settings, name)
        ]
        client.assign(partitions)
        if from_start:
            client.seek_to_beginning(*partitions)
        else:
            client.seek_to_end(*partitions)
            for partition in partitions:
                # Seeking is lazy: without a position, what comes before the first poll would be missed.
                client.position(partition)
    except BaseException:
        client.close()
        raise
    return client


def _partitions(client: KafkaConsumer, settings: Settings, topic: str) -> list[TopicPartition]:
    numbers = client.partitions_for_topic(topic)
    if not numbers:
        raise UserError(missing(settings, topic))
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def present(client: KafkaConsumer) -> Iterator[Any]:
    """Yield every record from the client's position to the end as it is now."""
    ends = client.end_offsets(list(client.assignment()))
    waiting = {partition for partition, end in ends.items() if client.position(partition) < end}
    while waiting:
        for records in client.poll(timeout_ms=_POLL_MS).values():
            yield from records
        waiting = {
            partition for partition in waiting if client.position(partition) < ends[partition]
        }


def arriving(client: KafkaConsumer) -> Iterator[Any]:
    """Yield records for ever, as they come."""
    while True:
        for records in client.poll(timeout_ms=_POLL_MS).values():
            yield from records


def publish(settings: Settings, family: str, records: Iterable[Record]) -> list[Any]:
    """Publish records under their canonical keys; return where each came to lie, when all are acknowledged."""
    topic = topic_name(settings, family)
    key_of = FAMILIES[family].key_of
    client = producer(settings)
    try:
        futures = [
            client.send(
                topic,
                value=encode(record),
                key=key_of(record).encode() if key_of is not None else None,
                timestamp_ms=int(time.time() * 1000),
            )
            for record in records
        ]
        return [future.get(timeout=30) for future in futures]
    finally:
        client.close()


def _connect(kind: Any, settings: Settings, **options: Any) -> Any:
    try:
        with quiet():
            return kind(**kafka_python_config(settings), bootstrap_timeout_ms=5000, **options)
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(why_unreachable(settings)) from error
