"""One code in the place of another at a location: the new one takes over what the old one taught, what is left of it, and its orders.

The two have books of their own, perhaps in two partitions. The new one's says to the old one's that it is its successor; from
then on the old one's says to the new one's what there is of it, whenever that changes. What is left is sold first: it counts as
free of the new code, and the old one is not ordered any more.
"""

import math
from datetime import date
from typing import Final

import msgspec
from xxhash import xxh3_64_digest

from andon.planning.book.book import ALWAYS, Book, Line
from andon.planning.book.inheritance import Inheritance, Replaced
from andon.planning.demand import demand as demands
from andon.planning.demand.days import begin_of
from andon.planning.demand.inherit import inherit
from andon.planning.demand.state import Demand
from andon.planning.supply.line_message import word_of
from andon.schemas.common import item_key, split_item_key, utc
from andon.schemas.items import Item
from andon.schemas.shipments import LineUpdate
from andon.schemas.succession import Legacy, LegacyLine, Replaces, Successor

APPLIED: Final = "applied"
STALE: Final = "stale"
DUPLICATE: Final = "duplicate"
_EPOCH: Final = date(1970, 1, 1).toordinal()
#: So many lines of an old code are told apart; what comes after them comes with the last.
_MOST_LINES: Final = 50
#: A code that replaces one that replaces one, and so on: so many are followed.
_MOST_THROUGH: Final = 8
#: The first word of the old code is waited for so long before anything is said of what is missing.
_PATIENCE: Final = 3600.0
#: No line of a shipment or transfer is kept under a name that begins so.
_PREFIX: Final = "\x1e"
_demand = msgspec.msgpack.Decoder(Demand)


def claim(book: Book, before: Item | None, after: Item | None, at: float) -> None:
    """Take in which code an item replaces, and tell that code's book, if it is not as it was (`at` in seconds since 1970)."""
    was = None if before is None else before.predecessor
    now = None if after is None else after.predecessor
    if before is not None and was is not None and (now is None or now.sku != was.sku):
        _tell_old(book, before, was, at, no_longer=True)
        _let_go(book)
    if after is None or now is None or now == was:
        return
    told = book.replaced
    if told is not None and told.sku == now.sku and at > told.told_at:
        # Of two codes that replace each other the one counts that was decided last.
        _tell_new(book, told, (after.location, after.sku), Legacy(no_longer=True), at)
        book.replaced = Replaced(told_at=at, count=told.count)
    known = book.inheritance
    if known is None or known.sku != now.sku:
        known = Inheritance(now.sku)
    known.factor, known.starts_on = now.factor, _day(now.starts_on)
    if known.legacy is None:
        known.awaited = -1.0
    known.heard_at, known.version = 0.0, 0
    book.inheritance = known
    _tell_old(book, after, now, at, no_longer=False)


def hear(book: Book, update: LineUpdate, at: float) -> str:
    """Take in who replaces this code, or what there is of the one that it replaces. Return what became of it."""
    if update.successor is not None:
        return _be_replaced(book, update.successor, update, at)
    legacy, known = update.legacy, book.inheritance
    item = book.item
    if known is None or legacy is None or update.shipment_id != known.sku or item is None:
        return STALE
    if item.predecessor is None or update.sku in legacy.through or legacy.no_longer:
        known.awaited = 0.0
        _let_go(book)
        return STALE
    if (at, update.version) <= (known.heard_at, known.version):
        if legacy.demand and known.legacy is not None and not known.legacy.demand:
            known.legacy = msgspec.structs.replace(known.legacy, demand=legacy.demand)
            settle(book, at)
        return DUPLICATE
    known.heard_at, known.version = at, update.version
    if not legacy.demand and known.legacy is not None and known.legacy.demand:
        legacy = msgspec.structs.replace(legacy, demand=known.legacy.demand)
    known.legacy, known.awaited = legacy, 0.0
    settle(book, at)
    return APPLIED


def settle(book: Book, now: float) -> None:
    """Let what was told of the old code count, once its day has come (`now` in seconds since 1970)."""
    known = book.inheritance
    if known is None or known.legacy is None or now < begin_of(known.starts_on, book.demand.zone):
        return
    legacy, factor = known.legacy, known.factor
    book.inherited = math.floor(legacy.units * factor)
    _take_lines(book, known.sku, legacy, factor)
    if known.adopted != known.sku and legacy.demand:
        book.demand = inherit(book.demand, _demand.decode(legacy.demand), factor)
        known.adopted = known.sku
    for day, units in legacy.sold:
        more = round(units * factor) - known.sold.get(day, 0)
        if more > 0:
            demands.record(book.demand, day, more)
        elif more:
            demands.unrecord(book.demand, day, -more)
        known.sold[day] = known.sold.get(day, 0) + more
    known.sold = {day: units for day, units in known.sold.items() if day > book.demand.closed}
    if known.adopted == known.sku and legacy.demand:
        known.legacy = msgspec.structs.replace(legacy, demand=b"")
    book.wake_position = ALWAYS


def is_awaited(book: Book, now: float) -> bool:
    """Return whether the first word of a code that this one replaces is still to come (`now` in seconds since 1970)."""
    known = book.inheritance
    if known is None or not known.awaited:
        return False
    if known.awaited < 0:
        known.awaited = now
    return now - known.awaited < _PATIENCE


def is_announced(book: Book, now: float) -> bool:
    """Return whether this code takes the place of another on a day to come, and has heard of it (`now` in seconds since 1970)."""
    known = book.inheritance
    if known is None or known.legacy is None:
        return False
    return now < begin_of(known.starts_on, book.demand.zone)


def is_replaced(book: Book, now: float) -> bool:
    """Return whether another code has taken the place of this one by now (seconds since 1970)."""
    told = book.replaced
    return told is not None and told.sku != "" and now >= begin_of(told.starts_on, book.demand.zone)


