"""What left a location under which transfer, so that it can be called off, sent elsewhere, amended, or come back.

The sender says how much is on its way under a transfer in all, so that a receiver that hears it again, or hears of one more
parcel, knows what is still to come. The last of each are remembered; what is older is amended by a count at either end.
"""

from typing import Final

from andon.planning.book.book import STOCK, Book, Dispatch
from andon.planning.demand import demand as demands
from andon.planning.supply.line_message import line_message
from andon.schemas.common import MOST_UNITS, item_key, utc
from andon.schemas.shipments import LineUpdate
from andon.schemas.stock import StockMovement

_DAY: Final = 86400.0
#: The standard deviation of a transfer's time, as a share of it.
_SPREAD_SHARE: Final = 0.25
#: So many events that sent something are remembered.
_REMEMBERED: Final = 64


def note(book: Book, one: Dispatch) -> None:
    """Remember what left."""
    book.dispatched = [*book.dispatched, one][-_REMEMBERED:]


def announce(
    book: Book,
    event: StockMovement,
    to_location: str,
    transfer: str,
    sent_so_far: int | None = None,
) -> None:
    """Say to the receiver's book what is on its way under a transfer, in all.

    Args:
        book: the sender's.
        event: of which this comes.
        to_location: the receiver.
        transfer: its name.
        sent_so_far: how many units were ever sent there, if it is fed from here.
    """
    under_way = [
        one for one in book.dispatched if (one.transfer, one.to_location) == (transfer, to_location)
    ]
    left = min((one.left for one in under_way), default=event.at)
    due = max((one.due for one in under_way), default=left)
    update = LineUpdate(
        shipment_id=transfer,
        version=max(book.applied[STOCK], 0) + 1,
        location=to_location,
        sku=event.sku,
        occurred_at=utc(left),
        status="in_transit",
        quantity=min(sum(one.units for one in under_way), MOST_UNITS),
        received=0,
        expected_at=utc(due),
        promised_at=utc(due),
        ordered_at=utc(left),
        spread_days=_SPREAD_SHARE * (due - left) / _DAY,
        transfer_from=event.location,
        alert_id=event.alert_id,
        sent_so_far=sent_so_far,
    )
    name = f"{item_key(event.location, event.sku)}:transfer:{event.event_id}:{to_location}"
    book.outbox.append(line_message(update, name, event.at))


def call_off(book: Book, digest: bytes) -> Dispatch | None:
    """Let what an event sent not have been sent: it was no demand either. Return it; None if it is not remembered."""
    found = next((one for one in book.dispatched if one.digest == digest), None)
    if found is not None:
        book.dispatched = [one for one in book.dispatched if one is not found]
        _unlearn(book, found, found.units)
    return found


def come_back(book: Book, transfer: str, units: int) -> list[str]:
    """Let units of a transfer be here again, those that left last first; return where they are not on their way to any more."""
    places: list[str] = []
    for one in reversed(book.dispatched):
        if one.transfer == transfer and units > 0:
            back = min(one.units, units)
            units -= back
            one.units -= back
            _unlearn(book, one, back)
            places.append(one.to_location)
    book.dispatched = [one for one in book.dispatched if one.units > 0]
    return list(dict.fromkeys(places))


def _unlearn(book: Book, one: Dispatch, units: int) -> None:
    if one.taught:
        demands.unrecord(book.demand, demands.day_at(book.demand, one.left), units)
