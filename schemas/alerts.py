"""Alerts: replenish this, and this disruption will hurt you there; each explains itself."""

from typing import Literal

from andon.schemas.common import Identifier, Instant, Location, Name, Record, Reference, Sku
from andon.schemas.items import Stage

AlertKind = Literal[
    "replenish",
    "stockout_risk",
    "late_shipment",
    "demand_spike",
    "level_shift",
    "supplier_slipping",
    "overstock",
    "book_mismatch",
    "disruption",
    "silent_delay",
    "class_advice",
    "unseen_order",
    "demand_unknown",
    "overdue_order",
    "order_deviation",
    "source_circle",
    "bom_circle",
    "line_stop",
    "kanban_pull",
    "kanban_cards",
    "lost_card",
]
AlertStatus = Literal["opened", "updated", "resolved"]
Severity = Literal["info", "warning", "critical"]
#: Whether what was foretold came: `late` was said when it had come already, and what is `overtaken` nobody knows.
AlertOutcome = Literal["true", "late", "false", "overtaken"]


class Alternative(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One way out of a shortage, with what it costs, when it arrives and what it saves (money in the item's currency)."""

    kind: Literal["source", "expedite", "transfer", "wait", "alternate", "sequence"]
    supplier: Name | None = None
    lane: Name | None = None
    carrier: Name | None = None
    mode: Name | None = None
    from_location: Location | None = None
    quantity: int = 0
    arrives_p50: Instant | None = None
    arrives_p90: Instant | None = None
    extra_cost: float = 0.0
    probability_too_late: float = 0.0
    expected_cost: float = 0.0
    saves: float = 0.0
    why: str = ""
    #: When the supplier takes the order, if not at once, and until when, if not at any time.
    order_from: Instant | None = None
    order_by: Instant | None = None
    #: The part that is used in place of another, and the production order that is brought forward.
    alternate: Sku | None = None
    order_id: Identifier | None = None


class Affected(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An item that runs out because of a disruption: when, and the money at stake (in `currency`)."""

    location: Location
    sku: Sku
    stockout_p50: Instant
    value_at_risk: float
    currency: str


class Alert(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One change in the life of an alert: opened, updated or resolved.

    `alert_id` stays the same through an alert's life and through every repeat of a message; `revision` grows with
    each change. `event_id` names this change. `epoch` is that of the worker that said it: of two changes of an alert the one with the
    greater epoch, then the greater revision, is the newer; an older epoch's that comes later was said by a worker that had
    lost its partition, and is to be ignored. `stage` is the item's when a replenishment alert was opened. `numbers` holds the figures that led to it. The alert of a wide disruption
    lists the most urgent items in `affected`; each of those has an alert of its own, with its `parent_id`.
    """

    alert_id: Reference
    event_id: Reference
    kind: AlertKind
    status: AlertStatus
    severity: Severity
    revision: int
    epoch: int = 0
    sentence: str
    opened_at: Instant
    changed_at: Instant
    location: Location | None = None
    sku: Sku | None = None
    shipment_id: Identifier | None = None
    supplier: Name | None = None
    cause: Reference | None = None
    parent_id: Reference | None = None
    currency: str | None = None
    order_quantity: int | None = None
    bridge_quantity: int | None = None
    order_by: Instant | None = None
    expected_arrival: Instant | None = None
    stockout_p50: Instant | None = None
    stockout_p10: Instant | None = None
    probability: float | None = None
    value_at_risk: float | None = None
    insurance_cost: float | None = None
    insured_cost: float | None = None
    numbers: dict[str, float] = {}  # noqa: RUF012 - msgspec copies it
    alternatives: tuple[Alternative, ...] = ()
    affected: tuple[Affected, ...] = ()
    resolution: str | None = None
    stage: Stage = "live"
    #: When the supplier takes the order, if not at any time; `order_by` is the end of that.
    order_from: Instant | None = None
    #: The location to send for it, where it comes from one in place of a supplier.
    from_location: Location | None = None
    #: The production line that makes it, or that stops, and the order that is begun, or stands still, there.
    line: Location | None = None
    order_id: Identifier | None = None
    #: Whether what it foretold came, once it is resolved.
    outcome: AlertOutcome | None = None
