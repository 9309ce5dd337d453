"""How ordered goods come: shipments with their lead times, and what goes wrong with them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from andon.schemas.common import utc
from andon.schemas.delays import DelayEvent, Scope, ScopeType
from andon.schemas.items import Item, Source
from andon.schemas.orders import OrderEvent, OrderLine
from andon.schemas.shipments import ShipmentEvent, ShipmentLine, ShipmentStatus
from andon.simulation.agenda import Agenda, Message
from andon.simulation.chance import log_normal
from andon.simulation.customers import DAY, HOUR

#: After so much of its lead time an order is confirmed, and so often for less.
_ANSWER_SHARE: Final = 0.05
_CONFIRMED_SHORT: Final = 0.05
_LOST: Final = 0.007
_LATE: Final = 0.06
_REPORTED: Final = 0.65
_PARTIAL: Final = 0.05
_OVER: Final = 0.02
_SHORT: Final = 0.2
_GIVEN_UP_DAYS: Final = 5.0
#: What is heard of a shipment on its way, and after what share of its lead time.
_STAGES: Final[tuple[tuple[float, ShipmentStatus], ...]] = (
    (0.25, "dispatched"),
    (0.45, "in_transit"),
)
_CLOSURE_EVERY_DAYS: Final = 35.0
_REASONS: Final[dict[ScopeType, str]] = {
    "lane": "closed after a storm",
    "carrier": "drivers on strike",
    "supplier": "production stopped",
}


@dataclass
class PlacedOrder:
    """An order under way: one item, from one source; times are seconds since 1970.

    An order of several items comes in as many shipments, each under a number of its own.
    """

    shipment_id: str
    item: Item
    source: Source
    quantity: int
    order_id: str
    arrives: float
    promised: float
    received: int = 0
    lost: bool = False

    @property
    def is_part(self) -> bool:
        """Whether it is a part of an order, under a number of its own."""
        return self.shipment_id != self.order_id

    def touches(self, scope: ScopeType, name: str) -> bool:
        """Whether a closure of that scope holds the shipment up."""
        held_up: str | None = getattr(self.source, scope)
        return name == held_up


class SimulatedSuppliers:
    """All shipments, and the mishaps of those who bring them."""

    def __init__(
        self,
        rng: random.Random,
        agenda: Agenda,
        label: str,
        receive: Callable[[str, int], None],
    ) -> None:
        self.open: dict[str, PlacedOrder] = {}
        self.orders = 0
        self._rng = rng
        self._agenda = agenda
        self._label = label
        self._receive = receive
        self._closed: dict[tuple[ScopeType, str], float] = {}
        self._closures = 0
        self._first_is_late = True
        #: Orders of which less is confirmed, whatever chance says.
        self.short: set[str] = set()

    def order(
        self, item: Item, source: Source, quantity: int, at: float, order_id: str, part: str = ""
    ) -> None:
        """Take an order, or one item of it, and plan what will be heard of it.

        Args:
            item: what is ordered.
            source: from whom.
            quantity: how much; the supplier may confirm less.
            at: when, seconds since 1970.
            order_id: the order's number.
            part: what names this item's shipment, if it is not the only one of the order.
        """
        rng, mean = self._rng, source.lead_time_days
        sd = source.lead_time_sd_days or mean / 4
        lead = max(log_normal(rng, mean, sd), 0.2) * DAY
        shipment = PlacedOrder(
            shipment_id=f"{order_id}-{part}" if part else order_id,
            item=item,
            source=source,
            quantity=quantity,
            order_id=order_id,
            arrives=at + lead,
            promised=at + (mean + sd / 2) * DAY,
        )
        self.open[shipment.shipment_id] = shipment
        self._agenda.plan(at + _ANSWER_SHARE * lead, partial(self._confirm, shipment, at))
        for fraction, status in _STAGES:
            self._agenda.plan(at + fraction * lead, partial(self._tell, shipment, status))
        for (scope, name), until in self._closed.items():
            if until > at and shipment.touches(scope, name):
                shipment.arrives += until - at
        self._let_fate_decide(shipment, at, lead)

    def next_number(self) -> str:
        """Return the number of the buyer's next order."""
        self.orders += 1
        return f"PO-{self._label}-{self.orders}"

    def _confirm(self, shipment: PlacedOrder, ordered: float, at: float) -> list[Message]:
        """Say how much will come, when and by what way; now and then it is less than was ordered."""
        if shipment.shipment_id not in self.open:
            return []
        shipment.quantity = self._kept(shipment)
        item, source = shipment.item, shipment.source
        line = OrderLine(
            location=item.location,
            sku=item.sku,
            quantity=shipment.quantity,
            promised_at=utc(shipment.promised) if shipment.is_part else None,
        )
        confirmed = OrderEvent(
            event_id=f"{shipment.shipment_id}-agreed",
            occurred_at=utc(at),
            order_id=shipment.order_id,
            status="confirmed",
            supplier=source.supplier,
            promised_at=None if shipment.is_part else utc(shipment.promised),
            lines=(line,),
        )
        way = self._event(
            shipment,
            "confirmed",
            at,
            supplier=source.supplier,
            carrier=source.carrier,
            lane=source.lane,
            mode=source.mode,
            ordered_at=utc(ordered),
            promised_at=utc(shipment.promised),
            order_id=shipment.order_id if shipment.is_part else None,
            lines=(self._line(shipment),) if shipment.is_part else (),
        )
        return [("orders.events", confirmed), ("shipments", way)]

    def _kept(self, shipment: PlacedOrder) -> int:
        """Return how much a supplier confirms; by a chance of its own, so that all else goes on as it would."""
        chance = random.Random(f"{self._label} {shipment.shipment_id}")
        pack = max(shipment.item.pack_size, 1)
        part = int(shipment.quantity * chance.uniform(0.5, 0.9)) // pack * pack
        is_short = chance.random() < _CONFIRMED_SHORT or shipment.order_id in self.short
        return part if is_short and part > 0 else shipment.quantity

    def _line(self, shipment: PlacedOrder) -> ShipmentLine:
        item = shipment.item
        return ShipmentLine(location=item.location, sku=item.sku, quantity=shipment.quantity)

    def _let_fate_decide(self, shipment: PlacedOrder, at: float, lead: float) -> None:
        rng, fate, reported = self._rng, self._rng.random(), self._rng.random() < _REPORTED
        if self._first_is_late and not shipment.source.expedite:
            self._first_is_late, fate, reported = False, _LOST + _LATE / 2, True
        if fate < _LOST:
            shipment.lost = True
            given_up = shipment.promised + _GIVEN_UP_DAYS * DAY
            self._agenda.plan(given_up, partial(self._give_up, shipment))
            return
        if fate < _LOST + _LATE:
            shipment.arrives += rng.uniform(1.5, 4.5) * DAY
            if reported:
                said = shipment.arrives + rng.gauss(0, 0.4) * DAY
                self._agenda.plan(at + 0.5 * lead, partial(self._report_late, shipment, said))
        self._agenda.plan(shipment.arrives, partial(self._arrive, shipment))

    def close(self, scope: ScopeType, name: str, hours: float, at: float) -> list[Message]:
        """Close a lane, a carrier or a supplier for some hours; return the report of it."""
        self._closures += 1
        until = at + hours * HOUR
        self._closed[scope, name] = until
        for shipment in self.open.values():
            if shipment.touches(scope, name) and shipment.arrives > at:
                shipment.arrives += hours * HOUR
        delay_id = f"{name}-{self._label}-{self._closures}"
        self._agenda.plan(until, partial(self._reopen, scope, name, delay_id))
        report = DelayEvent(
            event_id=f"{delay_id}-begins",
            occurred_at=utc(at),
            delay_id=delay_id,
            scope=Scope(type=scope, id=name),
            delay_hours=round(hours * self._rng.uniform(0.7, 1.2)),
            starts_at=utc(at),
            ends_at=utc(until),
            reason=_REASONS[scope],
        )
        return [("delays", report)]

    def close_something(self, sources: list[Source], at: float) -> list[Message]:
        """Close a lane, carrier or supplier of these sources by chance, and plan the next time."""
        rng = self._rng
        wait = rng.expovariate(1 / _CLOSURE_EVERY_DAYS) * DAY
        self._agenda.plan(at + wait, partial(self.close_something, sources))
        scope: ScopeType = rng.choice(("lane", "carrier", "supplier"))
        name = getattr(rng.choice(sources), scope)
        if name is None or self._closed.get((scope, name), 0.0) > at:
            return []
        return self.close(scope, name, rng.uniform(30, 110), at)

    def cancel_all(self, at: float) -> list[Message]:
        """Cancel what is open, so that no book waits for goods of a network that has stopped."""
        events = [self._event(shipment, "cancelled", at) for shipment in self.open.values()]
        self.open.clear()
        return [("shipments", event) for event in events]

    def _reopen(self, scope: ScopeType, name: str, delay_id: str, at: float) -> list[Message]:
        self._closed.pop((scope, name), None)
        ended = DelayEvent(
            event_id=f"{delay_id}-ends",
            occurred_at=utc(at),
            delay_id=delay_id,
            scope=Scope(type=scope, id=name),
            status="ended",
            reason=_REASONS[scope],
        )
        return [("delays", ended)]

    def _report_late(self, shipment: PlacedOrder, said: float, at: float) -> list[Message]:
        if shipment.shipment_id not in self.open:
            return []
        delay_id = f"late-{shipment.shipment_id}"
        report = DelayEvent(
            event_id=delay_id,
            occurred_at=utc(at),
            delay_id=delay_id,
            scope=Scope(type="shipment", id=shipment.shipment_id),
            expected_at=utc(max(said, at + HOUR)),
            reason="missed its connection",
        )
        return [("delays", report)]

    def _tell(self, shipment: PlacedOrder, status: ShipmentStatus, at: float) -> list[Message]:
        if shipment.shipment_id not in self.open:
            return []
        return [("shipments", self._event(shipment, status, at))]

    def _arrive(self, shipment: PlacedOrder, at: float) -> list[Message]:
        if shipment.shipment_id not in self.open:
            return []
        if shipment.arrives > at:
            self._agenda.plan(shipment.arrives, partial(self._arrive, shipment))
            return []
        chance, pack = self._rng.random(), shipment.item.pack_size
        if chance < _PARTIAL and shipment.quantity > 1:
            part = max(int(shipment.quantity * self._rng.uniform(0.5, 0.9)), 1)
            self._agenda.plan(at + 2 * DAY, partial(self._bring_packed, shipment))
            return [self._bring(shipment, part, "partly_received", at)]
        more = pack if _PARTIAL <= chance < _PARTIAL + _OVER else 0
        return [self._bring(shipment, shipment.quantity + more, "received", at)]

    def _bring_packed(self, shipment: PlacedOrder, at: float) -> list[Message]:
        if shipment.shipment_id not in self.open:
            return []
        if self._rng.random() < _SHORT:
            del self.open[shipment.shipment_id]
            return [("shipments", self._event(shipment, "cancelled", at))]
        return [self._bring(shipment, shipment.quantity - shipment.received, "received", at)]

    def _give_up(self, shipment: PlacedOrder, at: float) -> list[Message]:
        if self.open.pop(shipment.shipment_id, None) is None:
            return []
        return [("shipments", self._event(shipment, "cancelled", at))]

    def _bring(
        self, shipment: PlacedOrder, quantity: int, status: ShipmentStatus, at: float
    ) -> Message:
        item = shipment.item
        shipment.received += quantity
        self._receive(f"{item.location}/{item.sku}", quantity)
        if status == "received":
            del self.open[shipment.shipment_id]
        line = ShipmentLine(location=item.location, sku=item.sku, received=shipment.received)
        return "shipments", self._event(shipment, status, at, lines=(line,))

    def _event(
        self, shipment: PlacedOrder, status: ShipmentStatus, at: float, **more: object
    ) -> ShipmentEvent:
        return ShipmentEvent(
            event_id=f"{shipment.shipment_id}-{status}",
            occurred_at=utc(at),
            shipment_id=shipment.shipment_id,
            status=status,
            **more,  # type: ignore[arg-type]
        )
