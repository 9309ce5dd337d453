"""The work queue: what stands on the board as rows, ranked by what waiting costs, filtered, and summed up as tiles."""

from collections.abc import Iterable, Mapping
from datetime import datetime
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
_SEVERITIES: Final = ("critical", "warning", "info")
#: A row whose time is over, or nearly, is ranked as if so much of it were left.
_LEAST_HOURS: Final = 1.0
_FAR: Final = 1e12


class Known(msgspec.Struct, frozen=True):
    """What the master data say of an item that the queue shows."""

    description: str | None = None
    service_class: str = "balanced"
    category: str | None = None


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
    #: `live`: what is acted on; `shadow`: what nobody acts on yet.
    stage: str = "live"


class Row(NamedTuple):
    """An open alert with what the queue needs of it."""

    entry: BoardEntry
    known: Known | None
    #: What is searched, in lower case.
    text: str


class Ranked(NamedTuple):
    """A row with what it is ranked by: the money lost an hour by waiting, and the hours left; None for not known."""

    row: Row
    per_hour: float | None
    hours_left: float | None


def row_of(entry: BoardEntry, known: Known | None) -> Row:
    """Return the row of an open alert, given what is known of its item."""
    alert = entry.alert
    words = (
        alert.sentence,
        alert.alert_id,
        alert.supplier,
        known.description if known is not None else None,
        known.category if known is not None else None,
    )
    return Row(entry, known, " ".join(word for word in words if word).lower())


def ranked(rows: Iterable[Row], filters: Filters, now: datetime) -> list[Ranked]:
    """Return the rows that are asked for: those first that lose the most money an hour, then those with the least time.

    Args:
        rows: all there are.
        filters: which are asked for.
        now: the time on the board.
    """
    words = filters.search.lower().split()
    found = [
        _rank(row, now)
        for row in rows
        if _is_wanted(row, filters, now) and all(word in row.text for word in words)
    ]
    found.sort(key=_order)
    return found


def _rank(row: Row, now: datetime) -> Ranked:
    alert = row.entry.alert
    until = alert.order_by or alert.stockout_p50 or alert.expected_arrival
    hours = None if until is None else (until - now).total_seconds() / 3600
    per_hour = None
    if alert.value_at_risk and hours is not None:
        per_hour = alert.value_at_risk / max(hours, _LEAST_HOURS)
    return Ranked(row, per_hour, hours)


def _order(one: Ranked) -> tuple[float, float, int, str]:
    alert = one.row.entry.alert
    hours = _FAR if one.hours_left is None else one.hours_left
    return -(one.per_hour or 0.0), hours, _SEVERITIES.index(alert.severity), alert.alert_id


def _is_wanted(row: Row, filters: Filters, now: datetime) -> bool:
    alert = row.entry.alert
    if (alert.stage == "shadow") != (filters.stage == "shadow"):
        return False
    if filters.location and alert.location != filters.location:
        return False
    if filters.supplier and alert.supplier != filters.supplier:
        return False
    if filters.kind and alert.kind != filters.kind:
        return False
    if filters.severity and alert.severity != filters.severity:
        return False
    if filters.tile and alert.kind not in TILES.get(filters.tile, ("", ()))[1]:
        return False
    if filters.service_class and (
        row.known is None or row.known.service_class != filters.service_class
    ):
        return False
    return filters.answered == "all" or stands(row.entry, now) == (filters.answered == "yes")


def tiles(rows: Iterable[Row], now: datetime) -> list[dict[str, Any]]:
    """Return what the tiles show: of what needs a hand, how many and how much is at stake in each currency."""
    counts = dict.fromkeys(TILES, 0)
    money: dict[str, dict[str, float]] = {name: {} for name in TILES}
    tile_of = {kind: name for name, (_, kinds) in TILES.items() for kind in kinds}
    for row in rows:
        alert = row.entry.alert
        if alert.stage == "shadow" or stands(row.entry, now):
            continue
        name = tile_of.get(alert.kind, "other")
        counts[name] += 1
        if alert.value_at_risk and alert.currency:
            sums = money[name]
            sums[alert.currency] = sums.get(alert.currency, 0.0) + alert.value_at_risk
    return [
        {"name": name, "title": title, "count": counts[name], "at_stake": money[name]}
        for name, (title, _) in TILES.items()
    ]


def choices(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Return what can be filtered by: each value that some row has."""
    found: dict[str, set[str]] = {"location": set(), "supplier": set(), "kind": set()}
    classes: set[str] = set()
    for row in rows:
        for name, values in found.items():
            value = getattr(row.entry.alert, name)
            if value is not None:
                values.add(value)
        if row.known is not None:
            classes.add(row.known.service_class)
    return {name: sorted(values) for name, values in found.items()} | {
        "service_class": sorted(classes)
    }


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
        "quantity": alert.order_quantity,
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
        "answered_by": None if answer is None else answer.by,
        "answer_stands": stands(entry, now),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def why(entry: BoardEntry) -> Mapping[str, Any]:
    """Return everything an alert says of itself, for who asks why."""
    told: dict[str, Any] = msgspec.to_builtins(entry)
    return told
