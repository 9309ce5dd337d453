"""The worker: the Faust app of the topology, run until it is told to stop."""

import importlib.metadata
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from andon.agents.alerts import composer, fence
from andon.agents.context import Context, context_of
from andon.agents.outlook_page import outlook_page
from andon.agents.pages import book_page, forecast_page
from andon.agents.rows import Timer, View
from andon.agents.tables import TABLES, open_alerts
from andon.agents.topology import AGENTS, TIMERS, VIEWS
from andon.agents.walk_pages import (
    basket_page,
    line_page,
    location_page,
    loop_page,
    supplier_page,
)
from andon.planning.demand import holidays
from andon.streams.admin import BrokerLost, TopicAdmin
from andon.streams.app import AndonApp, create_app
from andon.streams.batches import BatchSchema, RecordBatch
from andon.streams.bounded import BoundedWorker
from andon.streams.engine import Apply
from andon.streams.errors import UserError
from andon.streams.garbage import collect_rarely
from andon.streams.guard import TopicShape, shapes
from andon.streams.logs import set_up_logs
from andon.streams.metrics import Metrics
from andon.streams.partition_queues import PartitionQueues
from andon.streams.security import aiokafka_config
from andon.streams.settings import Settings
from andon.streams.topics import topic_name
from andon.streams.view import TopicView

logger = logging.getLogger("andon.worker")

Answer = TypeVar("Answer")
#: Between the attempts to learn of the topics at the start.
_PAUSES_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


class TopicsNotReady(UserError, RuntimeError):
    """A topic is missing or has the wrong shape; the text says which and what to do."""


def build(settings: Settings, topics: Mapping[str, TopicShape] | None = None) -> AndonApp:
    """Return the app with every agent, view and timer of the topology, not started.

    Args:
        settings: of the worker.
        topics: what the topics must stay as long as it runs; None to guard nothing.
    """
    metrics = Metrics(settings.metrics_locations)
    context = context_of(settings, metrics, topics)
    app = create_app(
        settings,
        TABLES,
        metrics,
        compose=composer(settings, metrics),
        survey=open_alerts,
        fence=fence,
        pages={
            "/books/{location}/{sku:.+}": book_page(settings, lambda: app.engine),
            "/forecasts/{location}/{sku:.+}": forecast_page(settings, lambda: app.engine),
            "/outlooks/{location}/{sku:.+}": outlook_page(settings, lambda: app.engine, context),
            "/locations/{location:.+}": location_page(lambda: app.engine),
            "/suppliers/{supplier:.+}": supplier_page(lambda: app.engine, context),
            "/baskets/{supplier:.+}": basket_page(lambda: app.engine, context),
            "/lines/{location:.+}": line_page(lambda: app.engine),
            "/loops/{location:.+}": loop_page(lambda: app.engine),
        },
    )
    for agent in AGENTS:
        _add_agent(app, agent.reads, agent.make(context))
    for view in VIEWS:
        _add_view(app, view, context)
    for timer in TIMERS:
        _add_timer(app, timer, context)
    return app


def _add_agent(app: AndonApp, family: str, apply: Apply) -> None:
    topic = app.topic(topic_name(app.settings, family), schema=BatchSchema(), acks=False)

    async def handle(batch: RecordBatch) -> None:
        await app.engine.handle(batch, apply)

    async def consume(stream: Any) -> None:
        queues = PartitionQueues(handle, app.end)
        async for event in stream.noack().events():
            await queues.put(event.value)

    consume.__name__ = consume.__qualname__ = f"{family}_agent"
    app.agent(topic, name=f"andon.{family}", concurrency=1)(consume)


def _add_view(app: AndonApp, view: View, context: Context) -> None:
    topic = topic_name(app.settings, view.reads)
    learn, have_read = view.learns(context), view.hears_the_end(context)
    refuse = context.metrics.events.labels(topic, "rejected").inc
    options = aiokafka_config(app.settings)

    @app.service
    class ViewService(TopicView):
        """Reads the topic."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(topic, options, learn, refuse, have_read, **kwargs)

    del ViewService


def _add_timer(app: AndonApp, timer: Timer, context: Context) -> None:
    async def run_timer() -> None:
        await timer.run(app, context)

    run_timer.__name__ = run_timer.__qualname__ = f"{timer.name}_timer"
    app.task(run_timer)


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


def persistently(ask: Callable[[], Answer], rest: Callable[[float], None] = time.sleep) -> Answer:
    """Return the answer of a broker, asking again while those that begin to answer go away: of several, one may be ending.

    Raises:
        BrokerUnavailable: nobody answers, or nobody to the end.
    """
    for pause in _PAUSES_SECONDS:
        try:
            return ask()
        except BrokerLost as error:
            logger.warning("%s; asking again", error)
            rest(pause)
    return ask()


def run(settings: Settings) -> int:
    """Run a worker until SIGTERM or SIGINT; return its exit code.

    Raises:
        BrokerUnavailable: no broker answers.
        TopicsNotReady: the topics are not as they must be.
    """
    set_up_logs(settings)
    collect_rarely()
    holidays.load()
    persistently(lambda: check_topics(settings))
    logger.info(
        "andon %s, group %s, broker %s",
        importlib.metadata.version("andon"),
        settings.app_id,
        settings.broker,
    )
    app = build(settings, persistently(lambda: shapes(settings)))
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
            _explain(_reason_of(app, stop))
        return int(stop.code or 0)
    return 0


def _reason_of(app: AndonApp, stop: SystemExit) -> BaseException | None:
    """Return why the worker ended: what a service crashed by, else what Faust was starting when it gave up."""
    services = (app, app.tables, app.tables.recovery, app.consumer, *app.agents.values())
    crashes = (one.crash_reason for one in services if one.crash_reason is not None)
    found: BaseException | None = next(crashes, stop.__context__)
    while isinstance(found, SystemExit):
        found = found.__context__
    return found


def _explain(reason: BaseException | None) -> None:
    """Say why the worker ended: Faust itself would only say that it did."""
    if isinstance(reason, UserError | OSError):
        logger.error("the worker ended: %s", reason)
    else:
        logger.error("the worker ended by an error that nobody expected", exc_info=reason)
