"""Confluent's framing: a zero, the number of the schema in four bytes, and what the schema describes.

https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
"""

from typing import Final

from andon.connect.tables.errors import BadRow

_MAGIC: Final = 0
_HEAD: Final = 5
#: No message of a schema lies deeper, and none has a number beyond.
_MOST_INDEXES: Final = 64
_MOST_VARINT_BYTES: Final = 5


def schema_number(value: bytes) -> int:
    """Return the number of the schema of a framed value.

    Raises:
        BadRow: it is not framed.
    """
    if len(value) < _HEAD or value[0] != _MAGIC:
        raise BadRow(
            "invalid",
            "it does not begin with a zero and the number of a schema: without the framing of a registry, leave --registry out",
        )
    return int.from_bytes(value[1:_HEAD], "big")


def body_of(value: bytes) -> bytes:
    """Return what follows the number of the schema."""
    return value[_HEAD:]


def message_of(body: bytes) -> tuple[tuple[int, ...], bytes]:
    """Return which message of a Protobuf schema follows, as its place in the file and within other messages, and its bytes.

    Raises:
        BadRow: the places cannot be read.
    """
    count, place = _zigzag(body, 0)
    if count == 0:
        return (0,), body[place:]
    if not 0 < count <= _MOST_INDEXES:
        raise BadRow("invalid", f"{count} is no number of message indexes")
    indexes = []
    for _ in range(count):
        index, place = _zigzag(body, place)
        if index < 0:
            raise BadRow("invalid", f"{index} is no index of a message")
        indexes.append(index)
    return tuple(indexes), body[place:]


def _zigzag(body: bytes, place: int) -> tuple[int, int]:
    """Return a number of variable length with its sign in the lowest bit, and where the next begins."""
    found = 0
    for shift in range(_MOST_VARINT_BYTES):
        if place >= len(body):
            break
        byte = body[place]
        place += 1
        found |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return (found >> 1) ^ -(found & 1), place
    raise BadRow("invalid", "the indexes of the message have no end")
