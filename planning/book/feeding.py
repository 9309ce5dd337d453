"""What a book hears of the network: what those it feeds need, and what those it comes from have for it.

Needs go up and feeds come down as state: each is absolute and has a version, so that a repeat, or an older one that comes late,
changes nothing.
"""

from typing import Final

import msgspec

from andon.planning.book.book import Book
from andon.planning.demand.demand import Demand, see_day, start
from andon.planning.network.state import MOST_FED, MOST_LEVELS, Fed, Network, Source
from andon.schemas.common import item_key
from andon.schemas.needs import Need
from andon.schemas.shipments import LineUpdate

APPLIED: Final = "applied"
DUPLICATE: Final = "duplicate"
STALE: Final = "stale"
#: A location more than a record holds.
TOO_MANY_FED: Final = "too_many_fed"


def network_of(book: Book) -> Network:
    """Return what a book knows of the network, made if there is nothing yet."""
    if book.network is None:
        book.network = Network()
    return book.network


def hear_need(book: Book, need: Need, at: float) -> str:
    """Take in what a location needs of this one (`at` in seconds since 1970). Return what became of it."""
    network = network_of(book)
    known = network.fed.get(need.location)
    if known is not None and need.version <= known.version:
        return DUPLICATE
    if known is None:
        if not need.ends and not network.fed and not book.sold and book.demand.days:
            _begin_anew(book)
        if len(network.fed) >= MOST_FED and not _forget_one(network):
            return TOO_MANY_FED
        known = network.fed[need.location] = Fed()
    known.version, known.at = need.version, at
    known.position, known.target = need.position, need.target
    known.mean, known.variance = max(need.mean, 0.0), max(need.variance, 0.0)
    known.horizon_days = max(need.horizon_days, 1e-3)
    known.lead_time_days = max(need.lead_time_days, 0.0)
    known.shortage_cost, known.lot, known.tier = need.shortage_cost, max(need.lot, 1), need.tier
    known.heard = need.heard
    known.level = min(need.level, MOST_LEVELS)
    known.refused, known.ends = need.refused, need.ends
    if need.ends:
        known.told, known.given, known.ready_at = b"", -1, 0.0
    return APPLIED


def _begin_anew(book: Book) -> None:
    """Let go of what was taken for the demand of a place that sells nothing: it was sent to those whose needs are told from now on."""
    book.demand = msgspec.structs.replace(Demand(), zone=book.demand.zone)
    see_day(book.demand)
    start(book.demand, None if book.item is None else book.item.expected_daily_demand)


def _forget_one(network: Network) -> bool:
    """Make room by forgetting a location that is fed no more; return whether there was one."""
    gone = next((name for name, one in network.fed.items() if one.ends), None)
    if gone is None:
        return False
    del network.fed[gone]
    return True


def is_fed(book: Book, location: str) -> bool:
    """Return whether a location gets its goods from here, by what it told of its needs."""
    known = None if book.network is None else book.network.fed.get(location)
    return known is not None and known.counts


def note_sent(book: Book, location: str, quantity: int) -> int | None:
    """Count what is sent to a location that is fed from here; return how much that is so far, in units, None if it is not fed."""
    known = None if book.network is None else book.network.fed.get(location)
    if known is None:
        return None
    known.sent += quantity
    return known.sent


def hear_sent(book: Book, update: LineUpdate) -> None:
    """Take in how much a location has sent so far."""
    if update.sent_so_far is not None and update.transfer_from is not None:
        source = network_of(book).sources.setdefault(update.transfer_from, Source())
        source.heard = max(source.heard, update.sent_so_far)


def hear_feed(book: Book, update: LineUpdate) -> str:
    """Take in what a location that the item comes from has for this one. Return what became of it."""
    feed = update.feed
    if feed is None:
        return STALE
    source = network_of(book).sources.setdefault(feed.warehouse, Source())
    if update.version <= source.version:
        return DUPLICATE
    source.version = update.version
    source.horizon_days = feed.horizon_days
    source.above = tuple((step.location, step.since) for step in feed.above[:MOST_LEVELS])
    source.given = -1 if feed.given is None else feed.given
    source.up_to = feed.up_to
    source.ready_at = 0.0 if feed.ready_at is None else feed.ready_at.timestamp()
    source.cause, source.reason, source.parent_id = feed.cause, feed.reason, feed.parent_id
    source.why = feed.why
    return APPLIED


def allowed(book: Book, source: Source) -> int:
    """Return what may be asked of a source that is short, in units: what it gave, less what came of it or was asked for since."""
    return max(min(source.given, source.up_to - book.inventory_position), 0)


def circle_through(book: Book, key: str, warehouse: str) -> tuple[str, ...]:
    """Return the way in which goods would go round if they came from a warehouse, this location first and last; nothing if they would not.

    Args:
        book: of the item here.
        key: its `location/sku`.
        warehouse: the source.
    """
    source = None if book.network is None else book.network.sources.get(warehouse)
    here = key.partition("/")[0]
    if source is None:
        return ()
    names = [name for name, _ in source.above]
    return (here, *names[: names.index(here) + 1]) if here in names else ()


def is_refused(book: Book, key: str, warehouse: str) -> bool:
    """Return whether a source is refused because goods would go round: of the locations in the circle the one whose item was changed last gives way."""
    path = circle_through(book, key, warehouse)
    if not path or book.network is None:
        return False
    since = dict(book.network.sources[warehouse].above)
    here = path[0]
    newest = max((since[name], name) for name in path[1:])
    return newest[1] == here


def way_here(book: Book, location: str, warehouse: str | None) -> tuple[tuple[str, float], ...]:
    """Return the way that goods come to where they are fed on from here: this location, its source, the source of that, and when each was decided."""
    own = (location, book.item_version)
    source = (
        None if book.network is None or warehouse is None else book.network.sources.get(warehouse)
    )
    if warehouse is None or source is None or not source.above:
        return (own,) if warehouse is None else (own, (warehouse, 0.0))
    above = source.above
    names = [name for name, _ in above]
    if location in names:
        above = above[: names.index(location)]
    return (own, *above)[:MOST_LEVELS]


def key_of(need: Need) -> str:
    """Return the key of the book that a need is for."""
    return item_key(need.warehouse, need.sku)
