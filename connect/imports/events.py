"""What a row becomes, and how it is named: by its receipt and line where it has them, else by what it says."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from andon.connect.tables.errors import BadRow
from andon.schemas.common import Record, encode

R = TypeVar("R", bound=Record)
#: Stands for the id in an event that is not named yet.
UNNAMED: Final = "import-" + "0" * 24
#: How long digests of names and of contents are.
NAME_BYTES: Final = 12
CONTENT_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Made:
    """An event of a row: its family, its time (seconds since 1970), its key, and its bytes.

    `identity` and `content` are digests of what names it and of what it says; both are empty for master data, which have no id.
    """

    family: str
    at: float
    key: str
    value: bytes
    identity: bytes = b""
    content: bytes = b""


class Skip(Exception):
    """A row that is right, but nothing to send; the text is why."""


def record_of(kind: type[R], values: dict[str, Any]) -> R:
    """Return a record of the values that are there.

    Raises:
        BadRow: one cannot be; the text names the field.
    """
    given = {name: value for name, value in values.items() if value is not None}
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise BadRow("invalid", str(error)) from error


def digest(*parts: object) -> bytes:
    """Return a digest of what is said, whatever file said it."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=NAME_BYTES).digest()


def content_digest(*parts: object) -> bytes:
    """Return a digest of what an event says, for one that is named by something else."""
    return digest(*parts)[:CONTENT_BYTES]


def named(value: bytes, identity: bytes, occurrence: int) -> tuple[bytes, bytes]:
    """Return an event with its id, and the id's digest; the first of its kind in a table has number 1."""
    name = identity if occurrence == 1 else digest(identity.hex(), occurrence)
    return value.replace(UNNAMED.encode(), b"import-" + name.hex().encode(), 1), name


def made(
    family: str, record: Record, key: str, identity: bytes = b"", content: bytes = b""
) -> Made:
    """Return an event of a record."""
    return Made(family, record.at, key, encode(record), identity, content)  # type: ignore[attr-defined]
