"""What a book hears of production: bills, orders on the lines, and what others need of its item.

All of it is absolute and has a version, so that a repeat, or something older that comes late, changes nothing. What was made is
taken off the parts by backflush: an item tells each part how much of it was used so far, and the part books the difference.
"""

import math
from typing import Final

from andon.planning.book.book import Book
from andon.planning.book.made_lines import line_name, one_order
from andon.planning.book.movements import move
from andon.planning.demand.days import day_of
from andon.planning.production.explosion import MOST_TOLD
from andon.planning.production.state import (
    MOST_NEEDED,
    MOST_RUNS,
    MOST_USERS,
    Production,
    Run,
    Wanted,
)
from andon.schemas.boms import Bom
from andon.schemas.common import MOST_UNITS
from andon.schemas.shipments import LineUpdate

APPLIED: Final = "applied"
DUPLICATE: Final = "duplicate"
STALE: Final = "stale"
#: An order more of the item than the record holds.
TOO_MANY_RUNS: Final = "too_many_runs"
#: Used by one item more than a record holds.
TOO_MANY_USERS: Final = "too_many_users"
#: Used at once: more than anybody can have.
TOO_MUCH: Final = "too_much"
#: So many units of a part are taken off its stock at once at most: a hundred thousand tonnes, in grams.
MOST_AT_ONCE: Final = 100 * MOST_UNITS


def production_of(book: Book, at: float) -> Production:
    """Return what a book knows of production, made at a time (seconds since 1970) if there is nothing yet."""
    if book.production is None:
        book.production = Production(since=at)
    return book.production


def hear_bill(book: Book, bill: Bom | None, at: float) -> str:
    """Take in what an item is made of, None if that is deleted; `at` is when that was decided, in seconds since 1970."""
    if bill is None and book.production is None:
        return STALE
    production = production_of(book, at)
    if at < production.bill_at:
        return STALE
    production.bill, production.bill_at = bill, at
    return APPLIED


def has_no_room(book: Book, update: LineUpdate) -> bool:
    """Return whether news are of a production order that is one too many for the record."""
    if update.run is None or book.production is None or not update.run.left:
        return False
    runs = book.production.runs
    return (
        line_name(update.shipment_id, update.run) not in runs
        and sum(not one.is_over for one in runs.values()) >= MOST_RUNS
    )


def hear_run(book: Book, update: LineUpdate) -> None:
    """Take in how a production order of the item stands on its line."""
    told = update.run
    if told is None:
        return
    production = production_of(book, update.at)
    name = line_name(update.shipment_id, told)
    run = production.runs.get(name)
    if run is not None and update.version <= run.version:
        return
    run = production.runs.pop(name, None) or Run(
        known_made=told.told_made, known_scrapped=told.told_scrapped
    )
    taken = run.made, run.scrapped, run.started, run.is_off
    if (told.made, told.scrapped, told.started, told.cancelled) != taken:
        begun = told.started and not run.started and told.made == run.made
        # What is taken when an order is started is taken then, though it is told once it is known what that is.
        production.used_at = told.began if begun and told.began else update.at
    run.version, run.line = update.version, told.line
    run.begins, run.each, run.told_left = told.begins, told.each, told.left
    run.order_id, run.quantity = update.shipment_id, update.quantity
    run.released = 0.0 if update.ordered_at is None else update.ordered_at.timestamp()
    run.made, run.scrapped, run.started = told.made, told.scrapped, told.started
    if run.instead != told.instead:
        run.instead, run.parts = dict(told.instead), run.parts if run.made else ()
    zone = book.demand.zone
    if run.began and told.began and day_of(run.began, zone) != day_of(told.began, zone):
        # It is made of what was valid on the day on which it began, whichever news of that came first.
        run.parts = () if not run.folded else run.parts
    run.began, run.is_off = told.began, told.cancelled
    run.is_over = update.status in ("received", "cancelled")
    production.runs[name] = run
    one_order(book, production, run.order_id)


def hear_requirement(book: Book, update: LineUpdate, at: float, digest: bytes) -> str:
    """Take in what an item needs of this one as its part, and take what it used of it from the stock. Return what became of it."""
    told = update.required
    if told is None:
        return STALE
    production = production_of(book, at)
    wanted = production.wanted.get(told.of)
    if wanted is not None and update.version <= wanted.version:
        return DUPLICATE
    if wanted is None:
        if len(production.wanted) >= MOST_USERS and not _forget_one(production):
            return TOO_MANY_USERS
        wanted = production.wanted[told.of] = Wanted(since=told.since)
    if wanted.since != told.since:
        # Whoever tells has begun to count anew.
        wanted.since, wanted.booked = told.since, 0
    used = math.floor(min(told.used, MOST_TOLD) + 0.5)
    change, wanted.booked = wanted.booked - used, used
    is_too_much = abs(change) > MOST_AT_ONCE
    if change and not is_too_much:
        # No demand is learned from it: what is needed is known, and dated.
        move(book, digest, told.used_at or at, change)
    wanted.version = update.version
    others = sum(len(one.runs) for one in production.wanted.values() if one is not wanted)
    # Those that begin first are the ones that something can still be done about.
    runs = sorted(told.runs, key=lambda run: run.begins)[: max(MOST_NEEDED - others, 0)]
    wanted.planned, wanted.runs, wanted.level = told.planned, tuple(runs), told.level
    wanted.stands_in, wanted.lines, wanted.ends = told.stands_in, told.lines, told.ends
    wanted.worth, wanted.currency = told.worth, told.currency
    return TOO_MUCH if is_too_much else APPLIED


def _forget_one(production: Production) -> bool:
    """Make room by forgetting an item that needs nothing any more; return whether there was one."""
    gone = next((name for name, one in production.wanted.items() if not one.counts), None)
    if gone is None:
        return False
    del production.wanted[gone]
    return True
