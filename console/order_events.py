"""What is done with an order that is there, as an event: it is named by what it does, and refused where it would change nothing."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from andon.schemas.common import encode
from andon.schemas.orders import OrderEvent, PurchaseOrder
from andon.streams.board_feed import time_on_board
from andon.streams.errors import UserError


class Refused(UserError):
    """It would change nothing; the text says who was first, or what is wrong with it."""


def event_of(
    order: PurchaseOrder, status: str, by: str, comment: str | None, now: datetime, **fields: Any
) -> OrderEvent:
    """Return the event that does something with an order.

    The same that is done twice to the same state of it has the same name.

    Args:
        order: as it stands.
        status: what is done.
        by: who does it.
        comment: for people.
        now: what time it is; that of the order counts where it lies far back, as in a history that is replayed.
        fields: whatever else is to be said.

    Raises:
        Refused: it was approved or cancelled before, or something is no value of an order.
    """
    _check(order, status)
    at = max(time_on_board(order.changed_at, now), order.approved_at or order.changed_at)
    told = {"order_id": order.order_id, "status": status, "by": by, "comment": comment, **fields}
    try:
        event: OrderEvent = msgspec.convert(
            {"event_id": "?", "occurred_at": at, **told}, OrderEvent
        )
    except msgspec.ValidationError as error:
        msg = f"this cannot be said of an order: {error}"
        raise Refused(msg) from error
    same = encode(msgspec.structs.replace(event, occurred_at=order.changed_at))
    name = hashlib.sha256(same + str(order.version).encode()).hexdigest()[:32]
    return msgspec.structs.replace(event, event_id=f"{status}-{name}")


def _check(order: PurchaseOrder, status: str) -> None:
    if order.state == "cancelled":
        by = f" by {order.cancelled_by}" if order.cancelled_by else ""
        why = f": {order.comment}" if order.comment else ""
        msg = f"{order.order_id} was cancelled{by}{why}"
        raise Refused(msg)
    if status == "approved" and order.approved_at is not None:
        who = order.approved_by or "somebody"
        msg = f"{order.order_id} was approved by {who} at {order.approved_at:%Y-%m-%d %H:%M}"
        raise Refused(msg)
