"""What a book remembers of its events: which there were, for two days of the best seller, and how they changed the stock.

The last movements are in the book itself: digest of the event's id, time and change of stock. What falls out of these goes
to blocks of their own beside the book, as long as somebody may repeat it; then only the sums of its days stay, until they
are too old. So a book stays small, writing it is cheap, and a block that is full is never written again.

A repeat is the same event: the same id at the same time. What falls out of the book is therefore looked for among the blocks
only if the event is not newer than all of it, which nearly every sale is.

Movements are numbered as they fall out of the book: block n holds those from n * BLOCK on. A block may be newer than its
book after a crash: what the book does not know of is cut off.
"""

import struct
from collections.abc import Callable, Iterator
from functools import cache
from itertools import takewhile
from typing import Final, NamedTuple, Protocol

import msgspec

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.book.book import Book
from andon.planning.book.movements import DIGEST, MOVEMENT, place_of
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement

_DAY: Final = 86400.0
_SIZE: Final = MOVEMENT.size
#: So many movements more than the least are kept in a book before they fall out of it together: that costs a sale half a microsecond.
_SLACK: Final = 12
#: So many movements are in a block: the last one is written whole whenever some fall into it.
BLOCK: Final = 128
#: Movements that fell out of the book within this share of the time that they are remembered for count as one lot.
_LOT_SHARE: Final = 1 / 16
#: So many days are summed up after their movements are forgotten.
_DAYS: Final = 14
#: So many times of movements falling out are remembered.
_TURNS: Final = 3
#: So many sources of numbered events are known to a book, those heard of last.
MOST_SOURCES: Final = 64


class Bounds(NamedTuple):
    """How much a book remembers: so many of the last movements whatever happens, and for some time (seconds) up to the most."""

    least: int
    seconds: float = 0.0
    most: int = 0

    @property
    def digest_bytes(self) -> int:
        """How many bytes of digests a book holds before it lets some go."""
        return (self.least + _SLACK) * DIGEST


class Block(msgspec.Struct, array_like=True):
    """Movements that fell out of a book: from number `first` on, and how many fell out of it until when (`lots`, in seconds)."""

    first: int = 0
    digests: bytearray = msgspec.field(default_factory=bytearray)
    movements: bytearray = msgspec.field(default_factory=bytearray)
    lots: list[tuple[int, float]] = []
    outbox: list[OutboxMessage] = []

    def cut(self, end: int) -> None:
        """Keep what is numbered below `end`."""
        excess = self.first + len(self.digests) // DIGEST - end
        if excess <= 0:
            return
        if end <= self.first:
            self.first, self.lots = end, []
            self.digests.clear()
            self.movements.clear()
            return
        del self.digests[-excess * DIGEST :]
        del self.movements[-excess * _SIZE :]
        while excess:
            count, until = self.lots.pop()
            if count > excess:
                self.lots.append((count - excess, until))
            excess -= min(count, excess)


class Blocks(Protocol):
    """The blocks of one book."""

    def get(self, number: int) -> Block | None:
        """Return a block to look at; None if there is none."""
        ...

    def change(self, number: int) -> Block:
        """Return a block that is about to be changed, made anew if there is none."""
        ...

    def drop(self, number: int) -> None:
        """Forget a block."""
        ...


class NoBlocks:
    """For a book that remembers its last movements only."""

    def get(self, number: int) -> Block | None:
        """Return no block."""
        del number
        return None

    def change(self, number: int) -> Block:
        """Return a block that nobody keeps."""
        return Block(first=number * BLOCK)

    def drop(self, number: int) -> None:
        """Do nothing."""


NO_BLOCKS: Final = NoBlocks()


def seen(book: Book, blocks: Blocks, digest: bytes, at: float) -> bool:
    """Return whether an event with this digest, of this time, is remembered."""
    if place_of(book.digests, digest) is not None:
        return True
    return at <= book.forgotten and any(
        place_of(one.digests, digest) is not None for one in _known(book, blocks)
    )


