"""A simulated supply network: stores that sell, suppliers that deliver, and what goes wrong in between.

Pure: the seed and the clock come from outside, `step` returns the events of the next hour, `react` takes an alert as
procurement would and returns the orders placed. It keeps the true stock, which the pipeline only hears about.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert
from andon.schemas.common import Record, item_key, utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.items import Item, ServiceClass, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement

HOUR: Final = 3600.0
DAY: Final = 86400.0
_WEEK: Final = (0.9, 1.0, 1.35, 1.2, 0.75, 0.85, 0.95)
_OPEN_HOURS: Final = {hour: 1 + math.sin((hour - 8) / 12 * math.pi) for hour in range(8, 20)}
_OPEN_TOTAL: Final = sum(_OPEN_HOURS.values())
_GOODS: Final = ("TEA", "COFFEE", "RICE", "PASTA", "SOAP", "MILK", "JAM", "OATS", "SALT", "OIL")
_CLASSES: Final[tuple[ServiceClass, ...]] = ("lean", "balanced", "balanced", "critical")

Event = tuple[str, Record]


@dataclass
class _Supplier:
    name: str
    lane: str
    carrier: str
    mode: str
    days: float


@dataclass
class _Shelf:
    """One item at one location: what it really sells and really has."""

    item: Item
    daily: float
    stock: int
    factor: float = 1.0
    factor_until: float = 0.0


@dataclass
class _Order:
    shipment_id: str
    key: str
    quantity: int
    source: Source
    placed: float
    dispatches: float
    promised: float
    arrives: float
    delay_days: float = 0.0
    reported: bool = False
    lost: bool = False
    dispatched: bool = False
    parcels: int = 1
    received: int = 0


@dataclass
class Tally:
    """What really happened, which no event tells: demand, and what was lost for want of stock."""

    demanded: int = 0
    sold: int = 0
    orders: int = 0
    events: Counter[str] = field(default_factory=Counter)

    @property
    def fill_rate(self) -> float:
        """The share of demand that was met."""
        return self.sold / self.demanded if self.demanded else 1.0


class Network:
    """Stores, items, suppliers and orders, moved on an hour at a time."""

    def __init__(
        self, *, seed: int, start: float, locations: int = 3, items: int = 100, run: str = "sim"
    ) -> None:
        """Build the network.

        Args:
            seed: the same seed gives the same network and the same events.
            start: simulated time to begin at, seconds since 1970.
            locations: how many stores.
            items: how many items in each store.
            run: goes into every event id, so that two runs on one broker do not look like repeats.
        """
        self._chance = random.Random(seed)
        self._run = run
        self._number = 0
        self.start = start - start % DAY
        self.now = self.start
        self.tally = Tally()
        self._suppliers = [
            _Supplier("ACME", "rotterdam", "bluewave", "sea", 5.0),
            _Supplier("BOREAL", "hamburg", "nordrail", "rail", 3.5),
            _Supplier("CORONA", "lyon", "viaroad", "road", 2.0),
        ]
        self._express = _Supplier("EXPRESS", "air-hub", "skyline", "air", 0.8)
        self._shelves = {shelf[0]: shelf[1] for shelf in self._stock_up(locations, items)}
        self._orders: dict[str, _Order] = {}
        self._ordered_at: dict[str, float] = {}
        self._closures: dict[str, tuple[Scope, float]] = {}
        self._plan = self._script()

    @property
    def days(self) -> float:
        """How many days have passed."""
        return (self.now - self.start) / DAY

    def _stock_up(self, locations: int, items: int) -> list[tuple[str, _Shelf]]:
        shelves = []
        chance = self._chance
        for place in range(locations):
            for number in range(items):
                supplier = chance.choice(self._suppliers)
                daily = math.exp(chance.gauss(1.8, 0.8))
                cost = round(chance.uniform(1, 12), 2)
                pack = chance.choice((1, 6, 12, 24))
                item = Item(
                    location=f"store-{place + 1}",
                    sku=f"{_GOODS[number % len(_GOODS)]}-{number:03d}",
                    updated_at=utc(self.start),
                    category=_GOODS[number % len(_GOODS)].lower(),
                    sources=(
                        self._source(supplier, cost, expedite=False),
                        self._source(self._express, round(cost * 1.3, 2), expedite=True),
                    ),
                    unit_cost=cost,
                    unit_price=round(cost * 1.6, 2),
                    order_cost=6.0,
                    service_class=chance.choice(_CLASSES),
                    pack_size=pack,
                    minimum_order=pack,
                    shelf_life_days=21.0 if number % len(_GOODS) == 5 else None,
                    expected_daily_demand=round(daily * chance.uniform(0.8, 1.25), 2),
                )
                stock = int(daily * (supplier.days + chance.uniform(3, 12)))
                shelves.append((item_key(item.location, item.sku), _Shelf(item, daily, stock)))
        return shelves

    def _source(self, supplier: _Supplier, cost: float, *, expedite: bool) -> Source:
        return Source(
            supplier=supplier.name,
            lane=supplier.lane,
            carrier=supplier.carrier,
            mode=supplier.mode,
            lead_time_days=supplier.days,
            lead_time_sd_days=supplier.days * 0.2,
            unit_cost=cost,
            order_cost=25.0 if expedite else 6.0,
            expedite=expedite,
        )

    def _script(self) -> list[tuple[float, Scope, float, str]]:
        """Plan the closures: two early ones that every run sees, then one a month or so."""
        plan = [
            (4.5, Scope(type="lane", id="rotterdam"), 4.0, "port of Rotterdam closed by a strike"),
            (11.0, Scope(type="supplier", id="BOREAL"), 3.0, "fire at BOREAL's plant"),
        ]
        at = 11.0
        while at < 3650:
            at += self._chance.uniform(20, 45)
            supplier = self._chance.choice(self._suppliers)
            scope = Scope(type="carrier", id=supplier.carrier)
            plan.append((at, scope, self._chance.uniform(2, 6), f"{supplier.carrier} on strike"))
        return [(self.start + day * DAY, scope, days * DAY, why) for day, scope, days, why in plan]

    def opening(self) -> list[Event]:
        """Return the master data and the first counts."""
        events: list[Event] = [("items", shelf.item) for shelf in self._shelves.values()]
        events += [self._count(shelf) for shelf in self._shelves.values()]
        return self._counted(events)

    def step(self) -> list[Event]:
        """Move on by an hour and return what happened in it."""
        events: list[Event] = []
        hour = int(self.now % DAY // HOUR)
        weekday = int(self.now // DAY) % 7
        if hour == 0:
            self._change_demand()
        if hour == 7:
            events += self._morning_checks()
        share = _OPEN_HOURS.get(hour, 0.0) / _OPEN_TOTAL * _WEEK[weekday]
        if share:
            events += self._sell(share)
        events += self._disrupt()
        events += self._move_shipments()
        self.now += HOUR
        return self._counted(events)

    def _sell(self, share: float) -> list[Event]:
        events: list[Event] = []
        for shelf in self._shelves.values():
            wanted = self._poisson(shelf.daily * shelf.factor * share)
            if not wanted:
                continue
            sold = min(wanted, shelf.stock)
            self.tally.demanded += wanted
            self.tally.sold += sold
            if sold:
                shelf.stock -= sold
                events.append(("pos", self._sale(shelf, sold, "sale")))
                if self._chance.random() < 0.004:
                    shelf.stock += 1
                    events.append(("pos", self._sale(shelf, 1, "return")))
        return events

    def _sale(self, shelf: _Shelf, quantity: int, kind: str) -> Sale:
        return Sale(
            event_id=self._name("pos"),
            occurred_at=utc(self.now + self._chance.uniform(0, HOUR - 1)),
            location=shelf.item.location,
            sku=shelf.item.sku,
            quantity=quantity,
            kind=kind,  # type: ignore[arg-type]
            unit_price=shelf.item.unit_price,
        )

    def _change_demand(self) -> None:
        """Begin a promotion or a lasting change of demand here and there."""
        for shelf in self._shelves.values():
            if shelf.factor != 1.0 and self.now >= shelf.factor_until:
                shelf.factor = 1.0
            elif self._chance.random() < 0.004:
                shelf.factor, shelf.factor_until = self._chance.uniform(3, 6), self.now + DAY
            elif self._chance.random() < 0.001:
                shelf.daily *= self._chance.choice((0.6, 1.7))

    def _morning_checks(self) -> list[Event]:
        """Count some shelves, and find some goods spoiled or gone."""
        events: list[Event] = []
        for shelf in self._shelves.values():
            roll = self._chance.random()
            if roll < 0.05:
                events.append(self._count(shelf))
            elif roll < 0.055 and shelf.stock > 2:
                shelf.stock -= 1
                events.append(("stock", self._movement(shelf, "spoilage", 1)))
            elif roll < 0.06 and shelf.stock > 2:
                shelf.stock -= 1
        return events

    def _count(self, shelf: _Shelf) -> Event:
        return ("stock", self._movement(shelf, "count", shelf.stock))

    def _movement(self, shelf: _Shelf, kind: str, quantity: int) -> StockMovement:
        return StockMovement(
            event_id=self._name("stock"),
            occurred_at=utc(self.now),
            location=shelf.item.location,
            sku=shelf.item.sku,
            kind=kind,  # type: ignore[arg-type]
            quantity=quantity,
        )

    def _disrupt(self) -> list[Event]:
        events: list[Event] = []
        while self._plan and self._plan[0][0] <= self.now:
            _, scope, seconds, why = self._plan.pop(0)
            name = self._name("closure")
            ends = self.now + seconds
            self._closures[name] = (scope, ends)
            events.append(("delays", self._closure(name, scope, ends, why, "active")))
            for order in self._orders.values():
                if self._touched(order, scope) and order.arrives > self.now:
                    order.arrives += seconds
        for name, (scope, ends) in list(self._closures.items()):
            if ends <= self.now:
                del self._closures[name]
                events.append(("delays", self._closure(name, scope, ends, "", "ended")))
        return events

    def _closure(self, name: str, scope: Scope, ends: float, why: str, status: str) -> DelayEvent:
        return DelayEvent(
            event_id=f"{name}-{status}",
            occurred_at=utc(self.now),
            delay_id=name,
            scope=scope,
            status=status,  # type: ignore[arg-type]
            starts_at=utc(min(self.now, ends)),
            ends_at=utc(ends),
            reason=why or None,
        )

    @staticmethod
    def _touched(order: _Order, scope: Scope) -> bool:
        source = order.source
        return scope.id in (source.supplier, source.lane, source.carrier)

    def _move_shipments(self) -> list[Event]:
        events: list[Event] = []
        for order in list(self._orders.values()):
            if not order.dispatched and order.dispatches <= self.now:
                order.dispatched = True
                events.append(self._shipment(order, "dispatched"))
                if order.delay_days and order.reported:
                    events.append(self._delay(order))
            if order.lost and self.now > order.promised + 10 * DAY:
                del self._orders[order.shipment_id]
                events.append(self._shipment(order, "cancelled"))
            elif not order.lost and order.arrives <= self.now:
                events.append(self._receive(order))
        return events

    def _receive(self, order: _Order) -> Event:
        shelf = self._shelves[order.key]
        if order.parcels > 1:
            order.parcels -= 1
            order.arrives += DAY
            arrived = order.quantity // 2
            status = "partly_received"
        else:
            del self._orders[order.shipment_id]
            arrived = order.quantity - order.received
            if self._chance.random() < 0.02:
                arrived += 1
            status = "received"
        order.received += arrived
        shelf.stock += arrived
        return self._shipment(order, status)

    def _shipment(self, order: _Order, status: str, alert_id: str | None = None) -> Event:
        shelf = self._shelves[order.key]
        received = order.received or (0 if status != "received" else order.quantity)
        event = ShipmentEvent(
            event_id=self._name("shipment"),
            occurred_at=utc(self.now),
            shipment_id=order.shipment_id,
            status=status,  # type: ignore[arg-type]
            supplier=order.source.supplier,
            carrier=order.source.carrier,
            lane=order.source.lane,
            mode=order.source.mode,
            ordered_at=utc(order.placed),
            promised_at=utc(order.promised),
            alert_id=alert_id,
            lines=(
                ShipmentLine(
                    location=shelf.item.location,
                    sku=shelf.item.sku,
                    quantity=order.quantity,
                    received=received,
                ),
            ),
        )
        return ("shipments", event)

    def _delay(self, order: _Order) -> Event:
        said = order.delay_days * self._chance.uniform(0.7, 1.3)
        event = DelayEvent(
            event_id=self._name("delay"),
            occurred_at=utc(self.now),
            delay_id=f"{order.shipment_id}-late",
            scope=Scope(type="shipment", id=order.shipment_id),
            delay_hours=round(said * 24, 1),
            reason=self._chance.choice(("customs hold", "truck breakdown", "storm", "missed slot")),
        )
        return ("delays", event)

    def react(self, alert: Alert) -> list[Event]:
        """Do what procurement would do about an alert: order, or take the best way out."""
        if alert.status == "resolved" or alert.location is None or alert.sku is None:
            return []
        shelf = self._shelves.get(item_key(alert.location, alert.sku))
        if shelf is None or self.now - self._ordered_at.get(alert.alert_id, -math.inf) < DAY:
            return []
        if alert.kind == "replenish" and alert.order_quantity:
            source = next(one for one in shelf.item.sources if one.supplier == alert.supplier)
            return self._order(shelf, source, alert.order_quantity, alert)
        if alert.kind == "stockout_risk" and alert.alternatives:
            best = alert.alternatives[0]
            found = [one for one in shelf.item.sources if one.supplier == best.supplier]
            if best.kind in ("source", "expedite") and best.saves > 0 and found:
                return self._order(shelf, found[0], best.quantity, alert)
        return []

    def _order(self, shelf: _Shelf, source: Source, quantity: int, alert: Alert) -> list[Event]:
        chance = self._chance
        self._ordered_at[alert.alert_id] = self.now
        days = source.lead_time_days * math.exp(chance.gauss(-0.02, 0.18))
        order = _Order(
            shipment_id=self._name("PO"),
            key=item_key(shelf.item.location, shelf.item.sku),
            quantity=quantity,
            source=source,
            placed=self.now,
            dispatches=self.now + 0.25 * days * DAY,
            promised=self.now + source.lead_time_days * DAY,
            arrives=self.now + days * DAY,
            parcels=2 if quantity > 3 and chance.random() < 0.05 else 1,
            lost=chance.random() < 0.005,
        )
        if chance.random() < 0.1:
            order.delay_days = chance.uniform(1, 4)
            order.arrives += order.delay_days * DAY
            order.reported = chance.random() < 0.7
        for scope, ends in self._closures.values():
            if self._touched(order, scope):
                order.arrives = max(order.arrives, ends + 0.5 * days * DAY)
        self._orders[order.shipment_id] = order
        self.tally.orders += 1
        ack = Ack(
            event_id=self._name("ack"),
            occurred_at=utc(self.now),
            alert_id=alert.alert_id,
            action="ordered",
            quantity=quantity,
            shipment_id=order.shipment_id,
            by="simulated procurement",
        )
        return self._counted([("acks", ack), self._shipment(order, "ordered", alert.alert_id)])

    def true_stock(self) -> dict[str, int]:
        """Return what every shelf really holds."""
        return {key: shelf.stock for key, shelf in self._shelves.items()}

    def _name(self, what: str) -> str:
        self._number += 1
        return f"{self._run}-{what}-{self._number}"

    def _counted(self, events: list[Event]) -> list[Event]:
        self.tally.events.update(family for family, _ in events)
        return events

    def _poisson(self, mean: float) -> int:
        """Return a Poisson draw by inversion; hourly means are small."""
        roll, count = self._chance.random(), 0
        term = total = math.exp(-mean)
        while roll > total and count < 1000:
            count += 1
            term *= mean / count
            total += term
        return count
