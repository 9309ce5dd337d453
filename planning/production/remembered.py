"""What a production line remembers of orders that are done, so that no report of one is booked twice, however late it comes.

The latest of them are known in full: a report of one is told from what was reported before. Of those before that the number is known, and
of still older ones nothing, but until when they were heard of: what comes under such a number, or happened by then under one that
nobody knows, is refused and said, as nobody can tell whether it was booked.
"""

import struct
from collections.abc import Iterable
from typing import Final

import msgspec
from xxhash import xxh3_64_digest

from andon.planning.production.order import Order

#: Of something under a number that was forgotten.
FORGOTTEN: Final = "forgotten"
#: So many orders that are done are known in full, fewer if so many bytes tell their reports apart.
MOST_DONE: Final = 128
_MOST_BYTES: Final = 64 * 1024
#: Of so many more the number is known.
MOST_NUMBERS: Final = 2048
_DIGEST: Final = 8
_ENTRY: Final = struct.Struct("<8sI")


class Forgotten(msgspec.Struct, array_like=True):
    """The numbers of orders that were forgotten, each with its latest news, and until when those were heard of that are not among them.

    Times are in seconds since 1970.
    """

    numbers: bytearray = msgspec.field(default_factory=bytearray)
    until: float = 0.0


def is_forgotten(forgotten: Forgotten, order_id: str, at: float) -> bool:
    """Return whether news of an order that nobody knows may be of one that was forgotten; `at` is when they happened."""
    if forgotten.until and at <= forgotten.until:
        return True
    digest = xxh3_64_digest(order_id.encode())
    place = forgotten.numbers.find(digest)
    while place >= 0 and place % _ENTRY.size:
        place = forgotten.numbers.find(digest, place + 1)
    return place >= 0


def forget_done(orders: dict[str, Order], forgotten: Forgotten) -> None:
    """Forget the orders of which nothing was heard for longest, of those that are done, if they are too many.

    What is open is never forgotten, nor is what else is known under its number.
    """
    open_numbers = {one.order_id for one in orders.values() if not one.is_over}
    done = {
        name: one
        for name, one in orders.items()
        if one.is_over and one.order_id not in open_numbers
    }
    size = _bytes(done.values())
    if len(done) <= MOST_DONE and size <= _MOST_BYTES:
        return
    left = len(done)
    for name, one in sorted(done.items(), key=lambda known: known[1].last_heard):
        if left <= MOST_DONE and size <= _MOST_BYTES:
            break
        del orders[name]
        left, size = left - 1, size - _bytes((one,))
        if not any(other.order_id == one.order_id for other in orders.values()):
            _remember(forgotten, one)


def _bytes(orders: Iterable[Order]) -> int:
    return sum(len(one.digests) for one in orders)


def _remember(forgotten: Forgotten, order: Order) -> None:
    heard = min(int(order.last_heard) + 1, 2**32 - 1)
    forgotten.numbers += _ENTRY.pack(xxh3_64_digest(order.order_id.encode()), heard)
    while len(forgotten.numbers) > MOST_NUMBERS * _ENTRY.size:
        _, oldest = _ENTRY.unpack_from(forgotten.numbers)
        forgotten.until = max(forgotten.until, float(oldest))
        del forgotten.numbers[: _ENTRY.size]
