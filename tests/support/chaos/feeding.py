"""Feeds a broker that may fail: what was not acknowledged is sent again, by a new producer, in the same order."""

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from itertools import islice

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from support.chaos.sales import FIRST_SALE, Fed

from andon.schemas.common import encode, utc
from andon.schemas.pos import Sale
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

_CHUNK = 100
_PATIENCE = 30.0


class Feeder(threading.Thread):
    """Feeds records at a steady rate until it is told to stop, or a limit is reached."""

    def __init__(
        self, settings: Settings, source: Iterator[Fed], *, rate: float = 1e9, limit: int = 2**62
    ) -> None:
        super().__init__(daemon=True)
        self._settings = settings
        self._source = islice(source, limit)
        self._rate = rate
        self._enough = threading.Event()
        self.count = 0
        self.repeated = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Feed."""
        try:
            asyncio.run(self._feed())
        except BaseException as error:  # noqa: BLE001 - the thread that joins raises it
            self.failure = error

    def finish(self) -> None:
        """Stop and wait; raises what ended the thread, if anything did."""
        self._enough.set()
        self.join()
        if self.failure is not None:
            raise self.failure

    async def _feed(self) -> None:
        producer = None
        began = time.monotonic()
        while not self._enough.is_set():
            chunk = list(islice(self._source, _CHUNK))
            if not chunk:
                break
            while True:
                try:
                    if producer is None:
                        producer = AIOKafkaProducer(
                            bootstrap_servers=self._settings.servers, enable_idempotence=True
                        )
                        await producer.start()
                    await asyncio.wait_for(self._send(producer, chunk), _PATIENCE)
                    break
                except (KafkaError, TimeoutError, OSError):
                    self.repeated += len(chunk)
                    await _close(producer)
                    producer = None
            self.count += len(chunk)
            ahead = began + self.count / self._rate - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
        await _close(producer)

    async def _send(self, producer: AIOKafkaProducer, chunk: list[Fed]) -> None:
        sent = [
            await producer.send(topic_name(self._settings, one.family), one.value, key=one.key)
            for one in chunk
        ]
        await asyncio.gather(*sent)


class Tills(threading.Thread):
    """Sells in transactions, of which a third are aborted. What a reader of committed records sees is the truth."""

    KEYS = tuple(f"T/{number}" for number in range(8))

    def __init__(self, settings: Settings, seed: int) -> None:
        super().__init__(daemon=True)
        self._settings = settings
        self._chance = random.Random(seed)
        self._enough = threading.Event()
        self.aborted = 0
        self.committed = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Sell."""
        try:
            asyncio.run(self._sell())
        except BaseException as error:  # noqa: BLE001 - the thread that joins raises it
            self.failure = error

    def finish(self) -> None:
        """Stop and wait; raises what ended the thread, if anything did."""
        self._enough.set()
        self.join()
        if self.failure is not None:
            raise self.failure

    async def _sell(self) -> None:
        producer = None
        number = 0
        while not self._enough.is_set():
            number += 1
            try:
                if producer is None:
                    producer = AIOKafkaProducer(
                        bootstrap_servers=self._settings.servers,
                        transactional_id=f"{self._settings.prefix}-tills",
                        transaction_timeout_ms=10_000,
                    )
                    await asyncio.wait_for(producer.start(), _PATIENCE)
                await asyncio.wait_for(self._transaction(producer, number), _PATIENCE)
            except (KafkaError, TimeoutError, OSError, AssertionError):
                # Its outcome is the broker's to know; the next producer of this name ends what it left open.
                await _close(producer)
                producer = None
            await asyncio.sleep(0.2)
        await _close(producer)

    async def _transaction(self, producer: AIOKafkaProducer, number: int) -> None:
        await producer.begin_transaction()
        for place in range(self._chance.randint(2, 12)):
            location, _, sku = self._chance.choice(self.KEYS).partition("/")
            sale = Sale(
                event_id=f"t{number}-{place}",
                occurred_at=utc(FIRST_SALE),
                location=location,
                sku=sku,
                quantity=self._chance.randint(1, 97),
            )
            key = f"{location}/{sku}".encode()
            await producer.send_and_wait(topic_name(self._settings, "pos"), encode(sale), key=key)
        if self._chance.random() < 1 / 3:
            await producer.abort_transaction()
            self.aborted += 1
        else:
            await producer.commit_transaction()
            self.committed += 1


async def _close(producer: AIOKafkaProducer | None) -> None:
    if producer is None:
        return
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except (KafkaError, TimeoutError, OSError, AssertionError):
        return  # it has failed already; what it did not deliver is delivered by the next
