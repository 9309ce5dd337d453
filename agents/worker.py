"""The worker: the Faust app with its agents, run until it is told to stop."""

import asyncio
import contextlib
import importlib.metadata
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from andon.agents.acks import ack_agent
from andon.agents.alerts import composer
from andon.agents.books import sweep
from andon.agents.census import REST_SECONDS, Census
from andon.agents.context import Context, rules_of
from andon.agents.delays import delay_agent
from andon.agents.deliveries import delivery_agent
from andon.agents.impacts import impact_agent
from andon.agents.items import item_agent
from andon.agents.lines import line_agent
from andon.agents.pages import book_page, forecast_page
from andon.agents.sales import sale_agent
from andon.agents.shapes import shape_agent
from andon.agents.shipments import forget_old, shipment_agent
from andon.agents.stock import stock_agent
from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS, TABLES, open_alerts
from andon.agents.watch import watch
from andon.agents.wide_disruptions import WideDisruptions
from andon.planning.decision.situation import TransferTerms
from andon.streams.admin import TopicAdmin
from andon.streams.app import AndonApp, create_app
from andon.streams.batches import BatchSchema, RecordBatch
from andon.streams.bounded import BoundedWorker
from andon.streams.changelog import StateCorrupt
from andon.streams.engine import Apply
from andon.streams.errors import UserError
from andon.streams.garbage import collect_rarely
from andon.streams.guard import TopicsChanged, shapes, watch_topics
from andon.streams.logs import set_up_logs
from andon.streams.metrics import Metrics
from andon.streams.partition_queues import PartitionQueues
from andon.streams.security import aiokafka_config
from andon.streams.settings import Settings
from andon.streams.topics import topic_name
from andon.streams.view import TopicView

logger = logging.getLogger("andon.worker")

#: Each consumed family and the agent that applies it.
AGENTS: dict[str, Callable[[Context], Apply]] = {
    "pos": sale_agent,
    "stock": stock_agent,
    "shipments": shipment_agent,
    "delays": delay_agent,
    "items": item_agent,
    "acks": ack_agent,
    "lines": line_agent,
    "deliveries": delivery_agent,
    "impacts": impact_agent,
    "shapes": shape_agent,
}
_SWEEP_SLICE = 100
_SWEEP_SECONDS = 1.0
_WATCH_SECONDS = 0.5
#: For every second of watching, at least so many of something else.
_WATCH_REST = 19.0


class TopicsNotReady(UserError, RuntimeError):
    """A topic is missing or has the wrong shape; the text says which and what to do."""


def build(settings: Settings) -> AndonApp:
    """Return the app with all agents, not started."""
    metrics = Metrics(settings.metrics_locations)
    transfers = TransferTerms(settings.transfer_days, settings.transfer_cost_rate)
    context = Context(rules_of(settings), metrics, transfers=transfers)
    app = create_app(
        settings,
        TABLES,
        metrics,
        compose=composer(settings, metrics),
        survey=open_alerts,
        pages={
            "/books/{location}/{sku:.+}": book_page(settings, lambda: app.engine),
            "/forecasts/{location}/{sku:.+}": forecast_page(settings, lambda: app.engine),
        },
    )
    for family, agent in AGENTS.items():
        _add_agent(app, family, agent(context))
    _add_view(app, "scorecards", context.scorecards.learn)
    _add_view(app, "surplus", context.surpluses.learn)
    _add_view(app, "pools", context.pools.learn)
    _add_sweep(app, context)
    _add_watch(app, context)
    _add_wide_disruptions(app, context)
    _add_census(app, Census(metrics, context.scorecards, settings.just_in_case_days))
    return app


def _add_agent(app: AndonApp, family: str, apply: Apply) -> None:
    topic = app.topic(topic_name(app.settings, family), schema=BatchSchema(), acks=False)

    async def handle(batch: RecordBatch) -> None:
        await app.engine.handle(batch, apply)

    async def consume(stream: Any) -> None:
        queues = PartitionQueues(handle, partial(_end, app))
        async for event in stream.noack().events():
            await queues.put(event.value)

    consume.__name__ = consume.__qualname__ = f"{family}_agent"
    app.agent(topic, name=f"andon.{family}", concurrency=1)(consume)


