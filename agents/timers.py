"""The timers of a worker: what it does again and again beside the events, until it is told to stop."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Final

from andon.agents.board import mend_board
from andon.agents.books import sweep, zone_of_key
from andon.agents.census import REST_SECONDS, Census
from andon.agents.context import Context
from andon.agents.shipments import forget_old
from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS, PLACES
from andon.agents.watch import watch
from andon.agents.wide_disruptions import WideDisruptions
from andon.planning.demand.days import begin_of, day_of
from andon.streams.app import AndonApp
from andon.streams.guard import TopicsChanged, watch_topics
from andon.streams.state import Shard
from andon.streams.time_slices import give_way

#: So many books are closed at once, a few milliseconds' worth, and what so many have to say is published together.
_SWEEP_SLICE: Final = 10
_SWEEP_PUBLISHED: Final = 100
#: For every second of closing, so many of whatever else there is to do: sales of the new day come in by then.
_SWEEP_REST: Final = 3.0
_SWEEP_SECONDS: Final = 1.0
_WATCH_SECONDS: Final = 0.5
#: For every second of watching, at least so many of something else.
_WATCH_REST: Final = 19.0
#: How long an alert's words may be on their way to the board and back.
_BOARD_SECONDS: Final = 5.0
_BOARD_REST: Final = 99.0

logger = logging.getLogger("andon.worker")


async def sweep_books(app: AndonApp, context: Context) -> None:
    """Close days for items that do not sell, a slice of the books at a time."""
    swept: dict[int, float] = {}
    while not app.should_stop:
        await app.sleep(_SWEEP_SECONDS)
        for shard in app.engine.shards:
            closed = shard.get(PARTITIONS, PARTITION_STATE).watermark - context.rules.lateness
            zones = _zones_with_a_new_day(shard, swept.get(shard.partition, 0.0), closed)
            if zones and await _sweep_partition(app, shard, context, zones):
                forget_old(shard)
                if shard.pending_outboxes:
                    await app.engine.publish_outboxes(shard)
                swept[shard.partition] = closed


def _zones_with_a_new_day(shard: Shard, since: float, until: float) -> set[str | None]:
    """Return the time zones of the partition's locations in which a day began after `since`, and not after `until` (seconds since 1970)."""
    places = shard.tables[PLACES].values()
    zones = {None, *(place.time_zone for place in places)}
    return {zone for zone in zones if since < begin_of(day_of(until, zone), zone)}


async def _sweep_partition(
    app: AndonApp, shard: Shard, context: Context, zones: set[str | None]
) -> bool:
    """Close the days of a partition's books in some time zones; return whether all of them are, and the partition was not lost."""
    books = shard.tables[BOOKS] if app.engine.ready else ()
    keys = [key for key in books if zone_of_key(shard, key) in zones]
    behind = 0
    for place in range(0, len(keys), _SWEEP_SLICE):
        if not app.engine.ready:
            return False
        began = time.perf_counter()
        behind += sweep(shard, context, keys[place : place + _SWEEP_SLICE])["behind"]
        spent = time.perf_counter() - began
        if shard.pending_outboxes and not (place + _SWEEP_SLICE) % _SWEEP_PUBLISHED:
            await app.engine.publish_outboxes(shard)
        await give_way(_SWEEP_REST * spent)
    if shard.pending_outboxes and app.engine.ready:
        await app.engine.publish_outboxes(shard)
    return app.engine.ready and not behind


async def watch_time(app: AndonApp, context: Context) -> None:
    """See what time alone brings about."""
    await _look_at_each(
        app, lambda shard: watch(shard, context), every=_WATCH_SECONDS, rest=_WATCH_REST
    )


async def keep_board(app: AndonApp, context: Context) -> None:
    """Have the board show what is open, whatever was written there."""

    def look(shard: Shard) -> None:
        mended = mend_board(shard, context.board)
        if mended:
            logger.info(
                "partition %s: %s alerts are put right on the board", shard.partition, mended
            )

    await _look_at_each(app, look, every=_BOARD_SECONDS, rest=_BOARD_REST)


async def _look_at_each(
    app: AndonApp, look: Callable[[Shard], object], *, every: float, rest: float
) -> None:
    """Look at each partition again and again, and publish what is to be said then.

    Args:
        app: the worker's.
        look: at a partition.
        every: so many seconds at least lie between two rounds.
        rest: for every second of looking, at least so many of something else.
    """
    pause = every
    while not app.should_stop:
        await app.sleep(pause)
        spent = 0.0
        for shard in app.engine.shards:
            if not app.engine.ready:
                break
            began = time.perf_counter()
            look(shard)
            spent += time.perf_counter() - began
            await asyncio.sleep(0)
        for shard in app.engine.shards:
            if app.engine.ready and shard.pending_outboxes:
                await app.engine.publish_outboxes(shard)
        pause = max(every, rest * spent)


async def work_off_disruptions(app: AndonApp, context: Context) -> None:
    """See to what a wide disruption touches as soon as one is reported, and to what a crash has left of that."""
    disruptions = WideDisruptions(app.engine, context)
    while not app.should_stop:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.disrupted.wait(), _WATCH_SECONDS)
        if app.engine.ready:
            await disruptions.work_off()


async def take_census(app: AndonApp, context: Context) -> None:
    """See how things stand by location and class."""
    census = Census(context.metrics, context.scorecards, app.settings.just_in_case_days)
    while not app.should_stop:
        if app.engine.ready:
            await census.look(app.engine, app.sleep)
        await app.sleep(REST_SECONDS)


async def guard_topics(app: AndonApp, context: Context) -> None:
    """End the worker when a topic is no longer what it was, before anything more is written.

    Raises:
        TopicsChanged: the same to Faust, so that it knows why.
    """
    if not context.topics:
        return
    try:
        await watch_topics(app.settings, context.topics, app.sleep)
    except TopicsChanged as error:
        await app.end(error)
        raise
