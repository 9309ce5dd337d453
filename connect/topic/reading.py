"""Reading a topic of somebody else: what it tells is published and acknowledged before its place is committed."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from andon.connect.tables.errors import BadRow
from andon.connect.topic.registry import RegistryAway
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
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0
#: How soon it hears that it is stopped.
_STEP_SECONDS: Final = 0.25

logger = logging.getLogger("andon.connect")


class Maker(Protocol):
    """Makes events of records."""

    def prepare(self, records: Iterable[Any]) -> None:
        """Fetch what is needed to read records.

        Raises:
            RegistryAway: it cannot be fetched now.
        """

    def events(self, record: Any) -> list[tuple[str, str, bytes]] | None:
        """Return family, key and value of each event of a record; None if it is none of those that tell something.

        Raises:
            BadRow: it cannot be read.
        """
        ...


def outgoing(
    settings: Settings, maker: Maker, records: Iterable[Any], counts: Counter[str]
) -> list[Outgoing]:
    """Return what records come to: events, and dead letters of those that cannot be read."""
    found: list[Outgoing] = []
    for record in records:
        try:
            events = maker.events(record)
        except BadRow as error:
            counts["refused"] += 1
            reason = "not_json" if error.reason == "not_json" else "invalid"
            came_from = (record.topic, record.partition)
            letters = topic_name(settings, "deadletters")
            found.append(dead_letter(letters, came_from, record, reason, "BadRow", str(error)))
            continue
        if events is None:
            continue
        counts["changes"] += 1
        counts["events"] += len(events)
        counts["silent"] += not events
        found += [
            Outgoing(topic_name(settings, family), key.encode(), value)
            for family, key, value in events
        ]
    return found


def read_topic(
    settings: Settings,
    topic: str,
    group: str,
    maker: Maker,
    *,
    once: bool,
    stopped: Callable[[], bool],
) -> Counter[str]:
    """Read a topic from where its group has committed, the oldest record if it has not, and return the counts.

    Args:
        settings: broker, security and prefix.
        topic: by its own name.
        group: whose place is committed.
        maker: makes events of its records.
        once: whether to end at what is there now.
        stopped: is asked between two reads.

    Raises:
        UserError: the topic is missing, or the registry is wrong, or (`once`) away.
        BrokerUnavailable: no broker answers.
    """
    client = _consumer(settings, group)
    try:
        numbers = client.partitions_for_topic(topic)
        if not numbers:
            msg = f"topic {topic} is missing: name one that is there, by its whole name"
            raise UserError(msg)
        places = [TopicPartition(topic, number) for number in sorted(numbers)]
        client.assign(places)
        return asyncio.run(_read(settings, client, places, maker, once=once, stopped=stopped))
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
    maker: Maker,
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
                if not await _prepared(maker, records, once=once, stopped=stopped):
                    return counts
                counts["records"] += len(records)
                await producer.publish(outgoing(settings, maker, records, counts))
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


async def _prepared(
    maker: Maker, records: list[Any], *, once: bool, stopped: Callable[[], bool]
) -> bool:
    """Fetch what is needed to read records, however long it takes; return False if it was stopped meanwhile.

    Raises:
        RegistryAway: it cannot be fetched, and only `once` is asked.
    """
    pause, failed = _FIRST_PAUSE_SECONDS, False
    while True:
        try:
            await asyncio.to_thread(maker.prepare, records)
        except RegistryAway as error:
            if once:
                raise
            if not failed:
                logger.warning("%s; trying again until it answers, nothing is left out", error)
            failed = True
        else:
            if failed:
                logger.warning("the registry answers again")
            return True
        waited = 0.0
        while waited < pause:
            if stopped():
                return False
            await asyncio.sleep(_STEP_SECONDS)
            waited += _STEP_SECONDS
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
