"""The simulated network: what customers, clerks and suppliers do, hour by hour, and what it answers to an alert."""

import random
from functools import partial
from typing import Final

from andon.schemas.alerts import Alert
from andon.schemas.common import utc
from andon.schemas.delays import ScopeType
from andon.schemas.orders import PurchaseOrder
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement
from andon.simulation.agenda import Agenda, Message
from andon.simulation.buyer import Buyer
from andon.simulation.catalog import Article, draw_catalog
from andon.simulation.customers import DAY, HOUR, Crowd
from andon.simulation.plant import PLANT, Plant
from andon.simulation.shelf import Shelf
from andon.simulation.supply import SimulatedSuppliers

_COUNT_EVERY_DAYS: Final = 28
_COUNT_WRONG: Final = 0.05
_RETURNED: Final = 0.006
_SPOILS_A_DAY: Final = 1 / 30
_STOLEN_A_DAY: Final = 1 / 40
#: What is closed in the first days whatever the seed says: scope, name, day, hours.
_SCRIPT: Final[tuple[tuple[ScopeType, str, int, float], ...]] = (
    ("lane", "ROTTERDAM", 3, 60.0),
    ("carrier", "NORDFREIGHT", 8, 48.0),
)

#: How long a transfer takes where nobody says.
_TRANSFER_DAYS: Final = 1.0


