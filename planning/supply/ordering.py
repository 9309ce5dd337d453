"""The life of a purchase order: drafted, approved, sent, confirmed, cancelled; each of its lines is bought by one order only.

An approval asks the book of every alert that the order answers whether it is the first. Once all have said so, the order is
placed: its lines are on order in their books as those of any shipment are, and it may go out. A line whose alert another order has
answered is not bought. Whoever was heard first was first: an approval is a decision, and no measurement whose time counts.
"""

from collections.abc import Mapping
from typing import Final

from xxhash import xxh3_128_hexdigest

from andon.planning.alerting.alerts import OutboxMessage, parse_alert_id
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.facts import line_key, split_line_key
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.order_message import say_order
from andon.planning.supply.purchase import (
    ASKED,
    MOST_SENDINGS,
    OURS,
    REFUSED,
    Hand,
    Purchase,
    Sent,
    Wanted,
)
from andon.planning.supply.shipment import apply_event, remembered
from andon.schemas.acks import Ack
from andon.schemas.common import item_key, utc
from andon.schemas.orders import Claim, OrderEvent, OrderLine
from andon.schemas.shipments import ShipmentEvent, ShipmentLine

APPLIED: Final = "applied"
DUPLICATE: Final = "duplicate"
#: It came too late to change anything: the order is approved or cancelled already.
STALE: Final = "stale"
#: It speaks of an order that nobody gave here, or answers no question.
UNMATCHED: Final = "unmatched"
#: Alerts that no book keeps: nobody is asked who was first with them.
_OF_NETWORK: Final = ("late_shipment", "silent_delay", "disruption", "supplier_slipping")
_LONGEST_NAME: Final = 128
_NOT_BOUGHT: Final = "Every alert of it was answered by another order."


class World:
    """What is known of the network where an order is.

    Args:
        wide: the wide disruptions in force.
        delay_multiplier: what a reported day of delay has meant in days so far.
    """

    def __init__(self, wide: Mapping[str, Disruption], delay_multiplier: float = 1.0) -> None:
        self.wide = wide
        self.delay_multiplier = delay_multiplier


def unfit(event: OrderEvent) -> str | None:
    """Return why news of an order cannot be taken, or None."""
    for line in event.lines if event.status in ("drafted", "approved") else ():
        if line.alert_id is None:
            continue
        try:
            kind, key, _ = parse_alert_id(line.alert_id)
        except ValueError as error:
            return f"lines: {error}"
        if kind not in _OF_NETWORK and key != item_key(line.location, line.sku):
            return f"lines: {line.alert_id} is no alert of {line.sku} at {line.location}"
    return None


def apply_order(
    shipment: Shipment, event: OrderEvent, at: float, digest: bytes, world: World
) -> str:
    """Apply news of a purchase order, and say what follows from it. Return what became of it.

    Args:
        shipment: the record of state under the order's number.
        event: the news.
        at: when they happened, seconds since 1970.
        digest: of the event id, eight bytes.
        world: what is known of the network.
    """
    if remembered(shipment, digest):
        return DUPLICATE
    if event.status == "confirmed":
        outcome = _confirm(shipment, event, at, digest, world)
    elif event.status == "sent":
        outcome = _note_sending(shipment, event, at)
    else:
        shipment.adopt()
        purchase = shipment.purchase = shipment.purchase or Purchase()
        if not shipment.statuses:
            shipment.at = max(shipment.at, at)
        outcome = _decide(shipment, purchase, event, at, world)
    say_order(shipment, shipment.states(), at)
    return outcome


def _decide(
    shipment: Shipment, purchase: Purchase, event: OrderEvent, at: float, world: World
) -> str:
    if event.status == "cancelled":
        if purchase.cancelled is not None:
            return STALE
        purchase.cancelled = Hand(at, event.by)
        purchase.comment = event.comment or purchase.comment
        if purchase.placed or shipment.statuses:
            _cancel(shipment, purchase, at, world)
        return APPLIED
    is_draft = event.status == "drafted"
    if purchase.cancelled is not None or (not is_draft and purchase.approved is not None):
        return STALE
    if is_draft:
        if purchase.approved is not None and purchase.lines:
            return STALE
        if purchase.drafted is not None and purchase.drafted.at > at:
            return STALE
        purchase.drafted = Hand(at, event.by)
    else:
        purchase.approved = Hand(at, event.by)
        purchase.again = event.again
    if event.lines:
        purchase.lines = {
            line_key(line.location, line.sku): Wanted(
                line.quantity or 0, line.unit_cost, line.alert_id, answer_id=line.answer_id
            )
            for line in event.lines
        }
    purchase.supplier = event.supplier or purchase.supplier
    purchase.currency = event.currency or purchase.currency
    purchase.comment = event.comment or purchase.comment
    if event.wanted_at is not None:
        purchase.wanted = event.wanted_at.timestamp()
    if purchase.approved is not None and purchase.lines:
        _ask_who_is_first(shipment, purchase, purchase.approved)
        if not purchase.waits:
            _place(shipment, purchase, world)
    return APPLIED


