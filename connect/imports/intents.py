"""What an import is about to send: noted before it sends, so that one that was killed is followed up by the next.

An intent says where the topics ended then. What lies behind that, and bears the mark of an import, was sent: whatever was
acknowledged and not noted any more is found there, and noted.
"""

import asyncio
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from kafka import TopicPartition

from andon.connect.imports import ledger
from andon.streams.bulk import BulkPublisher
from andon.streams.clients import consumer, present
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

#: The header of an event that is imported: its entry in the ledger.
MARK: Final = "andon-import"

#: Where topics ended, by topic and partition.
Ends = dict[str, dict[int, int]]


def ends_of(settings: Settings, families: Iterable[str]) -> Ends:
    """Return where the topics of families end now.

    Raises:
        UserError: one is missing.
        BrokerUnavailable: no broker answers.
    """
    client = consumer(settings, tuple(families), from_start=False)
    try:
        found: Ends = {}
        for partition, end in client.end_offsets(list(client.assignment())).items():
            found.setdefault(partition.topic, {})[partition.partition] = end
        return found
    finally:
        client.close()


async def announce(settings: Settings, publisher: BulkPublisher, families: Iterable[str]) -> bytes:
    """Note what is about to be sent, and return the note's key.

    Raises:
        UserError: a topic is missing.
        BrokerUnavailable: no broker answers.
    """
    ends = await asyncio.to_thread(ends_of, settings, families)
    key = ledger.INTENT + uuid.uuid4().hex.encode()
    await publisher.add(ledger.FAMILY, key, msgspec.json.encode(ends))
    await publisher.flush()
    return key


def follow_up(settings: Settings, intents: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """Note what was sent under these intents, and withdraw them; return the names and contents of those events.

    Raises:
        UserError: a topic is missing.
        BrokerUnavailable: no broker answers.
    """
    found = list(dict.fromkeys(_sent(settings, intents.values())))
    asyncio.run(_settle(settings, intents, found))
    return [pair for one in found for pair in ledger.entries(one)]


def _sent(settings: Settings, intents: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the marks of what lies behind the ends that intents noted."""
    first: dict[TopicPartition, int] = {}
    for value in intents:
        for topic, ends in msgspec.json.decode(value, type=Ends).items():
            for number, end in ends.items():
                place = TopicPartition(topic, number)
                first[place] = min(end, first.get(place, end))
    topics = {place.topic for place in first}
    families = [name for name in ledger.MARKED if topic_name(settings, name) in topics]
    if not families:
        return
    client = consumer(settings, families, from_start=True)
    try:
        for place in client.assignment():
            client.seek(place, first.get(place, 0))
        for record in present(client):
            yield from (value for name, value in record.headers if name == MARK and value)
    finally:
        client.close()


async def _settle(settings: Settings, intents: Mapping[bytes, bytes], found: list[bytes]) -> None:
    async with BulkPublisher(settings) as publisher:
        await publisher.check((ledger.FAMILY,))
        for place in range(0, len(found), ledger.CHUNK):
            part = found[place : place + ledger.CHUNK]
            # A key of its own: what was noted under the name of the first of them must not be compacted away.
            await publisher.add(ledger.FAMILY, uuid.uuid4().bytes, b"".join(part))
        # What was found is noted before it is forgotten where to look for it.
        await publisher.flush()
        for key in intents:
            await withdraw(publisher, key)


async def withdraw(publisher: BulkPublisher, key: bytes) -> None:
    """Forget an intent, once all of it is noted."""
    await publisher.add(ledger.FAMILY, key, None)
    await publisher.flush()


def header_of(entry: bytes) -> list[tuple[str, Any]]:
    """Return the mark of an event that is imported; none for what has no name."""
    return [(MARK, entry)] if entry else []
