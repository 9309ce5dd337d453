"""Purchase orders as they are read from their topic: each as it stands, and what changes of it."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from andon.schemas.orders import PurchaseOrder

FAMILY: Final = "orders"


class Orders:
    """Folds the records of the orders' topic into how each order stands; what is older than what is known is passed over."""

    def __init__(self) -> None:
        #: How each order stands, by its id.
        self.known: dict[str, PurchaseOrder] = {}
        self._decoder = msgspec.json.Decoder(PurchaseOrder)

    def take(self, record: Any) -> PurchaseOrder | None:
        """Take in a record; return the order if it is news of one."""
        name = (record.key or b"").decode("utf-8", "replace")
        if not record.value:
            self.known.pop(name, None)
            return None
        try:
            order = self._decoder.decode(record.value)
        except msgspec.MsgspecError:
            # Written by a newer Andon or by someone else: nothing that a reader could act on.
            return None
        before = self.known.get(order.order_id)
        if before is not None and before.version >= order.version:
            return None
        self.known[order.order_id] = order
        return order

    def fold(self, records: Iterable[Any]) -> "Orders":
        """Take in records, and return this."""
        for record in records:
            self.take(record)
        return self

    @property
    def newest_first(self) -> list[PurchaseOrder]:
        """All orders, by when they were approved or else changed, the newest first."""
        return sorted(
            self.known.values(),
            key=lambda one: (one.approved_at or one.changed_at, one.order_id),
            reverse=True,
        )
