"""The message by which one record of state tells an item's book of a line that is on its way."""

from andon.planning.alerting.alerts import OutboxMessage
from andon.schemas.common import encode, item_key
from andon.schemas.shipments import LineUpdate


def line_message(update: LineUpdate, name: str, at: float) -> OutboxMessage:
    """Return the message of a line to the book of its item.

    Args:
        update: the line, with the location and sku of the book.
        name: the message's id.
        at: when it came to this, seconds since 1970.
    """
    key = item_key(update.location, update.sku)
    return OutboxMessage("lines", key, name, "andon.line.updated", encode(update), at)
