"""Rows of open purchase orders: the lines of one order are one event, and what has come of it is another."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from andon.connect.imports.events import UNNAMED, Made, Skip, digest, made, record_of
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.names import folded
from andon.connect.imports.sales import place_of
from andon.connect.imports.values import Values
from andon.connect.tables.errors import BadRow
from andon.schemas.shipments import ShipmentEvent

_STATUSES: Final = {
    word: status
    for status, words in {
        "ordered": "ordered|open|purchase|purchase order|sent|issued|submitted|offen|bestellt|commande|en cours|abierto|pedido|to receive|to receive and bill|partially received|partly received|teilgeliefert|teilweise geliefert|teilw geliefert|aperto|ordinato|besteld|nog te leveren|pending|in bestellung",
        "confirmed": "confirmed|acknowledged|bestatigt|confirme|confirmado|confermato|bevestigd",
        "dispatched": "dispatched|shipped|versandt|unterwegs|expedie|enviado|spedito|verzonden",
        "in_transit": "in transit|en transit|en transito",
        "received": "received|done|closed|complete|completed|delivered|to bill|erledigt|geliefert|abgeschlossen|recu|termine|recibido|cerrado|ricevuto|chiuso|ontvangen|gesloten",
        "cancelled": "cancelled|canceled|cancel|storniert|annule|annulee|cancelado|anulado|annullato|geannuleerd",
        "": "draft|rfq|request for quotation|entwurf|brouillon|borrador|bozza|concept",
    }.items()
    for word in words.split("|")
}
#: An event holds so many lines.
_MOST_LINES: Final = 500


@dataclass
class _Order:
    head: dict[str, Any]
    lines: list[dict[str, Any]] = field(default_factory=list)
    received_at: datetime | None = None


@dataclass
class Orders:
    """The orders of a table so far, by number, status and time."""

    by_number: dict[tuple[Any, ...], _Order] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)


def line(values: Values, mapping: Mapping, kept: Orders) -> list[Made]:
    """Keep a row of orders; the events are made when all are there.

    Raises:
        BadRow: the row cannot be.
        Skip: it is a draft, or nothing is ordered.
    """
    number, sku = values.text("shipment_id"), values.code("sku")
    quantity, received = _quantities(values)
    if number is None:
        raise values.missing("shipment_id")
    if sku is None:
        raise values.missing("sku")
    if quantity is None:
        raise values.missing("quantity")
    status = _status(values.text("status"))
    if quantity == 0:
        raise Skip("nothing ordered")
    if quantity < 0 or (received is not None and received < 0):
        raise BadRow("negative", f"{min(quantity, received or 0)} cannot be ordered or received")
    ordered_at, came_at = values.instant("ordered_at"), values.instant("received_at")
    if ordered_at is None:
        raise values.missing("ordered_at")
    values.believed(ordered_at, "ordered_at")
    if came_at is not None:
        values.believed(came_at, "received_at")
    head = {
        "shipment_id": number,
        "supplier": values.text("supplier"),
        "carrier": values.text("carrier"),
        "occurred_at": ordered_at,
        "ordered_at": ordered_at,
    }
    told = {
        "location": place_of(values, mapping),
        "sku": sku,
        "quantity": quantity,
        "line": values.text("line"),
        "expected_at": values.instant("expected_at", end_of_day=True),
        "promised_at": values.instant("promised_at", end_of_day=True),
        "received": received,
    }
    # What cannot be is refused with its row, not with its order.
    record_of(ShipmentEvent, _event(head, "ordered", [told]))
    identity = digest(number, ordered_at, told["location"], sku, told["line"])
    if identity in kept.seen:
        raise BadRow(
            "twice",
            f"order {number} has {sku} twice: name its lines by a column (--column line=NAME)",
        )
    kept.seen.add(identity)
    order = kept.by_number.setdefault((*head.values(), status), _Order(head))
    order.lines.append(told)
    if came_at is not None:
        order.received_at = max(came_at, order.received_at or came_at)
    return []


def _quantities(values: Values) -> tuple[int | None, int | None]:
    """Return what was ordered and what has come, of which a table may say what is still to come instead.

    Raises:
        BadRow: the three do not go together.
    """
    quantity, received, left = (
        values.units(name) for name in ("quantity", "received", "outstanding")
    )
    if quantity is None or left is None:
        return quantity, received
    if received is None and left <= quantity:
        return quantity, quantity - left
    if received is None or max(quantity - received, 0) != left:
        raise BadRow(
            "quantities",
            f"{quantity} ordered, {'nothing said' if received is None else received} received and {left} to come do not add up: "
            "--column outstanding= overlooks the last",
        )
    return quantity, received


def _status(text: str | None) -> str:
    if text is None:
        return "ordered"
    status = _STATUSES.get(folded(text))
    if status is None:
        raise BadRow(
            "status",
            f"{text!r} is no status of an order that is known: --column status= overlooks the column",
        )
    if not status:
        raise Skip("no order yet")
    return status


def finished(kept: Orders) -> list[Made]:
    """Return the events of all orders: what was ordered, and then what has come of it or became of it."""
    events: list[Made] = []
    for (*_, status), order in kept.by_number.items():
        for place in range(0, len(order.lines), _MOST_LINES):
            part = order.lines[place : place + _MOST_LINES]
            first = status if status in ("confirmed", "dispatched", "in_transit") else "ordered"
            ordered = [{**one, "received": None} for one in part]
            events.append(_made(_event(order.head, first, ordered)))
            came = [_came(one, status) for one in part if status == "received" or one["received"]]
            # What came before the table was written is in the stock that is counted after it.
            later = order.received_at or order.head["occurred_at"] + timedelta(seconds=1)
            later = max(later, order.head["occurred_at"] + timedelta(seconds=1))
            if came:
                ends = "received" if status == "received" else "partly_received"
                events.append(_made(_event({**order.head, "occurred_at": later}, ends, came)))
            if status == "cancelled":
                after = {**order.head, "occurred_at": later + timedelta(seconds=1)}
                events.append(_made(_event(after, "cancelled", [])))
    return events


def _came(told: dict[str, Any], status: str) -> dict[str, Any]:
    all_of_it = told["quantity"] if status == "received" and told["received"] is None else None
    wanted = {name: told[name] for name in ("location", "sku", "line")}
    return {**wanted, "received": told["received"] if all_of_it is None else all_of_it}


def _event(head: dict[str, Any], status: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    told = [{name: value for name, value in one.items() if value is not None} for one in lines]
    return {**head, "event_id": UNNAMED, "status": status, "lines": told}


def _made(values: dict[str, Any]) -> Made:
    event = record_of(ShipmentEvent, values)
    identity = digest("order", *(values[name] for name in sorted(values) if name != "event_id"))
    return made("shipments", event, event.shipment_id, identity)
