"""What a production line tells the books of what is made there: how each order stands, as a line that is on its way."""

import math
from typing import Final

import msgspec
from xxhash import xxh3_64_digest

from andon.planning.production.line import ProductionLine, sequence
from andon.planning.production.order import Order, Slot
from andon.planning.supply.line_message import line_message
from andon.schemas.common import encode, split_item_key, utc
from andon.schemas.production import RunUpdate
from andon.schemas.shipments import LineUpdate, ShipmentStatus

#: An order that begins so much later or sooner is told anew: orders that wait would be told with every unit, else.
_MATERIAL_SECONDS: Final = 60.0


def tell_orders(line: ProductionLine, key: str, at: float) -> None:
    """Tell the books of what is made how their orders stand, as far as that is news.

    Args:
        line: the production line.
        key: its `location/line`.
        at: the time of the news, seconds since 1970.
    """
    slots = sequence(line)
    for order in line.orders.values():
        if not order.is_released and not order.receipts:
            continue
        slot = slots.get(order.order_id) if order.left else None
        update = _update(order, key, slot, at)
        said, begins = xxh3_64_digest(encode(_undated(update))), _begins(update)
        if said == order.said and abs(begins - order.told_begins) < _MATERIAL_SECONDS:
            continue
        order.said, order.told_begins = said, begins
        order.version = max(order.version + 1, math.floor(at * 1000))
        told = _update(order, key, slot, at)
        name = f"{order.order_id}:{order.sku}"
        line.outbox.append(line_message(told, f"{key}:order:{name}:{order.version}", at))
        order.told = (
            (tuple(order.receipts), order.settled, max(order.scrapped, 0))
            if order.is_over
            else None
        )


def _undated(update: LineUpdate) -> LineUpdate:
    """Return an update without what moves with every report: its version and its times."""
    never, run = utc(0.0), update.run
    if run is not None:
        run = msgspec.structs.replace(run, begins=0.0, told_made=0, told_scrapped=0)
    return msgspec.structs.replace(
        update,
        occurred_at=never,
        version=0,
        expected_at=never,
        run=run,
        told=None,
        told_settled=0.0,
    )


def _begins(update: LineUpdate) -> float:
    return 0.0 if update.run is None else update.run.begins


def _update(order: Order, key: str, slot: Slot | None, at: float) -> LineUpdate:
    location, name = split_item_key(key)
    made, left = order.made, order.left
    began = order.release_at if order.starts is None else order.starts
    ends = order.ends if slot is None else slot.ends
    ends = began if ends is None else ends
    status: ShipmentStatus = (
        "received" if order.is_over else "in_transit" if order.is_started else "ordered"
    )
    if order.is_cancelled and not made:
        status = "cancelled"
    before, settled, scrapped = order.told or (None, 0.0, 0)
    promised = order.ends if order.ends is not None else began + order.pace * order.quantity
    return LineUpdate(
        shipment_id=order.order_id,
        version=max(order.version, 0),
        location=location,
        sku=order.sku,
        occurred_at=utc(at),
        status=status,
        quantity=max(order.quantity, made),
        received=made,
        expected_at=utc(ends),
        promised_at=utc(promised),
        ordered_at=utc(order.release_at) if order.release_at else None,
        alert_id=order.alert_id,
        open_quantity=left,
        receipts=tuple(order.receipts),
        settled=order.settled,
        told=before,
        told_settled=settled,
        run=RunUpdate(
            line=name,
            begins=began if slot is None else slot.begins,
            each=order.pace,
            left=left,
            made=made,
            # What takes back may be heard before what it takes back.
            scrapped=max(order.scrapped, 0),
            started=order.is_started,
            instead={one.in_place_of: one.sku for one in order.instead},
            began=order.began,
            cancelled=order.is_cancelled,
            told_made=max(sum(units for _, units in before or ()), 0),
            told_scrapped=scrapped,
        ),
    )
