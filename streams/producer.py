"""The producer of a worker: idempotent, acknowledged by all replicas, every future awaited."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer, errors
from aiokafka.partitioner import murmur2
from aiokafka.structs import RecordMetadata

from andon.streams.errors import UserError

logger = logging.getLogger(__name__)

#: Below the broker's default limit of 1 MiB a request, with room for the batch's own header.
BATCH_BYTES = 900_000


#: Key, value and headers of a record that is appended to a partition.
Appended = tuple[bytes, bytes | None, list[tuple[str, bytes]]]
#: What a broker answers to a record that it will never take, whatever is tried.
_REFUSED = (
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
    errors.InvalidTimestampError,
    errors.PolicyViolationError,
)
#: Key, value, headers and what a batch adds to them.
_OVERHEAD = 200


class Outgoing(NamedTuple):
    """A record to publish; without a partition its key decides."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    partition: int | None = None
    timestamp_ms: int | None = None
    #: What is published if the broker refuses this one for good.
    instead: "Outgoing | None" = None


class StateTooLarge(UserError, ValueError):
    """A record of state is larger than the broker takes; the text says which and what to do."""


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition that Kafka's default partitioner (murmur2) gives a key."""
    digest: int = murmur2(key)
    return (digest & 0x7FFFFFFF) % partitions


class Producer:
    """Publishes records, and whole batches to one partition, and waits until they are durable.

    What a broker may refuse goes by a client of its own: after a refusal an idempotent one is out of sequence, and whatever it
    sends to that partition from then on is refused, too (docs/upstream.md). So does what nobody waits for, such as the records
    of a checkpoint: a client has one request on its way to a node, and an alert would wait behind a megabyte of books.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._client: AIOKafkaProducer | None = None
        self._refusable: AIOKafkaProducer | None = None
        self._patient: AIOKafkaProducer | None = None

    @property
    def client(self) -> AIOKafkaProducer:
        """The started client."""
        if self._client is None:
            msg = "the producer is not started"
            raise RuntimeError(msg)
        return self._client

    async def start(self) -> None:
        """Connect all clients: one that was made when it is first needed might find no broker, and end the worker."""
        self._client = await self._connected(enable_idempotence=True)
        self._patient = await self._connected(enable_idempotence=True)
        self._refusable = await self._connected(enable_idempotence=False)

    async def _connected(self, *, enable_idempotence: bool) -> AIOKafkaProducer:
        client = AIOKafkaProducer(
            **self._options,
            acks="all",
            enable_idempotence=enable_idempotence,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
        )
        await client.start()
        return client

    def _client_for(self, record: Outgoing) -> AIOKafkaProducer:
        if record.instead is None or self._refusable is None:
            return self.client
        return self._refusable

    async def stop(self) -> None:
        """Disconnect; nothing is left to send, because every future was awaited."""
        clients = (self._client, self._patient, self._refusable)
        self._client = self._patient = self._refusable = None
        for client in clients:
            if client is not None:
                await client.stop()

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Publish records and return when all are acknowledged.

        A record that the broker refuses for good is replaced by what it names `instead`, and given up with a word in the log
        if that is refused, too; one that names nothing raises what the broker answered.
        """
        sent = [(record, await self._publish(record)) for record in records]
        answers = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
        for (record, _), answer in zip(sent, answers, strict=True):
            if not isinstance(answer, BaseException):
                continue
            if record.instead is None or not isinstance(answer, _REFUSED):
                raise answer
            await self._publish_instead(record)

    async def _publish(self, record: Outgoing) -> asyncio.Future[RecordMetadata]:
        """Hand a record to the client; what the client refuses by itself is an answer, too."""
        client = self._client_for(record)
        try:
            future: asyncio.Future[RecordMetadata] = await client.send(
                record.topic,
                value=record.value,
                key=record.key,
                partition=record.partition,
                timestamp_ms=record.timestamp_ms,
                headers=list(record.headers),
            )
        except _REFUSED as error:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
        return future

    async def _publish_instead(self, record: Outgoing) -> None:
        """Publish a refused record alone, for one record spoils the batch it goes with, and else what stands for it."""
        refused: Exception | None = None
        following: Outgoing | None = record
        while following is not None:
            # The last one names nothing, and must not spoil the other client either.
            last = following._replace(instead=record) if following.instead is None else following
            try:
                await (await self._publish(last))
            except _REFUSED as error:
                refused, following = error, following.instead
            else:
                return
        logger.error(
            "a record for %s is given up: the broker refuses it: %s", record.topic, refused
        )

    async def write(
        self, topic: str, partition: int, records: Iterable[Appended], *, is_urgent: bool = True
    ) -> list[tuple[int, int]]:
        """Append records to one partition in batches; return (base offset, count) of each when all are acknowledged.

        Args:
            topic: whose partition it is.
            partition: to append to.
            records: in their order.
            is_urgent: whether somebody waits for it, so that it must not wait for what nobody does.

        Raises:
            StateTooLarge: one record alone is larger than a batch may be.
        """
        client = self.client if is_urgent or self._patient is None else self._patient
        futures: list[tuple[asyncio.Future[RecordMetadata], int]] = []
        batch = client.create_batch()
        for key, value, headers in records:
            if len(key) + len(value or b"") + _OVERHEAD > BATCH_BYTES:
                # A client takes a first record of any size into a batch, which the broker then refuses.
                msg = (
                    f"{topic}[{partition}]: {len(value or b''):,} bytes of state under {key!r} are more than a broker "
                    "takes. Nothing of it was committed. Report it with the events of that key."
                )
                raise StateTooLarge(msg)
            if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                futures.append((await _send(client, batch, topic, partition), batch.record_count()))
                batch = client.create_batch()
                batch.append(key=key, value=value, timestamp=None, headers=headers)
        if batch.record_count():
            futures.append((await _send(client, batch, topic, partition), batch.record_count()))
        return [((await future).offset, count) for future, count in futures]


async def _send(
    client: AIOKafkaProducer, batch: Any, topic: str, partition: int
) -> asyncio.Future[RecordMetadata]:
    batch.close()
    future: asyncio.Future[RecordMetadata] = await client.send_batch(
        batch, topic, partition=partition
    )
    return future
