"""What is said of a purchase order: how it stands, and in what its supplier's word differs from what was ordered."""

from collections.abc import Mapping
from typing import Final

import msgspec
from xxhash import xxh3_64_digest

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.supply.advices import came_under_advices
from andon.planning.supply.facts import split_line_key
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.line_news import LineState
from andon.planning.supply.purchase import (
    ASKED,
    OURS,
    REFUSED,
    Hand,
    Purchase,
    Wanted,
)
from andon.schemas.common import encode, utc
from andon.schemas.orders import LineDeviation, OrderedLine, OrderState, PurchaseOrder, Sending

_DAY: Final = 86400.0
#: A promise is kept on the day that was wanted, whatever the hour.
_LATE_DAYS: Final = 0.5
#: What a price may differ by because somebody rounded it.
_SAME_COST: Final = 0.0001
_NO_ORDER: Final = (OURS, ASKED, REFUSED)
_CONFIRMED: Final = frozenset({"confirmed", "dispatched", "in_transit", "partly_received"})


def say_order(shipment: Shipment, states: Mapping[str, LineState], at: float) -> None:
    """Say how a purchase order stands, if that has changed.

    Args:
        shipment: under whose number it is.
        states: what is known of its lines.
        at: when it came to this, seconds since 1970.
    """
    purchase = shipment.purchase
    if purchase is None:
        return
    order = order_of(shipment, purchase, states, at)
    digest = xxh3_64_digest(encode(msgspec.structs.replace(order, version=0, changed_at=utc(0.0))))
    if digest == purchase.said:
        return
    purchase.said, purchase.is_told_off = digest, False
    shipment.version += 1
    name = f"order:{shipment.shipment_id}:{shipment.version}"
    told = msgspec.structs.replace(order, version=shipment.version)
    kind = f"andon.order.{order.state}"
    shipment.outbox.append(OutboxMessage.of("orders", shipment.shipment_id, name, kind, told, at))


def take_off(shipment: Shipment, at: float) -> bool:
    """Say that an order long done is on its topic no more; return whether that had not been said (`at` in seconds since 1970)."""
    purchase = shipment.purchase
    if purchase is None or purchase.is_told_off:
        return False
    purchase.is_told_off, purchase.said = True, b""
    shipment.version += 1
    name = f"order:{shipment.shipment_id}:{shipment.version}:gone"
    shipment.outbox.append(
        OutboxMessage("orders", shipment.shipment_id, name, "andon.order.removed", b"", at)
    )
    return True


def order_of(
    shipment: Shipment, purchase: Purchase, states: Mapping[str, LineState], at: float
) -> PurchaseOrder:
    """Return a purchase order as it stands (arguments as `say_order`)."""
    drafted, approved, cancelled = _said(purchase.drafted), _said(purchase.approved), None
    state = _state(shipment, purchase)
    if purchase.cancelled is not None:
        cancelled = _said(purchase.cancelled)
    return PurchaseOrder(
        order_id=shipment.shipment_id,
        state=state,
        version=shipment.version,
        changed_at=utc(at),
        ready=purchase.placed and state != "cancelled",
        revision=purchase.revision,
        supplier=shipment.supplier or purchase.supplier,
        currency=purchase.currency,
        wanted_at=None if purchase.wanted is None else utc(purchase.wanted),
        lines=tuple(
            _line(shipment, purchase, key, line, states) for key, line in purchase.lines.items()
        ),
        drafted_at=drafted[0],
        drafted_by=drafted[1],
        approved_at=approved[0],
        approved_by=approved[1],
        sent=tuple(
            Sending(
                channel=one.channel, document=one.document, revision=one.revision, at=utc(one.at)
            )
            for one in purchase.sent
        ),
        confirmed_at=None if purchase.confirmed_at is None else utc(purchase.confirmed_at),
        cancelled_at=None if cancelled is None else cancelled[0],
        cancelled_by=None if cancelled is None else cancelled[1],
        comment=purchase.comment,
        called_off=purchase.placed and purchase.cancelled is not None,
    )


