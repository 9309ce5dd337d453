"""The planning core as a policy: the live agents' own books and decisions, fed with the events of each simulated day."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

import msgspec
import numpy as np

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.backtest.history import Batch, Units
from andon.planning.backtest.world import World
from andon.planning.book import counts, position, receiving
from andon.planning.book.book import Book
from andon.planning.book.memory import NO_BLOCKS, Bounds, let_go
from andon.planning.decision import decide
from andon.planning.decision.network import Spare, TransferTerms
from andon.planning.decision.replenish import replenish
from andon.planning.demand import demand as demands
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.year_ahead import follow_year
from andon.planning.policy.policy import targets, usual_source
from andon.planning.production.bills import NO_BILLS, Bills
from andon.planning.supply.lead_time import LeadTime, Settled, prior
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import LineUpdate
from andon.schemas.stock import StockMovement

DAY: Final = demands.DAY
_NOON: Final = DAY / 2
#: Nothing is repeated in a simulation, so that few movements need be remembered.
_BOUNDS: Final = Bounds(8)
#: Evidence that no further day moves; and how far beyond the record nothing is wanted.
_CERTAIN: Final = 1e60
_BEYOND_DAYS: Final = 400
_records: Final = msgspec.msgpack.Decoder(tuple[Book, Models])
_encoder: Final = msgspec.msgpack.Encoder()
_Kind = Literal["sale", "backorder", "backorder_filled"]


_UNDISRUPTED: Final = Disruptions({})


class _Asked(msgspec.Struct):
    """What a buyer reads of a replenishment alert."""

    order_quantity: int | None = None


_alerts: Final = msgspec.json.Decoder(_Asked)


class KnownSupply:
    """A supply network whose usual lead time is known, and in which nothing is disrupted."""

    def __init__(self, item: Item, lead_time: LeadTime) -> None:
        self._usual = usual_source(item)
        self.usual = Settled(lead_time.weight, lead_time.total, lead_time.squares)

    def lead_time(self, source: Source) -> LeadTime:
        """Return the lead time of a source."""
        if source is self._usual:
            return self.usual
        return prior(source.lead_time_days, source.lead_time_sd_days)

    def delay_multiplier(self, carrier: str | None, supplier: str | None) -> float:
        """Believe every report to the hour."""
        del carrier, supplier
        return 1.0

    def spare(self, item: Item, now: float) -> Iterable[Spare]:
        """No location gives anything."""
        del item, now
        return ()

    def transfer_terms(self) -> TransferTerms:
        """Return the terms that are assumed where nothing is said."""
        return TransferTerms()

    def order_calendar(self, source: Source, location: str) -> None:
        """Everybody takes orders and delivers at any time."""
        del source, location

    def terms(self, supplier: str) -> None:
        """Nobody told of a supplier."""
        del supplier

    def bills(self) -> Bills:
        """Return that nothing is made."""
        return NO_BILLS

    def disruptions(self) -> Disruptions:
        """Return no disruption."""
        return _UNDISRUPTED


def learn(batch: Batch) -> list[bytes]:
    """Return the items' books and models as they are when the simulation begins, encoded: every sale before it was seen."""
    learned = []
    for column, history in enumerate(batch.histories):
        book = Book()
        position.set_item(book, history.item, history.item.at)
        demands.plan_promotions(book.demand, history.promotions)
        start = history.first_day - batch.first_day
        begin = min(int(batch.begin[column]), batch.days)
        sold = batch.demand[:begin, column].tolist()
        known = batch.known[:begin, column].tolist()
        demand, models = book.demand, Models()
        observe = models.observer(demand)
        for row in range(start, begin):
            day = batch.first_day + row
            demands.record(demand, day, sold[row])
            demands.close_through(demand, day, 1.0 if known[row] else 0.0, observe=observe)
        days = history.item.review_period_days + history.lead_time.mean_days
        models.apply_champion(demand, days)
        follow_year(models, demand, days, history.lent_year)
        book.clock = (batch.first_day + begin) * DAY
        learned.append(_encoder.encode((book, models)))
    return learned