def remembered(book: Book, blocks: Blocks, digest: bytes, at: float) -> tuple[float, int] | None:
    """Return when an event happened that is remembered (seconds since 1970), and how it changed the stock; else None.

    `at` is a time at which it may have happened.
    """
    place = place_of(book.digests, digest)
    if place is not None:
        return _movement(book.movements, place)
    if at <= book.forgotten:
        for block in _known(book, blocks):
            place = place_of(block.digests, digest)
            if place is not None:
                return _movement(block.movements, place)
    return None


def _movement(movements: bytearray, place: int) -> tuple[float, int]:
    when, change = MOVEMENT.unpack_from(movements, place * _SIZE)
    return float(when), int(change)


def repeated(book: Book, event: Sale | StockMovement, at: float) -> bool:
    """Return whether an event that is not remembered is too old to be new: its source has long counted beyond it.

    As far back as the book remembers, an event with a lower number that is not there is one that was overtaken.
    """
    if event.source is None or event.sequence is None or at > book.summed:
        return False
    last = book.sequences.get(_counter(event))
    return last is not None and event.sequence <= last


def note_sequence(book: Book, event: Sale | StockMovement) -> None:
    """Remember how far the source of an event has counted."""
    if event.source is None or event.sequence is None:
        return
    name = _counter(event)
    last = book.sequences.pop(name, -1)
    book.sequences[name] = max(last, event.sequence)
    if len(book.sequences) > MOST_SOURCES:
        del book.sequences[next(iter(book.sequences))]


def _counter(event: Sale | StockMovement) -> str:
    """Return the name of what numbers an event: each family of a source's events counts by itself."""
    return f"pos:{event.source}" if isinstance(event, Sale) else f"stock:{event.source}"


