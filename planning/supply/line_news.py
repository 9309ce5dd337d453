"""What is known of one line of an order: a function of the set of its news, in whatever order they were heard.

Of every field the news with the latest event time count. What was received and sent back counts from the start, so that a
later word corrects an earlier one, also downward; each parcel keeps its own time, by which stock counts split them.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from andon.planning.supply.facts import CLOSINGS, MOST_FACTS, PARTLY, Fact, Status

#: When something came or went (seconds since 1970), and how many units; what went back to the supplier is negative.
Receipt = tuple[float, int]
_ONE_MORE: Final = 2


class LineState(NamedTuple):
    """What all news of a line come to.

    `open_quantity` is what is still to come, `receipts` what came and went, `settled` the time through which receipts are
    merged into one; `expected` and `promised` are the line's own dates, if it has any.
    """

    quantity: int
    received: int
    returned: int
    open_quantity: int
    receipts: tuple[Receipt, ...]
    settled: float
    expected: float | None
    promised: float | None
    #: What of `returned` was not fit to be used, and did not go into the stock.
    rejected: int = 0
    #: The lot that it is of, and the last day on which that may be sold (since 1970).
    lot: tuple[str, int] | None = None


#: A line of which there are no news.
NOTHING: Final = LineState(0, 0, 0, 0, (), 0.0, None, None)


def item_states(
    facts: Mapping[str, Sequence[Fact]],
    statuses: Sequence[Status],
    settled: Mapping[str, float],
    most: int = MOST_FACTS,
) -> dict[str, LineState]:
    """Return what the news of an item's lines and of their order come to, by the name of the line ("" if it has none).

    Open is what was ordered and did not come, and what went back. `received` closes a line: what it leaves open will not come,
    and only what goes back or turns out not to have come after all is open again; after `cancelled`, only what goes back. Any
    news of an order that is on its way open what is left of it again; a receipt alone does not. What comes under no line's name
    and is more than was ordered under none counts for the lines that are due first.

    What is ordered under no name, by news that name no line of the item, is all of the item that is ordered: lines named by other
    news are parts of it, and where those confirm the order all of it, so that what they leave out is short. Where news have both,
    what has no name is a line besides.

    Args:
        facts: what the news say of each line.
        statuses: what they say of the order.
        settled: through when receipts of a line were merged already, if they were.
        most: so many receipts of each line are told apart.
    """
    tallies = {name: _Tally(settled.get(name, 0.0)) for name in facts}
    is_whole = _tells_whole(facts)
    is_confirmed = is_whole and _confirms_parts(facts, statuses)
    news: list[tuple[str, Fact | Status]] = [
        (name, one) for name, some in facts.items() for one in some
    ]
    # What news say of the order comes after what they say of its lines.
    news += [("", one) for one in statuses]
    for name, one in sorted(news, key=lambda one: one[1].place):
        if isinstance(one, Fact):
            tallies[name].learn(one)
        elif one.status in CLOSINGS:
            if is_whole:
                _take_parts_off(tallies, is_all=is_confirmed)
            spare = _spare(tallies)
            for line, tally in tallies.items():
                tally.close(one, spare.get(line, 0))
        elif one.status != PARTLY:
            for tally in tallies.values():
                tally.closed = None
                tally.written_off = 0
    if is_whole:
        _take_parts_off(tallies, is_all=is_confirmed)
    spare = _spare(tallies)
    return {name: tally.state(spare.get(name, 0), most) for name, tally in tallies.items()}


def _tells_whole(facts: Mapping[str, Sequence[Fact]]) -> bool:
    """Return whether what is ordered under no line's name is all of an item that has lines with names, too."""
    if len(facts) == 1 or "" not in facts:
        return False
    named = {
        one.number
        for name, some in facts.items()
        for one in some
        if name and one.quantity is not None
    }
    return bool(named) and not any(one.number in named for one in facts[""])


def _confirms_parts(facts: Mapping[str, Sequence[Fact]], statuses: Sequence[Status]) -> bool:
    """Return whether news that confirm the order name lines of an item, after all that is ordered of it under no name."""
    confirming = {one.number for one in statuses if one.status == "confirmed"}
    whole = [one.place for one in facts.get("", ()) if one.quantity is not None]
    parts = (
        one.place
        for name, some in facts.items()
        for one in some
        if name and one.quantity is not None and one.number in confirming
    )
    last = max(parts, default=None)
    return last is not None and (not whole or last > max(whole))


def _take_parts_off(tallies: Mapping[str, "_Tally"], *, is_all: bool) -> None:
    """Leave under no line's name what the lines with names leave of it; nothing if these are all of it."""
    parts = sum(tally.told for name, tally in tallies.items() if name)
    tallies[""].quantity = 0 if is_all else max(tallies[""].told - parts, 0)


