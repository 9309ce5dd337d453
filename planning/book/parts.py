"""What a book tells the parts of its item: all that it needs of them, and how much of them was used so far."""

import math
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Final

import msgspec
from xxhash import xxh3_64_digest

from andon.planning.book.book import Book
from andon.planning.book.making import production_of
from andon.planning.demand.days import day_of
from andon.planning.policy.policy import shortage_cost
from andon.planning.production.bills import Bills
from andon.planning.production.explosion import MOST_TOLD, Usage, needed
from andon.planning.production.state import (
    MOST_DONE,
    MOST_UNFOLDED,
    MOST_UNFOLDED_PARTS,
    Production,
    Run,
    Told,
)
from andon.planning.supply.line_message import word_of
from andon.schemas.common import encode, split_item_key
from andon.schemas.production import Requirement, RunNeed, StandIn

_DAY: Final = 86400.0
#: A plan that moves by less than this share of all of it is not told.
_MATERIAL: Final = 0.05
#: So many days of a plan are told, what is later with the last of them.
_MOST_PLANNED: Final = 120
#: So many needs of orders are told to a part at most, those that begin first.
_MOST_RUNS: Final = 1000

_NEVER: Final = "never"
_STARTED: Final = "started"


def tell_parts(
    book: Book, key: str, now: float, bills: Bills, planned: Mapping[int, float]
) -> None:
    """Tell the parts of a book's item what it needs of them, each if that is materially another than what it was last told.

    Args:
        book: the item's.
        key: its `location/sku`.
        now: seconds since 1970.
        bills: of all items.
        planned: how many good units orders are to bring that are not released yet, by the day on which they begin (since 1970).
    """
    production = book.production
    if production is None:
        return
    _, sku = split_item_key(key)
    share = 1.0 if production.bill is None else production.bill.yield_share
    # Most orders begin on the same few days.
    usages = cache(lambda day: _usages(production, bills, day))
    _resolve(book, usages, now)
    total = dict(production.used)
    runs: dict[str, list[RunNeed]] = {}
    for run in production.runs.values():
        for part, takes, offset, booked in run.parts:
            total[part] = total.get(part, 0.0) + _used(run, takes, booked)
            left = _left(run, booked)
            if left:
                need = RunNeed(
                    order_id=run.order_id,
                    line=run.line,
                    begins=run.begins + offset * _DAY,
                    offset=offset * _DAY,
                    each=0.0 if booked == _STARTED else run.each,
                    units=left,
                    takes=min(takes / run.share, MOST_TOLD),
                    instead=part in run.instead.values(),
                )
                runs.setdefault(part, []).append(need)
    _fold(production)
    plans: dict[str, dict[int, float]] = {}
    stands_in: dict[str, list[StandIn]] = {}
    parts: set[str] = set()
    if production.bill is not None:
        plans = needed(planned, usages, share)
        for one in usages(None):
            parts.add(one.sku)
            for other in one.alternates:
                takes = min(one.of(other) / share, MOST_TOLD)
                stands_in.setdefault(other.sku, []).append(
                    StandIn(of=sku, in_place_of=one.sku, takes=takes, priority=other.priority)
                )
    parts |= runs.keys() | plans.keys() | stands_in.keys()
    lines = tuple(sorted({run.line for run in production.runs.values() if run.left}))
    level = bills.level(key) + 1
    for part in sorted({*total, *parts, *production.told}):
        told = Requirement(
            of=sku,
            used=round(min(total.get(part, 0.0), MOST_TOLD), 9),
            used_at=production.used_at,
            since=production.since,
            planned=_plan(plans.get(part, {})),
            runs=_soonest(runs.get(part, [])),
            level=level,
            stands_in=tuple(stands_in.get(part, ())),
            lines=lines if part in stands_in else (),
            ends=part not in parts,
            worth=0.0 if book.item is None else shortage_cost(book.item),
            currency="EUR" if book.item is None else book.item.currency,
        )
        _tell(book, key, part, told, now)


def _resolve(book: Book, usages: Callable[[int | None], Collection[Usage]], now: float) -> None:
    """Let orders be made of what the bill says now, as long as nothing was taken for them."""
    production = book.production
    if production is None or production.bill is None:
        return
    for run in production.runs.values():
        is_begun = _is_begun(run)
        is_done = run.is_over and _is_folded(run)
        if not is_begun or not (run.parts or is_done):
            begins = run.began or (run.begins if is_begun else max(run.begins, now))
            run.parts = tuple(_part(one, run) for one in usages(day_of(begins, book.demand.zone)))
            run.share = production.bill.yield_share
            if run.known_made or run.known_scrapped:
                # The sums have it from before the order was forgotten.
                run.folded = _of_share(run.known_made, run.known_scrapped, run.share)
                run.known_made = run.known_scrapped = 0
        if run.is_off:
            # What lies on the line for it goes back.
            run.issued = 0.0
        elif run.started:
            run.issued = min((run.starts or run.made + run.left) / run.share, MOST_TOLD)


