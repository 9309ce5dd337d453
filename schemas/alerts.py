"""Alerts: replenish this, and this disruption will hurt you there; each explains itself."""

from datetime import date
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


class ExpiringLot(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A lot of which some will not sell by the last day on which it may be sold: how many, of how many there are."""

    lot: Reference
    expires_on: date
    units: int
    on_hand: int


class Alert(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One change in the life of an alert: opened, updated or resolved.

    Of two changes of an alert the one with the greater epoch, then the greater revision, is the newer; an older epoch's that comes
    later was said by a worker that had lost its partition, and is to be ignored. Money is in the item's currency.
    """

    #: The same through the alert's life, and through every repeat of a message.
    alert_id: Reference
    #: The name of this change: a repeat has the same.
    event_id: Reference
    #: What it is about.
    kind: AlertKind
    #: Whether it begins, goes on or is over.
    status: AlertStatus
    #: How urgent it is.
    severity: Severity
    #: Grows with each change.
    revision: int
    #: That of the worker that said it.
    epoch: int = 0
    #: All of it in one sentence.
    sentence: str
    #: When it was opened.
    opened_at: Instant
    #: When this was said.
    changed_at: Instant
    #: Where the item is.
    location: Location | None = None
    #: The item.
    sku: Sku | None = None
    #: The shipment or order that it is about.
    shipment_id: Identifier | None = None
    #: The supplier that it is about.
    supplier: Name | None = None
    #: What caused it: a report of a delay, say.
    cause: Reference | None = None
    #: The alert of the wide disruption that it belongs to.
    parent_id: Reference | None = None
    #: The currency of its money.
    currency: str | None = None
    #: How many units to order.
    order_quantity: int | None = None
    #: How many to get by a faster way, to bridge the time until then.
    bridge_quantity: int | None = None
    #: The last moment at which an order still helps.
    order_by: Instant | None = None
    #: When what is ordered or late is expected.
    expected_arrival: Instant | None = None
    #: When the shelf is empty, as likely as not.
    stockout_p50: Instant | None = None
    #: When it is empty with a chance of one in ten.
    stockout_p10: Instant | None = None
    #: How likely it is to be empty before relief comes.
    probability: float | None = None
    #: The money expected to be lost by that.
    value_at_risk: float | None = None
    #: What the buffer of the item costs a year.
    insurance_cost: float | None = None
    #: What it saves a year.
    insured_cost: float | None = None
    #: The figures that led to it.
    numbers: dict[str, float] = {}  # noqa: RUF012 - msgspec copies it
    #: Ways out, the best first.
    alternatives: tuple[Alternative, ...] = ()
    #: The most urgent items of a wide disruption; each has an alert of its own with its `parent_id`.
    affected: tuple[Affected, ...] = ()
    #: How it ended.
    resolution: str | None = None
    #: The item's when a replenishment alert was opened.
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
    #: The lots of which some expire before they sell, the first to expire first; what has expired already among them.
    lots: tuple[ExpiringLot, ...] = ()