class Core:
    """Andon's books of a batch's items, and the orders that their replenishment alerts ask for.

    Args:
        batch: the items.
        learned: their books and models as `learn` returned them.
        service_level: for all items, in place of their own.
        items: in place of the batch's own, as for a what-if.
        aloud: keep every message, whatever its kind: `said` then has them.
    """

    def __init__(
        self,
        batch: Batch,
        learned: list[bytes],
        *,
        service_level: float | None = None,
        items: list[Item] | None = None,
        aloud: bool = False,
    ) -> None:
        self.batch = batch
        records = [_records.decode(one) for one in learned]
        self.books = [book for book, _ in records]
        self.models: list[Models | None] = [models for _, models in records]
        self.said: list[list[OutboxMessage]] = [[] for _ in learned]
        self._aloud = aloud
        self._coming: list[dict[int, list[LineUpdate]]] = [{} for _ in learned]
        self._numbers = [0] * len(learned)
        self._asked = [0] * len(learned)
        self._known = batch.known
        self.supplies = []
        chosen = items if items is not None else batch.items
        for book, item, history in zip(self.books, chosen, batch.histories, strict=True):
            own = item
            if service_level is not None:
                own = msgspec.structs.replace(item, service_level=service_level)
            book.item = own
            self.supplies.append(KnownSupply(own, history.lead_time))

    def initial(self) -> Units:
        """Return each item's order-up-to level, and count it into its book."""
        stock = []
        for column, book in enumerate(self.books):
            item = book.item
            assert item is not None
            at = (self.batch.first_day + int(self.batch.begin[column])) * DAY
            lead_time = self.batch.histories[column].lead_time
            book.targets = targets(item, book.demand, lead_time, at)
            stock.append(book.targets.order_up_to)
            count = StockMovement(
                event_id="initial",
                occurred_at=utc(at),
                location=item.location,
                sku=item.sku,
                kind="count",
                quantity=stock[-1],
            )
            counts.move_stock(book, count, at, b"initial.", NO_BLOCKS)
        return np.array(stock, dtype=np.int64)

    def close(self, row: int, world: World) -> Units:
        """Tell the books what the day brought, close it, and return what the replenishment alerts ask for."""
        day = self.batch.first_day + row
        now = (day + 1) * DAY
        columns = np.flatnonzero(world.active).tolist()
        sold = world.sold[row].tolist()
        short = world.short[row].tolist() if not self.batch.conditions.lost_sales else None
        filled = world.filled[row].tolist()
        wasted = world.wasted[row].tolist()
        known = self._known[row].tolist()
        looked = world.reviewed(row).tolist()
        arrival = world.arrival(row).tolist()
        orders = [0] * len(self.books)
        noon = utc(day * DAY + _NOON)
        for column in columns:
            book = self.books[column]
            arrived = self._coming[column].pop(row, None)
            if arrived:
                for order in arrived:
                    done = msgspec.structs.replace(
                        order, version=2, status="received", received=order.quantity
                    )
                    self._line(book, done, day * DAY + 1.0)
            if filled[column]:
                self._sell(book, filled[column], "backorder_filled", day * DAY + 2.0, noon, b"f")
            if sold[column]:
                self._sell(book, sold[column], "sale", day * DAY + _NOON, noon, b"s")
            if short is not None and short[column]:
                self._sell(book, short[column], "backorder", day * DAY + _NOON, noon, b"b")
            if wasted[column]:
                self._spoil(book, wasted[column], now - 1.0)
            models = self.models[column]
            if known[column]:
                decide.advance(book, now, 0.0, models)
                if models is not None and book.targets is not None:
                    lent = self.batch.histories[column].lent_year
                    follow_year(models, book.demand, book.targets.protection_days, lent)
            else:
                observe = None if models is None else models.observer(book.demand)
                demands.close_through(book.demand, day, 0.0, observe=observe)
                book.clock = now
            if looked[column]:
                orders[column] = self._look(column, book, now, arrival[column])
        return np.array(orders, dtype=np.int64)

    def _look(self, column: int, book: Book, now: float, arrival: int) -> int:
        """Let the book decide, order what its replenishment alert asks for, and let it see that."""
        history, supply = self.batch.histories[column], self.supplies[column]
        if self._aloud:
            decide.reconsider(book, history.key, now, supply)
            view = None
        else:
            view = decide.reorder(book, history.key, now, supply)
        self._read(column, book)
        aims = book.targets
        if "replenish" not in book.alerts or aims is None:
            return 0
        if book.inventory_position > aims.reorder_point:
            return 0
        alert = book.alerts["replenish"]
        quantity = self._asked[column]
        self._numbers[column] += 1
        lead_time = supply.usual
        order = LineUpdate(
            shipment_id=str(self._numbers[column]),
            version=1,
            location=history.item.location,
            sku=history.item.sku,
            occurred_at=utc(now),
            status="ordered",
            quantity=quantity,
            received=0,
            expected_at=utc(now + lead_time.mean_days * DAY),
            spread_days=lead_time.sd_days,
            alert_id=alert.alert_id,
        )
        self._line(book, order, now)
        self._coming[column].setdefault(arrival, []).append(order)
        # The books are told of the order at once, as live, where its shipment's event leads to the next decision. What
        # that rests on is unchanged, so that what was aimed at can stand.
        if view is None:
            decide.reconsider(book, history.key, now, supply)
        else:
            replenish(view)
        self._read(column, book)
        return quantity

    def _read(self, column: int, book: Book) -> None:
        """Empty the outbox, and remember how much the replenishment alert asks for, as long as it stands."""
        for said in book.outbox:
            if said.family.startswith("replenishment") and not said.type.endswith("resolved"):
                self._asked[column] = _alerts.decode(said.body).order_quantity or 0
        if self._aloud:
            self.said[column] += book.outbox
        book.outbox.clear()

    @staticmethod
    def _line(book: Book, order: LineUpdate, at: float) -> None:
        digest = f"{order.shipment_id:>7}{order.version}".encode()[-8:]
        receiving.update_line(book, order, at, digest)
        let_go(book, NO_BLOCKS, _BOUNDS, at)

    @staticmethod
    def _sell(
        book: Book, quantity: int, kind: _Kind, at: float, occurred_at: datetime, mark: bytes
    ) -> None:
        item = book.item
        assert item is not None
        sale = Sale(
            event_id="simulated",
            occurred_at=occurred_at,
            location=item.location,
            sku=item.sku,
            quantity=quantity,
            kind=kind,
        )
        position.sell(book, sale, at, mark + int(at).to_bytes(7, "little"), NO_BLOCKS)
        let_go(book, NO_BLOCKS, _BOUNDS, at)

    @staticmethod
    def _spoil(book: Book, quantity: int, at: float) -> None:
        item = book.item
        assert item is not None
        event = StockMovement(
            event_id="simulated",
            occurred_at=utc(at),
            location=item.location,
            sku=item.sku,
            kind="spoilage",
            quantity=quantity,
        )
        digest = b"w" + int(at).to_bytes(7, "little")
        counts.move_stock(book, event, at, digest, NO_BLOCKS)
        let_go(book, NO_BLOCKS, _BOUNDS, at)


def oracle(batch: Batch) -> Core:
    """Return the core with a forecast that is the truth: the shape of demand is what will be wanted, the level sure.

    Its reorder point is then the median of a distribution whose mean is what will be wanted: just that.
    """
    learned = learn(batch)
    core = Core(batch, learned, service_level=0.5)
    for column, book in enumerate(core.books):
        begin = min(int(batch.begin[column]), batch.days)
        core.models[column] = None
        book.demand = demands.Demand(
            a=_CERTAIN,
            b=_CERTAIN,
            day=batch.first_day + begin,
            closed=batch.first_day + begin - 1,
            days=begin,
            shape=batch.demand[:, column].astype(float).tolist() + [0.0] * _BEYOND_DAYS,
            shape_start=batch.first_day,
        )
    return core
