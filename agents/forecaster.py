"""The forecaster: takes requests for shapes, fits them in processes of their own, and publishes what came of it.

It keeps nothing: a request holds all that a fit needs, and is committed only after its shape is acknowledged. Killed anywhere, it
fits again what was not committed, and a shape that comes twice changes nothing.
"""

import asyncio
import logging
import multiprocessing
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, NamedTuple

import msgspec
import prometheus_client
from aiokafka.errors import CommitFailedError, KafkaError

from andon.agents.fitting import TooShort, fit_best
from andon.agents.prophets import load
from andon.schemas.common import encode, item_key
from andon.schemas.forecasts import FitRequest, Shape
from andon.schemas.headers import cloudevents_headers
from andon.streams.checked_consumer import CheckedConsumer
from andon.streams.deadletters import dead_letter
from andon.streams.producer import Outgoing, Producer, partition_of
from andon.streams.security import aiokafka_config
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

logger = logging.getLogger("andon.forecaster")

#: So many requests are looked at together: the most valuable are fitted first, and of one item only the last.
_TOGETHER: Final = 500
_POLL_MS: Final = 1000
#: A shape is published from so many days before its request's last on: what the level learns itself on.
_PAST_DAYS: Final = 120
_POLL_INTERVAL_MS: Final = 3_600_000
_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
#: The lowest priority but for idle: whoever keeps the books goes first.
_NICE: Final = 15
_READABLE: Final = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


class Fitted(NamedTuple):
    """What came of a fit: a shape from `first` on and what it used, or why there is none; and the seconds it took."""

    shape: list[float] | None
    used: str
    first: int
    seconds: float


def fit_request(request: FitRequest, cpu_share: float) -> Fitted:
    """Fit a shape, in a process of the pool, and rest as long as the share of CPU asks for."""
    began, first = time.perf_counter(), request.first_day
    try:
        shape, used = fit_best(
            first, list(request.sold), request.horizon_days, request.country, request.pooled
        )
    except TooShort as error:
        return Fitted(None, str(error), first, time.perf_counter() - began)
    seconds = time.perf_counter() - began
    time.sleep(seconds * (1 / cpu_share - 1))
    skipped = max(len(request.sold) - _PAST_DAYS, 0)
    return Fitted(shape[skipped:], used, first + skipped, seconds)


def _set_up_process() -> None:
    """Be modest, and end with the forecaster, however that ends."""
    os.nice(_NICE)
    parent = multiprocessing.parent_process()

    def end_with_parent() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
    load()


class ForecasterMetrics:
    """What a forecaster tells Prometheus."""

    def __init__(self) -> None:
        registry = self.registry = prometheus_client.CollectorRegistry()
        self.fit_seconds = prometheus_client.Histogram(
            "andon_forecast_fit_seconds", "Seconds a fit took.", buckets=_BUCKETS, registry=registry
        )
        self.fits = prometheus_client.Counter(
            "andon_forecast_fits_total",
            "Fits by outcome: fitted, too_short, failed, overtaken by a newer request, rejected.",
            ("outcome",),
            registry=registry,
        )
        self.queue = prometheus_client.Gauge(
            "andon_forecast_queue_requests", "Requests not fitted yet.", registry=registry
        )
        self.oldest = prometheus_client.Gauge(
            "andon_forecast_queue_age_seconds",
            "How long the oldest request at hand has waited.",
            registry=registry,
        )


