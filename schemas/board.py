"""The board: what is open now, alert by alert, with what procurement answered."""

from andon.schemas.acks import Ack, Action
from andon.schemas.alerts import Alert
from andon.schemas.common import Identifier, Instant, Name, PositiveQuantity, Record, Text, utc


class Answer(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The last answer to an alert, by the answer's own time."""

    #: The id of the acknowledgement.
    event_id: Identifier
    action: Action
    at: Instant
    #: The alert's revision that was answered: a greater one was said after it.
    revision: int
    by: Name | None = None
    snooze_until: Instant | None = None
    #: What was ordered, as far as it was said.
    quantity: PositiveQuantity | None = None
    shipment_id: Identifier | None = None
    comment: Text | None = None


def answer_of(ack: Ack, revision: int) -> Answer:
    """Return what an acknowledgement answers to an alert of that revision."""
    return Answer(
        event_id=ack.event_id,
        action=ack.action,
        at=utc(ack.at),
        revision=revision,
        by=ack.by,
        snooze_until=ack.snooze_until,
        quantity=ack.quantity,
        shipment_id=ack.shipment_id,
        comment=ack.comment,
    )


class BoardEntry(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An open alert: the last that was said of it, and the last answer to it. It is removed when the alert is resolved."""

    alert: Alert
    answer: Answer | None = None
