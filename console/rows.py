"""The work queue: what stands on the board as rows, ranked by what waiting costs, filtered, and summed up as tiles."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import inf
from typing import Any, Final, NamedTuple

import msgspec

from andon.console.answers import in_words
from andon.console.offers import USUAL, SoldBy, Terms
from andon.schemas.board import BoardEntry
from andon.streams.board_feed import stands

#: What each tile at the top counts, by its name.
TILES: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "order": ("To order", frozenset({"replenish", "kanban_pull"})),
    "out": ("Runs out", frozenset({"stockout_risk", "line_stop"})),
    "late": (
        "Late or silent",
        frozenset({"late_shipment", "silent_delay", "overdue_order", "disruption"}),
    ),
    "deviation": ("Supplier answers differ", frozenset({"order_deviation"})),
    "supplier": ("Suppliers to ask", frozenset({"supplier_slipping", "unseen_order"})),
    "data": (
        "Data to mend",
        frozenset(
            {
                "book_mismatch",
                "demand_unknown",
                "class_advice",
                "source_circle",
                "bom_circle",
                "kanban_cards",
                "lost_card",
            }
        ),
    ),
    "other": ("Other", frozenset({"demand_spike", "level_shift", "overstock"})),
}
_TILE_OF: Final = {kind: name for name, (_, kinds) in TILES.items() for kind in kinds}
SEVERITIES: Final = ("critical", "warning", "info")
#: A row whose time is over, or nearly, is ranked as if so much of it were left.
LEAST_HOURS: Final = 1.0


class Known(msgspec.Struct, frozen=True, gc=False):
    """What the master data say of an item that the queue shows."""

    description: str | None = None
    service_class: str = "balanced"
    category: str | None = None
    #: What a unit costs, in the item's currency.
    unit_cost: float | None = None
    #: In what quantities it is bought, what it weighs, in what it is reckoned.
    terms: Terms = USUAL
    #: What suppliers have of their own: a price, quantities, money.
    sold_by: tuple[SoldBy, ...] = ()
    #: Who sells it, the first choice first.
    sellers: tuple[str, ...] = ()


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
    """An open alert with what the queue needs of it."""

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


def row_of(entry: BoardEntry, known: Known | None, alert_id: str | None = None) -> Row:
    """Return the row of an open alert, given what is known of its item, and its id where that is at hand."""
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
        alert_id or alert.alert_id,
        " ".join(word for word in words if word).lower(),
        None if until is None else until.timestamp(),
        alert.value_at_risk or 0.0,
        SEVERITIES.index(alert.severity),
        alert.stage == "shadow",
        stands_until,
        _TILE_OF.get(alert.kind, "other"),
    )


def ranked(rows: Iterable[Row], now: datetime) -> list[Ranked]:
    """Return rows in order: those first that lose the most money an hour, then those with the least time.

    Args:
        rows: those that are asked for.
        now: the time on the board.
    """
    seconds = now.timestamp()
    return [_ranked(row, seconds) for *_, row in sorted(_order(row, seconds) for row in rows)]


def _order(row: Row, seconds: float) -> tuple[float, float, int, str, Row]:
    if row.until is None:
        return 0.0, inf, row.severity, row.alert_id, row
    hours = (row.until - seconds) / 3600
    return (
        -row.value_at_risk / (max(LEAST_HOURS, hours)),
        hours,
        row.severity,
        row.alert_id,
        row,
    )


def _ranked(row: Row, seconds: float) -> Ranked:
    if row.until is None:
        return Ranked(row, None, None)
    hours = (row.until - seconds) / 3600
    per_hour = row.value_at_risk / max(hours, LEAST_HOURS) if row.value_at_risk else None
    return Ranked(row, per_hour, hours)


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
        "sellers": [] if known is None else known.sellers,
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
        "answered_at": None if answer is None else _time(answer.at),
        "answered_until": None if answer is None else _time(answer.snooze_until),
        "answered_quantity": None if answer is None else answer.quantity,
        "answered_as": None if answer is None else answer.shipment_id,
        "answered_comment": None if answer is None else answer.comment,
        "answer_stands": stands(entry, now),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def why(entry: BoardEntry) -> Mapping[str, Any]:
    """Return everything an alert says of itself, for who asks why."""
    told: dict[str, Any] = msgspec.to_builtins(entry)
    return told
