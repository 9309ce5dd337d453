"""What is kept of the news of an order and of its lines: as much as can still count, whatever is heard later."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import msgspec

from andon.schemas.common import item_key, split_item_key

#: So many news of a line are kept, fewer of each where an order has very many lines; older ones are merged.
MOST_FACTS: Final = 16
_FEWEST_FACTS: Final = 2
_MOST_FACTS_OF_ALL: Final = 2_000
#: So many closings of one order are kept, and so many news between two of them.
_MOST_CLOSINGS: Final = 8
_ENDS: Final = 2
_MOST_STATUSES: Final = 40
#: What is ordered again so long after an order was done is another one; so long it may be corrected.
PAUSE: Final = 30 * 86400.0
CLOSINGS: Final = ("received", "cancelled")
PARTLY: Final = "partly_received"
#: Between an item's key and the name of a line; a control character, "unit separator".
_BETWEEN: Final = "\x1f"


def line_key(location: str, sku: str, name: str = "") -> str:
    """Return the key of an order's line: that of its item, and the line's name if it has one."""
    key = item_key(location, sku)
    return f"{key}{_BETWEEN}{name}" if name or _BETWEEN in key else key


def split_line_key(key: str) -> tuple[str, str, str]:
    """Return location, sku and name of a line's key."""
    item, between, name = key.rpartition(_BETWEEN)
    location, sku = split_item_key(item if between else key)
    return location, sku, name if between else ""


class Fact(msgspec.Struct, array_like=True):
    """What one piece of news says of a line; None where it does not name it.

    `at` is when it happened and `number` which of the order's news it was, as heard: of one moment, the later heard counts.
    `received`, `returned` and `rejected` count all parcels so far; `expected` and `promised` are dates of this line alone (all times in
    seconds since 1970).
    """

    at: float
    number: int
    quantity: int | None = None
    received: int | None = None
    returned: int | None = None
    expected: float | None = None
    promised: float | None = None
    rejected: int | None = None
    #: The lot that it is of, and the last day on which that may be sold (since 1970).
    lot: tuple[str, int] | None = None

    @property
    def place(self) -> tuple[float, int]:
        """Where it stands among all news."""
        return self.at, self.number


class Status(msgspec.Struct, array_like=True):
    """What one piece of news says of the whole order; `at` and `number` are as in `Fact`.

    `since` is when they say that it was ordered (None if they do not), and `anew` that they begin another order.
    """

    at: float
    number: int
    status: str
    since: float | None = None
    anew: bool = False

    @property
    def place(self) -> tuple[float, int]:
        """Where it stands among all news."""
        return self.at, self.number


def note_status(known: list[Status], news: Status) -> None:
    """Keep what an order's news say of it, in order of time, and let go what can no longer count, whatever is yet to come."""
    if any((one.at, one.status, one.anew) == (news.at, news.status, news.anew) for one in known):
        return
    known.insert(bisect_right(known, news.place, key=lambda one: one.place), news)
    kept: list[Status] = []
    opened = 0
    for one in known:
        if one.status in CLOSINGS:
            opened = 0
        elif one.status == PARTLY:
            kept = [other for other in kept if other.status != PARTLY]
        elif (opened := opened + 1) > _ENDS:
            # Of several in a row that open it, a closing that is heard late can only fall between the first and the last.
            last = max(place for place, other in enumerate(kept) if other.status != PARTLY)
            if not _may_begin(kept, last):
                del kept[last]
            opened = _ENDS
        kept.append(one)
    while (
        len(kept) > _MOST_STATUSES or sum(one.status in CLOSINGS for one in kept) > _MOST_CLOSINGS
    ):
        del kept[0]
    known[:] = kept


def _may_begin(known: Sequence[Status], place: int) -> bool:
    """Whether news may turn out to begin another order under the same number."""
    one = known[place]
    if one.anew:
        return True
    return one.status == "ordered" and place > 0 and one.at - known[place - 1].at > PAUSE


def note_fact(
    known: list[Fact], news: Fact, statuses: Sequence[Status], lines: int
) -> float | None:
    """Keep a piece of news of a line, in order of time; return through when older ones were merged, None if none were.

    Args:
        known: the news of the line so far.
        news: the new ones.
        statuses: what became of the order: what it closed is not merged with what came after, if that can be helped.
        lines: how many lines the order has.
    """
    if any(one.at == news.at and _says(one) == _says(news) for one in known):
        return None
    known.insert(bisect_right(known, news.place, key=lambda one: one.place), news)
    most = kept_of_each(lines)
    closed = [one.place for one in statuses if one.status in CLOSINGS]
    merged = None
    while len(known) > most:
        first = min(range(len(known) - 1), key=lambda place: _loss(known, place, closed))
        older, newer = known[first], known.pop(first + 1)
        both = zip(_says(older), _says(newer), strict=True)
        said = [before if now is None else now for before, now in both]
        known[first] = Fact(newer.at, newer.number, *said)  # type: ignore[arg-type]
        merged = max(merged or 0.0, newer.at)
    return merged


def _loss(known: Sequence[Fact], first: int, closed: Sequence[tuple[float, int]]) -> int:
    """Return how much is lost by merging a piece of news with the next: what it was before a closing, and when goods came."""
    one, other = known[first], known[first + 1]
    crosses = any(one.place <= when < other.place for when in closed)
    stands = (one.received, one.returned, one.rejected) != (None, None, None)
    return 2 * crosses + stands


def kept_of_each(lines: int) -> int:
    """Return how many news, and how many receipts, are kept of each line of an order that has so many."""
    return max(_FEWEST_FACTS, min(MOST_FACTS, _MOST_FACTS_OF_ALL // max(lines, 1)))


def _says(fact: Fact) -> tuple[int | float | tuple[str, int] | None, ...]:
    return (
        fact.quantity,
        fact.received,
        fact.returned,
        fact.expected,
        fact.promised,
        fact.rejected,
        fact.lot,
    )
