"""What has been imported: the names of all events sent, in a compacted topic, so that reading a file again adds nothing.

The books recognise a repeat for some days; this does for ever. It is written after each chunk of events is acknowledged; what a
crash in between leaves out is found by the intent that was noted before (`intents`).
"""

from collections.abc import Iterator
from typing import Final

from andon.connect.imports.events import CONTENT_BYTES, NAME_BYTES
from andon.streams.clients import consumer, present
from andon.streams.settings import Settings

FAMILY: Final = "imports"
#: So many events are sent, and then noted.
CHUNK: Final = 2000
#: Before the keys of intents, beside which all others are names.
INTENT: Final = b"intent:"
#: The families whose events have names.
MARKED: Final = ("pos", "stock", "shipments", "delays")
_NO_CONTENT: Final = bytes(CONTENT_BYTES)


def entry(name: bytes, content: bytes) -> bytes:
    """Return what is noted of an event."""
    return name + (content or _NO_CONTENT)


def entries(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the content (empty if it has none besides) of each event of a note."""
    size = NAME_BYTES + CONTENT_BYTES
    for place in range(0, len(value) - size + 1, size):
        content = value[place + NAME_BYTES : place + size]
        yield value[place : place + NAME_BYTES], b"" if content == _NO_CONTENT else content


def taken(settings: Settings, intents: dict[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and content of every event that was imported, and put what was only intended into `intents`.

    Raises:
        UserError: the topic is missing.
        BrokerUnavailable: no broker answers.
    """
    client = consumer(settings, (FAMILY,), from_start=True)
    try:
        for record in present(client):
            key = record.key or b""
            if not key.startswith(INTENT):
                yield from entries(record.value or b"")
            elif record.value:
                intents[key] = record.value
            else:
                intents.pop(key, None)
    finally:
        client.close()
