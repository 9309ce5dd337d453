"""The work queue: what stands on the board as rows, ranked by what waiting costs, filtered, and summed up as tiles."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from math import inf
from typing import Any, Final, NamedTuple

import msgspec

from andon.console.answers import in_words, stands
from andon.schemas.board import BoardEntry

#: What each tile at the top counts, by its name.
TILES: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "order": ("To order", frozenset({"replenish"})),
    "out": ("Runs out", frozenset({"stockout_risk"})),
    "late": (
        "Late or silent",
        frozenset({"late_shipment", "silent_delay", "overdue_order", "disruption"}),
    ),
    "supplier": ("Suppliers to ask", frozenset({"supplier_slipping", "unseen_order"})),
    "data": ("Data to mend", frozenset({"book_mismatch", "demand_unknown", "class_advice"})),
    "other": ("Other", frozenset({"demand_spike", "level_shift", "overstock"})),
}
_TILE_OF: Final = {kind: name for name, (_, kinds) in TILES.items() for kind in kinds}
_SEVERITIES: Final = ("critical", "warning", "info")
#: A row whose time is over, or nearly, is ranked as if so much of it were left.
_LEAST_HOURS: Final = 1.0


class Known(msgspec.Struct, frozen=True):
    """What the master data say of an item that the queue shows."""

    description: str | None = None
    service_class: str = "balanced"
    category: str | None = None
    #: What a unit costs, in the item's currency.
    unit_cost: float | None = None


class Filters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows are asked for; an empty text asks for all."""

    location: str = ""
    supplier: str = ""
    kind: str = ""
    severity: str = ""
    tile: str = ""
    service_class: str = ""
    #: Words that must all stand in a row, whatever their case.
    search: str = ""
    #: `no`: what needs a hand; `yes`: what was answered; `all`: both.
    answered: str = "no"
    #: The id of an alert: what it holds up.
    cause: str = ""
    #: `live`: what is acted on; `shadow`: what nobody acts on yet.
    stage: str = "live"


class Row(NamedTuple):
    """An open alert with what the queue needs of it: of 200,000 each is looked at for every view."""

    entry: BoardEntry
    known: Known | None
    alert_id: str
    #: What is searched, in lower case.
    text: str
    #: Until when something must be done, seconds since 1970; None if nobody knows.
    until: float | None
    value_at_risk: float
    #: The place of its severity, the worst first.
    severity: int
    is_shadow: bool
    #: Until when its answer stands, seconds since 1970: for ever, or not at all.
    stands_until: float
    tile: str


class Ranked(NamedTuple):
    """A row with what it is ranked by: the money lost an hour by waiting, and the hours left; None for not known."""

    row: Row
    per_hour: float | None
    hours_left: float | None


def row_of(entry: BoardEntry, known: Known | None) -> Row:
    """Return the row of an open alert, given what is known of its item."""
    alert, answer = entry.alert, entry.answer
    words = (
        alert.sentence,
        alert.alert_id,
        alert.supplier,
        known.description if known is not None else None,
        known.category if known is not None else None,
    )
    until = alert.order_by or alert.stockout_p50 or alert.expected_arrival
    stands_until = -inf
    if answer is not None and alert.revision <= answer.revision:
        snoozed = answer.snooze_until
        stands_until = inf if snoozed is None else snoozed.timestamp()
    return Row(
        entry,
        known,
        alert.alert_id,
        " ".join(word for word in words if word).lower(),
        None if until is None else until.timestamp(),
        alert.value_at_risk or 0.0,
        _SEVERITIES.index(alert.severity),
        alert.stage == "shadow",
        stands_until,
        _TILE_OF.get(alert.kind, "other"),
    )


def wanted(rows: Iterable[Row], filters: Filters, now: datetime) -> list[Row]:
    """Return the rows that are asked for, in no order.

    Args:
        rows: all there are.
        filters: which are asked for.
        now: the time on the board.
    """
    shadow, seconds = filters.stage == "shadow", now.timestamp()
    found = [row for row in rows if row.is_shadow == shadow]
    if filters.answered != "all":
        answered = filters.answered == "yes"
        found = [row for row in found if (row.stands_until > seconds) == answered]
    for name in ("location", "supplier", "kind", "severity"):
        value = getattr(filters, name)
        if value:
            found = [row for row in found if getattr(row.entry.alert, name) == value]
    if filters.tile:
        found = [row for row in found if row.tile == filters.tile]
    if filters.service_class:
        one = filters.service_class
        found = [row for row in found if row.known is not None and row.known.service_class == one]
    for word in filters.search.lower().split():
        found = [row for row in found if word in row.text]
    return found


