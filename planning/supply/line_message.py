"""The message by which one record of state tells an item's book of a line that is on its way."""

from typing import Any

from andon.planning.alerting.alerts import OutboxMessage
from andon.schemas.common import item_key, utc
from andon.schemas.shipments import LineUpdate


def line_message(update: LineUpdate, name: str, at: float) -> OutboxMessage:
    """Return the message of a line to the book of its item.

    Args:
        update: the line, with the location and sku of the book.
        name: the message's id.
        at: when it came to this, seconds since 1970.
    """
    key = item_key(update.location, update.sku)
    return OutboxMessage.of("lines", key, name, "andon.line.updated", update, at)


def word_of(
    sender: str, version: int, location: str, sku: str, name: str, at: float, **word: Any
) -> OutboxMessage:
    """Return the message to an item's book of a word that travels as a line does, and brings no goods.

    Args:
        sender: who says it, in the place of a shipment's number; what it says later replaces this.
        version: rises with each word of its.
        location: the book's.
        sku: the book's.
        name: the message's id.
        at: when it came to this, seconds since 1970.
        word: what is said, by the field of `LineUpdate` that has it.
    """
    update = LineUpdate(
        shipment_id=sender,
        version=version,
        location=location,
        sku=sku,
        occurred_at=utc(at),
        status="ordered",
        quantity=0,
        received=0,
        expected_at=utc(at),
        **word,
    )
    return line_message(update, name, at)
