"""Dead letters: what could not be processed keeps its bytes, says where it came from and why it is here."""

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
REASONS: Final = ("empty", "too_large", "invalid", "not_json", "absurd_time", "unroutable")

#: What of a value that is too large to pass on is kept.
KEPT_BYTES = 900_000


def dead_letter(
    topic: str, came_from: tuple[str, int], record: Any, reason: str, error: str, text: str
) -> Outgoing:
    """Return the dead letter of a record of a topic and partition: original key, bytes and headers, and why."""
    value = record.value
    headers = [
        *(header for header in record.headers if not header[0].startswith("__streams.errors.")),
        (EXCEPTION, error.encode()),
        (MESSAGE, text.encode()),
        (TOPIC, came_from[0].encode()),
        (PARTITION, str(came_from[1]).encode()),
        (OFFSET, str(record.offset).encode()),
        (REASON, reason.encode()),
    ]
    if value is not None and len(value) > KEPT_BYTES:
        headers.append((TRUNCATED, str(len(value)).encode()))
        value = value[:KEPT_BYTES]
    return Outgoing(topic, record.key, value, headers, timestamp_ms=record.timestamp)
