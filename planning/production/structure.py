"""What all made items are made of, as one structure: who uses what, low-level codes, and which uses are refused.

An item's low-level code is 0 if it is part of nothing, else one more than the highest of those that it is a part of: worked in
its order, every requirement is complete before it is passed on. Where an item would come to be a part of itself, of the bills
on that way the one that was changed last gives way: what is refused is a function of the set of bills, however it came about.
"""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping


class Structure:
    """The bills of all items by their keys: the keys of the components, when each bill was changed, and what follows of that."""

    def __init__(self) -> None:
        self._bills: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._uses: dict[str, tuple[str, ...]] = {}
        self._used_by: dict[str, set[str]] = {}
        self._refused: dict[str, dict[str, tuple[str, ...]]] = {}
        self._levels: dict[str, int] = {}

    def level(self, key: str) -> int:
        """Return the low-level code of an item."""
        return self._levels.get(key, 0)

    def uses(self, key: str) -> tuple[str, ...]:
        """Return the components of an item, without those that are refused."""
        return self._uses.get(key, ())

    def users(self, key: str) -> Collection[str]:
        """Return the items that an item is a component of."""
        return self._used_by.get(key, ())

    def refused(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """Return the components of an item that are refused, each with the way from the item through it back to the item."""
        return self._refused.get(key, {})

    def learn(self, key: str, components: Iterable[str], at: float) -> set[str]:
        """Take in the bill of an item (changed at `at`, in seconds since 1970); no components: it has none any more.

        Return the items of which other components are refused than before.
        """
        given = tuple(dict.fromkeys(components))
        if self._bills.get(key, (None, ()))[1] == given and not self._refused:
            if given:
                self._bills[key] = at, given
            return set()
        if given:
            self._bills[key] = at, given
        else:
            self._bills.pop(key, None)
        before = set(self._uses.get(key, ()))
        closes = any(self._leads_to(one, key) for one in given if one not in before)
        if not closes and not self._refused:
            self._set(key, given)
            return set()
        return self._settle()

    def _set(self, key: str, components: tuple[str, ...]) -> None:
        """Let an item have these components, and bring the levels up to date."""
        before, now = self._uses.get(key, ()), components
        for one in before:
            self._used_by[one].discard(key)
            if not self._used_by[one]:
                del self._used_by[one]
        if now:
            self._uses[key] = now
        else:
            self._uses.pop(key, None)
        for one in now:
            self._used_by.setdefault(one, set()).add(key)
        self._relevel({*before, *now})

    def _relevel(self, keys: Iterable[str]) -> None:
        """Bring the levels of these items, and of what lies below them, up to date, from the top down."""
        waiting = [(self.level(key), key) for key in keys]
        heapq.heapify(waiting)
        while waiting:
            _, key = heapq.heappop(waiting)
            level = 1 + max((self.level(one) for one in self.users(key)), default=-1)
            if level == self.level(key):
                continue
            if level:
                self._levels[key] = level
            else:
                del self._levels[key]
            for one in self.uses(key):
                heapq.heappush(waiting, (self.level(one), one))

    def _leads_to(self, begin: str, end: str) -> bool:
        """Return whether an item has another among its components, or those of these."""
        if begin == end:
            return True
        limit, seen, waiting = self.level(end), {begin}, [begin]
        while waiting:
            for one in self.uses(waiting.pop()):
                if one == end:
                    return True
                # Whatever leads to it lies above it.
                if one not in seen and self.level(one) < limit:
                    seen.add(one)
                    waiting.append(one)
        return False

    def _settle(self) -> set[str]:
        """Decide anew what is refused, and return the items of which that is other than before."""
        known = self._refused
        self._refused, self._uses = _without_circles(self._bills)
        self._used_by = {}
        for key, components in self._uses.items():
            for one in components:
                self._used_by.setdefault(one, set()).add(key)
        self._relevel_all()
        return {
            key
            for key in known.keys() | self._refused.keys()
            if known.get(key) != self._refused.get(key)
        }

    def _relevel_all(self) -> None:
        self._levels = {}
        left = {key: len(users) for key, users in self._used_by.items()}
        waiting = [key for key in self._uses if key not in left]
        while waiting:
            key = waiting.pop()
            below = self.level(key) + 1
            for one in self.uses(key):
                self._levels[one] = max(self.level(one), below)
                left[one] -= 1
                if not left[one]:
                    waiting.append(one)


_Bills = dict[str, tuple[float, tuple[str, ...]]]


def _without_circles(
    bills: _Bills,
) -> tuple[dict[str, dict[str, tuple[str, ...]]], dict[str, tuple[str, ...]]]:
    """Return which components are refused, and which are left, if bills are taken one after the other as they were changed."""
    refused: dict[str, dict[str, tuple[str, ...]]] = {}
    taken: dict[str, list[str]] = {}
    group = _groups(bills)
    for _, key in sorted((at, key) for key, (at, _) in bills.items()):
        mine = taken[key] = []
        for one in bills[key][1]:
            path = _way(taken, one, key, group) if group[one] == group[key] else None
            if path is None:
                mine.append(one)
            else:
                refused.setdefault(key, {})[one] = (key, *path)
    return refused, {key: tuple(mine) for key, mine in taken.items() if mine}


def _way(
    taken: dict[str, list[str]], begin: str, end: str, group: dict[str, int]
) -> list[str] | None:
    """Return a shortest way from an item through components to another, both included; None if there is none."""
    came: dict[str, str] = {begin: ""}
    waiting = [begin]
    for key in waiting:
        if key == end:
            path = [end]
            while came[path[-1]]:
                path.append(came[path[-1]])
            return path[::-1]
        for one in taken.get(key, ()):
            if one not in came and group[one] == group[end]:
                came[one] = key
                waiting.append(one)
    return None


def _groups(bills: _Bills) -> dict[str, int]:
    """Return for each item the number of its group: of those that lead to each other (Tarjan's algorithm, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    group: dict[str, int] = {}
    stack: list[str] = []
    for root in bills:
        if root in order:
            continue
        calls: list[tuple[str, Iterator[str]]] = []
        _visit(root, order, low, stack, calls, bills)
        while calls:
            key, rest = calls[-1]
            for one in rest:
                if one not in order:
                    _visit(one, order, low, stack, calls, bills)
                    break
                if one not in group:
                    low[key] = min(low[key], order[one])
            else:
                calls.pop()
                if calls:
                    low[calls[-1][0]] = min(low[calls[-1][0]], low[key])
                if low[key] == order[key]:
                    while True:
                        one = stack.pop()
                        group[one] = order[key]
                        if one == key:
                            break
    return group


def _visit(
    key: str,
    order: dict[str, int],
    low: dict[str, int],
    stack: list[str],
    calls: list[tuple[str, Iterator[str]]],
    bills: _Bills,
) -> None:
    order[key] = low[key] = len(order)
    stack.append(key)
    calls.append((key, iter(bills.get(key, (0.0, ()))[1])))
