"""The last movements of a book: digest of the event's id, time and change of stock, each kept once.

They recognise an upstream duplicate, and let a count that arrives late stand on its own time: what happened after it is
added again, what happened before it and arrives after it no longer touches the stock. The digests stand by themselves,
because every sale is looked for among them.
"""

import struct
from typing import Final

from andon.planning.book.book import Book

#: Bytes of a digest.
DIGEST: Final = 8
MOVEMENT: Final = struct.Struct("<di")
#: So many movements more than the window are kept before they are forgotten together.
SLACK: Final = 8


def seen(book: Book, digest: bytes) -> bool:
    """Return whether an event with this digest is among those remembered."""
    place = book.digests.find(digest)
    while place >= 0 and place % DIGEST:
        place = book.digests.find(digest, place + 1)
    return place >= 0


def move(book: Book, digest: bytes, at: float, change: int, window: int) -> None:
    """Change the stock, unless a later count already knows of it, and remember that.

    What turns out to have happened between the last two counts explains part of what seemed to be the last one's error.

    Args:
        book: of the item.
        digest: of the event's id.
        at: seconds since 1970.
        change: units.
        window: how many movements are remembered.
    """
    if at > book.counted_at:
        book.on_hand += change
    elif at > book.count_explains:
        book.count_error -= change
    book.digests += digest
    book.movements += MOVEMENT.pack(at, change)
    if len(book.digests) > (window + SLACK) * DIGEST:
        forget(book, window)


def forget(book: Book, window: int) -> None:
    """Forget the oldest movements but for a window; dropping from the front of a bytearray copies nothing."""
    count = len(book.digests) // DIGEST - window
    newest, _ = max(MOVEMENT.iter_unpack(book.movements[: count * MOVEMENT.size]))
    book.forgotten = max(book.forgotten, newest)
    del book.digests[: count * DIGEST]
    del book.movements[: count * MOVEMENT.size]


def changed_since(book: Book, at: float) -> int:
    """Return by how much the stock changed after a time (seconds since 1970), as far as is remembered (units)."""
    return sum(change for when, change in MOVEMENT.iter_unpack(book.movements) if when > at)
