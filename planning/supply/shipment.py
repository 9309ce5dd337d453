"""The life of an inbound shipment, in whatever order its news arrive, and what its items' books are told of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.supply.delivery import delivered
from andon.planning.supply.disruption import (
    Arrival,
    Disruption,
    arrival,
    held_by,
)
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.lateness import update_late_alert
from andon.planning.supply.silence import silent_name, update_silent_alert
from andon.schemas.common import encode, item_key, split_item_key, utc
from andon.schemas.shipments import LineUpdate, ShipmentEvent, ShipmentLine

_DAY: Final = 86400.0
_RANK: Final = {
    "ordered": 0,
    "confirmed": 1,
    "dispatched": 2,
    "in_transit": 3,
    "partly_received": 4,
    "cancelled": 5,
    "received": 6,
}
_REMEMBERED: Final = 32 * 8


#: A shipment keeps its lines, and what it has to say of each, in one record: so many lines, and bytes of them, fit.
MOST_LINES: Final = 1_000
MOST_LINE_BYTES: Final = 800_000
#: So many reports of delays are kept of one shipment: later ones with a name of their own are refused.
MOST_DELAYS: Final = 20
#: What the news of a line takes besides its names: dates, numbers, the names of fields, a reason.
_LINE_BYTES: Final = 560


def outgrown(shipment: Shipment | None, event: ShipmentEvent) -> str | None:
    """Return why an event would make a shipment larger than its record may be, or None: it is to be refused before."""
    keys = {item_key(line.location, line.sku) for line in event.lines}
    if shipment is not None:
        keys |= shipment.lines.keys()
    if len(keys) > MOST_LINES:
        return f"the shipment would have {len(keys):,} lines; at most {MOST_LINES:,} are taken: split it"
    names = ("supplier", "carrier", "lane", "mode", "alert_id")
    told = (getattr(event, name) or getattr(shipment, name, None) for name in names)
    each = _LINE_BYTES + sum(_length(name) for name in told if name)
    each += 3 * _length(event.shipment_id)
    size = sum(4 * _length(key) for key in keys) + each * len(keys)
    if size > MOST_LINE_BYTES and len(keys) > 1:
        return f"the shipment's {len(keys):,} lines and their names are too long for one record: split it"
    return None


def has_too_many_delays(shipment: Shipment | None, disruption: Disruption, *, ended: bool) -> bool:
    """Return whether a report is one more than a shipment's record has room for: it is to be refused before."""
    if shipment is None or ended or disruption.delay_id in shipment.delays:
        return False
    return len(shipment.delays) >= MOST_DELAYS


def _length(text: str) -> int:
    """Return how many bytes a text takes in a message, where it may be written with escapes."""
    return len(msgspec.json.encode(text))


def apply_event(
    shipment: Shipment,
    event: ShipmentEvent,
    at: float,
    digest: bytes,
    wide: Mapping[str, Disruption],
    *,
    delay_multiplier: float = 1.0,
) -> str:
    """Apply news of a shipment and say what its items' books must know. Return what became of it.

    Args:
        shipment: what it reaches.
        event: the news.
        at: when they happened, seconds since 1970.
        digest: of the event id, eight bytes.
        wide: the wide disruptions in force.
        delay_multiplier: what a reported day of delay has meant in days so far.
    """
    if _remembered(shipment, digest):
        return "duplicate"
    head, lines = shipment.head(wide, delay_multiplier), dict(shipment.lines)
    was_open = shipment.is_open
    newer = at >= shipment.at
    rank = _RANK[event.status]
    if newer and (rank > _RANK[shipment.status] or event.expected_at is not None):
        shipment.delays.pop(silent_name(shipment), None)
    if (newer and was_open) or rank > _RANK[shipment.status]:
        shipment.status = event.status
    shipment.at = max(shipment.at, at)
    shipment.first_heard = at if shipment.first_heard is None else min(shipment.first_heard, at)
    _fill_in(shipment, event, newer=newer)
    over = False
    named = {item_key(line.location, line.sku): line for line in event.lines}
    if event.status == "received":
        shipment.exact = [key for key, line in named.items() if line.received is not None]
    for key in dict.fromkeys([*shipment.lines, *named]):
        quantity, received = _line(shipment.lines.get(key), named.get(key), newer=newer)
        if shipment.status == "received" and key not in shipment.exact:
            received = max(received, quantity)
        over = over or received > quantity
        shipment.lines[key] = (quantity, received)
    changed = None
    if head == shipment.head(wide, delay_multiplier):
        changed = [key for key, line in shipment.lines.items() if lines.get(key) != line]
    publish_lines(shipment, at, wide, delay_multiplier=delay_multiplier, only=changed)
    if was_open and shipment.status == "received":
        shipment.received_at = at
        _report_delivery(shipment, wide)
    return "over_receipt" if over else "applied"


def _fill_in(shipment: Shipment, event: ShipmentEvent, *, newer: bool) -> None:
    """Take from an event what is new or not known yet."""
    for name in ("supplier", "carrier", "lane", "mode", "alert_id"):
        value = getattr(event, name)
        if value is not None and (newer or getattr(shipment, name) is None):
            setattr(shipment, name, value)
    for name, value in (
        ("ordered", event.ordered_at),
        ("promised", event.promised_at),
        ("stated", event.expected_at),
    ):
        if value is not None and (newer or getattr(shipment, name) is None):
            setattr(shipment, name, value.timestamp())
    if shipment.ordered is None and event.status == "ordered":
        shipment.ordered = event.at


