"""How any event of one item reaches its book; the agents for sales, stock, lines, items and acks differ only in `act`."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import msgspec
from xxhash import xxh3_64_digest

from andon.agents.blocks import ShardBlocks
from andon.agents.context import Context
from andon.agents.frame import Outcomes, events, home, origin, send_home
from andon.agents.ledger import close_days
from andon.agents.supply import NetworkSupply
from andon.agents.tables import BOOKS, MODELS, PARTITION_STATE, PARTITIONS, PLACES, POOLS
from andon.planning.book import feeding, making, parts, position, succession
from andon.planning.book.book import Book
from andon.planning.book.counts import MOST_AREAS, MOST_LOTS
from andon.planning.book.memory import Blocks, age, let_go
from andon.planning.decision import decide
from andon.planning.decision.coverage import tell_lines_unplanned
from andon.planning.decision.making import bom_circle_unplanned
from andon.planning.demand.demand import DAY, has_begun, live_in
from andon.planning.demand.level import long_run_of
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.pool import borrow_week, may_borrow, pool_of, publish_pool, teach
from andon.planning.forecasting.schedule import ask_for_fit, phase_of
from andon.planning.forecasting.year_ahead import follow_year
from andon.planning.forecasting.yearly_season import teach_year
from andon.planning.network.state import MOST_FED
from andon.planning.production.state import MOST_RUNS, MOST_USERS
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.engine import Apply
from andon.streams.state import Shard

logger = logging.getLogger(__name__)

#: Applies one event to a book: book, event, event time, digest of the event id, what it remembers beside itself -> outcome.
Act = Callable[[Book, Any, float, bytes, Blocks], str]
#: Looks at a book before an event is applied, and returns what says afterwards whether it must be reconsidered at once.
Judge = Callable[[NetworkSupply, Book, Any, float], Callable[[], bool]]


_REFUSED: Final = {
    position.TOO_MANY: (
        f"has as many open orders as its record holds ({position.MOST_OPEN_LINES}, fewer with long names): "
        "close those that came or never will"
    ),
    position.TOO_MANY_AREAS: f"is counted in {MOST_AREAS} areas already: a count without an area begins anew",
    position.TOO_MANY_LOTS: f"has {MOST_LOTS} lots on hold already: release those that are free, or hold without a lot",
    making.TOO_MANY_RUNS: f"has {MOST_RUNS} open production orders already: report those that are finished, or call some off",
    making.TOO_MANY_USERS: f"is a part of {MOST_USERS} items already: give those that are alike one part between",
    making.TOO_MUCH: f"would give more than {making.MOST_AT_ONCE:,} units at once to what is made of it: none is taken off; "
    "look at the bill and at what was reported, and count it",
    feeding.TOO_MANY_FED: f"feeds {MOST_FED} locations already: feed others by a warehouse between",
    position.CONFLICT: "was counted at the same moment with another result: name the area of each, or count it again",
}


def with_corrections(
    act: Act, instead: Callable[[Book, Any, float, bytes, bytes, Blocks], str], prefix: str = ""
) -> Act:
    """Return what applies events of which some name another by its id, in whose place they stand: those go to `instead`.

    Args:
        act: applies an event that corrects nothing.
        instead: applies one that does, given the digest of the id of what it corrects.
        prefix: what stands before the ids of this family in what makes two events the same.
    """

    def apply(book: Book, event: Any, at: float, digest: bytes, blocks: Blocks) -> str:
        if event.corrects is None:
            return act(book, event, at, digest, blocks)
        corrected = xxh3_64_digest(f"{prefix}{event.corrects}".encode())
        return instead(book, event, at, digest, corrected, blocks)

    return apply


def _note(outcome: str, record: Any, key: str, counts: Counter[str], effects: Effects) -> None:
    """Count what became of an event; what a book has no room for, or cannot be so, is a dead letter."""
    counts[outcome] += 1
    if outcome in _REFUSED:
        effects.reject(record, outcome, f"{key} {_REFUSED[outcome]}")


def book_agent(
    context: Context,
    decoder: msgspec.json.Decoder[Any],
    source: int,
    act: Act,
    *,
    key_of: Callable[[Any], str],
    identity: Callable[[Any], str],
    always_reconsider: bool,
    keeps_time: bool,
    tombstones: bool = False,
    judge: Judge | None = None,
) -> Apply:
    """Return what applies a batch of events of one source to the books of its shard.

    Args:
        context: rules, metrics, scorecards.
        decoder: of the source's events.
        source: which of a book's applied offsets is this source's.
        act: applies one event to a book.
        key_of: an event's `location/sku`.
        identity: what makes two events the same.
        always_reconsider: whether each event changes what decisions rest on; else only crossing a level does.
        keeps_time: whether the events' times move the partition's clock.
        tombstones: whether a record without a value means something; its key is then the book's.
        judge: tells of an event whether it matters after all, if each is taken to; see `Judge`.
    """
    rules = context.rules

    def apply(shard: Shard, batch: RecordBatch, effects: Effects) -> None:
        books = shard.tables[BOOKS]
        partition_state = shard.get(PARTITIONS, PARTITION_STATE)
        supply = context.supply(partition_state.disruptions, shard)
        due = partition_state.due(rules.lateness)
        outcomes = Outcomes(batch.topic, context.metrics)
        counts = outcomes.counts
        for record, event, at in events(
            shard, batch, decoder, rules, effects, counts, tombstones=tombstones
        ):
            try:
                key = record.key.decode() if event is None else key_of(event)
            except ValueError as error:
                effects.reject(record, "unroutable", error)
                counts["rejected"] += 1
                continue
            book = books.get(key)
            if book is None:
                if home(key, rules.partitions) != shard.partition:
                    send_home(record, key, rules, effects, counts)
                    continue
                book = shard.get(BOOKS, key)
            if not _first_time(book, record, source):
                counts["duplicate"] += 1
                continue
            if keeps_time and at > partition_state.watermark:
                partition_state.see(at)
                due = partition_state.due(rules.lateness)
            now = max(at, partition_state.watermark)
            closed = 0
            locate(shard, book, key)
            if book.clock <= due:
                closed = close(shard, book, key, context)
            blocks = ShardBlocks(shard, key)
            is_news = None if judge is None else judge(supply, book, event, now)
            outcome = act(
                book,
                event,
                at,
                xxh3_64_digest(identity(event).encode() if event is not None else b""),
                blocks,
            )
            let_go(book, blocks, rules.remembers, now)
            _note(outcome, record, key, counts, effects)
            if book.item is None:
                counts["unknown_item"] += 1
                if book.alerts:
                    decide.retire(book, key, now)
                succession.say(book, key, now)
                parts.tell_parts(book, key, now, context.bills.known, {})
                bom_circle_unplanned(book, key, now, context.bills.known)
                tell_lines_unplanned(book, key, now)
            elif (
                closed
                or position.needs_reconsidering(book)
                or (always_reconsider and (is_news is None or is_news()))
            ):
                reconsider(book, key, now, supply, context, closed, shard)
            shard.touch(BOOKS, key, record.timestamp / 1000)
        shard.touch(PARTITIONS, PARTITION_STATE)
        outcomes.report()

    return apply


def _first_time(book: Book, record: Any, source: int) -> bool:
    """Whether this record, and the one it was put back from, has not been applied to the book yet."""
    if source >= len(book.applied):
        # Its state is from before there was this source.
        book.applied += [-1] * (source + 1 - len(book.applied))
    if record.offset <= book.applied[source]:
        return False
    book.applied[source] = record.offset
    if record.headers:
        came_from = origin(record)
        if came_from is not None:
            partition, offset = came_from
            name = f"{source}:{partition}"
            if offset <= book.origins.get(name, -1):
                return False
            book.origins[name] = offset
    return True


def zone_of_key(shard: Shard, key: str) -> str | None:
    """Return the time zone that is told of an item's location; None for UTC, or if nothing is told."""
    record = shard.tables[PLACES].get(key.partition("/")[0])
    return None if record is None else record.time_zone