def _usages(production: Production, bills: Bills, day: int | None) -> tuple[Usage, ...]:
    return () if production.bill is None else bills.usages(production.bill, day)


def _part(one: Usage, run: Run) -> tuple[str, float, float, str]:
    """Return what an order takes as a component, or in place of it."""
    sku, takes = run.instead.get(one.sku, one.sku), one.takes
    for other in one.alternates:
        if other.sku == sku:
            takes = one.of(other)
    return sku, takes, one.offset_days, one.backflush


def _is_begun(run: Run) -> bool:
    return run.made > 0 or run.scrapped > 0 or run.started


def _begun(run: Run) -> float:
    """Return how many units of an order were begun, as far as is known by what came of them."""
    return _of_share(run.made, run.scrapped, run.share)


def _of_share(made: int, scrapped: int, share: float) -> float:
    return max(made + scrapped, min(made / share, MOST_TOLD))


def _is_folded(run: Run) -> bool:
    return run.folded == _begun(run) and run.folded_issued == run.issued


def _used(run: Run, takes: float, booked: str) -> float:
    """Return what an order used of a part that is not in the book's sums yet."""
    begun = _begun(run)
    if booked == _NEVER:
        return 0.0
    if booked == _STARTED:
        return takes * (max(run.issued, begun) - max(run.folded_issued, run.folded))
    return takes * (begun - run.folded)


def _left(run: Run, booked: str) -> int:
    """Return of how many good units an order still takes a part."""
    return 0 if booked == _STARTED and run.issued else run.left


def _fold(production: Production) -> None:
    """Add what orders used that are over to the book's sums, and forget the oldest of too many of them."""
    over = [name for name, run in production.runs.items() if run.is_over]
    unfolded = [name for name in over if production.runs[name].parts]
    size = sum(len(production.runs[name].parts) for name in unfolded)
    for place, name in enumerate(unfolded):
        if len(unfolded) - place <= MOST_UNFOLDED and size <= MOST_UNFOLDED_PARTS:
            break
        run = production.runs[name]
        size -= len(run.parts)
        for part, takes, _, booked in run.parts:
            used = _used(run, takes, booked)
            production.used[part] = production.used.get(part, 0.0) + used
        run.parts, run.folded, run.folded_issued = (), _begun(run), run.issued
    for run in production.runs.values():
        if not _is_begun(run):
            # It is made of what the bill says when it is looked at next.
            run.parts = ()
    for name in over[: max(len(over) - MOST_DONE, 0)]:
        if production.runs[name].parts:
            break
        del production.runs[name]


def _soonest(runs: list[RunNeed]) -> tuple[RunNeed, ...]:
    if len(runs) > _MOST_RUNS:
        runs = sorted(runs, key=lambda run: run.begins)[:_MOST_RUNS]
    return tuple(runs)


def _plan(by_day: Mapping[int, float]) -> tuple[tuple[int, float], ...]:
    days = sorted(day for day in by_day if by_day[day] > 0)
    told = [(day, round(by_day[day], 6)) for day in days[:_MOST_PLANNED]]
    rest = sum(by_day[day] for day in days[_MOST_PLANNED:])
    if rest:
        told[-1] = told[-1][0], round(told[-1][1] + rest, 6)
    return tuple(told)


def _tell(book: Book, key: str, part: str, told: Requirement, now: float) -> None:
    """Tell a part what is needed of it, if that is news to it."""
    production, location = production_of(book, now), split_item_key(key)[0]
    known = production.told.get(part)
    said = xxh3_64_digest(encode(msgspec.structs.replace(told, planned=(), used_at=0.0)))
    if known is not None and known.said == said and not _moved(known.planned, told.planned):
        return
    # By the clock of events: a book that begins anew goes on where it was.
    version = max(known.version + 1 if known else 0, math.floor(now * 1000))
    production.told[part] = Told(version, said, told.planned)
    name = f"{key}:required:{part}:{version}"
    book.outbox.append(word_of(told.of, version, location, part, name, now, required=told))


def _moved(before: tuple[tuple[int, float], ...], now: tuple[tuple[int, float], ...]) -> bool:
    """Whether a plan is materially another: by some day so much more or less is needed in all."""
    if before == now:
        return False
    change = dict(now)
    for day, quantity in before:
        change[day] = change.get(day, 0.0) - quantity
    limit = max(_MATERIAL * sum(quantity for _, quantity in now), 0.5)
    total = 0.0
    for day in sorted(change):
        total += change[day]
        if abs(total) >= limit:
            return True
    return bool(before) != bool(now)