class Forecaster:
    """Fits what is asked for until it is told to stop."""

    def __init__(self, settings: Settings, metrics: ForecasterMetrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._topic = topic_name(settings, "fits")
        self._shapes = topic_name(settings, "shapes")
        options = aiokafka_config(settings)
        self._producer = Producer(options)
        self._consumer = CheckedConsumer(
            self._topic,
            **options,
            group_id=f"{settings.app_id}-forecasters",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_interval_ms=_POLL_INTERVAL_MS,
        )
        self._decoder = msgspec.json.Decoder(FitRequest)
        self._pool: ProcessPoolExecutor | None = None

    async def run(self) -> None:
        """Fit until it is cancelled; what is at hand then is fitted by the next one."""
        try:
            await self._producer.start()
            await self._consumer.start()
            # The first process loads what it needs before anything is asked.
            self._processes().submit(os.getpid)
            while True:
                await self._turn()
        finally:
            self._drop_pool()
            await self._consumer.stop()
            await self._producer.stop()

    async def _turn(self) -> None:
        """Fit and commit what has come, or wait for it a little."""
        found = await self._consumer.getmany(timeout_ms=_POLL_MS, max_records=_TOGETHER)
        records = [record for part in found.values() for record in part]
        if records:
            await self._see_to(records)
            await self._commit()
        await self._count_waiting()

    async def _see_to(self, records: list[Any]) -> None:
        """Fit the newest request of each item, the most valuable first, and publish each shape as it comes."""
        newest: dict[str, FitRequest] = {}
        for record in records:
            try:
                request = self._decoder.decode(record.value)
            except _READABLE as error:
                await self._reject(record, error)
                continue
            key = item_key(request.location, request.sku)
            if key in newest:
                self._metrics.fits.labels("overtaken").inc()
            newest[key] = request
        self._metrics.oldest.set(
            max(time.time() - min(record.timestamp for record in records) / 1000, 0.0)
        )
        waiting = sorted(newest.items(), key=lambda entry: -entry[1].value)
        self._metrics.queue.set(len(waiting))
        outcomes: Counter[str] = Counter()
        at_once = asyncio.Semaphore(self._settings.forecaster_processes)

        async def fit(key: str, request: FitRequest) -> None:
            async with at_once:
                outcomes[await self._fit(key, request)] += 1
                self._metrics.queue.dec()

        await asyncio.gather(*(fit(key, request) for key, request in waiting))
        logger.info("fits: %s", ", ".join(f"{count} {name}" for name, count in outcomes.items()))

    async def _fit(self, key: str, request: FitRequest) -> str:
        try:
            found = await self._in_pool(request)
        except Exception as error:  # noqa: BLE001 - whatever Prophet raises costs this item its shape, and no other
            logger.warning("%s: no shape: %s: %s", key, type(error).__name__, error)
            outcome = "failed"
        else:
            self._metrics.fit_seconds.observe(found.seconds)
            outcome = "fitted" if found.shape is not None else "too_short"
            if found.shape is not None:
                await self._publish(key, request, found)
        self._metrics.fits.labels(outcome).inc()
        return outcome

    async def _in_pool(self, request: FitRequest) -> Fitted:
        """Fit in a process; one that died is replaced, and the fit is tried once more."""
        loop = asyncio.get_running_loop()
        arguments = (request, self._settings.forecaster_cpu_share)
        try:
            return await loop.run_in_executor(self._processes(), fit_request, *arguments)
        except BrokenProcessPool:
            logger.warning("a process that fits has died; trying once more")
            self._drop_pool()
            return await loop.run_in_executor(self._processes(), fit_request, *arguments)

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._settings.forecaster_processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_set_up_process,
            )
        return self._pool

    def _drop_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
            # A fit that nobody waits for would hold up the end, and what it was for is not committed.
            for process in multiprocessing.active_children():
                process.terminate()

    async def _publish(self, key: str, request: FitRequest, found: Fitted) -> None:
        shape = Shape(
            location=request.location,
            sku=request.sku,
            asked_at=request.asked_at,
            first_day=found.first,
            shape=tuple(found.shape or ()),
            used=found.used,
        )
        name = f"{key}:{request.asked_at.isoformat()}"
        headers = cloudevents_headers(
            name,
            "andon.shape.fitted",
            f"/andon/{self._settings.app_id}",
            request.asked_at.timestamp(),
            key,
        )
        home = partition_of(key.encode(), self._settings.partitions)
        record = Outgoing(self._shapes, key.encode(), encode(shape), headers, home)
        await self._producer.publish([record])

    async def _reject(self, record: Any, error: Exception) -> None:
        self._metrics.fits.labels("rejected").inc()
        place = (record.topic, record.partition)
        topic = topic_name(self._settings, "deadletters")
        letter = dead_letter(topic, place, record, "invalid", type(error).__name__, str(error))
        await self._producer.publish([letter])

    async def _commit(self) -> None:
        try:
            await self._consumer.commit()
        except CommitFailedError:
            logger.warning(
                "another forecaster took over what was fitted here; it will fit it again"
            )

    async def _count_waiting(self) -> None:
        """Count the requests that nobody has fetched yet."""
        try:
            partitions = self._consumer.assignment()
            ends: Iterable[int] = (await self._consumer.end_offsets(partitions)).values()
            places = [await self._consumer.position(partition) for partition in partitions]
        except KafkaError as error:
            logger.warning("cannot tell how many requests wait: %s", error)
            return
        self._metrics.queue.set(max(sum(ends) - sum(places), 0))
