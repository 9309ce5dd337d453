"""Reading a topic of changes: what it tells is published and acknowledged before its place is committed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from andon.connect.cdc.envelope import change_of
from andon.connect.cdc.rows import Rows
from andon.connect.tables.errors import BadRow
from andon.streams.admin import BrokerUnavailable, quiet
from andon.streams.deadletters import dead_letter
from andon.streams.diagnosis import why_unreachable
from andon.streams.errors import UserError
from andon.streams.producer import Outgoing, Producer
from andon.streams.security import aiokafka_config, kafka_python_config
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

_POLL_MS: Final = 500
_MOST_RECORDS: Final = 2000


def outgoing(
    settings: Settings, rows: Rows, records: Iterable[Any], counts: Counter[str]
) -> list[Outgoing]:
    """Return what records of changes come to: events, and dead letters of those that cannot be."""
    found: list[Outgoing] = []
    for record in records:
        try:
            change = change_of(record.key, record.value)
            events = [] if change is None else rows.events(change)
        except BadRow as error:
            counts["refused"] += 1
            reason = "not_json" if error.reason == "not_json" else "invalid"
            came_from = (record.topic, record.partition)
            letters = topic_name(settings, "deadletters")
            found.append(dead_letter(letters, came_from, record, reason, "BadRow", str(error)))
            continue
        counts["changes"] += 1
        counts["events"] += len(events)
        found += [
            Outgoing(topic_name(settings, family), key.encode(), value)
            for family, key, value in events
        ]
    return found


def read_changes(
    settings: Settings,
    topic: str,
    group: str,
    rows: Rows,
    *,
    once: bool,
    stopped: Callable[[], bool],
) -> Counter[str]:
    """Read a topic from where its group has committed, the oldest record if it has not, and return the counts.

    Args:
        settings: broker, security and prefix.
        topic: of changes, by its own name.
        group: whose place is committed.
        rows: makes events of changes.
        once: whether to end at what is there now.
        stopped: is asked between two reads.

    Raises:
        UserError: the topic is missing.
        BrokerUnavailable: no broker answers.
    """
    client = _consumer(settings, group)
    try:
        numbers = client.partitions_for_topic(topic)
        if not numbers:
            msg = f"topic {topic} is missing: name the one that Debezium writes"
            raise UserError(msg)
        places = [TopicPartition(topic, number) for number in sorted(numbers)]
        client.assign(places)
        return asyncio.run(_read(settings, client, places, rows, once=once, stopped=stopped))
    finally:
        client.close(autocommit=False)


def _consumer(settings: Settings, group: str) -> KafkaConsumer:
    try:
        with quiet():
            return KafkaConsumer(
                **kafka_python_config(settings),
                bootstrap_timeout_ms=5000,
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                max_poll_records=_MOST_RECORDS,
                isolation_level="read_committed",
            )
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(why_unreachable(settings)) from error


async def _read(
    settings: Settings,
    client: KafkaConsumer,
    places: list[TopicPartition],
    rows: Rows,
    *,
    once: bool,
    stopped: Callable[[], bool],
) -> Counter[str]:
    counts: Counter[str] = Counter()
    producer = Producer(aiokafka_config(settings))
    await producer.start()
    try:
        ends = client.end_offsets(places)
        while not stopped():
            fetched = await asyncio.to_thread(client.poll, timeout_ms=_POLL_MS)
            for records in fetched.values():
                counts["records"] += len(records)
                await producer.publish(outgoing(settings, rows, records, counts))
            if fetched:
                # What comes after this is read again if it dies; the events have the same ids then.
                places_read = {
                    place: OffsetAndMetadata(records[-1].offset + 1, "", -1)
                    for place, records in fetched.items()
                }
                await asyncio.to_thread(client.commit, places_read)
            elif once and all(client.position(place) >= ends[place] for place in places):
                break
    finally:
        await producer.stop()
    return counts
