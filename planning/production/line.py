"""A production line as it is known: its orders, what became of them, and how long each part lasts.

What is known of an order is a function of the set of its news: the latest release says what is to be made, and each report of
what was made counts once, by its name. Where a later release names another item, what was reported of the one before stays made, and
no more of it comes.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import OpenAlert, OutboxMessage
from andon.planning.production.order import Order, Slot
from andon.planning.production.remembered import FORGOTTEN, Forgotten, forget_done, is_forgotten
from andon.schemas.common import MOST_UNITS
from andon.schemas.production import Coverage, ProductionEvent

#: So many orders of a line may be open.
MOST_OPEN: Final = 400
#: So many reports of what was made are told apart in one order, and so many receipts; older ones are merged.
MOST_REPORTS: Final = 4096
_MOST_RECEIPTS: Final = 48
_DIGEST: Final = 8

APPLIED: Final = "applied"
DUPLICATE: Final = "duplicate"
#: An order more than the record holds, or a report more of one.
TOO_MANY: Final = "too_many"
TOO_MANY_REPORTS: Final = "too_many_reports"
#: A report of an item that the order never was to make.
OTHER_ITEM: Final = "other_item"
_BETWEEN: Final = "\x1f"
_TIMES: Final = ("starts", "ends", "each")
#: More was reported of an order than any event can speak of.
TOO_MUCH: Final = "too_much"


class ProductionLine(msgspec.Struct, array_like=True):
    """A production line: its orders by their ids, what the parts' books told, by part, and what is open of it.

    `applied` has one offset for each source, and `clock` the latest event time heard (seconds since 1970).
    """

    orders: dict[str, Order] = {}
    covers: dict[str, Coverage] = {}
    alerts: dict[str, OpenAlert] = {}
    episodes: dict[str, int] = {}
    applied: dict[str, int] = {}
    outbox: list[OutboxMessage] = []
    clock: float = 0.0
    #: When the last alert of each kind ended, in seconds since 1970.
    ended: dict[str, int] = {}
    #: What is remembered of orders that are forgotten.
    forgotten: Forgotten = msgspec.field(default_factory=Forgotten)


def hear(line: ProductionLine, event: ProductionEvent, at: float, digest: bytes) -> str:
    """Take in what happened to an order; `at` is when, in seconds since 1970. Return what became of it."""
    line.clock = max(line.clock, at)
    known = orders_under(line, event.order_id)
    order = next((one for one in known if one.sku == event.sku), None)
    if order is None:
        # What happened before may be of a release that has not been heard yet.
        if event.status != "released" and any(
            one.is_released and one.release_at <= at for one in known
        ):
            return OTHER_ITEM
        if not known and is_forgotten(line.forgotten, event.order_id, at):
            return FORGOTTEN
        if sum(not one.is_over for one in line.orders.values()) >= MOST_OPEN:
            return TOO_MANY
        order = Order(event.order_id, event.sku)
        for one in known[:1]:
            order.stamps = {field: at for field, at in one.stamps.items() if field in _TIMES}
            order.starts, order.ends, order.each = one.starts, one.ends, one.each
        known.append(order)
        name = f"{event.order_id}{_BETWEEN}{event.sku}"
        line.orders[name if event.order_id in line.orders else event.order_id] = order
        forget_done(line.orders, line.forgotten)
    if event.status == "made":
        outcome = _make(order, event, at, digest)
        if outcome != APPLIED:
            return outcome
    elif event.status == "started":
        order.first_started = min(order.first_started or at, at)
    elif event.status == "released":
        _release(order, event, at)
        for one in known:
            if one is not order:
                # When it is to be made is said of the order, whatever that is to make.
                _take_times(one, event, at)
    order.statuses[event.status] = max(order.statuses.get(event.status, at), at)
    for one in known:
        one.replaced = any(
            other.is_released and (other.release_at, other.sku) > (one.release_at, one.sku)
            for other in known
        )
    return APPLIED


def orders_under(line: ProductionLine, order_id: str) -> list[Order]:
    """Return what is known under the number of an order: one for each item that it was ever to make."""
    return [one for one in line.orders.values() if one.order_id == order_id]


def open_order(line: ProductionLine, order_id: str) -> Order:
    """Return the order of a number of which something is left to make."""
    return next(one for one in orders_under(line, order_id) if one.left)


def _make(order: Order, event: ProductionEvent, at: float, digest: bytes) -> str:
    place = order.digests.find(digest)
    while place >= 0 and place % _DIGEST:
        place = order.digests.find(digest, place + 1)
    if place >= 0:
        return DUPLICATE
    if len(order.digests) >= MOST_REPORTS * _DIGEST:
        return TOO_MANY_REPORTS
    made = sum(units for _, units in order.receipts) + (event.quantity or 0)
    if max(abs(made), order.scrapped + event.scrapped) > MOST_UNITS:
        return TOO_MUCH
    order.digests += digest
    order.receipts = sorted([*order.receipts, (at, event.quantity or 0)])
    order.scrapped += event.scrapped
    order.last_made = max(order.last_made, at)
    order.first_made = min(order.first_made or at, at)
    if len(order.receipts) > _MOST_RECEIPTS:
        (_, first), (second_at, second), *rest = order.receipts
        order.receipts = [(second_at, first + second), *rest]
        order.settled = max(order.settled, second_at)
    return APPLIED


def _release(order: Order, event: ProductionEvent, at: float) -> None:
    """Take in what is to be made: of each field the latest release that names it counts."""
    _take_times(order, event, at)
    named = {
        "quantity": event.quantity,
        "alert_id": event.alert_id,
        "instead": event.instead or None,
    }
    _take(order, named, at)
    order.release_at = max(order.release_at, at)


def _take_times(order: Order, event: ProductionEvent, at: float) -> None:
    named = {
        "starts": None if event.starts_at is None else event.starts_at.timestamp(),
        "ends": None if event.ends_at is None else event.ends_at.timestamp(),
        "each": None if event.minutes_each is None else event.minutes_each * 60.0,
    }
    _take(order, named, at)


def _take(order: Order, named: Mapping[str, Any], at: float) -> None:
    for name, value in named.items():
        if value is not None and at >= order.stamps.get(name, at):
            setattr(order, name, value)
            order.stamps[name] = at


def sequence(line: ProductionLine, since: float = float("-inf")) -> dict[str, Slot]:
    """Return when the open orders of a line are made: one after the other, what is begun first, then as they are to begin.

    None begins before the one before it is done. What stands still goes on now, as nobody knows better.

    Args:
        line: the line.
        since: nothing that is left begins before (seconds since 1970).
    """
    waiting = [one for one in line.orders.values() if one.left]
    turns = _turns(waiting)
    waiting.sort(key=lambda one: (not one.is_started, *turns[one.order_id], _by_number(one)))
    found: dict[str, Slot] = {}
    free_at = since
    for one in waiting:
        begins = _wanted(one)
        if one.is_started:
            begins = max(one.last_made, one.statuses.get("started", 0.0))
        if one.is_stopped:
            begins = max(begins, line.clock)
        slot = Slot(max(begins, free_at), one.pace, one.left)
        found[one.order_id] = slot
        free_at = slot.ends
    return found


def _by_number(order: Order) -> tuple[tuple[str | int, ...], str]:
    """Return what orders of one time follow each other by: P2 comes before P10, so that a later number moves none before it."""
    pieces = re.split("([0-9]+)", order.order_id)
    return tuple(int(one) if place % 2 else one for place, one in enumerate(pieces)), order.order_id


def _turns(waiting: Iterable[Order]) -> dict[str, tuple[float, int]]:
    """Return when each order is wanted, and its place among those of one time: without a begin it follows what was released before."""
    found: dict[str, tuple[float, int]] = {}
    latest = float("-inf")
    released = sorted(waiting, key=lambda one: (one.release_at, _by_number(one)))
    for place, one in enumerate(released, 1):
        latest = max(latest, _wanted(one))
        found[one.order_id] = (latest, place) if one.starts is None else (_wanted(one), 0)
    return found


def _wanted(order: Order) -> float:
    return order.release_at if order.starts is None else order.starts


def hear_coverage(line: ProductionLine, told: Coverage) -> str:
    """Take in how long a part lasts. Return what became of it."""
    known = line.covers.get(told.part)
    if known is not None and told.version <= known.version:
        return DUPLICATE
    line.clock = max(line.clock, told.at)
    for left in told.gone:
        for order in orders_under(line, left.order_id):
            if order.sku == told.part:
                order.moved = max(order.moved, (left.released, left.line))
    # What lasts and is forgotten says no more than nothing.
    line.covers[told.part] = told
    if told.ends and len(line.covers) > MOST_OPEN:
        del line.covers[told.part]
    return APPLIED