def say(book: Book, key: str, now: float) -> None:
    """Say to the book of the code that replaces this one what there is of it, if that is news (`now` in seconds since 1970)."""
    told = book.replaced
    if told is None or not told.sku:
        return
    location, sku = split_item_key(key)
    known = book.inheritance
    through = () if known is None or known.legacy is None else known.legacy.through
    legacy = Legacy(
        units=book.stock - book.on_hold - book.backorders + book.inherited,
        stands=book.stock_is_known,
        lines=_lines(book),
        sold=_open_days(book.demand),
        through=(*through, sku)[-_MOST_THROUGH:],
    )
    said = xxh3_64_digest(msgspec.json.encode(legacy))
    closed = book.demand.closed
    if said == told.said and closed == told.said_day:
        return
    if closed != told.said_day:
        legacy = msgspec.structs.replace(legacy, demand=msgspec.msgpack.encode(book.demand))
    told.said, told.said_day = said, closed
    _tell_new(book, told, (location, sku), legacy, now)


def _be_replaced(book: Book, successor: Successor, update: LineUpdate, at: float) -> str:
    told = book.replaced or Replaced()
    own = book.item.predecessor if book.item is not None else None
    if at < told.told_at:
        return STALE
    if own is not None and own.sku == successor.sku and book.item_version >= at:
        # Of two codes that replace each other the one counts that was decided last.
        return STALE
    if successor.no_longer:
        if told.sku == successor.sku:
            book.replaced = Replaced(told_at=at, count=told.count)
        return APPLIED
    if told.sku and told.sku != successor.sku:
        _tell_new(book, told, (update.location, update.sku), Legacy(no_longer=True), at)
    book.replaced = Replaced(successor.sku, _day(successor.starts_on), at, told.count)
    return APPLIED


def _day(day: date | None) -> int:
    return 0 if day is None else day.toordinal() - _EPOCH


def _let_go(book: Book) -> None:
    """Let nothing of the old code count any more; what its demand taught stays."""
    known = book.inheritance
    if known is not None:
        known.legacy = None
    book.inherited = 0
    _take_lines(book, "", Legacy(), 1.0)


def _tell_old(book: Book, item: Item, replaces: Replaces, at: float, *, no_longer: bool) -> None:
    successor = Successor(sku=item.sku, starts_on=replaces.starts_on, no_longer=no_longer)
    name = f"{item_key(item.location, item.sku)}:replaces:{replaces.sku}:{at:.3f}:{no_longer:d}"
    book.outbox.append(
        word_of(item.sku, 1, item.location, replaces.sku, name, at, successor=successor)
    )


def _tell_new(
    book: Book, told: Replaced, place: tuple[str, str], legacy: Legacy, now: float
) -> None:
    location, sku = place
    told.count += 1
    name = f"{location}/{sku}:legacy:{told.count}"
    book.outbox.append(word_of(sku, told.count, location, told.sku, name, now, legacy=legacy))


def _open_days(demand: Demand) -> tuple[tuple[int, int], ...]:
    days = {day: units for day, units in demand.pending.items() if day > demand.closed}
    if demand.sold and demand.day > demand.closed:
        days[demand.day] = days.get(demand.day, 0) + demand.sold
    return tuple(sorted(days.items()))


def _lines(book: Book) -> tuple[LegacyLine, ...]:
    """Return what is on order, and what procurement says it ordered, the first first."""
    found = [
        LegacyLine(
            shipment_id=line.shipment_id,
            quantity=line.open_quantity,
            expected_at=utc(line.expected),
            spread_days=line.spread_days,
            promised_at=None if line.promised is None else utc(line.promised),
            ordered_at=None if line.ordered is None else utc(line.ordered),
            undated=line.undated,
            supplier=line.supplier,
            carrier=line.carrier,
            lane=line.lane,
            mode=line.mode,
        )
        for line in sorted(book.lines.values(), key=lambda line: line.expected)
        if line.open_quantity > 0
    ]
    found += [
        LegacyLine(
            shipment_id=one.shipment_id or "ordered",
            quantity=one.quantity,
            expected_at=utc(one.at),
            ordered_at=utc(one.at),
            undated=True,
        )
        for one in book.reservations.values()
    ]
    if len(found) > _MOST_LINES:
        last = found[_MOST_LINES - 1]
        rest = sum(line.quantity for line in found[_MOST_LINES - 1 :])
        found[_MOST_LINES - 1 :] = [msgspec.structs.replace(last, quantity=rest)]
    return tuple(found)


def _take_lines(book: Book, sku: str, legacy: Legacy, factor: float) -> None:
    """Put what is on order of the old code among the lines, in place of what was told of it before."""
    before = [name for name, line in book.lines.items() if line.of_sku is not None]
    if not before and not legacy.lines:
        return
    for name in before:
        del book.lines[name]
    for number, line in enumerate(legacy.lines):
        quantity = math.floor(line.quantity * factor)
        if quantity <= 0:
            continue
        book.lines[f"{_PREFIX}{sku}{_PREFIX}{number}"] = Line(
            shipment_id=line.shipment_id,
            version=0,
            quantity=quantity,
            received=0,
            status="ordered",
            expected=line.expected_at.timestamp(),
            spread_days=line.spread_days,
            promised=None if line.promised_at is None else line.promised_at.timestamp(),
            ordered=None if line.ordered_at is None else line.ordered_at.timestamp(),
            supplier=line.supplier,
            lane=line.lane,
            carrier=line.carrier,
            mode=line.mode,
            undated=line.undated,
            of_sku=sku,
        )
    book.on_order = sum(line.open_quantity for line in book.lines.values())
