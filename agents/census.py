"""The census: looks at every book in turn, a few at a time, and says how things stand by location and class.

A look costs a few microseconds a book and at most a fiftieth of the worker's time, so that a million books are seen every
few minutes and a few hundred every few seconds. A scrape only copies what the last look found.
"""

import heapq
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

from andon.agents.supply import Scorecards
from andon.agents.tables import BOOKS
from andon.planning.book.book import Book
from andon.streams.engine import Engine
from andon.streams.figures import Labels
from andon.streams.metrics import Metrics
from andon.streams.state import Shard

#: How long to rest between two looks.
REST_SECONDS: Final = 5.0
_SLICE: Final = 200
#: For every second of looking, so many of doing nothing.
_REST_SHARE: Final = 49.0
_SUPPLIERS: Final = 20
_DAY: Final = 86400.0

_GAUGES: Final = (
    "andon_items",
    "andon_items_out_of_stock",
    "andon_items_at_risk",
    "andon_items_to_order",
    "andon_stock_value",
    "andon_on_order_value",
    "andon_just_in_case_stock_value",
    "andon_expected_daily_demand_value",
    "andon_value_at_risk",
)
_OF_ITEMS: Final = 4

#: So many items have a series of their own, of each worker: those with the most at stake.
_ITEMS_AT_RISK: Final = 20
_AT_STAKE: Final = "andon_item_at_risk_value"


class Totals:
    """What was found in the books of a shard.

    `sums` has the gauges' values of one location, class and currency, in their order; `at_risk` what is at stake of the items
    with the most, with their labels.
    """

    def __init__(self) -> None:
        self.sums: dict[Labels, list[float]] = {}
        self.at_risk: list[tuple[float, Labels]] = []

    def note_risk(self, size: float, labels: Labels) -> None:
        """Keep an item at risk if it is one of those with the most at stake."""
        if len(self.at_risk) < _ITEMS_AT_RISK:
            heapq.heappush(self.at_risk, (size, labels))
        elif size > self.at_risk[0][0]:
            heapq.heapreplace(self.at_risk, (size, labels))


class Census:
    """Counts the books of a worker over and over, and publishes each shard's figures when it has seen all of it."""

    def __init__(self, metrics: Metrics, scorecards: Scorecards, just_in_case_days: float) -> None:
        self._metrics = metrics
        self._scorecards = scorecards
        self._just_in_case_days = just_in_case_days
        self._found: dict[int, Totals] = {}

    async def look(self, engine: Engine, rest: Callable[[float], Awaitable[None]]) -> None:
        """Look at every book of the worker once, resting in between; give up if its partitions move meanwhile."""
        generation = engine.generation
        for partition in set(self._found) - set(engine.shards.owned):
            del self._found[partition]
        for shard in engine.shards:
            totals = Totals()
            keys = list(shard.tables[BOOKS])
            for place in range(0, len(keys), _SLICE):
                if engine.generation != generation:
                    return
                began = time.perf_counter()
                self.count(shard, keys[place : place + _SLICE], totals)
                await rest((time.perf_counter() - began) * _REST_SHARE)
            self._found[shard.partition] = totals
        self.publish()

    def count(self, shard: Shard, keys: list[str], totals: Totals) -> None:
        """Add some of a shard's books to the totals."""
        books = shard.tables[BOOKS]
        for key in keys:
            book = books.peek(key)
            if book is not None and book.item is not None:
                self._add(book, totals)

    def _add(self, book: Book, totals: Totals) -> None:
        item = book.item
        if item is None:
            return
        labels = (item.location, item.service_class, item.currency)
        row = totals.sums.get(labels)
        if row is None:
            row = totals.sums[labels] = [0.0] * len(_GAUGES)
        cost = item.unit_cost
        daily = book.demand.level
        row[0] += 1
        if book.on_hand > 0:
            row[4] += book.on_hand * cost
        elif book.stock_is_known:
            row[1] += 1
        row[5] += (book.on_order + book.reserved) * cost
        cycle_days = 0.0 if book.targets is None else book.targets.cycle_days
        row[6] += daily * (self._just_in_case_days + cycle_days / 2) * cost
        row[7] += daily * cost
        if book.alerts:
            risk, order = book.alerts.get("stockout_risk"), book.alerts.get("replenish")
            if risk is not None:
                row[2] += 1
                row[8] += risk.size
                totals.note_risk(risk.size, (item.sku, *labels))
            if order is not None and not order.acknowledged and order.stage != "shadow":
                row[3] += 1

    def publish(self) -> None:
        """Replace the gauges by what was found, and by what is known of the suppliers."""
        gauges: list[dict[Labels, float]] = [defaultdict(float) for _ in _GAUGES]
        for totals in self._found.values():
            for labels, row in totals.sums.items():
                for number, value in enumerate(row):
                    of_items = number < _OF_ITEMS
                    gauges[number][labels[:2] if of_items else labels] += value
        for name, values in zip(_GAUGES, gauges, strict=True):
            self._metrics.business.replace(name, values)
        found = (one for totals in self._found.values() for one in totals.at_risk)
        worst = heapq.nlargest(_ITEMS_AT_RISK, found)
        self._metrics.business.replace(_AT_STAKE, {labels: size for size, labels in worst})
        self._publish_suppliers()
        self._metrics.census.set_to_current_time()

    def _publish_suppliers(self) -> None:
        """Publish the scorecards of the suppliers with the most deliveries."""
        cards = self._scorecards.of_type("supplier")
        cards.sort(key=lambda card: (-card.deliveries, card.name))
        best = cards[:_SUPPLIERS]
        replace = self._metrics.business.replace
        replace("andon_supplier_deliveries", {(card.name,): card.deliveries for card in best})
        replace(
            "andon_supplier_on_time_ratio",
            {(card.name,): card.punctuality for card in best if card.punctuality is not None},
        )
        replace(
            "andon_supplier_delay_seconds",
            {
                (card.name,): card.mean_delay_days * _DAY
                for card in best
                if card.mean_delay_days is not None
            },
        )
        replace(
            "andon_supplier_lead_time_seconds",
            {(card.name,): card.lead_time_mean_days * _DAY for card in best if card.rests_on},
        )