def held_up_by(rows: Iterable[Row], entry: BoardEntry | None) -> list[Row]:
    """Return the rows of items that an alert of a shipment or a disruption holds up; none if it is not open."""
    if entry is None:
        return []
    alert = entry.alert
    causes = {one for one in (alert.alert_id, alert.cause, alert.shipment_id) if one}
    return [
        row
        for row in rows
        if row.entry.alert.location is not None
        and (row.entry.alert.parent_id == alert.alert_id or row.entry.alert.cause in causes)
    ]


def ranked(rows: Iterable[Row], now: datetime, most: int | None = None) -> list[Ranked]:
    """Return rows in order: those first that lose the most money an hour, then those with the least time.

    Args:
        rows: those that are asked for.
        now: the time on the board.
        most: how many, if not all.
    """
    seconds = now.timestamp()
    keys = [_order(row, seconds) for row in rows]
    first = sorted(keys) if most is None else heapq.nsmallest(most, keys)
    return [_ranked(row, seconds) for *_, row in first]


def _order(row: Row, seconds: float) -> tuple[float, float, int, str, Row]:
    if row.until is None:
        return 0.0, inf, row.severity, row.alert_id, row
    hours = (row.until - seconds) / 3600
    return (
        -row.value_at_risk / (max(_LEAST_HOURS, hours)),
        hours,
        row.severity,
        row.alert_id,
        row,
    )


def _ranked(row: Row, seconds: float) -> Ranked:
    if row.until is None:
        return Ranked(row, None, None)
    hours = (row.until - seconds) / 3600
    per_hour = row.value_at_risk / max(hours, _LEAST_HOURS) if row.value_at_risk else None
    return Ranked(row, per_hour, hours)


def tiles(rows: Iterable[Row], now: datetime) -> list[dict[str, Any]]:
    """Return what the tiles show: of what needs a hand, how many and how much is at stake in each currency."""
    seconds = now.timestamp()
    counts = dict.fromkeys(TILES, 0)
    money: dict[str, dict[str, float]] = {name: {} for name in TILES}
    for row in rows:
        if row.is_shadow or row.stands_until > seconds:
            continue
        counts[row.tile] += 1
        if row.value_at_risk:
            sums, currency = money[row.tile], row.entry.alert.currency or ""
            sums[currency] = sums.get(currency, 0.0) + row.value_at_risk
    return [
        {"name": name, "title": title, "count": counts[name], "at_stake": money[name]}
        for name, (title, _) in TILES.items()
    ]


class Choices:
    """What can be filtered by: each value that some row has."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {
            name: Counter() for name in ("location", "supplier", "kind", "service_class")
        }

    def count(self, row: Row, by: int) -> None:
        """Take in that a row is there (1) or is not any more (-1)."""
        alert, known = row.entry.alert, row.known
        values = (
            alert.location,
            alert.supplier,
            alert.kind,
            None if known is None else known.service_class,
        )
        for counts, value in zip(self._counts.values(), values, strict=True):
            if value is not None:
                counts[value] += by
                if not counts[value]:
                    del counts[value]

    @property
    def all(self) -> dict[str, list[str]]:
        """The values, by what they are of."""
        return {name: sorted(counts) for name, counts in self._counts.items()}


def shown(one: Ranked, now: datetime) -> dict[str, Any]:
    """Return a row as the screen has it, and as its export has it."""
    entry, known = one.row.entry, one.row.known
    alert, answer = entry.alert, entry.answer
    return {
        "alert_id": alert.alert_id,
        "kind": alert.kind,
        "severity": alert.severity,
        "sentence": alert.sentence,
        "location": alert.location,
        "sku": alert.sku,
        "name": known.description if known is not None else None,
        "service_class": known.service_class if known is not None else None,
        "supplier": alert.supplier,
        "shipment_id": alert.shipment_id,
        "quantity": alert.order_quantity or alert.bridge_quantity,
        "value_at_risk": alert.value_at_risk,
        "currency": alert.currency,
        "per_hour": None if one.per_hour is None else round(one.per_hour, 2),
        "hours_left": None if one.hours_left is None else round(one.hours_left, 1),
        "order_by": _time(alert.order_by),
        "runs_out": _time(alert.stockout_p50),
        "expected": _time(alert.expected_arrival),
        "changed_at": _time(alert.changed_at),
        "revision": alert.revision,
        "answer": None if answer is None else in_words(answer),
        "answered_with": None if answer is None else answer.action,
        "answered_by": None if answer is None else answer.by,
        "answer_stands": stands(entry, now),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def why(entry: BoardEntry) -> Mapping[str, Any]:
    """Return everything an alert says of itself, for who asks why."""
    told: dict[str, Any] = msgspec.to_builtins(entry)
    return told
