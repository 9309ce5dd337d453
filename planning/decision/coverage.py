"""How long a part lasts on each production line, as its book tells the line, and which orders of its own have left one."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import msgspec
from xxhash import xxh3_64_digest

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.book.book import Book
from andon.planning.book.made_lines import gone
from andon.planning.book.making import production_of
from andon.planning.book.promises import ahead, on_shelf
from andon.planning.decision.alternatives import all_alternatives
from andon.planning.decision.run_down import expects_nothing
from andon.planning.decision.situation import Situation
from andon.planning.demand.days import begin_of, day_of
from andon.planning.demand.demand import expected, is_known
from andon.planning.policy.policy import shortage_cost
from andon.planning.production.explosion import MOST_TOLD, whole
from andon.planning.production.state import Production, Told
from andon.planning.production.stops import Stop, Use, first_stops
from andon.schemas.alerts import Alternative
from andon.schemas.common import encode, split_item_key, utc
from andon.schemas.production import Coverage, RunNeed

_DAY: Final = 86400.0
_HOUR: Final = 3600.0
#: Sales are expected so many days ahead.
_LOOKS_DAYS: Final = 60
_MOST_WAYS: Final = 2
#: A line that stops is looked at again after half the time until then, but not sooner than this: it may not have begun.
_LOOK_SECONDS: Final = 3600.0


def sells(view: Situation) -> bool:
    """Return whether the item is known to be wanted by others than what it is a part of."""
    return view.demand.level > 0 and is_known(view.demand) and not expects_nothing(view)


def next_look(book: Book, now: float) -> float | None:
    """Return when a line that will stop is to be looked at again, after `now` (seconds since 1970); None if none will."""
    if book.production is None:
        return None
    times = [one.look_at for one in book.production.covers.values() if one.look_at > now]
    return min(times, default=None)


def tell_lines(view: Situation) -> None:
    """Tell each line that takes the item as a part, or could, how long it lasts there, if that is news."""
    production = production_of(view.book, view.now)
    uses = list(_uses(production, view.now))
    lines = {use.line for use in uses} | {
        line for one in production.wanted.values() for line in one.lines
    }
    left = gone(production)
    if not lines and not left and not production.covers:
        return
    receipts = [(one.expected, float(one.quantity)) for one in view.receipts]
    taken = [(at, float(units)) for at, units in ahead(view.book)]
    if sells(view):
        today = day_of(view.now, view.book.demand.zone)
        taken += [
            (max(begin_of(day, view.book.demand.zone), view.now), expected(view.demand, day))
            for day in range(today, today + _LOOKS_DAYS)
        ]
    stops = first_stops(float(view.free), receipts, uses, taken) if uses else {}
    for line in sorted(lines | left.keys() | production.covers.keys()):
        told = _coverage(view, line, stops.get(line), uses, receipts)
        told = msgspec.structs.replace(told, ends=line not in lines, gone=left.get(line, ()))
        _tell(view.book, view.key, view.now, told, partial(_ways, view))


def tell_lines_unplanned(book: Book, key: str, now: float) -> None:
    """Tell the lines of a part without master data when an order that names it in place of a component stops for want of it.

    Args:
        book: the part's.
        key: its `location/sku`.
        now: seconds since 1970.
    """
    production = book.production
    if production is None:
        return
    uses = list(_uses(production, now, only_instead=True))
    lines, left = {use.line for use in uses}, gone(production)
    if not lines and not left and not production.covers:
        return
    free = float(book.stock - book.on_hold)
    coming = [one for one in book.lines.values() if one.open_quantity > 0]
    receipts = [(max(one.expected, now), float(one.open_quantity)) for one in coming]
    stops = first_stops(free, receipts, uses) if uses else {}
    location, part = split_item_key(key)
    for line in sorted(lines | left.keys() | production.covers.keys()):
        told = Coverage(
            location=location,
            line=line,
            part=part,
            version=0,
            updated_at=utc(now),
            description="no master data",
            makes=_makes(production, line),
            on_hand=book.stock,
            ends=line not in lines,
            gone=left.get(line, ()),
        )
        if line in stops:
            told = _stopped(production, told, stops[line], uses, receipts, free)
        _tell(book, key, now, told, lambda *_: ())


def _uses(production: Production, now: float, *, only_instead: bool = False) -> Iterator[Use]:
    runs: list[RunNeed] = []
    for wanted in production.wanted.values():
        runs += [run for run in wanted.runs if run.instead or not only_instead]
    free_at: dict[str, float] = {}
    begun: dict[tuple[str, str], float] = {}
    for run in sorted(runs, key=lambda one: (one.line, one.begins - one.offset, one.order_id)):
        # What should have begun before begins now, and what follows it after that; all that an order takes goes by when it begins.
        order = run.line, run.order_id
        if order not in begun:
            begun[order] = max(run.begins - run.offset, free_at.get(run.line, now))
        begins, units = begun[order], whole(run.units)
        yield Use(*order, begins + run.offset, run.each, units, run.takes, run.offset)
        if run.each > 0:
            free_at[run.line] = max(free_at.get(run.line, now), begins + units * run.each)


def _coverage(
    view: Situation,
    line: str,
    stop: Stop | None,
    uses: list[Use],
    receipts: list[tuple[float, float]],
) -> Coverage:
    production = production_of(view.book, view.now)
    needs = sum(units for _, units in view.required)
    location, part = split_item_key(view.key)
    told = Coverage(
        location=location,
        line=line,
        part=part,
        version=0,
        updated_at=utc(view.now),
        description=view.item.description,
        makes=_makes(production, line),
        on_hand=on_shelf(view.book),
        currency=view.item.currency,
        spare=max(view.free - needs, 0),
        stands_in=tuple(
            stand
            for one in production.wanted.values()
            if line in one.lines
            for stand in one.stands_in
        ),
    )
    if stop is None:
        return told
    alert = view.book.alerts.get("stockout_risk")
    told = msgspec.structs.replace(told, parent_id=None if alert is None else alert.alert_id)
    return _stopped(production, told, stop, uses, receipts, float(view.free))


def _makes(production: Production, line: str) -> tuple[str, ...]:
    """Return what a line makes of a part."""
    wanted = production.wanted.items()
    return tuple(sorted(name for name, one in wanted if any(run.line == line for run in one.runs)))


def _stopped(
    production: Production,
    told: Coverage,
    stop: Stop,
    uses: list[Use],
    receipts: list[tuple[float, float]],
    free: float,
) -> Coverage:
    """Return what a line is told that stops for want of a part: when, how much lacks until more comes, and what that costs."""
    relief = min((at for at, _ in receipts if at > stop.at), default=None)
    until = math.inf if relief is None else relief
    taken = sum(use.takes * (use.begun(until) if until < math.inf else use.units) for use in uses)
    came = free + sum(quantity for at, quantity in receipts if at < until)
    short = max(whole(min(taken - came, MOST_TOLD)), 1)
    worth, hourly = _worth(production, told, stop.order_id)
    return msgspec.structs.replace(
        told,
        stops_at=utc(stop.at),
        waits=stop.waits,
        order_id=stop.order_id,
        short=short,
        relief_at=None if relief is None else utc(relief),
        at_stake=round(short * worth, 2),
        hourly=round(hourly, 2),
    )


def _worth(production: Production, told: Coverage, order_id: str) -> tuple[float, float]:
    """Return what one unit of a part that lacks costs, by what is not built of it in an order, and what an hour of that costs."""
    for one in production.wanted.values():
        for run in one.runs:
            if (run.line, run.order_id) == (told.line, order_id) and one.currency == told.currency:
                hourly = one.worth * _HOUR / run.each if run.each > 0 else 0.0
                return one.worth / max(run.takes, 1e-9), hourly
    return 0.0, 0.0


def _ways(view: Situation, told: Coverage, stop_at: float) -> tuple[Alternative, ...]:
    """Return the best ways to get what is missing: another source, an express, or another plant."""
    short = told.short
    cost = told.at_stake or short * shortage_cost(view.item)
    found = all_alternatives(view, stop_at, short, short_cost=cost)
    return tuple(one for one in found if one.kind != "wait")[:_MOST_WAYS]


def _tell(
    book: Book,
    key: str,
    now: float,
    told: Coverage,
    ways: Callable[[Coverage, float], tuple[Alternative, ...]],
) -> None:
    line = told.line
    covers = production_of(book, now).covers
    known = covers.get(line)
    said = xxh3_64_digest(encode(_material(told)))
    look_at = 0.0
    if told.stops_at is not None:
        ahead_of = (told.stops_at.timestamp() - now) / 2
        look_at = now + min(max(ahead_of, _LOOK_SECONDS), _DAY)
    if known is not None and known.said == said:
        known.look_at = look_at
        return
    if known is None and told.stops_at is None and not told.stands_in and not told.gone:
        # It lasts, and nobody was told that it does not.
        return
    version = max(known.version + 1 if known else 0, math.floor(now * 1000))
    if told.ends and not told.gone:
        covers.pop(line, None)
    else:
        covers[line] = Told(version, said, (), look_at)
    if told.stops_at is not None and not told.ends:
        told = msgspec.structs.replace(told, ways=ways(told, told.stops_at.timestamp()))
    told = msgspec.structs.replace(told, version=version)
    target = f"{told.location}/{line}"
    name = f"{key}:covers:{line}:{version}"
    book.outbox.append(
        OutboxMessage.of("coverages", target, name, "andon.coverage.changed", told, now)
    )


def _material(told: Coverage) -> Coverage:
    """Return what of a coverage is news if it changes: the stop to the minute, and relief to the hour."""
    stop, relief = told.stops_at, told.relief_at
    return msgspec.structs.replace(
        told,
        updated_at=utc(0.0),
        stops_at=None if stop is None else stop.replace(second=0, microsecond=0),
        relief_at=None if relief is None else relief.replace(minute=0, second=0, microsecond=0),
        on_hand=told.on_hand if stop is not None else 0,
        spare=told.spare if told.stands_in else 0,
    )
