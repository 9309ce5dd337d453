"""Deliveries: what scorecards are told when a shipment is complete."""

from collections.abc import Mapping
from typing import Final

from andon.planning.alerting.alerts import OutboxMessage
from andon.schemas.common import utc
from andon.schemas.shipments import Delivery

#: What came so soon after its order was written down when it had come, as a table does that knows no day of receipt: it tells
#: nothing of how long goods take, and one such would make a lead time's spread boundless.
AT_ONCE_SECONDS: Final = 60.0


def delivered(
    shipment_id: str,
    cards: Mapping[str, str | None],
    *,
    ordered: float | None,
    first_heard: float,
    promised: float | None,
    received: float,
    reported_delay_days: float | None,
    begun: float = 0.0,
    units: int = 0,
    rejected: int = 0,
) -> list[OutboxMessage]:
    """Return what each scorecard is to learn; nothing, if it came before its order or first news, or at once.

    Args:
        shipment_id: which shipment is complete.
        cards: the name of the scorecard of each type; None where the shipment does not say.
        ordered: when it was ordered, seconds since 1970; None if nobody said.
        first_heard: when it was first heard of, seconds since 1970.
        promised: when it was promised for, seconds since 1970.
        received: when it was complete, seconds since 1970.
        reported_delay_days: the delay that was announced, in days after the promise.
        begun: when the shipment's number was used again for it, seconds since 1970; 0 for the first.
        units: how many came.
        rejected: how many of them were not fit to be used.
    """
    since = first_heard if ordered is None else ordered
    if received - since < AT_ONCE_SECONDS:
        return []
    said = []
    for kind, name in cards.items():
        if name is None:
            continue
        delivery = Delivery(
            type=kind,  # type: ignore[arg-type]
            name=name,
            shipment_id=shipment_id,
            ordered_at=utc(since),
            promised_at=None if promised is None else utc(promised),
            received_at=utc(received),
            reported_delay_days=reported_delay_days,
            order_date_known=ordered is not None,
            begun=begun,
            units=units,
            rejected=min(rejected, units),
        )
        key, event = (
            f"{kind}/{name}",
            f"{shipment_id}:{kind}:{begun:.0f}" if begun else f"{shipment_id}:{kind}",
        )
        said.append(
            OutboxMessage.of(
                "deliveries", key, event, "andon.delivery.completed", delivery, received
            )
        )
    return said
