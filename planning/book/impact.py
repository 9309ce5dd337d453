"""What a wide disruption means in one partition: which shipments it holds up, and which items run out because of it."""

from collections.abc import Iterable

from andon.planning.alerting.alerts import OpenAlert
from andon.planning.book.arrivals import touches
from andon.planning.book.book import Book
from andon.planning.book.urgency import buys_through
from andon.planning.supply.disruption import Disruption, in_force
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.incident import MOST_AFFECTED, urgency
from andon.schemas.alerts import Affected
from andon.schemas.common import utc
from andon.schemas.delays import Scope
from andon.schemas.impacts import Impact


def impact_of(
    disruption: Disruption,
    partition: int,
    at: float,
    *,
    shipments: Iterable[Shipment],
    alerted: Iterable[Book],
    items: int,
) -> Impact:
    """Return what a disruption means in a partition at `at` (seconds since 1970).

    Args:
        disruption: which one.
        partition: where.
        at: when.
        shipments: all of the partition's.
        alerted: the partition's books with an alert open.
        items: how many could be bought through it.
    """
    held = [one for one in shipments if is_held_up(one, disruption)]
    hit = []
    for book in alerted:
        alert = book.alerts.get("stockout_risk")
        item = book.item
        if alert is not None and item is not None and is_hit(book, alert, disruption):
            hit.append(
                Affected(
                    location=item.location,
                    sku=item.sku,
                    stockout_p50=utc(alert.due),
                    value_at_risk=round(alert.size, 2),
                    currency=item.currency,
                )
            )
    values: dict[str, float] = {}
    for one in hit:
        values[one.currency] = round(values.get(one.currency, 0.0) + one.value_at_risk, 2)
    return Impact(
        delay_id=disruption.delay_id,
        partition=partition,
        occurred_at=utc(at),
        since=utc(disruption.since),
        reported_at=utc(disruption.at),
        scope=Scope(type=disruption.scope, id=disruption.name),  # type: ignore[arg-type]
        reason=disruption.reason,
        ends_at=None if disruption.ends is None else utc(disruption.ends),
        over=disruption.is_over,
        shipments=len(held),
        lines=sum(len(one.lines) for one in held),
        items=items,
        at_risk=len(hit),
        value_at_risk=values,
        affected=tuple(sorted(hit, key=urgency)[:MOST_AFFECTED]),
    )


def is_hit(book: Book, alert: OpenAlert, disruption: Disruption) -> bool:
    """Return whether an item runs out because of a disruption: one that is over hurts only what still waits for what it held up.

    An alert keeps its cause for as long as it has no other, longer than what caused it.
    """
    if alert.cause != disruption.delay_id or book.item is None:
        return False
    if not disruption.is_over and buys_through(book, disruption):
        return True
    return any(
        line.open_quantity > 0
        and touches(disruption, line, book.item.location)
        and (line.ordered is None or in_force(disruption, line.ordered))
        for line in book.lines.values()
    )


def is_held_up(shipment: Shipment, disruption: Disruption) -> bool:
    """Return whether a shipment is open, touched, and was ordered before the disruption's end."""
    return (
        shipment.is_open
        and shipment.touched_by(disruption)
        and (shipment.ordered is None or in_force(disruption, shipment.ordered))
    )
