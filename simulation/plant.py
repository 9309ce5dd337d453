"""A small plant beside the stores: a line that makes lamps of bought parts, one of them late, and a ward that is filled by kanban.

It has a chance of its own: what stores sell does not hang on it. A few events a day.
"""

import random
from functools import partial
from typing import Final

from andon.schemas.alerts import Alert
from andon.schemas.boms import Bom, Component
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.schemas.kanban import CardEvent, Loop
from andon.schemas.pos import Sale
from andon.schemas.production import ProductionEvent
from andon.schemas.shipments import ShipmentEvent, ShipmentLine, ShipmentStatus
from andon.schemas.stock import StockMovement
from andon.simulation.agenda import Agenda, Message
from andon.simulation.customers import DAY, HOUR

PLANT: Final = "plant"
WARD: Final = "ward-3"
LINE: Final = "LAMPS"
LAMP: Final = "LAMP"
GLOVES: Final = "GLOVES"
#: What goes into a lamp, and what there is of it on the first day.
_PARTS: Final = {"BOLT": (4, 360), "SHADE": (1, 700)}
_FIRST_LAMPS: Final = 260
_DAILY: Final = 40
_MINUTES_EACH: Final = 10.0
_REPORTS_HOURS: Final = 2
_LEAD_DAYS: Final = 6.0
#: What is released on the first morning, for which there are too few bolts; more of these are to come that day, and come days later.
_FIRST_ORDER: Final = 120
_FIRST_BOLTS: Final = 2_000
_PROMISED_HOURS: Final = 14.0
_SAID_LATE_HOURS: Final = 8.0
_COMES_DAYS: Final = 2.2
_CARDS: Final = "ABCD"
_FILL_HOURS: Final = (8.0, 20.0)