def _said(hand: Hand | None) -> tuple:  # type: ignore[type-arg]
    return (None, None) if hand is None else (utc(hand.at), hand.by)


def _state(shipment: Shipment, purchase: Purchase) -> OrderState:
    if purchase.cancelled is not None or (shipment.statuses and shipment.status == "cancelled"):
        return "cancelled"
    if purchase.approved is None:
        return "drafted"
    if purchase.placed:
        if shipment.status == "received":
            return "received"
        if shipment.status in _CONFIRMED or purchase.confirmed_at is not None:
            return "confirmed"
    return "sent" if purchase.sent else "approved"


def _line(
    shipment: Shipment,
    purchase: Purchase,
    key: str,
    line: Wanted,
    states: Mapping[str, LineState],
) -> OrderedLine:
    location, sku, _ = split_line_key(key)
    mine = [state for other, state in states.items() if _item(other) == (location, sku)]
    told = deviation(shipment, key, states)
    is_told = shipment.status in (*_CONFIRMED, "received") or purchase.confirmed_at is not None
    promised = next((state.promised for state in mine if state.promised is not None), None)
    if promised is None and mine and line.is_bought:
        promised = shipment.promised
    came = sum(state.received - state.returned for state in mine)
    return OrderedLine(
        location=location,
        sku=sku,
        quantity=line.quantity,
        unit_cost=line.cost,
        alert_id=line.alert_id,
        confirmed_quantity=sum(state.quantity for state in mine) if mine and is_told else None,
        confirmed_cost=purchase.cost_of(key),
        promised_at=None if promised is None else utc(promised),
        received=max(came, came_under_advices(shipment, key), 0),
        left_out=_why_left_out(line),
        taken_by=None if line.claim in _NO_ORDER else line.claim,
        taken_by_name=None if line.claim in _NO_ORDER else line.taken_by,
        short=0 if told is None else told.short,
        days_late=0.0 if told is None else told.days_late,
        dearer=0.0
        if told is None or told.confirmed_cost is None
        else round(told.confirmed_cost - (told.unit_cost or 0.0), 6),
    )


def _why_left_out(line: Wanted) -> str | None:
    if line.claim in (OURS, ASKED):
        return None
    if line.claim == REFUSED:
        return line.taken_by
    by = f", given by {line.taken_by}" if line.taken_by else ""
    return f"{line.alert_id} was answered first by order {line.claim}{by}"


def _item(key: str) -> tuple[str, str]:
    location, sku, _ = split_line_key(key)
    return location, sku


def deviation(
    shipment: Shipment, key: str, states: Mapping[str, LineState]
) -> LineDeviation | None:
    """Return in what a line of a purchase order differs from what was ordered; None if in nothing, or if it is no such line.

    Args:
        shipment: under whose number the order is.
        key: of the line.
        states: what is known of all its lines.
    """
    purchase = shipment.purchase
    if purchase is None or not purchase.placed or purchase.cancelled is not None:
        return None
    line, state = purchase.lines.get(key), states.get(key)
    if line is None or state is None or not line.is_bought or shipment.status == "cancelled":
        return None
    item = _item(key)
    agreed = sum(other.quantity for name, other in states.items() if _item(name) == item)
    short = max(line.quantity - agreed, 0)
    promised = state.promised if state.promised is not None else shipment.promised
    late = 0.0
    if purchase.wanted is not None and promised is not None and shipment.is_date(promised):
        late = (promised - purchase.wanted) / _DAY
    late = round(late, 2) if late > _LATE_DAYS else 0.0
    cost = purchase.cost_of(key)
    dearer = cost is not None and line.cost is not None and cost > line.cost + _SAME_COST
    if not (short or late or dearer):
        return None
    told = [fact.at for fact in shipment.facts.get(key, ()) if fact.quantity is not None]
    since = max(told) if short and told else shipment.at
    return LineDeviation(
        since=utc(since),
        ordered=line.quantity,
        short=short,
        days_late=late,
        unit_cost=line.cost if dearer else None,
        confirmed_cost=cost if dearer else None,
        currency=purchase.currency if dearer else None,
    )
