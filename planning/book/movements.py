"""The movements of a book: digest of the event's id, time and change of stock, each kept once.

What happened before a count and arrives after it no longer touches the stock. `memory` has what becomes of movements that
fall out of the book. The digests stand by themselves, because every sale is looked for among them.
"""

import struct
from typing import Final

from andon.planning.book.book import Book

#: Bytes of a digest.
DIGEST: Final = 8
MOVEMENT: Final = struct.Struct("<di")
_UNTAUGHT: Final = 0x5A
#: More units at once are several movements.
_MOST: Final = 2**31 - 1


def place_of(digests: bytes | bytearray, digest: bytes) -> int | None:
    """Return at which place among some digests one is, None if it is not."""
    place = digests.find(digest)
    while place >= 0 and place % DIGEST:
        place = digests.find(digest, place + 1)
    return place // DIGEST if place >= 0 else None


def untaught(digest: bytes) -> bytes:
    """Return under what it is remembered that no forecast learned of an event, by the digest of its id."""
    return bytes(byte ^ _UNTAUGHT for byte in digest)


def move(book: Book, digest: bytes, at: float, change: int) -> None:
    """Change the stock, unless a later count already knows of it, and remember that.

    What turns out to have happened between the last two counts explains part of what seemed to be the last one's error.

    Args:
        book: of the item.
        digest: of the event's id.
        at: seconds since 1970.
        change: units.
    """
    if at > book.counted_at:
        book.on_hand += change
    elif at > book.count_explains:
        book.count_error -= change
    while not -_MOST <= change <= _MOST:
        piece = _MOST if change > 0 else -_MOST
        book.digests += digest
        book.movements += MOVEMENT.pack(at, piece)
        change -= piece
    book.digests += digest
    book.movements += MOVEMENT.pack(at, change)
