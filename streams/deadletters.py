"""Dead letters: what could not be processed keeps its bytes, says where it came from and why it is here."""

from collections.abc import Sequence
from typing import Any, Final

from andon.streams.producer import Outgoing

#: Headers named as in Kafka Streams (KIP-1034), so that its tools read them.
EXCEPTION: Final = "__streams.errors.exception"
MESSAGE: Final = "__streams.errors.message"
TOPIC: Final = "__streams.errors.topic"
PARTITION: Final = "__streams.errors.partition"
OFFSET: Final = "__streams.errors.offset"
REASON: Final = "andon-reason"
TRUNCATED: Final = "andon-truncated"
ORIGIN: Final = "andon-origin"
#: On a note beside the letters: this record, `topic:partition:offset`, was put back.
PUT_BACK: Final = "andon-put-back"

#: Why a record can be a dead letter.
REASONS: Final = (
    "empty",
    "too_large",
    "invalid",
    "not_json",
    "absurd_time",
    "unroutable",
    "too_many",
)

#: When the original was written, milliseconds since 1970: the letter has a time of its own, or retention would take an
#: old one at once.
TIMESTAMP: Final = "andon-timestamp"
#: What of a value, key and headers that are too large to pass on is kept; together they fit a record of a mebibyte.
KEPT_BYTES: Final = 900_000
_KEPT_KEY: Final = 8_000
_KEPT_HEADERS: Final = 40_000
_KEPT_TEXT: Final = 4_000

#: What only a letter or a note says: under these names a producer's own header would speak for us.
_OURS_ALONE: Final = frozenset({REASON, TRUNCATED, TIMESTAMP, PUT_BACK})

Headers = list[tuple[str, bytes | None]]


def dead_letter(
    topic: str, came_from: tuple[str, int], record: Any, reason: str, error: str, text: str
) -> Outgoing:
    """Return the dead letter of a record of a topic and partition: original key, bytes and headers, and why.

    It always fits: what is too long is cut, and says how long it was. If the broker takes less still, there is a letter
    without the original's bytes `instead`.
    """
    cut: list[str] = []
    key, value = record.key, record.value
    if value is not None and len(value) > KEPT_BYTES:
        cut.append(str(len(value)))
        value = value[:KEPT_BYTES]
    if key is not None and len(key) > _KEPT_KEY:
        cut.append(f"key {len(key)}")
        key = key[:_KEPT_KEY]
    theirs, left_out = _kept(record.headers)
    if left_out:
        cut.append(f"headers {left_out}")
    ours: Headers = [
        (EXCEPTION, error.encode()),
        (MESSAGE, text.encode("utf-8", "replace")[:_KEPT_TEXT]),
        (TOPIC, came_from[0].encode()),
        (PARTITION, str(came_from[1]).encode()),
        (OFFSET, str(record.offset).encode()),
        (REASON, reason.encode()),
        (TIMESTAMP, str(record.timestamp).encode()),
    ]
    whole = [(TRUNCATED, ", ".join(cut).encode())] if cut else []
    nothing = (TRUNCATED, f"all of {len(record.value or b'')}".encode())
    return Outgoing(
        topic,
        key,
        value,
        [*theirs, *ours, *whole],
        instead=Outgoing(topic, None, None, [*ours, nothing]),
    )


def _kept(headers: Sequence[tuple[str, bytes | None]]) -> tuple[Headers, int]:
    """Return the headers of a record that go with its letter, and the bytes of those that are too much."""
    kept: Headers = []
    room, left_out = _KEPT_HEADERS, 0
    for name, value in headers:
        if name.startswith("__streams.errors.") or name in _OURS_ALONE:
            continue
        size = len(name.encode("utf-8", "replace")) + len(value or b"")
        if size > room:
            left_out += size
        else:
            room -= size
            kept.append((name, value))
    return kept, left_out
