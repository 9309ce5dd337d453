"""One item's story in event time: what happens to its book, and what is said of it."""

from xxhash import xxh3_64_digest

from andon.agents.supply import Calendars
from andon.planning.book import position, receiving
from andon.planning.book.answers import acknowledge
from andon.planning.book.book import Book
from andon.planning.book.counts import move_stock
from andon.planning.book.memory import NO_BLOCKS, Bounds, let_go
from andon.planning.decision import decide
from andon.planning.decision.network import TransferTerms
from andon.planning.production.bills import NO_BILLS
from andon.planning.supply.lead_time import prior
from andon.planning.supply.master_data import PlaceRecord, SupplierRecord
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import LineUpdate
from andon.schemas.stock import StockMovement

DAY = 86400.0
START = 20_000 * DAY
KEY = "S/A"


class SupplyNetwork:
    """Lead times from the master data, and the disruptions of the test."""

    def __init__(
        self, *disruptions, spare=(), terms=None, delay_multiplier=1.0, suppliers=(), places=()
    ):
        self._calendars = Calendars(
            {one.supplier: SupplierRecord(one.at, one) for one in suppliers},
            {one.location: PlaceRecord(one.at, one) for one in places},
        )
        self._worth = delay_multiplier
        self._disruptions = Disruptions({one.delay_id: one for one in disruptions})
        self._spare = spare
        self._terms = terms or TransferTerms()

    def delay_multiplier(self, carrier, supplier):
        return self._worth

    def spare(self, item, now):
        return self._spare

    def transfer_terms(self):
        return self._terms

    def lead_time(self, source):
        return prior(source.lead_time_days, source.lead_time_sd_days)

    def disruptions(self):
        return self._disruptions

    def order_calendar(self, source, location):
        return self._calendars.of(source, location)

    def terms(self, supplier):
        return self._calendars.supplier(supplier)

    def bills(self):
        return NO_BILLS


class Story:
    """An item that sells about ten a day, and what is said of it."""

    def __init__(self, *, stock=100, supply=None, **fields):
        sources = (
            Source(supplier="ACME", lead_time_days=5.0, lane="L1"),
            Source(supplier="FAST", lead_time_days=1.0, unit_cost=1.4, expedite=True),
        )
        defaults = {"unit_price": 3.0, "expected_daily_demand": 10.0, "order_cost": 5.0}
        self.item = Item(
            location="S",
            sku="A",
            updated_at=utc(START),
            sources=fields.pop("sources", sources),
            **{**defaults, **fields},
        )
        self.book = Book()
        self.supply = supply or SupplyNetwork()
        self.said = []
        self.now = START
        self.number = 0
        position.set_item(self.book, self.item, self.item.at)
        self.count(stock)

    def _done(self, closed=0, *, always=True):
        if closed or always or position.needs_reconsidering(self.book):
            decide.reconsider(self.book, KEY, self.now, self.supply, closed=closed)
        let_go(self.book, NO_BLOCKS, Bounds(32), self.now)
        self.said += self.book.outbox
        self.book.outbox.clear()

    def _name(self):
        self.number += 1
        return f"e{self.number}"

    def _digest(self, name):
        return xxh3_64_digest(name.encode())

    def count(self, quantity):
        self.move("count", quantity)

    def move(self, kind, quantity, **fields):
        name = self._name()
        event = StockMovement(
            event_id=name,
            occurred_at=utc(self.now),
            location="S",
            sku="A",
            kind=kind,
            quantity=quantity,
            **fields,
        )
        move_stock(self.book, event, self.now, self._digest(name), NO_BLOCKS)
        self._done()

    def sell(self, quantity, at=None):
        self.now = at or self.now + 60
        closed = decide.advance(self.book, self.now, 0.0)
        name = self._name()
        event = Sale(
            event_id=name, occurred_at=utc(self.now), location="S", sku="A", quantity=quantity
        )
        position.sell(self.book, event, self.now, self._digest(name), NO_BLOCKS)
        self._done(closed, always=False)

    def days(self, count, daily=10):
        for _ in range(count):
            morning = (self.now // DAY + 1) * DAY
            for step in range(daily):
                self.sell(1, morning + 8 * 3600 + step * 600)

    def line(self, shipment, version, *, quantity, days, received=0, status="ordered", **fields):
        update = LineUpdate(
            shipment_id=shipment,
            version=version,
            location="S",
            sku="A",
            occurred_at=utc(self.now),
            status=status,
            quantity=quantity,
            received=received,
            expected_at=utc(self.now + days * DAY),
            **fields,
        )
        name = f"{shipment}:{version}"
        receiving.update_line(self.book, update, self.now, self._digest(name))
        self._done()

    def ack(self, alert, action, **fields):
        ack = Ack(
            event_id=self._name(),
            occurred_at=utc(self.now),
            alert_id=alert.alert_id,
            action=action,
            **fields,
        )
        acknowledge(self.book, ack, self.now)
        self._done()

    def look(self):
        """Look at the item because of the time alone."""
        self._done()

    def alerts(self, kind=None):
        found = [
            decode(one.body, Alert)
            for one in self.said
            if one.family in ("replenishment", "disruptions")
        ]
        return [one for one in found if kind is None or one.kind == kind]
