"""An item's months lived through with Andon beside it, whose stock-out alerts nobody answers.

Sales come within the hours of their days, one by one; each morning a buyer orders what the replenishment alert asks for;
orders take a log-normal time, and some are held up, which is told on the way. What an alert said is then held against what
was wanted from its moment until the next receipt came: the same future, without an answer.
"""

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any, NamedTuple

import msgspec
from odds import moments
from series import Series

from andon.planning.backtest.core import KnownSupply
from andon.planning.book import counts, position, receiving
from andon.planning.book.book import Book
from andon.planning.book.memory import NO_BLOCKS, Bounds, let_go
from andon.planning.decision import decide
from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY
from andon.planning.supply.lead_time import prior
from andon.schemas.alerts import Alert
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import LineUpdate
from andon.schemas.stock import StockMovement

#: When the buyer looks at the list.
_MORNING = 9 * 3600.0
#: How many orders are held up, by up to this share of the time they take, and what that leaves unsure.
_HELD_UP = 0.2
_LONGEST_DELAY = 1.0
_DELAY_SPREAD_DAYS = 1.0
_BOUNDS = Bounds(8)
#: What makes an order of an item worth 6 a unit cover some weeks.
_ORDER_COST = 2.0
RANK = ("info", "warning", "critical")
_alerts = msgspec.json.Decoder(Alert)


class Shop(NamedTuple):
    """How an item is bought."""

    lead_days: float
    lead_sd_days: float
    warm_up_days: int


class Said(NamedTuple):
    """A stock-out alert as it was opened, or became more severe: what it said, and whether it came true had nobody acted.

    `first` says whether it was opened with it, `days_short` what was at stake, in days of sales.
    """

    at: float
    first: bool
    odds: float
    severity: str
    days_short: float
    free: int
    cause: str
    resolved_at: float | None
    true: bool


class Outage(NamedTuple):
    """A time without stock on which somebody wanted something: since when, and the first warning of it, if any.

    `foreseeable` says whether half a lead time before no receipt was expected in time, and what was wanted since was no more
    than in nine of ten times before.
    """

    at: float
    warned_at: float | None
    foreseeable: bool


class Life(NamedTuple):
    """What became of an item."""

    months: float
    alerts: list[Said]
    outages: list[Outage]


class _Open(msgspec.Struct):
    at: float
    first: bool
    odds: float
    severity: str
    days_short: float
    free: int
    cause: str
    relief: float
    resolved_at: float | None = None


