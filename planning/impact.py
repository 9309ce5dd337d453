"""What a wide disruption means in one partition: which shipments it holds up, and which items run out because of it."""

from collections.abc import Iterable
from typing import Final

import msgspec

from andon.planning.book import Book
from andon.planning.disruption import Disruption, in_force, matches
from andon.planning.incident import MOST_AFFECTED, urgency
from andon.planning.shipment import Shipment
from andon.schemas.alerts import Affected
from andon.schemas.common import utc
from andon.schemas.delays import Scope
from andon.schemas.impacts import Impact

_DAY: Final = 86400.0
_HOUR: Final = 3600.0
_UNKNOWN_DAYS: Final = 7.0
#: An item is looked at at once if its stock lasts less than so many times what it must bridge, and some days.
_NEAR: Final = 2.0
_NEAR_DAYS: Final = 3.0


def buys_through(book: Book, disruption: Disruption) -> bool:
    """Return whether an item could be bought through what is disrupted."""
    item = book.item
    return item is not None and any(
        matches(
            disruption,
            supplier=source.supplier,
            carrier=source.carrier,
            lane=source.lane,
            locations=(item.location,),
        )
        for source in item.sources
    )


def is_urgent(book: Book, disruption: Disruption) -> bool:
    """Return whether a disruption can matter to an item before its day closes and it is looked at anyway.

    It cannot where nothing is alerted and the stock lasts much longer than an order takes and the disruption besides.
    """
    if book.alerts or book.targets is None:
        return True
    days = _UNKNOWN_DAYS
    if disruption.hours is not None:
        days = disruption.hours * _HOUR / _DAY
    elif disruption.ends is not None:
        days = (disruption.ends - disruption.since) / _DAY
    return days_left(book) < _NEAR * (book.targets.protection_days + days) + _NEAR_DAYS


def days_left(book: Book) -> float:
    """Return how many days of demand are on hand, what orders the most urgent first."""
    level = book.demand.level
    return book.on_hand / level if level > 0 else float("inf")


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
        if alert is not None and alert.cause == disruption.delay_id and book.item is not None:
            item = book.item
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


def is_held_up(shipment: Shipment, disruption: Disruption) -> bool:
    """Return whether a shipment is open, touched, and was ordered before the disruption's end."""
    return (
        shipment.is_open
        and shipment.touched_by(disruption)
        and (shipment.ordered is None or in_force(disruption, shipment.ordered))
    )


def is_news(known: Impact | None, now: Impact) -> bool:
    """Return whether an impact says anything but the time that the last one did not say."""
    return known is None or msgspec.structs.replace(known, occurred_at=now.occurred_at) != now