def _ask_who_is_first(shipment: Shipment, purchase: Purchase, approved: Hand) -> None:
    """Answer the alerts of an approved order; the books of those that are of an item say whether it is the first."""
    for key, line in purchase.lines.items():
        if line.alert_id is None:
            continue
        if parse_alert_id(line.alert_id)[0] not in _OF_NETWORK:
            line.claim = ASKED
        name = f"{shipment.shipment_id}:{key}"
        ack = Ack(
            event_id=line.answer_id or _short(f"order-{name}"),
            occurred_at=utc(approved.at),
            alert_id=line.alert_id,
            action="ordered",
            quantity=line.quantity,
            shipment_id=shipment.shipment_id,
            order_id=shipment.shipment_id,
            by=approved.by,
            again=purchase.again,
        )
        shipment.outbox.append(
            OutboxMessage.of(
                "acks",
                line.alert_id,
                f"order:{name}:ack",
                "andon.alert.ordered",
                ack,
                approved.at,
            )
        )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"order-{xxh3_128_hexdigest(name.encode())}"


def hear_claim(shipment: Shipment, claim: Claim, at: float, world: World) -> str:
    """Take in whether an order is the first with an alert, and place it if that was the last that was asked for.

    Return what became of it (arguments as `apply_order`).
    """
    purchase = shipment.purchase
    asked = (
        []
        if purchase is None
        else [
            line
            for line in purchase.lines.values()
            if line.alert_id == claim.alert_id and line.claim == ASKED
        ]
    )
    if purchase is None or not asked:
        return UNMATCHED
    for line in asked:
        line.claim = claim.first_order or (REFUSED if claim.refused else OURS)
        line.taken_by = claim.first_by or claim.refused
    if not purchase.waits:
        _place(shipment, purchase, world)
    say_order(shipment, shipment.states(), at)
    return APPLIED


def _place(shipment: Shipment, purchase: Purchase, world: World) -> None:
    """Put the lines that are bought on order, and cancel what was cancelled meanwhile, or has none."""
    approved = purchase.approved
    if approved is None:
        return
    purchase.placed = True
    lines = [
        ShipmentLine(location=location, sku=sku, quantity=line.quantity)
        for key, line in purchase.lines.items()
        if line.is_bought
        for location, sku, _ in (split_line_key(key),)
    ]
    if not lines:
        if purchase.cancelled is None:
            purchase.cancelled = Hand(approved.at)
            purchase.comment = purchase.comment or _NOT_BOUGHT
        return
    event = ShipmentEvent(
        event_id=_short(f"order-{shipment.shipment_id}"),
        occurred_at=utc(approved.at),
        shipment_id=shipment.shipment_id,
        status="ordered",
        supplier=purchase.supplier,
        ordered_at=utc(approved.at),
        lines=tuple(lines),
    )
    _tell(shipment, event, approved.at, b"placed--", world)
    if purchase.cancelled is not None:
        _cancel(shipment, purchase, purchase.cancelled.at, world)


def _cancel(shipment: Shipment, purchase: Purchase, at: float, world: World) -> None:
    # Nothing is cancelled before it was approved, whatever the clocks say.
    at = max(at, purchase.approved.at if purchase.approved is not None else at)
    event = ShipmentEvent(
        event_id=_short(f"cancel-{shipment.shipment_id}"),
        occurred_at=utc(at),
        shipment_id=shipment.shipment_id,
        status="cancelled",
    )
    _tell(shipment, event, at, b"cancel--", world)


def _confirm(shipment: Shipment, event: OrderEvent, at: float, digest: bytes, world: World) -> str:
    purchase = shipment.purchase = shipment.purchase or Purchase()
    purchase.confirmed_at = max(at, purchase.confirmed_at or at)
    purchase.supplier = purchase.supplier or event.supplier
    told = ShipmentEvent(
        event_id=event.event_id,
        occurred_at=event.occurred_at,
        shipment_id=event.order_id,
        status="confirmed",
        supplier=event.supplier,
        promised_at=event.promised_at,
        lines=tuple(
            ShipmentLine(
                location=line.location,
                sku=line.sku,
                quantity=_confirmed(purchase, line),
                promised_at=line.promised_at,
                unit_cost=line.unit_cost,
            )
            for line in event.lines
        ),
        currency=event.currency,
    )
    return _tell(shipment, told, at, digest[::-1], world)


def _confirmed(purchase: Purchase, line: OrderLine) -> int | None:
    """Return how much of a line comes: all that was ordered where the supplier leaves it out, whatever it said before."""
    wanted = purchase.lines.get(line_key(line.location, line.sku)) if purchase.placed else None
    if line.quantity is not None or wanted is None or wanted.taken_by is not None:
        return line.quantity
    return wanted.quantity


def _tell(shipment: Shipment, event: ShipmentEvent, at: float, digest: bytes, world: World) -> str:
    return apply_event(
        shipment, event, at, digest, world.wide, delay_multiplier=world.delay_multiplier
    )


def _note_sending(shipment: Shipment, event: OrderEvent, at: float) -> str:
    if event.channel is None:
        return UNMATCHED
    shipment.adopt()
    purchase = shipment.purchase = shipment.purchase or Purchase()
    known = [(one.channel, one.revision) for one in purchase.sent]
    if (event.channel, event.revision) in known or len(known) >= MOST_SENDINGS:
        return DUPLICATE
    purchase.sent.append(Sent(event.channel, event.document, event.revision, at))
    return APPLIED