def _known(book: Book, blocks: Blocks) -> Iterator[Block]:
    """Yield the blocks as far as the book knows of them, the newest first."""
    if book.kept >= book.fallen:
        return
    for number in range((book.fallen - 1) // BLOCK, book.kept // BLOCK - 1, -1):
        block = blocks.get(number)
        if block is not None:
            block.cut(book.fallen)
            yield block


def let_go(book: Book, blocks: Blocks, bounds: Bounds, now: float) -> None:
    """Move the oldest movements out of the book, but for the least it keeps, and forget what is too old (`now` in seconds).

    What certainly came long ago needs no block: the last of what falls out now was there when some earlier lot fell out.
    """
    held = len(book.digests) // DIGEST
    if held <= bounds.least + _SLACK:
        return
    count = held - bounds.least
    digests, movements = book.digests[: count * DIGEST], book.movements[: count * _SIZE]
    del book.digests[: count * DIGEST]
    del book.movements[: count * _SIZE]
    newest = max(_times(count)(movements))
    book.forgotten = max(book.forgotten, newest)
    turns = min(bounds.least // (_SLACK + 1), _TURNS)
    is_usual = 0 < turns <= len(book.turns) and count <= _SLACK + 1
    came_before = book.turns[-turns] if is_usual else now
    book.turns.append(int(now) + 1)
    if len(book.turns) > _TURNS:
        del book.turns[0]
    if bounds.seconds <= 0 or now - came_before >= bounds.seconds:
        _sum_up(book, movements)
        is_due = book.kept < book.fallen
    else:
        before = book.fallen // BLOCK
        _append(book, blocks, digests, movements, now, bounds.seconds * _LOT_SHARE)
        is_due = book.fallen // BLOCK > before
    if is_due:
        age(book, blocks, bounds, now)


@cache
def _times(count: int) -> Callable[[bytearray], tuple[float, ...]]:
    """Return what reads the times of so many movements at once."""
    return struct.Struct("<" + f"d{_SIZE - 8}x" * count).unpack


def _append(
    book: Book, blocks: Blocks, digests: bytearray, movements: bytearray, now: float, lot: float
) -> None:
    place, end = 0, len(digests) // DIGEST
    while place < end:
        number, room = divmod(book.fallen, BLOCK)
        block = blocks.change(number)
        if block.first + len(block.digests) // DIGEST != book.fallen:
            block.cut(book.fallen)
            block.first = book.fallen - len(block.digests) // DIGEST
        count = min(end - place, BLOCK - room)
        if count == end:
            block.digests += digests
            block.movements += movements
        else:
            block.digests += digests[place * DIGEST : (place + count) * DIGEST]
            block.movements += movements[place * _SIZE : (place + count) * _SIZE]
        before, until = block.lots[-1] if block.lots else (0, -1.0)
        if until // lot == now // lot:
            block.lots[-1] = (before + count, now)
        else:
            block.lots.append((count, now))
        book.fallen += count
        place += count


def age(book: Book, blocks: Blocks, bounds: Bounds, now: float) -> None:
    """Forget what fell out of the book longer ago than it is remembered for, and what is more than the most (`now` in seconds)."""
    horizon = now - bounds.seconds
    while book.kept < book.fallen:
        number = book.kept // BLOCK
        block = blocks.get(number)
        if block is None or block.first >= book.fallen:
            book.kept = min((number + 1) * BLOCK, book.fallen)
            continue
        block.cut(book.fallen)
        book.kept = max(book.kept, block.first)
        there = len(block.digests) // DIGEST
        gone = sum(count for count, _ in takewhile(lambda one: one[1] <= horizon, block.lots))
        if book.fallen - book.kept - there >= bounds.most:
            gone = there  # as a whole, so that what is full is never written again
        if not gone:
            return
        is_empty = gone >= there
        _sum_up(book, block.movements[: gone * _SIZE])
        book.kept += gone
        if is_empty:
            blocks.drop(number)
            continue
        block = blocks.change(number)
        _trim(block, gone)
        return


def _trim(block: Block, count: int) -> None:
    block.first += count
    del block.digests[: count * DIGEST]
    del block.movements[: count * _SIZE]
    while count:
        size, until = block.lots.pop(0)
        if size > count:
            block.lots.insert(0, (size - count, until))
        count -= min(size, count)


def _sum_up(book: Book, movements: bytes | bytearray) -> None:
    """Keep the sums by day of movements that are forgotten, for counts that come late."""
    days = book.days
    times, changes = zip(*MOVEMENT.iter_unpack(movements), strict=True)
    first, last = min(times), max(times)
    book.summed = max(book.summed, last)
    if first > book.counted_at and first // _DAY == last // _DAY:
        # As nearly always; a loop would cost a sale a tenth more.
        day = int(first // _DAY)
        days[day] = days.get(day, 0) + sum(changes)
    elif last > book.counted_at:
        for when, change in zip(times, changes, strict=True):
            if change and when > book.counted_at:
                day = int(when // _DAY)
                days[day] = days.get(day, 0) + change
    while len(days) > _DAYS:
        oldest, second = sorted(days)[:2]
        days[second] += days.pop(oldest)
        book.blurred = max(book.blurred, second)


def since(book: Book, blocks: Blocks, at: float) -> int:
    """Return how the stock has changed since a time (seconds since 1970), as far as it is remembered.

    Of a day whose movements are forgotten only the sum is known: it is taken to have been spread over the day.
    """
    total = _later(book.movements, at)
    if at < book.forgotten:
        total += sum(_later(one.movements, at) for one in _known(book, blocks))
    if at == book.counted_at:
        total += sum(book.days.values())
    elif at < book.summed:
        day, rest = divmod(at, _DAY)
        total += sum(change for one, change in book.days.items() if one > day)
        total += round(book.days.get(int(day), 0) * (1 - rest / _DAY))
    return total


def _later(movements: bytes | bytearray, at: float) -> int:
    return sum(change for when, change in MOVEMENT.iter_unpack(movements) if when > at)


def reaches(book: Book, at: float) -> bool:
    """Return whether it is known what has happened since a time (seconds since 1970), at least by days."""
    return at >= book.summed or at // _DAY > book.blurred


def settle(book: Book, at: float) -> None:
    """Forget the sums of days before a count (seconds since 1970): it knows of all that they hold."""
    first = int(at // _DAY)
    book.days = {day: change for day, change in book.days.items() if day >= first}
    if not book.days:
        book.blurred = 0