def _add_view(app: AndonApp, family: str, learn: Callable[[bytes, bytes | None], None]) -> None:
    """Keep what all workers have said in a family whose topic is read whole."""
    topic = topic_name(app.settings, family)
    options = aiokafka_config(app.settings)

    @app.service
    class View(TopicView):
        """Reads the topic."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(topic, options, learn, **kwargs)

    del View


def _add_sweep(app: AndonApp, context: Context) -> None:
    """Close days for items that do not sell, a slice of the books at a time."""

    @app.task
    async def sweeps() -> None:
        swept: dict[int, float] = {}
        while not app.should_stop:
            await app.sleep(_SWEEP_SECONDS)
            for shard in app.engine.shards:
                boundary = shard.get(PARTITIONS, PARTITION_STATE).boundary(context.rules.lateness)
                if swept.get(shard.partition, 0.0) >= boundary or not app.engine.ready:
                    continue
                keys = list(shard.tables[BOOKS])
                for place in range(0, len(keys), _SWEEP_SLICE):
                    if not app.engine.ready:
                        break
                    sweep(shard, context, keys[place : place + _SWEEP_SLICE])
                    if shard.pending_outboxes:
                        await app.engine.publish_outboxes(shard)
                    await asyncio.sleep(0)
                else:
                    forget_old(shard)
                    swept[shard.partition] = boundary


def _add_watch(app: AndonApp, context: Context) -> None:
    """See what time alone brings about, again and again."""

    @app.task
    async def watches() -> None:
        rest = _WATCH_SECONDS
        while not app.should_stop:
            await app.sleep(rest)
            began = time.perf_counter()
            for shard in app.engine.shards:
                if app.engine.ready:
                    watch(shard, context)
            spent = time.perf_counter() - began
            for shard in app.engine.shards:
                if app.engine.ready and shard.pending_outboxes:
                    await app.engine.publish_outboxes(shard)
            rest = max(_WATCH_SECONDS, _WATCH_REST * spent)


def _add_wide_disruptions(app: AndonApp, context: Context) -> None:
    """See to what a wide disruption touches as soon as one is reported, and to what a crash has left of that."""
    disruptions = WideDisruptions(app.engine, context)

    @app.task
    async def works() -> None:
        while not app.should_stop:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(context.disrupted.wait(), _WATCH_SECONDS)
            if app.engine.ready:
                await disruptions.work_off()


def _add_census(app: AndonApp, census: Census) -> None:
    """See how things stand by location and class, again and again."""

    @app.task
    async def look() -> None:
        while not app.should_stop:
            if app.engine.ready:
                await census.look(app.engine, app.sleep)
            await app.sleep(REST_SECONDS)


def _add_guard(app: AndonApp) -> None:
    """End the worker when a topic is no longer what it was, before anything more is written."""
    before = shapes(app.settings)

    @app.task
    async def guard() -> None:
        try:
            await watch_topics(app.settings, before, app.sleep)
        except TopicsChanged as error:
            await _end(app, error)
            raise


async def _end(app: AndonApp, error: Exception) -> None:
    """End the worker, and have it write and commit nothing more: its successor begins where this one was sure."""
    app.engine.generation = -1
    await app.crash(error)


def check_topics(settings: Settings) -> None:
    """Refuse to start on topics that would corrupt state.

    Raises:
        BrokerUnavailable: no broker answers.
        TopicsNotReady: a topic is missing, or partitioned or cleaned up wrongly.
    """
    with TopicAdmin(settings) as admin:
        problems = admin.check()
    for problem in problems:
        if not problem.fatal:
            logger.warning(problem.text)
    fatal = [problem.text for problem in problems if problem.fatal]
    if fatal:
        raise TopicsNotReady("\n".join(fatal))


def run(settings: Settings) -> int:
    """Run a worker until SIGTERM or SIGINT; return its exit code.

    Raises:
        BrokerUnavailable: no broker answers.
        TopicsNotReady: the topics are not as they must be.
    """
    set_up_logs(settings)
    collect_rarely()
    check_topics(settings)
    logger.info(
        "andon %s, group %s, broker %s",
        importlib.metadata.version("andon"),
        settings.app_id,
        settings.broker,
    )
    app = build(settings)
    _add_guard(app)
    worker = BoundedWorker(
        app,
        shutdown_seconds=settings.shutdown_timeout_seconds,
        loglevel=getattr(logging, settings.log_level.upper()),
        quiet=True,
        redirect_stdouts=False,
        override_logging=False,
    )
    try:
        worker.execute_from_commandline()
    except SystemExit as stop:
        if stop.code:
            _explain(app)
        return int(stop.code or 0)
    return 0


def _explain(app: AndonApp) -> None:
    """Say why the worker ended: Faust itself would only say that it did."""
    services = (app, app.tables, app.tables.recovery, app.consumer, *app.agents.values())
    reason = next((one.crash_reason for one in services if one.crash_reason is not None), None)
    if isinstance(reason, StateCorrupt | TopicsChanged | OSError):
        logger.error("the worker ended: %s", reason)
    else:
        logger.error("the worker ended by an error that nobody expected", exc_info=reason)
