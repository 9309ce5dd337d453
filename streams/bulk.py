"""Publishing much: whole record batches by aiokafka, several times as fast as a producer that takes records one by one."""

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from aiokafka.producer.message_accumulator import BatchBuilder

from andon.streams.admin import BrokerUnavailable
from andon.streams.diagnosis import why_unreachable
from andon.streams.errors import UserError
from andon.streams.producer import partition_of
from andon.streams.security import aiokafka_config
from andon.streams.settings import Settings
from andon.streams.topics import missing, topic_name

_BATCH_BYTES = 400_000
_IN_FLIGHT = 32
_KEYS_REMEMBERED = 200_000


class BulkPublisher:
    """Collects records into one batch a partition and sends it when it is full or flushed; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = AIOKafkaProducer(
            **aiokafka_config(settings),
            acks="all",
            enable_idempotence=True,
            max_batch_size=_BATCH_BYTES,
        )
        self._partitions: dict[str, int] = {}
        self._homes: dict[tuple[str, bytes], int] = {}
        self._batches: dict[tuple[str, int], BatchBuilder] = {}
        self._sent: deque[asyncio.Future[Any]] = deque()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BrokerUnavailable: no broker answers.
        """
        try:
            await self._client.start()
        except KafkaConnectionError as error:
            await self._client.stop()
            reason = await asyncio.to_thread(why_unreachable, self._settings)
            raise BrokerUnavailable(reason) from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await self.flush()
        finally:
            await self._client.stop()

    async def check(self, families: Sequence[str]) -> None:
        """Look the families' topics up.

        Raises:
            UserError: one is missing.
        """
        for family in families:
            topic = topic_name(self._settings, family)
            # Asking the whole list does not make a missing topic, as asking for the one would.
            metadata = await self._client.client.fetch_all_metadata()
            numbers = metadata.partitions_for_topic(topic)
            if not numbers:
                raise UserError(missing(self._settings, topic))
            self._partitions[family] = len(numbers)

    async def add(
        self,
        family: str,
        key: bytes,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """Add one record, of which no value is a removal; it is on its way at the latest after the next flush."""
        home = self._homes.get((family, key))
        if home is None:
            if len(self._homes) > _KEYS_REMEMBERED:
                self._homes.clear()
            home = self._homes[family, key] = partition_of(key, self._partitions[family])
        place = (family, home)
        batch = self._batches.get(place)
        if batch is None:
            batch = self._batches[place] = self._client.create_batch()
        if batch.append(key=key, value=value, timestamp=None, headers=list(headers)) is None:
            await self._send(place, batch)
            batch = self._batches[place] = self._client.create_batch()
            if batch.append(key=key, value=value, timestamp=None, headers=list(headers)) is None:
                del self._batches[place]
                msg = f"{len(value or b''):,} bytes are more than one record may hold"
                raise UserError(msg)

    async def flush(self) -> None:
        """Send what is collected and return when all is acknowledged."""
        batches, self._batches = self._batches, {}
        for place, batch in batches.items():
            await self._send(place, batch)
        while self._sent:
            await self._sent.popleft()

    async def _send(self, place: tuple[str, int], batch: BatchBuilder) -> None:
        family, partition = place
        batch.close()
        future = await self._client.send_batch(
            batch, topic_name(self._settings, family), partition=partition
        )
        self._sent.append(future)
        while len(self._sent) > _IN_FLIGHT:
            await self._sent.popleft()
