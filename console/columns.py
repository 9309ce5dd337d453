"""All open alerts as columns of numbers, so that of 200,000 the first few hundred are found within milliseconds.

Only what is filtered, ranked and summed by is a column; the alerts themselves stay encoded, and those that are shown are decoded.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from andon.console.rows import LEAST_HOURS, SEVERITIES, TILES, Filters, Row

Slots = npt.NDArray[np.int64]
_TILES: Final = {name: number for number, name in enumerate(TILES)}
#: What is filtered by as text, with what each row has of it.
_NAMED: Final = ("location", "supplier", "kind", "service_class", "currency")
_FIRST_ROOM: Final = 1024
_NOBODY: Final = -1


class _Codes:
    """Numbers for names; a name keeps its number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.names: list[str] = []

    def of(self, name: str | None) -> int:
        if name is None:
            return _NOBODY
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number

    def known(self, name: str) -> int | None:
        return self._numbers.get(name)


class Columns:
    """The open alerts, each in a slot of its own."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._names: list[str | None] = []
        self._texts: list[str] = []
        self._free: list[int] = []
        self._codes = {name: _Codes() for name in _NAMED}
        self._named = {name: np.full(_FIRST_ROOM, _NOBODY, np.int32) for name in _NAMED}
        self._until = np.full(_FIRST_ROOM, np.nan)
        self._money = np.zeros(_FIRST_ROOM)
        self._stands = np.full(_FIRST_ROOM, -np.inf)
        self._severity = np.zeros(_FIRST_ROOM, np.int8)
        self._tile = np.zeros(_FIRST_ROOM, np.int8)
        #: 0: live, 1: in shadow, 2: nothing is there.
        self._stage = np.full(_FIRST_ROOM, 2, np.int8)

    def __len__(self) -> int:
        return len(self._slots)

    def put(self, row: Row) -> None:
        """Take in a row, in place of what was known of its alert."""
        slot = self._slots.get(row.alert_id)
        if slot is None:
            slot = self._slots[row.alert_id] = self._room()
        alert, known = row.entry.alert, row.known
        self._names[slot] = row.alert_id
        self._texts[slot] = row.text
        values = (
            alert.location,
            alert.supplier,
            alert.kind,
            None if known is None else known.service_class,
            alert.currency,
        )
        for name, value in zip(_NAMED, values, strict=True):
            self._named[name][slot] = self._codes[name].of(value)
        self._until[slot] = np.nan if row.until is None else row.until
        self._money[slot] = row.value_at_risk
        self._stands[slot] = row.stands_until
        self._severity[slot] = row.severity
        self._tile[slot] = _TILES[row.tile]
        self._stage[slot] = row.is_shadow

    def drop(self, alert_id: str) -> None:
        """Let go of an alert's row, if there is one."""
        slot = self._slots.pop(alert_id, None)
        if slot is not None:
            self._names[slot] = None
            self._texts[slot] = ""
            self._stage[slot] = 2
            self._free.append(slot)

    def _room(self) -> int:
        if self._free:
            return self._free.pop()
        slot = len(self._names)
        self._names.append(None)
        self._texts.append("")
        if slot == len(self._stage):
            for held, name in (
                (self.__dict__, key)
                for key in ("_until", "_money", "_stands", "_severity", "_tile", "_stage")
            ):
                held[name] = np.concatenate([held[name], held[name]])
            self._stage[slot:] = 2
            for name in _NAMED:
                self._named[name] = np.concatenate([self._named[name], self._named[name]])
        return slot

    def slots_of(self, alert_ids: Iterable[str]) -> Slots:
        """Return the slots of alerts; of those that are not open, none."""
        found = (self._slots.get(name) for name in alert_ids)
        return np.array([slot for slot in found if slot is not None], np.int64)

    def wanted(self, filters: Filters, now: datetime, among: Slots | None = None) -> Slots:
        """Return the slots of the rows that are asked for, in no order.

        Args:
            filters: which are asked for; `cause` is left to `among`.
            now: the time on the board.
            among: where to look, if not everywhere.
        """
        used = len(self._names)
        keep = self._stage[:used] == (1 if filters.stage == "shadow" else 0)
        if filters.answered != "all":
            keep &= (self._stands[:used] > now.timestamp()) == (filters.answered == "yes")
        for name in ("location", "supplier", "kind", "service_class"):
            value = getattr(filters, name)
            if value:
                code = self._codes[name].known(value)
                keep &= self._named[name][:used] == (-2 if code is None else code)
        if filters.severity:
            place = SEVERITIES.index(filters.severity) if filters.severity in SEVERITIES else -1
            keep &= self._severity[:used] == place
        if filters.tile:
            keep &= self._tile[:used] == _TILES.get(filters.tile, -1)
        slots = np.flatnonzero(keep) if among is None else among[keep[among]]
        for word in filters.search.lower().split():
            texts = self._texts
            slots = np.array([slot for slot in slots.tolist() if word in texts[slot]], np.int64)
        return slots

    def first(self, slots: Slots, now: datetime, most: int | None = None) -> list[str]:
        """Return the ids of alerts in the order of the queue (see `rows.ranked`), `most` at most."""
        seconds = now.timestamp()
        until = self._until[slots]
        hours = np.where(np.isnan(until), np.inf, (until - seconds) / 3600)
        lost = np.where(np.isnan(until), 0.0, -self._money[slots] / np.maximum(LEAST_HOURS, hours))
        if most is not None and most < len(slots):
            # Whoever is equal to the last that has a place is looked at, too.
            last = np.partition(lost, most)[most]
            near = np.flatnonzero(lost <= last)
            slots, lost, hours = slots[near], lost[near], hours[near]
        keys = np.lexsort((self._severity[slots], hours, lost))
        names = [self._names[slot] or "" for slot in slots[keys].tolist()]
        return _by_name(names, lost[keys], hours[keys], self._severity[slots][keys], most)

    def tiles(self, now: datetime) -> list[dict[str, Any]]:
        """Return what the tiles show: of what needs a hand, how many and how much is at stake in each currency."""
        used = len(self._names)
        slots = np.flatnonzero((self._stage[:used] == 0) & ~(self._stands[:used] > now.timestamp()))
        tile, money = self._tile[slots].astype(np.int64), self._money[slots]
        counts = np.bincount(tile, minlength=len(TILES))
        currencies = self._codes["currency"].names
        room = len(currencies) + 1
        place = tile * room + self._named["currency"][slots] + 1
        sums = np.bincount(place, money, len(TILES) * room).reshape(len(TILES), room)
        return [
            {
                "name": name,
                "title": title,
                "count": int(counts[number]),
                "at_stake": {
                    "" if code == 0 else currencies[code - 1]: float(sum_)
                    for code, sum_ in enumerate(sums[number])
                    if sum_
                },
            }
            for number, (name, (title, _)) in enumerate(TILES.items())
        ]

    def counts(self, name: str, tile: str | None = None) -> Mapping[str, int]:
        """Return how many live rows have each value of a column, of one tile's or of all."""
        used = len(self._names)
        keep = self._stage[:used] == 0
        if tile is not None:
            keep &= self._tile[:used] == _TILES[tile]
        return self._counted(name, keep)

    @property
    def choices(self) -> dict[str, list[str]]:
        """What can be filtered by: each value that some row has, by what it is of."""
        there = self._stage[: len(self._names)] != 2
        return {name: sorted(self._counted(name, there)) for name in _NAMED if name != "currency"}

    def _counted(self, name: str, keep: npt.NDArray[np.bool_]) -> dict[str, int]:
        codes = self._named[name][: len(self._names)][keep] + 1
        names = self._codes[name].names
        counts = np.bincount(codes, minlength=len(names) + 1)[1:]
        return {names[code]: int(counts[code]) for code in np.flatnonzero(counts)}


def _by_name(
    names: list[str],
    lost: npt.NDArray[np.float64],
    hours: npt.NDArray[np.float64],
    severity: npt.NDArray[np.int8],
    most: int | None,
) -> list[str]:
    """Return names that are in order but for those that are equal in all three, which go by name; `most` at most."""
    same = (np.diff(lost) == 0) & (np.diff(severity) == 0) & (hours[1:] == hours[:-1])
    ends = np.flatnonzero(~same) + 1
    start = 0
    for end in [*ends.tolist(), len(names)]:
        if end - start > 1:
            names[start:end] = sorted(names[start:end])
        start = end
        if most is not None and start >= most:
            break
    return names if most is None else names[:most]
