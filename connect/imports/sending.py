"""Sending what is in the spool: in the order of time, chunk by chunk, each noted in the ledger once it is acknowledged."""

from collections.abc import Callable
from typing import Protocol

from andon.connect.imports import intents, ledger
from andon.connect.imports.spool import Spool, Spooled
from andon.streams.bulk import BulkPublisher
from andon.streams.settings import Settings


class Surveyed(Protocol):
    """What was understood of a file."""

    events: int

    def unread(self, line: int, reason: str, text: str, /) -> None:
        """Refuse what an event came from, after it was read."""


def leave_out(settings: Settings, spool: Spool, made: Surveyed) -> None:
    """Leave out what was imported before, and refuse what said something else then.

    Raises:
        UserError: the ledger's topic is missing.
        BrokerUnavailable: no broker answers.
    """
    unsettled: dict[bytes, bytes] = {}
    spool.note_taken(ledger.taken(settings, unsettled))
    if unsettled:
        # Somebody was stopped between sending and noting.
        spool.note_taken(intents.follow_up(settings, unsettled))
    for line in spool.changed():
        made.unread(
            line,
            "changed",
            "it was imported before, and said something else: tell what is right by an event that corrects it "
            "(docs/events.md), or count the item",
        )
        spool.drop(line)
    made.events = len(spool)


async def send(settings: Settings, spool: Spool, progress: Callable[[int], None]) -> int:
    """Publish what has not been sent; return how many events that were.

    Raises:
        UserError: a topic is missing.
        BrokerUnavailable: no broker answers.
    """
    done, noted, families = 0, _Noted(), spool.families()
    async with BulkPublisher(settings) as publisher:
        await publisher.check((ledger.FAMILY, *families))
        intent = await intents.announce(settings, publisher, families)
        for event in spool:
            entry = noted.add(event)
            headers = intents.header_of(entry)
            await publisher.add(event.family, event.key.encode(), event.value, headers)
            done += 1
            if done % ledger.CHUNK == 0:
                await noted.write(publisher)
                progress(done)
        await noted.write(publisher)
        await intents.withdraw(publisher, intent)
    return done


class _Noted:
    """A chunk of events that is noted once it is acknowledged."""

    def __init__(self) -> None:
        self._key = b""
        self._entries = bytearray()

    def add(self, event: Spooled) -> bytes:
        """Remember an event, if it has a name, and return its entry."""
        if not event.name:
            return b""
        self._key = self._key or event.name
        entry = ledger.entry(event.name, event.content)
        self._entries += entry
        return entry

    async def write(self, publisher: BulkPublisher) -> None:
        """Await what was sent, and note it."""
        await publisher.flush()
        if self._entries:
            await publisher.add(ledger.FAMILY, self._key, bytes(self._entries))
            await publisher.flush()
        self._key, self._entries = b"", bytearray()
