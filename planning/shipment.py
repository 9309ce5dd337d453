"""The life of an inbound shipment, in whatever order its news arrive, and what its items' books are told of it."""

from typing import Any, Final

import msgspec

from andon.planning.alerts import OpenAlert, Said, head_of, raise_alert, settle_alert
from andon.planning.disruption import Arrival, Disruption, arrival, matches
from andon.schemas.alerts import Alert
from andon.schemas.common import encode, item_key, split_item_key, utc
from andon.schemas.shipments import Delivery, LineUpdate, ShipmentEvent, ShipmentLine

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
#: A shipment nobody gave a date for is expected after a week.
_USUAL_SECONDS: Final = 7 * _DAY
_USUAL_SPREAD_DAYS: Final = 1.0
#: Less than half a day after the promise is on time.
_LATE_DAYS: Final = 0.5
_REMEMBERED: Final = 32 * 8


class Shipment(msgspec.Struct, array_like=True):
    """An inbound order: its way, its dates (seconds since 1970), its lines (ordered and received), and its delays.

    `version` grows with every change, so that the books recognise repeats; `applied` has one offset for each source;
    `exact` names the lines of which the last news said how much was received, so that it was not simply all.
    """

    shipment_id: str
    status: str = "ordered"
    version: int = 0
    at: float = 0.0
    supplier: str | None = None
    carrier: str | None = None
    lane: str | None = None
    mode: str | None = None
    ordered: float | None = None
    promised: float | None = None
    stated: float | None = None
    received_at: float | None = None
    alert_id: str | None = None
    lines: dict[str, tuple[int, int]] = {}
    exact: list[str] = []
    delays: dict[str, Disruption] = {}
    alerts: dict[str, OpenAlert] = {}
    episodes: dict[str, int] = {}
    applied: dict[str, int] = {}
    recent: bytes = b""
    outbox: list[Said] = []

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.status not in ("received", "cancelled")

    @property
    def base(self) -> float:
        """The arrival expected if nothing were disrupted."""
        if self.stated is not None:
            return self.stated
        if self.promised is not None:
            return self.promised
        return (self.ordered if self.ordered is not None else self.at) + _USUAL_SECONDS

    @property
    def locations(self) -> set[str]:
        """Where its goods go."""
        return {split_item_key(key)[0] for key in self.lines}

    def arrival(self, wide: dict[str, Disruption]) -> Arrival:
        """Return when it is expected now, with its own delays and the wide disruptions that touch it."""
        touching = [disruption for disruption in wide.values() if self.touched_by(disruption)]
        return arrival(self.base, _USUAL_SPREAD_DAYS, [*self.delays.values(), *touching])

    def touched_by(self, disruption: Disruption) -> bool:
        """Whether a disruption holds this shipment up."""
        return matches(
            disruption,
            shipment_id=self.shipment_id,
            supplier=self.supplier,
            carrier=self.carrier,
            lane=self.lane,
            locations=self.locations if disruption.scope == "location" else (),
        )


def apply_event(
    shipment: Shipment,
    event: ShipmentEvent,
    at: float,
    digest: bytes,
    wide: dict[str, Disruption],
) -> str:
    """Apply news of a shipment and say what its items' books must know. Return what became of it."""
    if _remembered(shipment, digest):
        return "duplicate"
    was_open = shipment.is_open or shipment.version == 0
    newer = at >= shipment.at
    rank = _RANK[event.status]
    if (newer and was_open) or rank > _RANK[shipment.status]:
        shipment.status = event.status
    shipment.at = max(shipment.at, at)
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
    tell(shipment, at, wide)
    if was_open and shipment.status == "received":
        shipment.received_at = at
        _report_delivery(shipment)
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


