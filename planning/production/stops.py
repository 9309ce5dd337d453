"""When a production line stops for want of a part: to the unit that can first not be begun.

The orders of a line take a part unit by unit, at a steady pace; what is there and what comes is a staircase. In between two receipts the
first unit that finds too little is found by bisection, so that an order of a million units costs no more than one of ten.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

#: So much less than a unit takes is not missing: what fractions add up to is not exact.
_SLACK: Final = 1e-6


class Use(NamedTuple):
    """What an order takes of a part: `takes` for each of `units`, from `begins` on (seconds since 1970), one every `each` seconds.

    A unit takes it `offset` seconds after it is begun; below nothing, before that.
    """

    line: str
    order_id: str
    begins: float
    each: float
    units: int
    takes: float
    offset: float = 0.0

    def begun(self, at: float) -> int:
        """Return how many units have taken it by a moment, that included."""
        if at < self.begins:
            return 0
        if self.each <= 0:
            return self.units
        return min(int((at - self.begins) / self.each + 1e-9) + 1, self.units)

    def starts(self, unit: int) -> float:
        """Return when a unit takes it, the first of which is 0."""
        return self.begins + unit * self.each


class Stop(NamedTuple):
    """When a line stops (seconds since 1970), in which order, and how many units of that are begun before.

    `waits` is how many seconds before that the unit was begun that can not go on.
    """

    at: float
    order_id: str
    units: int
    waits: float = 0.0


def first_stops(
    stock: float,
    receipts: Iterable[tuple[float, float]],
    uses: Iterable[Use],
    taken: Iterable[tuple[float, float]] = (),
) -> dict[str, Stop]:
    """Return for each line that stops for want of a part when that is.

    A line that has stopped takes no more; the others go on with what is left. Where two units begin at one moment, that of the line
    which comes first by its name is served first.

    Args:
        stock: what is there now, in units of the part.
        receipts: when more comes (seconds since 1970), and how much.
        uses: what the orders take; those of a line follow each other.
        taken: when others take how much.
    """
    running = sorted(uses, key=lambda use: (use.line, use.begins))
    steps = sorted([*receipts, *((at, -quantity) for at, quantity in taken)])
    found: dict[str, Stop] = {}
    # A line stops a second time only sooner: for a unit that takes the part after one which it takes longer before it is begun.
    for _ in range(len({use.line for use in running}) + len(running)):
        stop = _first(stock, steps, running)
        if stop is None:
            break
        line, first = stop
        found[line] = min(found.get(line, first), first)
        running = _stopped(running, line, first.at - first.waits)
    return found


def _first(
    stock: float, steps: Sequence[tuple[float, float]], uses: list[Use]
) -> tuple[str, Stop] | None:
    """Return the first unit that can not be begun, and its line."""
    begin, here = float("-inf"), stock
    for end, change in [*steps, (float("inf"), 0.0)]:
        found = _between(begin, end, here, uses)
        if found is not None:
            return found
        begin, here = end, here + change
    return None


def _between(begin: float, end: float, here: float, uses: list[Use]) -> tuple[str, Stop] | None:
    """Return the first unit that is begun from one moment until before another and finds too little, if so much came before."""
    first: tuple[float, str, Use, int] | None = None
    for use in uses:
        # What begins at that very moment finds what came then.
        low = _begun_before(use, begin)
        high = use.units if end == float("inf") else _begun_before(use, end)
        if low >= high:
            continue
        if first is not None and use.starts(low) > first[0]:
            continue
        # What the last of them finds, all before it find, too.
        if not _lacks(use, high - 1, here, uses):
            continue
        unit = low + bisect_left(range(low, high), 1, key=_lacking(use, here, uses))
        if unit < high and (first is None or (use.starts(unit), use.line) < first[:2]):
            first = use.starts(unit), use.line, use, unit
    if first is None:
        return None
    at, line, use, unit = first
    waits = max(use.offset, 0.0)
    return line, Stop(at - use.offset + waits, use.order_id, unit, waits)


def _lacking(use: Use, here: float, uses: list[Use]) -> Callable[[int], int]:
    return lambda unit: _lacks(use, unit, here, uses)


def _lacks(use: Use, unit: int, here: float, uses: list[Use]) -> int:
    """Return 1 if a unit finds too little when it is begun, else 0: those of lines before it by name are served first."""
    at = use.starts(unit)
    total = 0.0
    for one in uses:
        if one is use:
            total += (unit + 1) * one.takes
        elif one.line <= use.line:
            total += one.begun(at) * one.takes
        else:
            total += _begun_before(one, at) * one.takes
    return int(total > here + _SLACK)


def _begun_before(use: Use, at: float) -> int:
    if use.each <= 0:
        return use.units if use.begins < at else 0
    count = use.begun(at)
    return count - 1 if count and use.starts(count - 1) >= at - 1e-6 else count


def _stopped(uses: list[Use], line: str, at: float) -> list[Use]:
    """Return what is left to look at once a line has stopped: what it began before counts, and no more of it."""
    found = []
    for use in uses:
        units = use.units
        if use.line == line:
            units = min(_begun_before(use, at + use.offset), units)
        # It cannot stop again: its units are what others take.
        found.append(use._replace(units=units))
    return found