def locate(shard: Shard, book: Book, key: str) -> None:
    """Let the days of a book be those of its location, as far as anything is told of it."""
    if shard.tables[PLACES] or book.demand.zone is not None:
        live_in(book.demand, zone_of_key(shard, key))
        place = shard.tables[PLACES].get(key.partition("/")[0])
        book.country = None if place is None else place.country


def close(shard: Shard, book: Book, key: str, context: Context) -> int:
    """Close the days of a book that are over, let its models learn from them, and return how many.

    What is not planned has no models: nobody asks for its forecast, and its level learns all the same.
    """
    partition_state = shard.get(PARTITIONS, PARTITION_STATE)
    is_planned = book.item is not None and has_begun(book.demand)
    models = shard.get(MODELS, key) if is_planned else None
    lateness, figures = context.rules.lateness, context.metrics.business
    closed = close_days(book, key, partition_state.watermark, lateness, figures, models)
    if book.kept < book.fallen:
        blocks = ShardBlocks(shard, key)
        age(book, blocks, context.rules.remembers, partition_state.watermark)
    if closed and models is not None:
        _follow_year(context, book, models)
        if models.watched is None:
            models.phase = phase_of(key)
        elif models.watched.first == models.history.closed + 1:
            _teach_pool(shard, book, models, partition_state.watermark)
        ask_for_fit(models, book, key, partition_state.watermark, context.pools.year)
        if models.shaped.can_forecast:
            closed_day = models.history.closed
            context.metrics.shape_ages.see(closed_day, (closed_day - models.fitted) * DAY)
        shard.touch(MODELS, key)
    return closed


