"""The simulated buyer: does what an alert says, once, with purchase orders; what people order is their suppliers' business alike."""

from collections.abc import Callable, Mapping
from typing import Final

from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert
from andon.schemas.common import item_key, utc
from andon.schemas.items import Source
from andon.schemas.orders import OrderEvent, OrderLine, PurchaseOrder
from andon.simulation.agenda import Message
from andon.simulation.catalog import Article
from andon.simulation.supply import SimulatedSuppliers

_NAME: Final = "simulated buyer"


class Buyer:
    """Answers alerts, each once.

    Args:
        articles: what can be bought, by `location/sku`.
        supply: whom to buy from.
        event_id: names the next event.
    """

    def __init__(
        self,
        articles: Mapping[str, Article],
        supply: SimulatedSuppliers,
        event_id: Callable[[], str],
    ) -> None:
        self.answered: set[str] = set()
        self._articles = articles
        self._supply = supply
        self._event_id = event_id
        self._taken: set[str] = set()

    def hear(self, alert: Alert, at: float) -> list[Message]:
        """Do what an alert says: order, bridge, or take note; return what the world hears of it (`at` in seconds since 1970)."""
        if alert.status == "resolved" or alert.alert_id in self.answered:
            return []
        if alert.kind == "late_shipment":
            return self._note(alert, at)
        article = self._article(alert.location, alert.sku)
        if article is None:
            return []
        if alert.kind == "replenish" and alert.order_quantity:
            return self._order(alert, article, alert.supplier, alert.order_quantity, at)
        if alert.kind == "stockout_risk" and alert.alternatives:
            best = min(alert.alternatives, key=lambda way: way.expected_cost)
            if best.kind in ("source", "expedite") and best.quantity > 0:
                return self._order(alert, article, best.supplier, best.quantity, at)
            return self._note(alert, at)
        return []

    def supply_others(self, order: PurchaseOrder, at: float) -> None:
        """Let suppliers take an order that somebody else has given, once; of the first they confirm less than was ordered."""
        lines = order.bought
        for line in lines:
            if line.alert_id is not None:
                self.answered.add(line.alert_id)
        if order.approved_by == _NAME or not order.ready or order.order_id in self._taken:
            return
        if not self._taken:
            self._supply.short.add(order.order_id)
        self._taken.add(order.order_id)
        for number, line in enumerate(lines, 1):
            article = self._article(line.location, line.sku)
            if article is not None:
                part = str(number) if len(lines) > 1 else ""
                source = _source(article, order.supplier)
                self._supply.order(article.item, source, line.quantity, at, order.order_id, part)

    def _article(self, location: str | None, sku: str | None) -> Article | None:
        if location is None or sku is None:
            return None
        return self._articles.get(item_key(location, sku))

    def _order(
        self, alert: Alert, article: Article, supplier: str | None, quantity: int, at: float
    ) -> list[Message]:
        self.answered.add(alert.alert_id)
        item, source = article.item, _source(article, supplier)
        order_id = self._supply.next_number()
        self._supply.order(item, source, quantity, at, order_id)
        line = OrderLine(
            location=item.location,
            sku=item.sku,
            quantity=quantity,
            unit_cost=item.unit_cost if source.unit_cost is None else source.unit_cost,
            alert_id=alert.alert_id,
        )
        approved = OrderEvent(
            event_id=self._event_id(),
            occurred_at=utc(at),
            order_id=order_id,
            status="approved",
            supplier=source.origin,
            currency=item.currency,
            lines=(line,),
            by=_NAME,
        )
        return [("orders.events", approved)]

    def _note(self, alert: Alert, at: float) -> list[Message]:
        self.answered.add(alert.alert_id)
        ack = Ack(
            event_id=self._event_id(),
            occurred_at=utc(at),
            alert_id=alert.alert_id,
            action="acknowledged",
            by=_NAME,
        )
        return [("acks", ack)]


def _source(article: Article, supplier: str | None) -> Source:
    sources = article.item.sources
    return next((source for source in sources if source.supplier == supplier), sources[0])
