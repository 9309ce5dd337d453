"""The one producer of a worker: idempotent, acknowledged by all replicas, every future awaited."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2
from aiokafka.structs import RecordMetadata

#: Below the broker's default limit of 1 MiB a request, with room for the batch's own header.
BATCH_BYTES = 900_000


#: Key, value and headers of a record that is appended to a partition.
Appended = tuple[bytes, bytes | None, list[tuple[str, bytes]]]


class Outgoing(NamedTuple):
    """A record to publish; without a partition its key decides."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None
    timestamp_ms: int | None = None


class StateTooLarge(ValueError):
    """A record of state is larger than the broker takes."""


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition that Kafka's default partitioner (murmur2) gives a key."""
    digest: int = murmur2(key)
    return (digest & 0x7FFFFFFF) % partitions


class Producer:
    """Publishes records, and whole batches to one partition, and waits until they are durable."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._client: AIOKafkaProducer | None = None

    @property
    def client(self) -> AIOKafkaProducer:
        """The started client."""
        if self._client is None:
            msg = "the producer is not started"
            raise RuntimeError(msg)
        return self._client

    async def start(self) -> None:
        """Connect."""
        client = AIOKafkaProducer(
            **self._options,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
        )
        await client.start()
        self._client = client

    async def stop(self) -> None:
        """Disconnect; nothing is left to send, because every future was awaited."""
        if self._client is not None:
            await self._client.stop()
            self._client = None

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Publish records and return when all are acknowledged; raises what the broker answered if one is not."""
        client = self.client
        futures = [
            await client.send(
                record.topic,
                value=record.value,
                key=record.key,
                partition=record.partition,
                timestamp_ms=record.timestamp_ms,
                headers=list(record.headers),
            )
            for record in records
        ]
        await asyncio.gather(*futures)

    async def write(
        self, topic: str, partition: int, records: Iterable[Appended]
    ) -> list[tuple[int, int]]:
        """Append records to one partition in batches; return (base offset, count) of each when all are acknowledged.

        Raises:
            StateTooLarge: one record alone is larger than a batch may be.
        """
        client = self.client
        futures: list[tuple[asyncio.Future[RecordMetadata], int]] = []
        batch = client.create_batch()
        for key, value, headers in records:
            if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                futures.append((await self._send(batch, topic, partition), batch.record_count()))
                batch = client.create_batch()
                if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                    msg = f"{key!r}: {len(value or b'')} bytes of state are more than a batch takes"
                    raise StateTooLarge(msg)
        if batch.record_count():
            futures.append((await self._send(batch, topic, partition), batch.record_count()))
        return [((await future).offset, count) for future, count in futures]

    async def _send(self, batch: Any, topic: str, partition: int) -> asyncio.Future[RecordMetadata]:
        batch.close()
        future: asyncio.Future[RecordMetadata] = await self.client.send_batch(
            batch, topic, partition=partition
        )
        return future