def _follow_year(context: Context, book: Book, models: Models) -> None:
    """Let the level speak with the year of the item's kind, as far as that is known to foresee it."""
    item, aims = book.item, book.targets
    if item is not None and aims is not None:
        days = aims.protection_days
        follow_year(models, book.demand, days, lambda: context.pools.year_ahead(item))


def _teach_pool(shard: Shard, book: Book, models: Models, now: float) -> None:
    """Let what an item's weeks have been like count for others of its kind, once a week."""
    if book.item is None:
        return
    name = pool_of(book.item)
    pool = shard.get(POOLS, name)
    teach(pool, book.demand)
    slow, weight, _ = long_run_of(book.demand)
    models.taught = teach_year(pool.year, models.history, models.taught, slow / weight)
    publish_pool(pool, book.item, shard.partition, models.taught, now)
    shard.touch(POOLS, name)


def _borrow(context: Context, book: Book) -> None:
    """Let a new item begin with the week of its kind, if one is known."""
    if book.item is not None and may_borrow(book.demand):
        week = context.pools.week(book.item)
        if week is not None:
            borrow_week(book.demand, week)


def reconsider(
    book: Book,
    key: str,
    now: float,
    supply: NetworkSupply,
    context: Context,
    closed: int = 0,
    shard: Shard | None = None,
) -> None:
    """Decide anew; a decision that fails is logged and counted, and the event that led to it stays applied."""
    models = shard.tables[MODELS].get(key) if closed and shard is not None else None
    _borrow(context, book)
    try:
        decide.reconsider(book, key, now, supply, closed=closed, models=models)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        context.metrics.decision_errors.inc()
        logger.exception("%s: could not decide", key)
    if shard is not None:
        shard.appoint(BOOKS, key, decide.look_again(book, now))


def sweep(shard: Shard, context: Context, keys: list[str]) -> Counter[str]:
    """Close the days that are over for books that have had no event since, some of each at most.

    Return how many days were `closed`, and how many books are `behind`: more of their days are over.
    """
    partition_state = shard.get(PARTITIONS, PARTITION_STATE)
    due = partition_state.due(context.rules.lateness)
    supply = context.supply(partition_state.disruptions, shard)
    done: Counter[str] = Counter()
    books = shard.tables[BOOKS]
    for key in keys:
        book = books.get(key)
        if book is None or book.clock > due:
            continue
        locate(shard, book, key)
        closed = close(shard, book, key, context)
        if closed:
            done["closed"] += closed
            if book.item is not None:
                reconsider(book, key, partition_state.watermark, supply, context, closed, shard)
            else:
                succession.say(book, key, partition_state.watermark)
            done["behind"] += book.clock <= due
        shard.touch(BOOKS, key)
    return done
