"""What a chaos run feeds: a seeded stream of events with known totals, endless, the same for the same seed.

What is compared between two runs must not depend on how the topics happen to interleave:

- *sellers* have master data and, after their opening count, events on `pos` only, so that their books see the same events
  in the same order in every run: the very same alerts must come out;
- *stores* have sales, adjustments, spoilage and shipments, in an order that no run repeats, but no master data: their
  quantities add up to the same;
- *shelves* have counts and adjustments, on `stock` only: the last count and what came after it stand;
- *tills* sell in transactions, see `feeding.py`.

All events lie within one day, and those of `stock` before those of `pos`, so that no run closes a day that another keeps open.
"""

import random
from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

from andon.schemas.common import Record, encode, split_item_key, utc
from andon.schemas.families import FAMILIES
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement

START = 20_000 * 86400.0
#: Sales begin an hour into the day and move time on by this much each: four million fit.
FIRST_SALE = START + 3600.0
SALE_SECONDS = 0.02
STOCK_SECONDS = 0.0008
OPENING = (200, 1500)


class Fed(NamedTuple):
    """A record to feed."""

    family: str
    key: bytes
    value: bytes


def fed(family: str, event: Record) -> Fed:
    """Return an event as a record under its canonical key."""
    return Fed(family, FAMILIES[family].key_of(event).encode(), encode(event))


class Totals(NamedTuple):
    """What a book must say in the end."""

    sold: int
    returned: int
    received: int
    spoiled: int
    on_hand: int
    on_order: int


class SeededSales:
    """The stream, and what all that it yielded so far adds up to."""

    def __init__(
        self, seed: int, *, sellers: int = 60, stores: int = 24, shelves: int = 12
    ) -> None:
        self._chance = random.Random(seed)
        self.sellers = [f"S{number % 5}/A{number}" for number in range(sellers)]
        self._stores = [f"M{number % 3}/B{number}" for number in range(stores)]
        self._shelves = [f"C/K{number}" for number in range(shelves)]
        self._added = {name: Counter[str]() for name in Totals._fields}
        self._recent: dict[str, deque[Fed]] = {}
        self._ordered: deque[tuple[str, str, int]] = deque()
        self._number = 0
        self.duplicates = 0

    def opening(self) -> list[Fed]:
        """Return master data and opening counts of the sellers."""
        records = []
        for key in self.sellers:
            location, sku = split_item_key(key)
            item = Item(
                location=location,
                sku=sku,
                updated_at=utc(START),
                sources=(Source(supplier="ACME", lead_time_days=2.0),),
                unit_price=4.0,
                expected_daily_demand=300.0,
            )
            records += [
                fed("items", item),
                fed("stock", self._stock(key, "count", self._chance.randint(*OPENING))),
            ]
        return records

    def totals(self) -> dict[str, Totals]:
        """Return what each book must say now."""
        keys = {key for counts in self._added.values() for key in counts}
        return {key: Totals(*(self._added[name][key] for name in Totals._fields)) for key in keys}

    def __iter__(self) -> Iterator[Fed]:
        """Yield records without end."""
        ways = (self._seller, self._store, self._repeat, self._order, self._receive, self._shelf)
        weights = (66, 16, 6, 3, 3, 6)
        while True:
            (way,) = self._chance.choices(ways, weights)
            record = way()
            if record is not None:
                yield record

    def _seller(self) -> Fed:
        key = self._chance.choice(self.sellers)
        if self._added["on_hand"][key] < 50:
            return self._sale(key, self._chance.randint(500, 3000), "return")
        return self._sale(key, self._chance.randint(1, 9))

    def _store(self) -> Fed:
        key = self._chance.choice(self._stores)
        chance = self._chance.random()
        if chance < 0.2:
            kind = self._chance.choice(("adjustment", "spoilage"))
            return fed("stock", self._stock(key, kind, self._quantity()))
        if chance < 0.4:  # under a wrong key: to be put back where it belongs
            return self._sale(key, self._quantity())._replace(key=f"w{self._number}".encode())
        return self._sale(key, self._quantity())

    def _shelf(self) -> Fed:
        key = self._chance.choice(self._shelves)
        kind = self._chance.choice(("count", "adjustment"))
        return self._remembered(key, fed("stock", self._stock(key, kind, self._quantity())))

    def _repeat(self) -> Fed | None:
        """Return an event of late once more: an upstream duplicate.

        Only where one topic has all events of a record of state: else the others may push it out of the window first.
        """
        if not self._recent:
            return None
        key = self._chance.choice(list(self._recent))
        self.duplicates += 1
        return self._chance.choice(self._recent[key])

    def _order(self) -> Fed:
        key, quantity = self._chance.choice(self._stores), self._quantity()
        self._number += 1
        name = f"PO-{self._number}"
        self._ordered.append((name, key, quantity))
        self._added["on_order"][key] += quantity
        return self._remembered(name, self._shipment(name, key, "ordered", quantity=quantity))

    def _receive(self) -> Fed | None:
        if len(self._ordered) < 20:
            return None
        name, key, quantity = self._ordered.popleft()
        self._recent.pop(name, None)
        self._added["on_order"][key] -= quantity
        self._added["received"][key] += quantity
        self._added["on_hand"][key] += quantity
        return self._shipment(name, key, "received", received=quantity)

    def _quantity(self) -> int:
        return self._chance.randint(1, 97)

    def _remembered(self, key: str, record: Fed) -> Fed:
        self._recent.setdefault(key, deque(maxlen=3)).append(record)
        return record

    def _sale(self, key: str, quantity: int, kind: str = "sale") -> Fed:
        self._number += 1
        location, sku = split_item_key(key)
        sold = kind == "sale"
        self._added["sold" if sold else "returned"][key] += quantity
        self._added["on_hand"][key] += -quantity if sold else quantity
        event = Sale(
            event_id=f"p{self._number}",
            occurred_at=utc(FIRST_SALE + self._number * SALE_SECONDS),
            location=location,
            sku=sku,
            quantity=quantity,
            kind=kind,
        )
        return (
            self._remembered(key, fed("pos", event)) if key in self.sellers else fed("pos", event)
        )

    def _stock(self, key: str, kind: str, quantity: int) -> StockMovement:
        self._number += 1
        location, sku = split_item_key(key)
        if kind == "count":
            self._added["on_hand"][key] = quantity
        else:
            self._added["on_hand"][key] += -quantity if kind == "spoilage" else quantity
        if kind == "spoilage":
            self._added["spoiled"][key] += quantity
        return StockMovement(
            event_id=f"m{self._number}",
            occurred_at=utc(START + 1 + self._number * STOCK_SECONDS),
            location=location,
            sku=sku,
            kind=kind,
            quantity=quantity,
        )

    def _shipment(
        self,
        name: str,
        key: str,
        status: str,
        quantity: int | None = None,
        received: int | None = None,
    ) -> Fed:
        self._number += 1
        location, sku = split_item_key(key)
        line = ShipmentLine(location=location, sku=sku, quantity=quantity, received=received)
        event = ShipmentEvent(
            event_id=f"e{self._number}",
            occurred_at=utc(START + 1 + self._number * STOCK_SECONDS),
            shipment_id=name,
            status=status,
            promised_at=utc(START + 30 * 86400.0),
            lines=(line,),
        )
        return fed("shipments", event)

    def last(self, partition_keys: list[str]) -> list[Fed]:
        """Return one more sale of each of these keys: what comes last in a topic must not be a transaction's mark."""
        return [self._sale(key, 1) for key in partition_keys]
