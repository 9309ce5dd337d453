"""What the console buys: the answers that order become purchase orders, and what is done with these is sent."""

from collections.abc import Iterable, Sequence

from andon.console.answers import Unfit, Wish
from andon.console.desk import Desk, item_of
from andon.console.ordering import Added, Chosen, offer_to, orders_of, quantity_of
from andon.schemas.acks import Ack
from andon.schemas.common import encode
from andon.schemas.orders import OrderEvent
from andon.streams.errors import UserError
from andon.streams.producer import Outgoing
from andon.streams.topics import topic_name


class Purchasing:
    """Gives orders, and changes them, by what a desk knows.

    Args:
        desk: what is known, and what sends.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._topic = topic_name(desk.settings, "orders.events")

    async def order(
        self, wishes: Iterable[tuple[str, Wish]], added: Sequence[Added] = ()
    ) -> list[Ack | UserError]:
        """Order what is wished for by a purchase order for each supplier; return of each wish what was sent, or why not.

        Args:
            wishes: alerts, and what is ordered by each.
            added: what is ordered with them, if any of them is.

        Raises:
            Unfit: what is added cannot be ordered with them.
            Exception: the broker did not take it.
        """
        desk = self._desk
        async with desk.sending:
            results: list[Ack | UserError] = []
            chosen: dict[str, Chosen] = {}
            again = False
            for alert_id, wish in wishes:
                try:
                    told, is_new = desk.told(alert_id, wish)
                    if is_new:
                        self._choose(chosen, alert_id, told, wish.supplier)
                    results.append(told)
                    again |= wish.again
                except UserError as error:
                    results.append(error)
            with_them = added if chosen else ()
            await self._publish(
                orders_of(chosen.values(), desk.orders.known, again=again, added=with_them)
            )
            desk.send_off([one.ack for one in chosen.values()])
            return results

    def _choose(
        self, chosen: dict[str, Chosen], alert_id: str, told: Ack, supplier: str | None
    ) -> None:
        """Put an alert among those that are ordered together; what an item needs is ordered once.

        Raises:
            Unfit: another alert of the same item is among them, or nobody says how much.
        """
        entry = self._desk.board.entries[alert_id]
        item = item_of(entry)
        other = chosen.get(item)
        if other is not None and other.ack.event_id != told.event_id:
            msg = f"{alert_id} is of the same item as {other.ack.alert_id}: order it by one of them"
            raise Unfit(msg)
        quantity = quantity_of(entry.alert, told)
        offer, currency = offer_to(supplier or entry.alert.supplier, self._desk.items.get(item))
        price = offer.price(quantity)
        chosen[item] = Chosen(entry, told, price, supplier, currency)

    async def change_order(self, event: OrderEvent) -> None:
        """Send what somebody does with an order that is there."""
        async with self._desk.sending:
            await self._publish([event])

    async def _publish(self, events: Iterable[OrderEvent]) -> None:
        await self._desk.publish(
            [Outgoing(self._topic, one.order_id.encode(), encode(one)) for one in events]
        )
