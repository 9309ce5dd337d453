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
from andon.schemas.common import MOST_UNITS
from andon.schemas.production import Coverage, ProductionEvent, Substitute

#: So many orders of a line may be open, and so many that are done are remembered.
MOST_OPEN: Final = 400
MOST_DONE: Final = 32
#: So many reports of what was made are told apart in one order, and so many receipts; older ones are merged.
MOST_REPORTS: Final = 4096
_MOST_RECEIPTS: Final = 48
_DIGEST: Final = 8
_CLOSES: Final = ("finished", "cancelled")

APPLIED: Final = "applied"
DUPLICATE: Final = "duplicate"
#: An order, or a report, more than the record holds.
TOO_MANY: Final = "too_many"
#: A report of an item that the order never was to make.
OTHER_ITEM: Final = "other_item"
_BETWEEN: Final = "\x1f"
_TIMES: Final = ("starts", "ends", "each")
#: More was reported of an order than any event can speak of.
TOO_MUCH: Final = "too_much"


class Order(msgspec.Struct, array_like=True):
    """A production order; times in seconds since 1970.

    `statuses` has when each status was last said, `release_at` when what is to be made was, and `stamps` when each field of that was. `receipts` is what was made (good) at
    which time, those through `settled` merged, and `digests` those of the reports. `each` is how long a unit takes, in seconds (0: nobody said).
    `version`, `said` and `told_begins` are of what its book was told last. `replaced` is that a later release of the same number names another
    item.
    """

    order_id: str
    sku: str
    quantity: int = 0
    starts: float | None = None
    ends: float | None = None
    each: float = 0.0
    alert_id: str | None = None
    instead: tuple[Substitute, ...] = ()
    release_at: float = 0.0
    statuses: dict[str, float] = {}
    receipts: list[tuple[float, int]] = []
    settled: float = 0.0
    scrapped: int = 0
    digests: bytearray = msgspec.field(default_factory=bytearray)
    last_made: float = 0.0
    version: int = -1
    said: bytes = b""
    told_begins: float = 0.0
    stamps: dict[str, float] = {}
    replaced: bool = False

    @property
    def pace(self) -> float:
        """How long a unit takes, in seconds: as was said, or what its time comes to."""
        if not self.each and self.starts is not None and self.ends is not None:
            return max(self.ends - self.starts, 0.0) / max(self.quantity, 1)
        return self.each

    @property
    def made(self) -> int:
        """How many good units were made, as far as was reported."""
        return max(sum(units for _, units in self.receipts), 0)

    @property
    def is_released(self) -> bool:
        """Whether anybody said what is to be made."""
        return "released" in self.statuses

    @property
    def is_over(self) -> bool:
        """Whether no more comes of it."""
        if self.replaced:
            return True
        released = self.statuses.get("released", 0.0)
        closed = max((self.statuses.get(one, -1.0) for one in _CLOSES), default=-1.0)
        if closed >= released:
            return True
        return self.is_released and self.made >= self.quantity

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off."""
        if self.replaced:
            return True
        return self.is_over and self.statuses.get("cancelled", -1.0) > self.statuses.get(
            "finished", -1.0
        )

    @property
    def left(self) -> int:
        """How many good units are still to be made."""
        return 0 if self.is_over else max(self.quantity - self.made, 0)

    @property
    def is_started(self) -> bool:
        """Whether its first unit was begun."""
        return "started" in self.statuses or bool(self.receipts)

    @property
    def is_stopped(self) -> bool:
        """Whether it stands still."""
        stopped = self.statuses.get("stopped", -1.0)
        return stopped > max(self.statuses.get("started", -1.0), self.last_made)


class Slot(msgspec.Struct, frozen=True):
    """When the next unit of an order is begun (seconds since 1970), how long each takes, in seconds, and how many are left."""

    begins: float
    each: float
    left: int

    @property
    def ends(self) -> float:
        """When the last of them is done."""
        return self.begins + self.each * self.left

    def begun_before(self, at: float) -> int:
        """Return how many units are begun before a moment."""
        if at <= self.begins:
            return 0
        if self.each <= 0:
            return self.left
        return min(-int(-((at - self.begins) - 1e-6) // self.each), self.left)


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
        if sum(not one.is_over for one in line.orders.values()) >= MOST_OPEN:
            return TOO_MANY
        order = Order(event.order_id, event.sku)
        for one in known[:1]:
            order.stamps = {field: at for field, at in one.stamps.items() if field in _TIMES}
            order.starts, order.ends, order.each = one.starts, one.ends, one.each
        known.append(order)
        name = f"{event.order_id}{_BETWEEN}{event.sku}"
        line.orders[name if event.order_id in line.orders else event.order_id] = order
        # What is open is never forgotten; of what is done the oldest is.
        done = [name for name, one in line.orders.items() if one.is_over]
        for name in done[: max(len(done) - MOST_DONE, 0)]:
            del line.orders[name]
    if event.status == "made":
        outcome = _make(order, event, at, digest)
        if outcome != APPLIED:
            return outcome
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
        return TOO_MANY
    made = sum(units for _, units in order.receipts) + (event.quantity or 0)
    if max(abs(made), order.scrapped + event.scrapped) > MOST_UNITS:
        return TOO_MUCH
    order.digests += digest
    order.receipts = sorted([*order.receipts, (at, event.quantity or 0)])
    order.scrapped += event.scrapped
    order.last_made = max(order.last_made, at)
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
    # What lasts and is forgotten says no more than nothing.
    line.covers[told.part] = told
    if told.ends and len(line.covers) > MOST_OPEN:
        del line.covers[told.part]
    return APPLIED