def _line(
    known: tuple[int, int] | None, said: ShipmentLine | None, *, newer: bool
) -> tuple[int, int]:
    quantity, received = known or (0, 0)
    if said is not None:
        if said.quantity is not None and (newer or not quantity):
            quantity = said.quantity
        received = max(received, said.received or 0)
    return quantity, received


def publish_lines(
    shipment: Shipment,
    at: float,
    wide: Mapping[str, Disruption],
    *,
    delay_multiplier: float = 1.0,
    only: list[str] | None = None,
) -> None:
    """Say the present state of every line (or of those named in `only`), and that the shipment is late, or no longer."""
    shipment.version += 1
    now = shipment.arrival(wide, delay_multiplier)
    parent = wide.get(now.cause or "") if now.cause not in shipment.delays else None
    shipment.outbox += _news(
        shipment, list(shipment.lines if only is None else only), at, now, parent
    )
    is_habit = now.cause is None and shipment.goes_by_promise
    alerted_elsewhere = is_habit or parent is not None or now.cause == silent_name(shipment)
    update_late_alert(shipment, at, now, alerted_elsewhere=alerted_elsewhere)
    update_silent_alert(shipment, at)


def _news(
    shipment: Shipment, keys: list[str], at: float, now: Arrival, parent: Disruption | None
) -> list[OutboxMessage]:
    """Return the news of some lines; where many with long words would outgrow the record, they say less of why they are late."""
    ways: tuple[tuple[Arrival, Disruption | None], ...] = (
        (now, parent),
        (replace(now, reason=None), parent),
        (replace(now, reason=None), None),
        (replace(now, reason=None, cause=None), None),
    )
    news: list[OutboxMessage] = []
    for arrives, told in ways:
        news = [_news_of(shipment, key, at, arrives, told) for key in keys]
        if sum(len(one.body) + len(one.event_id) + len(one.key) for one in news) <= MOST_LINE_BYTES:
            break
    return news


def _news_of(
    shipment: Shipment, key: str, at: float, now: Arrival, parent: Disruption | None
) -> OutboxMessage:
    """Return the news of a line."""
    quantity, received = shipment.lines[key]
    location, sku = split_item_key(key)
    update = LineUpdate(
        shipment_id=shipment.shipment_id,
        version=shipment.version,
        location=location,
        sku=sku,
        occurred_at=utc(at),
        status=shipment.status,  # type: ignore[arg-type]
        quantity=quantity,
        received=received,
        expected_at=utc(now.expected),
        promised_at=_utc(shipment.promised),
        ordered_at=_utc(shipment.ordered),
        spread_days=now.spread_days,
        supplier=shipment.supplier,
        carrier=shipment.carrier,
        lane=shipment.lane,
        mode=shipment.mode,
        alert_id=shipment.alert_id,
        cause=now.cause,
        reason=now.reason,
        parent_id=None if parent is None else parent.parent_id,
        base_at=None if now.cause is None else utc(shipment.base),
        base_spread_days=0.0 if now.cause is None else shipment.spread_days,
        held_by=None if parent is None else held_by(parent),
        undated=not shipment.has_date,
    )
    name = f"{shipment.shipment_id}:{shipment.version}:{key}"
    return OutboxMessage("lines", key, name, "andon.line.updated", encode(update), at)


def delay(
    shipment: Shipment,
    disruption: Disruption,
    at: float,
    wide: Mapping[str, Disruption],
    *,
    ended: bool,
    delay_multiplier: float = 1.0,
) -> bool:
    """Apply a report on this very shipment; return whether it changed anything."""
    if ended:
        if shipment.delays.pop(disruption.delay_id, None) is None:
            return False
    else:
        shipment.delays.pop(silent_name(shipment), None)
        known = shipment.delays.get(disruption.delay_id)
        if known == disruption or (known is not None and known.at > disruption.at):
            return False
        shipment.delays[disruption.delay_id] = disruption
    if shipment.is_open:
        publish_lines(shipment, at, wide, delay_multiplier=delay_multiplier)
    return True


def _report_delivery(shipment: Shipment, wide: Mapping[str, Disruption]) -> None:
    """Tell every scorecard that this delivery counts for."""
    if shipment.supplier is None or shipment.first_heard is None or shipment.received_at is None:
        return
    reported = None
    silent = silent_name(shipment)
    reports = [one for one in shipment.held_up_by(wide) if one.delay_id != silent]
    if reports and shipment.promised is not None:
        expected = max(arrival(shipment.base, 0.0, reports).expected, shipment.base)
        reported = (expected - shipment.promised) / _DAY
    cards = {
        "supplier": shipment.supplier,
        "carrier": shipment.carrier,
        "lane": shipment.lane,
        "mode": shipment.mode,
        "network": "all",
        "source": source_name(shipment.supplier, shipment.lane, shipment.carrier, shipment.mode),
    }
    shipment.outbox += delivered(
        shipment.shipment_id,
        cards,
        ordered=shipment.ordered,
        first_heard=shipment.first_heard,
        promised=shipment.promised,
        received=shipment.received_at,
        reported_delay_days=reported,
    )


def source_name(supplier: str, lane: str | None, carrier: str | None, mode: str | None) -> str:
    """Return the name under which a way of getting goods is learned."""
    return "|".join((supplier, lane or "", carrier or "", mode or ""))


def _remembered(shipment: Shipment, digest: bytes) -> bool:
    recent = shipment.recent
    if any(recent[place : place + 8] == digest for place in range(0, len(recent), 8)):
        return True
    shipment.recent = (recent + digest)[-_REMEMBERED:]
    return False


def _utc(seconds: float | None) -> Any:
    return None if seconds is None else utc(seconds)
