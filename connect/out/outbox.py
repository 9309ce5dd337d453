"""What is to go out by a connector and has not: read off the orders' own topic, which is the ledger, too.

Each sending is an event of its order, so that the order says by which connector it went out. What this process has sent, and what
was said to be sent and no worker has taken in yet, counts as well: only a crash between sending and saying so sends twice.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from andon.connect.out.forms import CANCELLATION, ORDER
from andon.schemas.orders import OrderEvent, PurchaseOrder
from andon.streams.order_feed import Orders


class Outbox:
    """The orders that are to go out by one connector.

    Args:
        channel: the connector's name.
        suppliers: only theirs; of all if empty.
        hold: so many seconds an order can be taken back before it goes out.
    """

    def __init__(self, channel: str, suppliers: Iterable[str] = (), hold: float = 0.0) -> None:
        self.channel = channel
        self.orders = Orders()
        #: What went out and has not been said yet, the oldest first.
        self.unsaid: list[OrderEvent] = []
        self._suppliers = frozenset(suppliers)
        self._hold = hold
        self._sent: dict[str, set[int]] = {}
        self._ready_since: dict[str, float] = {}
        self._decoder = msgspec.json.Decoder(OrderEvent)

    def take(self, record: Any) -> None:
        """Take in a record of the orders' topic."""
        order = self.orders.take(record)
        if order is not None and order.ready:
            self._ready_since.setdefault(order.order_id, (record.timestamp or 0) / 1000)

    def take_event(self, record: Any) -> None:
        """Take in a record of what was done with orders: what this connector said to have sent."""
        try:
            event = self._decoder.decode(record.value or b"")
        except (msgspec.MsgspecError, ValueError):
            # It is among the dead letters.
            return
        if event.status == "sent" and event.channel == self.channel:
            self._sent.setdefault(event.order_id, set()).add(event.revision)

    def due(self, now: float) -> list[tuple[PurchaseOrder, int]]:
        """Return what is to be sent now (seconds since 1970), and which revision of it, the oldest order first."""
        found = []
        for order in reversed(self.orders.newest_first):
            revision = self._revision_due(order, now)
            if revision is not None:
                found.append((order, revision))
        return found

    def _revision_due(self, order: PurchaseOrder, now: float) -> int | None:
        if self._suppliers and order.supplier not in self._suppliers:
            return None
        sent = {one.revision for one in order.sent if one.channel == self.channel}
        sent |= self._sent.get(order.order_id, set())
        if order.state == "cancelled":
            return CANCELLATION if ORDER in sent and CANCELLATION not in sent else None
        if not order.ready or ORDER in sent or order.state in ("confirmed", "received"):
            return None
        is_held = now - self._ready_since.get(order.order_id, 0.0) < self._hold
        return None if is_held else ORDER

    def sent(self, order: PurchaseOrder, revision: int, document: str, now: datetime) -> OrderEvent:
        """Return the event that says that an order went out; it counts as sent from now on."""
        self._sent.setdefault(order.order_id, set()).add(revision)
        name = f"{self.channel}\n{order.order_id}\n{revision}".encode()
        return OrderEvent(
            event_id=f"sent-{hashlib.sha256(name).hexdigest()[:32]}",
            occurred_at=now,
            order_id=order.order_id,
            status="sent",
            channel=self.channel,
            document=document,
            revision=revision,
        )