class World:
    """One item, its book, and what is on its way."""

    def __init__(self, series: Series, shop: Shop, seed: int) -> None:
        self.series, self.shop = series, shop
        self.chance = random.Random(seed)
        self.times = moments(series, seed)
        self.item = Item(
            location="S",
            sku="A",
            updated_at=utc(0.0),
            sources=(
                Source(
                    supplier="ACME",
                    lead_time_days=shop.lead_days,
                    lead_time_sd_days=shop.lead_sd_days,
                ),
            ),
            unit_cost=6.0,
            unit_price=10.0,
            order_cost=_ORDER_COST,
        )
        self.belief = prior(shop.lead_days, shop.lead_sd_days)
        self.supply: Any = KnownSupply(self.item, self.belief)
        self.book = Book()
        self.number = 0
        self.events: list[tuple[float, int, str, Any]] = []
        self.orders: dict[str, LineUpdate] = {}
        #: When each order that is on its way will come.
        self.comes: dict[str, float] = {}
        self.opened: list[_Open] = []
        self.outages: list[float] = []
        self.is_out = False
        #: What was expected next of receipts, as it changed.
        self.expected: list[tuple[float, float]] = []
        self.begin = (series[0] + shop.warm_up_days) * DAY
        self.end = (series[0] + len(series[1])) * DAY

    def live(self) -> Life:
        """Live through it all, and return what became of it."""
        first, sold = self.series
        book = self.book
        position.set_item(book, self.item, 0.0)
        for day in range(first, int(self.begin // DAY)):
            demands.record(book.demand, day, sold[day - first])
            demands.close_through(book.demand, day)
        book.clock = self.begin
        book.targets = decide.situation_of(book, "S/A", self.begin, self.supply).targets
        self._count(max(book.targets.order_up_to, 1))
        day = self.begin
        while day < self.end:
            self._plan(day + _MORNING, "buyer", None)
            day += DAY
        for at in self.times[bisect_left(self.times, self.begin) :]:
            self._plan(at, "sale", None)
        while self.events:
            now, _, what, about = heappop(self.events)
            if now >= self.end:
                break
            getattr(self, f"_{what}")(now, about)
        return self._judged()

    def _plan(self, at: float, what: str, about: Any) -> None:
        self.number += 1
        heappush(self.events, (at, self.number, what, about))

    def _digest(self) -> bytes:
        self.number += 1
        return self.number.to_bytes(8, "little")

    def _count(self, units: int) -> None:
        event = StockMovement(
            event_id="count",
            occurred_at=utc(self.begin),
            location="S",
            sku="A",
            kind="count",
            quantity=units,
        )
        counts.move_stock(self.book, event, self.begin, self._digest(), NO_BLOCKS)
        self._look(self.begin, 0, always=True)

    def _sale(self, now: float, _: Any) -> None:
        closed = decide.advance(self.book, now, 0.0)
        if self.book.on_hand > 0:
            sale = Sale(
                event_id="sale",
                occurred_at=utc(now),
                location="S",
                sku="A",
                quantity=1,
                kind="sale",
            )
            position.sell(self.book, sale, now, self._digest(), NO_BLOCKS)
        elif not self.is_out:
            self.is_out = True
            self.outages.append(now)
        self._look(now, closed, always=False)

    def _buyer(self, now: float, _: Any) -> None:
        closed = decide.advance(self.book, now, 0.0)
        self._look(now, closed, always=False)
        book = self.book
        if "replenish" not in book.alerts or book.targets is None:
            return
        units = book.targets.order_up_to - book.inventory_position
        if book.inventory_position > book.targets.reorder_point or units <= 0:
            return
        name = f"PO{self.number}"
        taken = math.exp(self.chance.gauss(self.belief.mu, self.belief.sigma))
        order = LineUpdate(
            shipment_id=name,
            version=1,
            location="S",
            sku="A",
            occurred_at=utc(now),
            status="ordered",
            quantity=units,
            received=0,
            expected_at=utc(now + self.belief.mean_days * DAY),
            promised_at=utc(now + self.belief.mean_days * DAY),
            spread_days=self.belief.sd_days,
            supplier="ACME",
            alert_id=book.alerts["replenish"].alert_id,
        )
        arrives = now + taken * DAY
        if self.chance.random() < _HELD_UP:
            late = self.chance.uniform(0.2, _LONGEST_DELAY) * self.shop.lead_days * DAY
            told = now + self.chance.uniform(0.1, 0.9) * taken * DAY
            self._plan(told, "news", (name, arrives + late))
            arrives += late
        self.comes[name] = arrives
        self._plan(arrives, "receipt", name)
        self._line(order, now)

    def _news(self, now: float, about: tuple[str, float]) -> None:
        name, arrives = about
        stray = self.chance.gauss(0.0, _DELAY_SPREAD_DAYS * DAY)
        self._line(
            msgspec.structs.replace(
                self.orders[name],
                version=2,
                occurred_at=utc(now),
                expected_at=utc(max(arrives + stray, now)),
                spread_days=_DELAY_SPREAD_DAYS,
                cause=f"delay {name}",
                reason="held up",
            ),
            now,
        )

    def _receipt(self, now: float, name: str) -> None:
        order = self.orders.pop(name)
        del self.comes[name]
        done = msgspec.structs.replace(
            order, version=3, occurred_at=utc(now), status="received", received=order.quantity
        )
        self.is_out = False
        self._line(done, now)

    def _line(self, order: LineUpdate, now: float) -> None:
        if order.status != "received":
            self.orders[order.shipment_id] = order
        closed = decide.advance(self.book, now, 0.0)
        receiving.update_line(self.book, order, now, self._digest())
        soonest = min(
            (one.expected_at.timestamp() for one in self.orders.values()), default=math.inf
        )
        self.expected.append((now, soonest))
        self._look(now, closed, always=True)

    def _look(self, now: float, closed: int, *, always: bool) -> None:
        book = self.book
        if closed or always or position.needs_reconsidering(book):
            decide.reconsider(book, "S/A", now, self.supply)
        let_go(book, NO_BLOCKS, _BOUNDS, now)
        for one in book.outbox:
            if "stockout_risk" in one.event_id:
                self._hear(now, _alerts.decode(one.body))
        book.outbox.clear()

    def _hear(self, now: float, alert: Alert) -> None:
        if alert.status == "resolved":
            for one in reversed(self.opened):
                one.resolved_at = now
                if one.first:
                    break
            return
        is_first = alert.status == "opened"
        if not is_first and (
            not self.opened or RANK.index(alert.severity) <= RANK.index(self.opened[-1].severity)
        ):
            return
        waiting = list(self.comes.values())
        taken = math.exp(self.chance.gauss(self.belief.mu, self.belief.sigma))
        self.opened.append(
            _Open(
                now,
                is_first,
                alert.probability or 0.0,
                alert.severity,
                alert.numbers["short_units"] / max(self.book.demand.level, 1e-9),
                self.book.on_hand,
                alert.cause or "",
                min(waiting) if waiting else now + taken * DAY,
            )
        )

    def _wanted(self, begin: float, end: float) -> int:
        return bisect_right(self.times, end) - bisect_right(self.times, begin)

    def _judged(self) -> Life:
        alerts = [
            Said(
                one.at,
                one.first,
                one.odds,
                one.severity,
                one.days_short,
                one.free,
                one.cause,
                one.resolved_at,
                self._wanted(one.at, one.relief) > one.free,
            )
            for one in self.opened
            if one.relief < self.end
        ]
        outages = [self._outage(at) for at in self.outages]
        return Life((self.end - self.begin) / DAY / 30.0, alerts, outages)

    def _outage(self, at: float) -> Outage:
        before = at - self.shop.lead_days / 2 * DAY
        standing = [
            one.at
            for one in self.opened
            if one.first and one.at <= at and (one.resolved_at is None or one.resolved_at >= at)
        ]
        known = [soonest for told, soonest in self.expected if told <= before]
        in_time = bool(known) and known[-1] < at
        usual = sorted(self._sums(before))
        surprise = bool(usual) and self._wanted(before, at) > usual[int(0.9 * len(usual))]
        return Outage(at, min(standing, default=None), not in_time and not surprise)

    def _sums(self, until: float) -> Iterator[int]:
        """Yield what was wanted in times of half a lead time before a moment."""
        length = self.shop.lead_days / 2 * DAY
        at = until - length
        while at > self.series[0] * DAY:
            yield self._wanted(at, at + length)
            at -= length