class Network:
    """Stores that sell, count and receive, and a buyer who does what the alerts say; no clock, no I/O.

    `advance` may be called in steps of any size: the same seed and the same alerts at the same times give the same events.
    """

    def __init__(
        self,
        seed: int,
        start: float,
        locations: int = 4,
        items: int = 60,
        *,
        with_plant: bool = False,
    ) -> None:
        """Draw the network.

        Args:
            seed: of everything left to chance.
            start: when it opens, seconds since 1970; the midnight before counts.
            locations: number of stores, at least 1.
            items: number of articles, at least 1.
            with_plant: whether there is a plant beside the stores, and a ward.
        """
        self.start = start - start % DAY
        self.now = self.start
        self.plant = Plant(seed, self.start) if with_plant else None
        self._rng = rng = random.Random(seed)
        self._label = f"{utc(self.start):%y%m%d}"
        self._events = 0
        self._agenda = Agenda()
        articles = draw_catalog(rng, locations, items, self.start)
        self.articles = {article.key: article for article in articles}
        self.crowds = {key: Crowd(article.daily) for key, article in self.articles.items()}
        self.shelves = {key: self._stocked(article) for key, article in self.articles.items()}
        self.supply = SimulatedSuppliers(rng, self._agenda, self._label, self._receive)
        self.buyer = Buyer(self.articles, self.supply, self._event_id)
        self._agenda.plan(self.start, self._morning)
        self._agenda.plan(self.start, self._hour)
        for scope, name, day, hours in _SCRIPT:
            closure = partial(self.supply.close, scope, name, hours)
            self._agenda.plan(self.start + day * DAY + 7 * HOUR, closure)
        sources = [source for article in articles[:1] for source in article.item.sources]
        sources += [source for article in articles[1:] for source in article.item.sources[:2]]
        self._agenda.plan(self.start + 25 * DAY, partial(self.supply.close_something, sources))

    def _stocked(self, article: Article) -> Shelf:
        """Return a shelf with a moderate stock, some of them too little to wait."""
        lead = article.item.sources[0].lead_time_days
        stock = round(
            article.daily * (lead * self._rng.uniform(0.9, 1.8) + self._rng.uniform(0, 7))
        )
        return Shelf(initial=stock, stock=stock)

    @property
    def orders(self) -> int:
        """How many orders were placed."""
        return self.supply.orders

    @property
    def days(self) -> float:
        """How many days have been simulated."""
        return (self.now - self.start) / DAY

    @property
    def fill_rate(self) -> float:
        """The share of what customers wanted that they got."""
        sold = sum(shelf.sold for shelf in self.shelves.values())
        wanted = sold + sum(shelf.lost for shelf in self.shelves.values())
        return sold / wanted if wanted else 1.0

    def opening(self) -> list[Message]:
        """Return a first count of everything, and then the master data: who knows an item should know its stock."""
        counts = [
            self._movement(key, "count", shelf.stock, self.start, "opening count")
            for key, shelf in self.shelves.items()
        ]
        items: list[Message] = [("items", article.item) for article in self.articles.values()]
        # Those of a family together: each has a head start.
        made = [] if self.plant is None else self.plant.opening()
        for message in made:
            (counts if message[0] == "stock" else items).append(message)
        return [*counts, *items]

    def advance(self, until: float) -> list[Message]:
        """Let time pass until then (seconds since 1970); return what happened, in the order of time."""
        self.now = max(self.now, until)
        heard = self._agenda.run(self.now)
        return heard if self.plant is None else heard + self.plant.advance(self.now)

    def hear(self, alert: Alert, at: float) -> list[Message]:
        """Do what an alert says, once: order, bridge, or take note; return what the world hears of it."""
        if self.plant is not None and alert.location == PLANT:
            return self.plant.hear(alert, at)
        if alert.kind == "replenish" and alert.from_location is not None:
            return self._send(alert, alert.from_location, at)
        return self.buyer.hear(alert, at)

    def supply_others(self, order: PurchaseOrder, at: float) -> None:
        """Let suppliers take an order that somebody else has given (`at` in seconds since 1970)."""
        self.buyer.supply_others(order, at)

    def closing(self, at: float) -> list[Message]:
        """Stop: return the cancellations of everything still on its way."""
        return self.supply.cancel_all(at)

    def _send(self, alert: Alert, sender: str, at: float) -> list[Message]:
        """Let a location send what another asks for, as far as it has it; what it does not have is asked for again."""
        key = f"{alert.location}/{alert.sku}"
        giver = f"{sender}/{alert.sku}"
        done = alert.status == "resolved" or alert.alert_id in self.buyer.answered
        if done or key not in self.articles or giver not in self.shelves:
            return []
        sent = self.shelves[giver].send(alert.order_quantity or 0)
        if not sent:
            return []
        self.buyer.answered.add(alert.alert_id)
        item = self.articles[key].item
        own = (one.lead_time_days for one in item.sources if one.from_location == sender)
        days = next(own, _TRANSFER_DAYS)
        transfer = f"TR-{self._event_id()}"
        out = StockMovement(
            event_id=f"{transfer}-out",
            occurred_at=utc(at),
            location=sender,
            sku=item.sku,
            kind="transfer",
            quantity=-sent,
            to_location=item.location,
            transfer_id=transfer,
            expected_at=utc(at + days * DAY),
            alert_id=alert.alert_id,
        )
        self._agenda.plan(at + days * DAY, partial(self._take_in, key, sent, transfer))
        return [("stock", out)]

    def _take_in(self, key: str, quantity: int, transfer: str, at: float) -> list[Message]:
        self.shelves[key].receive(quantity)
        item = self.articles[key].item
        arrived = StockMovement(
            event_id=f"{transfer}-in",
            occurred_at=utc(at),
            location=item.location,
            sku=item.sku,
            kind="transfer",
            quantity=quantity,
            transfer_id=transfer,
        )
        return [("stock", arrived)]

    def _event_id(self) -> str:
        self._events += 1
        return f"sim-{self._label}-{self._events}"

    def _receive(self, key: str, quantity: int) -> None:
        self.shelves[key].receive(quantity)

    def _morning(self, at: float) -> list[Message]:
        """Count, throw away, lose, and see what the day brings; every midnight."""
        self._agenda.plan(at + DAY, self._morning)
        rng, day = self._rng, int(at // DAY)
        for number, (key, article) in enumerate(self.articles.items()):
            self.crowds[key].wake(rng, at)
            if (day + number) % _COUNT_EVERY_DAYS == 0:
                self._agenda.plan(at + 6 * HOUR, partial(self._count, key))
            if article.item.shelf_life_days and rng.random() < _SPOILS_A_DAY:
                self._agenda.plan(at + 7 * HOUR, partial(self._spoil, key, rng.randint(1, 3)))
            if rng.random() < _STOLEN_A_DAY:
                self.shelves[key].steal(1)
        return []

    def _hour(self, at: float) -> list[Message]:
        self._agenda.plan(at + HOUR, self._hour)
        for key, crowd in self.crowds.items():
            for when, wanted in crowd.baskets(self._rng, at):
                self._agenda.plan(when, partial(self._sell, key, wanted))
        return []

    def _sell(self, key: str, wanted: int, at: float) -> list[Message]:
        given = self.shelves[key].take(wanted)
        if not given:
            return []
        if self._rng.random() < _RETURNED:
            when = at + self._rng.uniform(1, 7) * DAY
            self._agenda.plan(when, partial(self._give_back, key, given))
        return [("pos", self._sale(key, given, at, "sale"))]

    def _give_back(self, key: str, quantity: int, at: float) -> list[Message]:
        self.shelves[key].give_back(quantity)
        return [("pos", self._sale(key, quantity, at, "return"))]

    def _sale(self, key: str, quantity: int, at: float, kind: str) -> Sale:
        item = self.articles[key].item
        return Sale(
            event_id=self._event_id(),
            occurred_at=utc(at),
            location=item.location,
            sku=item.sku,
            quantity=quantity,
            kind=kind,  # type: ignore[arg-type]
            unit_price=item.unit_price,
            promotion=self.crowds[key].promotion if kind == "sale" else None,
        )

    def _count(self, key: str, at: float) -> list[Message]:
        counted = self.shelves[key].stock
        if self._rng.random() < _COUNT_WRONG:
            counted = max(counted + self._rng.choice((-2, -1, 1, 2)), 0)
        return [self._movement(key, "count", counted, at, "cycle count")]

    def _spoil(self, key: str, wanted: int, at: float) -> list[Message]:
        gone = self.shelves[key].spoil(wanted)
        return [self._movement(key, "spoilage", gone, at, "past its date")] if gone else []

    def _movement(self, key: str, kind: str, quantity: int, at: float, reason: str) -> Message:
        item = self.articles[key].item
        movement = StockMovement(
            event_id=self._event_id(),
            occurred_at=utc(at),
            location=item.location,
            sku=item.sku,
            kind=kind,  # type: ignore[arg-type]
            quantity=quantity,
            reason=reason,
        )
        return "stock", movement
