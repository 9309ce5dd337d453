"""Random events over all that docs/events.md takes, with a liking for the ends of every range."""

import math
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, TypeVar

from fuzz_records import INPUTS, RecordMaker
from fuzz_world import World

from andon.agents.tables import BOOKS, MODELS, PARTITION_STATE, PARTITIONS
from andon.planning.book import receiving
from andon.planning.supply.disruption import disruption_of
from andon.schemas.acks import Ack
from andon.schemas.common import Record, encode, item_key, utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.forecasts import Shape
from andon.schemas.items import Item, Promotion, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import HeldBy, LineUpdate, ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement

DAY: Final = 86400.0
START: Final = 20_000 * DAY
_MOST_UNITS: Final = 10**9
_WIDEST_EM: Final = "\N{PILE OF POO}"

T = TypeVar("T")
#: A record to play: family, key, value, time of writing.
Played = tuple[str, str, bytes | None, float]


class EventMaker:
    """Makes the events of one world, one after the other; the same seed makes the same."""

    def __init__(self, seed: int, world: World, *, crowded: bool = False) -> None:
        self._chance = random.Random(seed)
        self._world = world
        self._now = START + self._chance.random() * DAY
        self._number = 0
        self._skus = ["A", "B"]
        # Worlds differ in what they have much of.
        self._ways = self._some("ABCDEFGH", 1, 8)
        self._usual = self._chance.choice(
            [
                {},
                {"shipments": 20.0},
                {"delays": 12.0, "shipments": 20.0},
                {"pos": 30.0},
                {"acks": 15.0},
                {"items": 8.0},
            ]
        )
        if self._is(0.5):
            self._usual = {**self._usual, "any": self._chance.choice([10.0, 40.0])}
        self._any = RecordMaker(
            self._chance,
            {
                "event_id": lambda: f"e{self._number}",
                "corrects": lambda: f"e{self._chance.randint(0, self._number)}",
                "sku": self._sku,
                "shipment_id": lambda: self._id("P", 600),
                "transfer_id": lambda: self._id("P", 600),
                "order_id": lambda: self._id("P", 600),
                "delay_id": lambda: self._id("D", 1200),
                "supplier": lambda: self._chance.choice(self._ways),
                "carrier": lambda: self._chance.choice(self._ways),
                "lane": lambda: self._chance.choice(self._ways),
                "alert_id": self._alert,
                "alerts": self._alert,
            },
            lambda: self._now,
        )
        self._pace = self._chance.choice([60.0, 3600.0, DAY, 20 * DAY])
        self._sizes = self._chance.choice([3.0, 50.0, 1e4, 1e9])

        if crowded:
            self._crowd()

    def _crowd(self) -> None:
        """Let an item have nearly as many open orders as it may, each held up in its own way, and a hundred disruptions."""
        book = self._world.shard.get(BOOKS, item_key("S", "A"))
        for number in range(399):
            event = self._line_of(f"Q{number}", number)
            receiving.update_line(book, event, event.at, b"%08d" % number)
        known = self._world.shard.get(PARTITIONS, PARTITION_STATE).disruptions
        for number in range(100):
            event = self._delay_of(
                f"E{number}", self._chance.choice(["carrier", "supplier", "lane"])
            )
            known[event.delay_id] = disruption_of(event, event.at)

    def _line_of(self, shipment_id: str, version: int) -> LineUpdate:
        way = self._chance.choice
        base, name = self._around(), way(self._ways)
        held = HeldBy(
            scope=Scope(type=way(["carrier", "supplier", "lane"]), id=name),
            reported_at=utc(self._now),
            since=utc(self._now),
            delay_hours=self._maybe(48.0),
        )
        is_held = self._is(0.5)
        return LineUpdate(
            shipment_id=shipment_id,
            version=version + 1,
            location="S",
            sku="A",
            occurred_at=utc(self._now),
            status="ordered",
            quantity=self._whole(1, _MOST_UNITS),
            received=0,
            expected_at=utc(base + (2 * DAY if is_held else 0.0)),
            promised_at=utc(base),
            ordered_at=self._maybe(utc(self._now - DAY)),
            spread_days=self._number_in(0.0, 400.0),
            supplier=way(self._ways),
            carrier=way(self._ways),
            lane=way(self._ways),
            cause=f"F{version}" if is_held else None,
            reason="strike" if is_held else None,
            parent_id="disruption:F:1" if is_held else None,
            base_at=utc(base) if is_held else None,
            base_spread_days=1.0,
            held_by=held if is_held else None,
        )

    def next(self) -> Played:
        """Return the next record."""
        self._number += 1
        self._now += self._chance.expovariate(1 / self._pace)
        if self._number <= len(self._skus):
            return self._item(self._skus[self._number - 1])
        if self._number <= 2 * len(self._skus):
            return self._count(self._skus[self._number - len(self._skus) - 1])
        weights = {
            "pos": 10.0, "stock": 3.0, "items": 2.0, "shipments": 6.0, "delays": 2.0, "acks": 2.0, "shapes": 0.5,
            **self._usual,
        }  # fmt: skip
        family = self._chance.choices(list(weights), list(weights.values()))[0]
        make = {
            "pos": self._sale,
            "stock": self._movement,
            "items": lambda: self._item(self._sku()),
            "shipments": self._shipment,
            "delays": self._delay,
            "acks": self._ack,
            "shapes": self._shape,
            "any": self._of_any_family,
        }[family]
        return make()

    def _of_any_family(self) -> Played:
        family = self._chance.choice(INPUTS)
        key, value = self._any.make(family)
        return family, key, value, self._now

    # Values.

    def _sku(self) -> str:
        return self._chance.choice(self._skus)

    def _is(self, odds: float) -> bool:
        return self._chance.random() < odds

    def _some(self, of: Sequence[T], least: int, most: int) -> list[T]:
        return list(of)[: self._chance.randint(least, most)]

    def _whole(self, low: int, high: int) -> int:
        """Return a whole number of a range: one of its ends, or of any order of magnitude."""
        kind = self._chance.random()
        if kind < 0.1:
            return low
        if kind < 0.2:
            return high
        top = high if self._is(0.2) else min(high, max(low, int(self._sizes)))
        return min(max(int(math.exp(self._chance.uniform(0, math.log(top + 1)))) - 1, low), high)

    def _number_in(self, low: float, high: float) -> float:
        """Return a number of a range: one of its ends, next to one, or of any order of magnitude."""
        kind = self._chance.random()
        if kind < 0.1:
            return low
        if kind < 0.15:
            return math.nextafter(low, high)
        if kind < 0.25:
            return high
        if kind < 0.3:
            return math.nextafter(high, low)
        if kind < 0.6:
            return self._chance.uniform(low, min(high, low + 30))
        least = math.log(max(low, 1e-9))
        return min(max(math.exp(self._chance.uniform(least, math.log(high))), low), high)

    def _maybe(self, value: T, odds: float = 0.5) -> T | None:
        return value if self._is(odds) else None

    def _at(self) -> float:
        kind = self._chance.random()
        if kind < 0.8:
            return self._now
        if kind < 0.9:
            return self._now - self._chance.expovariate(1 / (3 * DAY))
        return max(self._now - self._chance.uniform(0, 1000 * DAY), 11_000 * DAY)

    def _around(self) -> float:
        """Return a time at which goods may arrive, or a closure begin or end."""
        kind = self._chance.random()
        if kind < 0.7:
            return self._now + self._chance.uniform(-20, 90) * DAY
        return self._chance.choice(
            [utc_of(1990, 1, 2), utc_of(2200, 12, 30), self._now, self._now + 3650 * DAY]
        )

    def _text(self, most: int) -> str:
        kind = self._chance.random()
        if kind < 0.8:
            return self._chance.choice(["x", "strike", "ACME"])
        return (_WIDEST_EM if self._is(0.5) else "w") * most

    def _id(self, kind: str, many: int) -> str:
        name = f"{kind}{self._chance.randrange(many)}"
        return name + _WIDEST_EM * (128 - len(name)) if self._is(0.05) else name

    # Events.

    def _played(self, family: str, key: str, event: Record, at: float) -> Played:
        return family, key, encode(event), max(at, self._now)

    def _head(self, at: float) -> dict[str, Any]:
        return {"event_id": f"e{self._number}", "occurred_at": utc(at)}

    def _source(self) -> Source:
        way = self._chance.choice
        return Source(
            supplier=way(self._ways),
            lead_time_days=self._number_in(1e-9 if self._is(0.3) else 5e-324, 3650.0),
            lead_time_sd_days=self._maybe(self._number_in(0.0, 3650.0)),
            unit_cost=self._maybe(self._number_in(0.0, 1e12)),
            order_cost=self._maybe(self._number_in(0.0, 1e12)),
            lane=self._maybe(way(self._ways)),
            carrier=self._maybe(way(self._ways)),
            mode=self._maybe(way(self._ways)),
            expedite=self._is(0.2),
        )

    def _promotion(self) -> Promotion:
        starts = date(1970, 1, 1) + timedelta(
            days=int(self._now // DAY) + self._chance.randint(-370, 3000)
        )
        return Promotion(
            starts_on=starts,
            ends_on=starts + timedelta(days=self._chance.choice([0, 1, 7, 366])),
            expected_uplift=self._number_in(0.1, 100.0),
        )

    def _item(self, sku: str) -> Played:
        if self._number > 10 and self._is(0.05):
            return "items", item_key("S", sku), None, self._now
        item = Item(
            location="S",
            sku=sku,
            updated_at=utc(self._at() if self._number > 10 else self._now),
            sources=tuple(self._source() for _ in range(self._chance.choice([1, 1, 2, 32]))),
            description=self._text(2000),
            category=self._maybe("C"),
            unit_cost=self._number_in(0.0, 1e12),
            unit_price=self._maybe(self._number_in(0.0, 1e12)),
            shortage_cost=self._maybe(self._number_in(0.0, 1e12)),
            waiting_cost=self._maybe(self._number_in(0.0, 1e12)),
            order_cost=self._number_in(0.0, 1e12),
            holding_cost_rate=self._number_in(0.0, 1.0),
            service_class=self._chance.choice(["lean", "balanced", "critical"]),
            service_level=self._maybe(
                self._chance.choice([5e-324, 1e-9, 0.5, 0.95, 1 - 1e-9, math.nextafter(1, 0)])
            ),
            pack_size=self._whole(1, _MOST_UNITS),
            minimum_order=self._whole(1, _MOST_UNITS),
            review_period_days=self._number_in(0.0, 365.0),
            shelf_life_days=self._maybe(self._number_in(5e-324, 36500.0)),
            expected_daily_demand=self._maybe(self._number_in(0.0, 1e9)),
            active=self._is(0.95),
            stage=self._chance.choice(["shadow", "pilot", "live"]),
            country=self._maybe(self._chance.choice(["DE", "US", "XX", "IN", "SA"])),
            promotions=tuple(
                self._promotion() for _ in range(self._chance.choice([0, 0, 1, 4, 32]))
            ),
        )
        return self._played("items", item_key("S", sku), item, item.at)

    def _count(self, sku: str) -> Played:
        count = StockMovement(
            **self._head(self._now), location="S", sku=sku, kind="count", quantity=self._whole(0, _MOST_UNITS)
        )  # fmt: skip
        return self._played("stock", item_key("S", sku), count, self._now)

    def _movement(self) -> Played:
        at, sku = self._at(), self._sku()
        kind = self._chance.choice(["count", "adjustment", "spoilage", "transfer"])
        sign = -1 if kind in ("adjustment", "transfer") and self._is(0.5) else 1
        event = StockMovement(
            **self._head(at),
            location=self._chance.choice(["S", "S", "S", "T"]),
            sku=sku,
            kind=kind,
            quantity=sign * self._whole(0, _MOST_UNITS),
            reason=self._maybe(self._text(2000)),
        )
        return self._played("stock", item_key(event.location, sku), event, at)

    def _sale(self) -> Played:
        at = self._at()
        event = Sale(
            **self._head(at),
            location="S",
            sku=self._sku(),
            quantity=self._whole(1, _MOST_UNITS),
            kind=self._chance.choice(
                ["sale", "sale", "sale", "return", "backorder", "backorder_filled"]
            ),
            unit_price=self._maybe(self._number_in(0.0, 1e12)),
            promotion=self._maybe(self._text(2000), 0.2),
        )
        return self._played("pos", item_key("S", event.sku), event, at)

    def _line(self, sku: str) -> ShipmentLine:
        return ShipmentLine(
            location="S",
            sku=sku,
            quantity=self._maybe(self._whole(0, _MOST_UNITS), 0.9),
            received=self._maybe(self._whole(0, _MOST_UNITS), 0.2),
        )

    def _shipment(self) -> Played:
        at = self._at()
        skus = self._chance.choice([["A"], ["A", "B"], []])
        if self._is(0.01):
            skus = [f"{self._text(100)}{number}" for number in range(self._whole(1, 998))]
        way = self._chance.choice
        event = ShipmentEvent(
            **self._head(at),
            shipment_id=self._id("P", 600),
            status=way(
                ["ordered"] * 6
                + [
                    "confirmed",
                    "dispatched",
                    "in_transit",
                    "partly_received",
                    "received",
                    "cancelled",
                ]
            ),
            supplier=self._maybe(way(self._ways), 0.8),
            carrier=self._maybe(way(self._ways), 0.8),
            lane=self._maybe(way(self._ways), 0.8),
            mode=self._maybe(way(self._ways)),
            ordered_at=self._maybe(utc(self._now - self._chance.uniform(0, 30) * DAY)),
            promised_at=self._maybe(utc(self._around())),
            expected_at=self._maybe(utc(self._around()), 0.2),
            alert_id=self._maybe(self._alert(), 0.2),
            lines=tuple(self._line(sku) for sku in dict.fromkeys(skus)),
        )
        return self._played("shipments", event.shipment_id, event, at)

    def _delay(self) -> Played:
        at = self._at()
        kind = self._chance.choice(["shipment", "carrier", "supplier", "lane", "location"])
        event = self._delay_of(self._id("D", 1200), kind, at)
        return self._played("delays", event.delay_id, event, at)

    def _delay_of(self, delay_id: str, kind: Any, at: float | None = None) -> DelayEvent:
        name = self._chance.choice(self._ways)
        if kind == "shipment":
            name = self._id("P", 600)
        if kind == "location":
            name = self._chance.choice(["S", "T"])
        starts, ends = sorted((self._around(), self._around()))
        return DelayEvent(
            **self._head(self._now if at is None else at),
            delay_id=delay_id,
            scope=Scope(type=kind, id=name[:128]),
            status="ended" if self._is(0.1) else "active",
            delay_hours=self._maybe(self._chance.choice([-8760.0, 0.0, 48.0, 8760.0])),
            expected_at=self._maybe(utc(self._around())) if kind == "shipment" else None,
            starts_at=self._maybe(utc(starts)),
            ends_at=self._maybe(utc(ends)),
            severity=self._maybe(self._number_in(0.0, 1.0)),
            reason=self._maybe(self._text(2000)),
        )

    def _alert(self) -> str:
        book = self._world.shard.tables[BOOKS].get(item_key("S", self._sku()))
        names = [alert.alert_id for alert in book.alerts.values()] if book is not None else []
        if names and self._is(0.5):
            return self._chance.choice(names)
        made_up = f"replenish:S/{self._sku()}:{self._chance.randrange(10**6)}"
        return f"{made_up[:-1]}{'1' * (1000 - len(made_up))}" if self._is(0.05) else made_up

    def _ack(self) -> Played:
        at = self._at()
        action = self._chance.choice(["acknowledged", "snoozed", "ordered", "ordered", "rejected"])
        ack = Ack(
            **self._head(at),
            alert_id=self._alert(),
            action=action,
            snooze_until=utc(self._around()) if action == "snoozed" else None,
            quantity=self._maybe(self._whole(1, _MOST_UNITS)),
            shipment_id=self._maybe(self._id("P", 600)),
            by=self._maybe("me"),
            comment=self._maybe(self._text(2000)),
        )
        return self._played("acks", ack.alert_id, ack, at)

    def _shape(self) -> Played:
        sku = self._sku()
        models = self._world.shard.tables[MODELS].get(item_key("S", sku))
        first = int(self._now // DAY) - 120 if models is None else models.history.closed - 120
        days = self._chance.choice([1, 150, 500])
        shape = Shape(
            location="S",
            sku=sku,
            asked_at=utc(self._now),
            first_day=first,
            shape=tuple(self._chance.choice([0.0, 0.1, 1.0, 1.2, 30.0]) for _ in range(days)),
            used="weekly",
        )
        return self._played("shapes", item_key("S", sku), shape, self._now)


def utc_of(year: int, month: int, day: int) -> float:
    """Return a day as seconds since 1970."""
    return (date(year, month, day) - date(1970, 1, 1)).days * DAY