class Plant:
    """A plant and a ward, with their own chance and agenda; no clock, no I/O.

    Args:
        seed: of everything left to chance.
        start: the midnight when they open, seconds since 1970.
    """

    def __init__(self, seed: int, start: float) -> None:
        self.built = 0
        self.stops = 0
        self._rng = random.Random(f"plant {seed}")
        self._label = f"plant-{utc(start):%y%m%d}"
        self._events = 0
        self._agenda = Agenda()
        self._start = start
        self._parts = {sku: first for sku, (_, first) in _PARTS.items()}
        self._lamps = _FIRST_LAMPS
        #: The production orders, with what is left of each; the first is being made.
        self._orders: list[tuple[str, int]] = []
        #: What open alerts ask for, by item: their ids, and how many units.
        self._wanted: dict[str, tuple[str, int]] = {}
        self._cards = dict.fromkeys(_CARDS, True)
        self._agenda.plan(start + 1.0, self._tell)
        self._agenda.plan(start + 2 * HOUR, self._begin)
        self._agenda.plan(start + 6 * HOUR, self._day)
        self._agenda.plan(start + 6 * HOUR, self._report)
        self._agenda.plan(start + 9 * HOUR, self._empty)

    def opening(self) -> list[Message]:
        """Return the first counts, and the master data."""
        stock = {LAMP: self._lamps, **self._parts}
        counts = [("stock", self._count(sku, units)) for sku, units in stock.items()]
        return [*counts, *(("items", self._item(sku)) for sku in stock)]

    def advance(self, until: float) -> list[Message]:
        """Let time pass until then (seconds since 1970); return what happened, in the order of time."""
        return self._agenda.run(until)

    def hear(self, alert: Alert, at: float) -> list[Message]:
        """Note what an alert of the plant asks for: it is done the next morning, if it still asks (`at` in seconds since 1970)."""
        del at
        if alert.kind == "line_stop" and alert.status == "opened":
            self.stops += 1
        if alert.kind == "replenish" and alert.sku in (LAMP, *_PARTS):
            if alert.status != "resolved" and alert.order_quantity:
                self._wanted[alert.sku] = alert.alert_id, alert.order_quantity
            else:
                self._wanted.pop(alert.sku, None)
        return []

    def _order_what_is_wanted(self, at: float) -> list[Message]:
        wanted, self._wanted = self._wanted, {}
        found: list[Message] = []
        for sku, (alert_id, units) in sorted(wanted.items()):
            if sku == LAMP:
                name = self._name("P")
                self._orders.append((name, units))
                times = {"starts_at": utc(at + HOUR), "minutes_each": _MINUTES_EACH}
                found.append(
                    self._order(name, "released", at, quantity=units, alert_id=alert_id, **times)
                )
                continue
            name, due = self._name("PO"), at + _LEAD_DAYS * DAY
            self._agenda.plan(due, partial(self._arrive, name, sku, units))
            found.append(self._ship(name, "ordered", sku, units, at, due, alert_id))
        return found

    def _begin(self, at: float) -> list[Message]:
        """Release a first order, for which bolts are to come that will be late."""
        order, bolts = self._name("P"), self._name("PO")
        self._orders.append((order, _FIRST_ORDER))
        due, arrives = self._start + _PROMISED_HOURS * HOUR, self._start + _COMES_DAYS * DAY
        late = partial(self._delay, bolts, "BOLT", _FIRST_BOLTS, arrives)
        self._agenda.plan(self._start + _SAID_LATE_HOURS * HOUR, late)
        self._agenda.plan(arrives, partial(self._arrive, bolts, "BOLT", _FIRST_BOLTS))
        times = {"starts_at": utc(at), "minutes_each": _MINUTES_EACH}
        return [
            self._ship(bolts, "ordered", "BOLT", _FIRST_BOLTS, at, due),
            self._order(order, "released", at, quantity=_FIRST_ORDER, **times),
        ]

    def _delay(self, name: str, sku: str, units: int, arrives: float, at: float) -> list[Message]:
        return [self._ship(name, "in_transit", sku, units, at, arrives)]

    def _arrive(self, name: str, sku: str, units: int, at: float) -> list[Message]:
        self._parts[sku] += units
        return [self._ship(name, "received", sku, units, at)]

    def _tell(self, at: float) -> list[Message]:
        """Say what a lamp is made of, and how the ward is filled: both follow the master data."""
        components = tuple(Component(sku=sku, quantity=each) for sku, (each, _) in _PARTS.items())
        bill = Bom(location=PLANT, sku=LAMP, updated_at=utc(at), components=components)
        loop = Loop(
            location=WARD,
            sku=GLOVES,
            updated_at=utc(at),
            container=50,
            cards=len(_CARDS),
            filled_by="store-room",
            lead_time_days=0.6,
            daily_demand=90.0,
        )
        return [("boms", bill), ("loops", loop)]

    def _day(self, at: float) -> list[Message]:
        """Order what is asked for, and send lamps to whoever ordered some."""
        self._agenda.plan(at + DAY, self._day)
        ordered = self._order_what_is_wanted(at)
        units = min(self._rng.randint(_DAILY - 12, _DAILY + 12), self._lamps)
        if not units:
            return ordered
        self._lamps -= units
        sold = Sale(
            event_id=self._name("S"), occurred_at=utc(at), location=PLANT, sku=LAMP, quantity=units
        )
        return [*ordered, ("pos", sold)]

    def _report(self, at: float) -> list[Message]:
        """Say what the line made since it last said so: as much as its pace and its parts allow."""
        self._agenda.plan(at + _REPORTS_HOURS * HOUR, self._report)
        if not self._orders:
            return []
        name, left = self._orders[0]
        there = min(self._parts[sku] // each for sku, (each, _) in _PARTS.items())
        made = min(int(_REPORTS_HOURS * 60 / _MINUTES_EACH), left, there)
        if not made:
            return []
        for sku, (each, _) in _PARTS.items():
            self._parts[sku] -= made * each
        self._lamps += made
        self.built += made
        self._orders[0] = name, left - made
        if left == made:
            del self._orders[0]
        return [self._order(name, "made", at, quantity=made)]

    def _empty(self, at: float) -> list[Message]:
        """Let the ward empty a container; the store room brings a full one some hours later."""
        self._agenda.plan(at + self._rng.uniform(8.0, 18.0) * HOUR, self._empty)
        card = next((one for one, is_full in self._cards.items() if is_full), None)
        if card is None:
            return []
        # The next time another one is taken first.
        del self._cards[card]
        self._cards[card] = False
        self._agenda.plan(at + self._rng.uniform(*_FILL_HOURS) * HOUR, partial(self._fill, card))
        return [self._card(card, "pulled", at)]

    def _fill(self, card: str, at: float) -> list[Message]:
        self._cards[card] = True
        return [self._card(card, "filled", at)]

    def _card(self, card: str, status: str, at: float) -> Message:
        return "cards", CardEvent(
            event_id=self._name("C"),
            occurred_at=utc(at),
            location=WARD,
            sku=GLOVES,
            card=card,
            status=status,  # type: ignore[arg-type]
        )

    def _order(self, name: str, status: str, at: float, **fields: object) -> Message:
        return "production", ProductionEvent(
            event_id=self._name("M"),
            occurred_at=utc(at),
            order_id=name,
            location=PLANT,
            line=LINE,
            sku=LAMP,
            status=status,  # type: ignore[arg-type]
            **fields,  # type: ignore[arg-type]
        )

    def _ship(
        self,
        name: str,
        status: ShipmentStatus,
        sku: str,
        units: int,
        at: float,
        expected: float | None = None,
        alert_id: str | None = None,
    ) -> Message:
        return "shipments", ShipmentEvent(
            event_id=self._name("E"),
            occurred_at=utc(at),
            shipment_id=name,
            status=status,
            supplier="IRONWORKS",
            lines=(ShipmentLine(location=PLANT, sku=sku, quantity=units),),
            expected_at=None if expected is None else utc(expected),
            alert_id=alert_id,
        )

    def _item(self, sku: str) -> Item:
        opened = utc(self._start)
        if sku == LAMP:
            return Item(
                location=PLANT,
                sku=LAMP,
                description="Desk lamp",
                updated_at=opened,
                sources=(Source(made_on=LINE, lead_time_days=2.0, pack_size=20),),
                unit_cost=22.0,
                unit_price=45.0,
                order_cost=60.0,
                expected_daily_demand=float(_DAILY),
            )
        return Item(
            location=PLANT,
            sku=sku,
            description={"BOLT": "Bolt M6", "SHADE": "Glass shade"}[sku],
            updated_at=opened,
            sources=(Source(supplier="IRONWORKS", lead_time_days=_LEAD_DAYS, pack_size=20),),
            unit_cost={"BOLT": 0.2, "SHADE": 4.0}[sku],
        )

    def _count(self, sku: str, units: int) -> StockMovement:
        return StockMovement(
            event_id=self._name("K"),
            occurred_at=utc(self._start),
            location=PLANT,
            sku=sku,
            kind="count",
            quantity=units,
            reason="opening count",
        )

    def _name(self, kind: str) -> str:
        self._events += 1
        return f"{self._label}-{kind}-{self._events}"