def tell(shipment: Shipment, at: float, wide: dict[str, Disruption]) -> None:
    """Say every line's present state, and that the shipment is late, or no longer."""
    shipment.version += 1
    now = shipment.arrival(wide)
    for key, (quantity, received) in shipment.lines.items():
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
        )
        name = f"{shipment.shipment_id}:{shipment.version}:{key}"
        shipment.outbox.append(Said("lines", key, name, "andon.line.updated", encode(update), at))
    _raise_late(shipment, at, now)


def delay(
    shipment: Shipment,
    disruption: Disruption,
    at: float,
    wide: dict[str, Disruption],
    *,
    ended: bool,
) -> bool:
    """Apply a report on this very shipment; return whether it changed anything."""
    if ended:
        if shipment.delays.pop(disruption.delay_id, None) is None:
            return False
    else:
        known = shipment.delays.get(disruption.delay_id)
        if known == disruption or (known is not None and known.at > disruption.at):
            return False
        shipment.delays[disruption.delay_id] = disruption
    if shipment.is_open:
        tell(shipment, at, wide)
    return True


def _raise_late(shipment: Shipment, at: float, now: Arrival) -> None:
    promised = shipment.promised if shipment.promised is not None else shipment.base
    days = (now.expected - promised) / _DAY

    def describe(alert: OpenAlert, status: str) -> Alert:
        fields: dict[str, Any] = head_of(alert, status)
        if status == "resolved":
            sentence = f"Shipment {shipment.shipment_id} is no longer late: {shipment.status}."
        else:
            items = len(shipment.lines)
            sentence = (
                f"Shipment {shipment.shipment_id} from {shipment.supplier or 'its supplier'} is "
                f"{days:.1f} days late ({now.reason or 'a new date was given'}): now expected "
                f"{utc(now.expected):%a %d %b %H:%M}; {items} item{'s' if items != 1 else ''} "
                f"wait{'s' if items == 1 else ''} for it."
            )
        return Alert(
            **fields,
            sentence=sentence,
            shipment_id=shipment.shipment_id,
            supplier=shipment.supplier,
            expected_arrival=utc(now.expected),
            numbers={"days_late": round(days, 2), "lines": float(len(shipment.lines))},
            resolution=shipment.status if status == "resolved" else None,
        )

    if shipment.is_open and days > _LATE_DAYS:
        raise_alert(
            shipment.alerts,
            shipment.episodes,
            shipment.outbox,
            kind="late_shipment",
            key=shipment.shipment_id,
            now=at,
            severity="warning" if days > 2 else "info",
            size=days,
            due=now.expected,
            describe=describe,
        )
    else:
        settle_alert(
            shipment.alerts,
            shipment.outbox,
            "late_shipment",
            shipment.shipment_id,
            at,
            describe=describe,
        )


def _report_delivery(shipment: Shipment) -> None:
    """Tell every scorecard that this delivery counts for."""
    if shipment.supplier is None or shipment.ordered is None or shipment.received_at is None:
        return
    if shipment.received_at <= shipment.ordered:
        return
    reported = None
    if shipment.delays and shipment.promised is not None:
        reported = max(
            arrival(shipment.base, 0.0, shipment.delays.values()).expected, shipment.base
        )
        reported = (reported - shipment.promised) / _DAY
    cards = {
        "supplier": shipment.supplier,
        "carrier": shipment.carrier,
        "lane": shipment.lane,
        "source": source_name(shipment.supplier, shipment.lane, shipment.carrier, shipment.mode),
    }
    for kind, name in cards.items():
        if name is None:
            continue
        delivery = Delivery(
            type=kind,  # type: ignore[arg-type]
            name=name,
            shipment_id=shipment.shipment_id,
            ordered_at=utc(shipment.ordered),
            promised_at=_utc(shipment.promised),
            received_at=utc(shipment.received_at),
            reported_delay_days=reported,
        )
        shipment.outbox.append(
            Said(
                "deliveries",
                f"{kind}/{name}",
                f"{shipment.shipment_id}:{kind}",
                "andon.delivery.completed",
                encode(delivery),
                shipment.received_at,
            )
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