def _spare(tallies: Mapping[str, "_Tally"]) -> dict[str, int]:
    """Return what came under no line's name and counts for one of the lines."""
    found: dict[str, int] = {}
    if len(tallies) == 1 or "" not in tallies:
        return found
    unnamed = tallies[""]
    spare = unnamed.received - unnamed.returned - unnamed.quantity
    for name in sorted(tallies.keys() - {""}, key=lambda name: (tallies[name].due, name)):
        found[name] = max(min(spare, tallies[name].open_quantity), 0)
        spare -= found[name]
    return found


class _Tally:
    """A line as news after news makes it."""

    def __init__(self, settled: float) -> None:
        self.quantity = self.told = self.received = self.returned = self.rejected = 0
        self._sent_back = 0
        self.closed: str | None = None
        self.written_off = 0
        self.expected: float | None = None
        self.promised: float | None = None
        self.lot: tuple[str, int] | None = None
        self._returned_before = 0
        self._came: list[Receipt] = []
        self._went: list[Receipt] = []
        self._exact = -1
        self._settled = settled

    @property
    def due(self) -> float:
        date = self.expected if self.expected is not None else self.promised
        return math.inf if date is None else date

    @property
    def open_quantity(self) -> int:
        if self.closed == "cancelled":
            return max(self.returned - self._returned_before, 0)
        return max(self._missing - self.written_off, 0)

    @property
    def _missing(self) -> int:
        return max(self.quantity - self.received + self.returned, 0)

    def learn(self, fact: Fact) -> None:
        if fact.quantity is not None:
            self.quantity = self.told = fact.quantity
        if fact.received is not None:
            self.received = fact.received
            self._came.append((fact.at, self.received))
        if fact.returned is not None or fact.rejected is not None:
            self._sent_back = self._sent_back if fact.returned is None else fact.returned
            self.rejected = self.rejected if fact.rejected is None else fact.rejected
            self.returned = self._sent_back + self.rejected
            self._went.append((fact.at, self.returned))
        if (fact.received, fact.returned, fact.rejected) != (None, None, None):
            self._exact = fact.number
        if fact.expected is not None:
            self.expected = fact.expected
        if fact.promised is not None:
            self.promised = fact.promised
        if fact.lot is not None:
            self.lot = fact.lot

    def close(self, status: Status, spare: int) -> None:
        """Close the line; `spare` units of it came under no line's name."""
        if status.status == "received":
            if self._exact != status.number:
                came = self._missing if self.closed == "cancelled" else self.open_quantity
                self.received += max(came - spare, 0)
                self._came.append((status.at, self.received))
            self.written_off = max(self._missing - spare, 0)
        self._returned_before = self.returned
        self.closed = status.status

    def state(self, spare: int, most: int) -> LineState:
        receipts = _changes(self._came)
        if self._went:
            receipts = sorted([*receipts, *((at, -change) for at, change in _changes(self._went))])
        settled = self._settled
        if len(receipts) > most:
            merged, settled = as_one(receipts[: 1 - most], settled)
            receipts[: 1 - most] = merged
        return LineState(
            self.quantity,
            self.received,
            self.returned,
            self.open_quantity - spare,
            tuple(receipts),
            settled,
            self.expected,
            self.promised,
            self.rejected,
            self.lot,
        )


def as_one(receipts: Sequence[Receipt], settled: float) -> tuple[tuple[Receipt, ...], float]:
    """Return some receipts as one at the time of the last, and through when they are merged then."""
    if len(receipts) < _ONE_MORE:
        return tuple(receipts), settled
    at = receipts[-1][0]
    return ((at, sum(change for _, change in receipts)),), max(at, settled)


def _changes(so_far: Sequence[Receipt]) -> list[Receipt]:
    """Return what came when, from words on all that came so far: no earlier word may say more than a later one."""
    found: list[Receipt] = []
    for at, total in so_far:
        since = at
        while found and found[-1][1] >= total:
            since, _ = found.pop()
        found.append((since, total))
    changes = []
    before = 0
    for at, total in found:
        if total != before:
            changes.append((at, total - before))
            before = total
    return changes


def status_of(statuses: Sequence[Status], *, is_open: bool) -> str:
    """Return what an order's news say that became of it, given whether something of it is still to come.

    A receipt does not open again what was closed, unless it leaves something open.
    """
    closing = None
    last = "ordered"
    for one in statuses:
        if one.status == PARTLY and closing is not None and not is_open:
            continue
        last = one.status
        closing = one if one.status in CLOSINGS else None
    return PARTLY if is_open and last in CLOSINGS else last
