"""What the deliveries of an item took: its own lead time learns of it, and by how far it was from the plan its source."""

from typing import Final

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.book.arrivals import source_of
from andon.planning.book.book import Book
from andon.planning.book.receiving import line_name
from andon.planning.book.under_orders import lines_of
from andon.planning.supply.delivery import AT_ONCE_SECONDS
from andon.planning.supply.item_lead_times import source_name, took
from andon.schemas.common import item_key, utc
from andon.schemas.shipments import Delivery, LineUpdate

_DAY: Final = 86400.0
#: Of so many sources an item knows what its own deliveries took, those that brought it last.
_MOST_SOURCES: Final = 8


def is_done(book: Book, update: LineUpdate) -> bool:
    """Return whether a book knows a line as done, so that another word of it is no delivery."""
    name = line_name(update)
    return name in book.done_lines or (name not in book.lines and update.told is not None)


def learn_delivery(book: Book, update: LineUpdate) -> None:
    """Learn from a line that has come, and tell its source's scorecard how long that was planned to take.

    Nothing is learned where nobody said when it was ordered, of what came at once, or of a source that the item does not have.

    Args:
        book: of the item, with the line applied.
        update: the line's news, by which it is done.
    """
    if book.item is None or update.supplier is None or update.received <= 0:
        return
    if update.status != "received" or line_name(update) not in book.done_lines:
        return
    came = max((at for at, change in update.receipts or () if change > 0), default=update.at)
    ordered = _ordered(book, update)
    if ordered is None or came - ordered < AT_ONCE_SECONDS:
        return
    source = source_of(update, book.item, book.former)
    if source.supplier != update.supplier:
        return
    days = (came - ordered) / _DAY
    name = source_name(source.supplier, source.lane, source.carrier, source.mode)
    known = book.took.pop(name, None)
    book.took = {**book.took, name: took(known, days)}
    if len(book.took) > _MOST_SOURCES:
        del book.took[next(iter(book.took))]
    delivery = Delivery(
        type="source",
        name=source_name(update.supplier, update.lane, update.carrier, update.mode),
        shipment_id=update.shipment_id,
        ordered_at=utc(ordered),
        received_at=utc(came),
        begun=update.begun,
        planned_days=source.lead_time_days,
    )
    key = item_key(update.location, update.sku)
    told, event = f"source/{delivery.name}", f"{update.shipment_id}:{update.begun:.0f}:plan:{key}"
    book.outbox.append(
        OutboxMessage.of("deliveries", told, event, "andon.delivery.completed", delivery, update.at)
    )


def _ordered(book: Book, update: LineUpdate) -> float | None:
    """Return when it was ordered: what comes under a dispatch advice, when its order was."""
    if update.order_id is not None and update.order_id != update.shipment_id:
        times = [one.ordered for one in lines_of(book, update.order_id) if one.ordered is not None]
        if times:
            return min(times)
    return None if update.ordered_at is None else update.ordered_at.timestamp()
