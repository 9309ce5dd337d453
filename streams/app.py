"""The Faust app, with our transport, our recovery and our engine in their places."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import faust

from andon.streams.batches import BatchScheduler
from andon.streams.changelog import Changelog
from andon.streams.engine import Compose, Engine, Fence, Survey
from andon.streams.metrics import Metrics
from andon.streams.producer import Producer
from andon.streams.recovery import EngineTableManager
from andon.streams.security import aiokafka_config, faust_broker_urls, faust_credentials
from andon.streams.settings import Settings
from andon.streams.sockets import Handler
from andon.streams.state import Codec, Shards, TableSpec
from andon.streams.topics import topic_name
from andon.streams.transport import BatchTransport
from andon.streams.web import WebServer


class AndonApp(faust.App):
    """A Faust app that keeps its state in an engine."""

    engine: Engine
    settings: Settings
    consumer_options: dict[str, Any]
    machinery: faust.Service

    def on_init_dependencies(self) -> Iterable[Any]:
        """Return the services to start first: ours before Faust's."""
        return [self.machinery, *super().on_init_dependencies()]

    async def end(self, error: Exception) -> None:
        """End the worker, and have it write and commit nothing more: its successor begins where this one was sure."""
        self.engine.generation = -1
        await self.crash(error)

    def _create_directories(self) -> None:
        """Make no folder: the state lives in the changelog."""


#: What is fetched of a partition at once: with less, a busy worker waits for the broker a fifth of its time.
_FETCH_BYTES: Final = 4 * 1024 * 1024


def create_app(
    settings: Settings,
    tables: tuple[TableSpec, ...],
    metrics: Metrics,
    *,
    compose: Compose,
    survey: Survey,
    fence: Fence,
    pages: dict[str, Handler] | None = None,
) -> AndonApp:
    """Return a Faust app for these tables, wired but not started.

    Args:
        settings: broker, security, prefix and checkpoint settings.
        tables: the kinds of state.
        metrics: where figures are counted.
        compose: turns an outbox message into a record to publish.
        fence: marks what a record has to say with the epoch of its writer.
        survey: lists kind and severity of the alerts that a record of state has open.
        pages: read-only HTTP pages by path, beside /metrics, /health and /ready.
    """
    credentials, ssl_context = faust_credentials(settings)
    app = AndonApp(
        settings.app_id,
        broker=faust_broker_urls(settings),
        broker_credentials=credentials,
        ssl_context=ssl_context,
        autodiscover=False,
        web_enabled=False,
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        stream_buffer_maxsize=settings.stream_buffer_batches,
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.heartbeat_interval_seconds,
        broker_commit_interval=3600.0,
        broker_commit_livelock_soft_timeout=1e9,
        stream_processing_timeout=1e9,
        broker_max_poll_records=settings.max_poll_records,
        ConsumerScheduler=BatchScheduler,
        TableManager=EngineTableManager,
    )
    app.transport = BatchTransport(app.conf.broker_consumer, app)
    options = aiokafka_config(settings)
    app.settings = settings
    app.consumer_options = {
        **options,
        "session_timeout_ms": int(settings.session_timeout_seconds * 1000),
        "heartbeat_interval_ms": int(settings.heartbeat_interval_seconds * 1000),
        "rebalance_timeout_ms": 60_000,
        "max_poll_interval_ms": 300_000,
        "max_poll_records": settings.max_poll_records,
        # One request a node is on its way at a time: while it waits for news of idle topics, those with news wait, too.
        "fetch_max_wait_ms": 20,
        "max_partition_fetch_bytes": _FETCH_BYTES,
    }
    producer = Producer(options)
    shards = Shards(tables)
    changelog = Changelog(
        topic_name(settings, "state"), Codec(shards.specs), producer, options, metrics
    )
    app.engine = Engine(
        shards,
        changelog,
        producer,
        metrics,
        deadletter_topic=topic_name(settings, "deadletters"),
        compose=compose,
        survey=survey,
        fence=fence,
        max_dirty_keys=settings.checkpoint_max_dirty_keys,
        max_live_records=settings.max_live_books,
    )
    _connect(
        app,
        producer,
        WebServer(
            app.engine,
            settings.metrics_host,
            settings.metrics_port,
            pages or {},
            [name.strip() for name in settings.metrics_names.split(",") if name.strip()],
        ),
    )
    return app


def _connect(app: AndonApp, producer: Producer, web: WebServer) -> None:
    engine = app.engine

    class Machinery(faust.Service):
        """Starts what must be there before the first batch, and stops it after the last checkpoint."""

        async def on_start(self) -> None:
            await producer.start()
            engine.attach(app.consumer)
            await web.start()

        async def on_stop(self) -> None:
            await web.stop()
            await producer.stop()

    machinery = Machinery()

    @app.on_partitions_revoked.connect
    async def on_revoked(*_: Any, **__: Any) -> None:
        await engine.revoke()

    @app.on_before_shutdown.connect
    async def on_shutdown(*_: Any, **__: Any) -> None:
        if engine.ready:
            await engine.revoke()
        await machinery.stop()

    @app.task
    async def checkpoints() -> None:
        while not app.should_stop:
            await _wait(engine.checkpoint_due, app.settings.checkpoint_interval_seconds)
            if engine.ready and not app.rebalancing:
                await engine.checkpoint()

    app.machinery = machinery


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
