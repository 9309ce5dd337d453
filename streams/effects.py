"""What a batch wants published besides what its records of state say: dead letters, and records put back where they belong."""

from typing import Any

from andon.streams.deadletters import dead_letter
from andon.streams.metrics import Metrics
from andon.streams.producer import Outgoing


class Effects:
    """What a batch of a topic's partition wants published besides what its records of state say."""

    def __init__(self, topic: str, partition: int, deadletter_topic: str, metrics: Metrics) -> None:
        self.topic = topic
        self.partition = partition
        self._deadletter_topic = deadletter_topic
        self._metrics = metrics
        self.outgoing: list[Outgoing] = []
        #: The last event's own time and its record's time in Kafka, seconds since 1970; 0 if unknown.
        self.newest = 0.0
        self.written = 0.0

    def reject(self, record: Any, reason: str, error: Exception | str) -> None:
        """Send a record to the dead letters."""
        name = type(error).__name__ if isinstance(error, Exception) else reason
        came_from = (self.topic, self.partition)
        self.outgoing.append(
            dead_letter(self._deadletter_topic, came_from, record, reason, name, str(error))
        )
        self._metrics.deadletters.labels(self.topic, reason).inc()

    def put_back(
        self, record: Any, key: bytes, partition: int, headers: list[tuple[str, bytes]]
    ) -> None:
        """Put a record back on its topic, where its key belongs."""
        self.outgoing.append(
            Outgoing(
                self.topic,
                key,
                record.value,
                [*record.headers, *headers],
                partition,
                record.timestamp,
            )
        )
        self._metrics.rekeyed.labels(self.topic).inc()
