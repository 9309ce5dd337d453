"""What a batch wants published besides what its records of state say: dead letters, and records put back where they belong."""

import time
from typing import Any

from andon.streams.batches import FetchedRecord
from andon.streams.deadletters import dead_letter
from andon.streams.metrics import Metrics
from andon.streams.producer import Outgoing

#: A time in Kafka that lies further ahead is none: microseconds, say, which a broker would not take back.
_AHEAD_SECONDS = 3600.0


def _is_time(milliseconds: int) -> bool:
    return 0 < milliseconds <= (time.time() + _AHEAD_SECONDS) * 1000


class Effects:
    """What a batch of a topic's partition wants published besides what its records of state say."""

    def __init__(self, topic: str, partition: int, deadletter_topic: str, metrics: Metrics) -> None:
        self.topic = topic
        self.partition = partition
        self._deadletter_topic = deadletter_topic
        self._metrics = metrics
        self.outgoing: list[Outgoing] = []
        #: The newest event's own time and the last record's time in Kafka, seconds since 1970; 0 if unknown.
        self.newest = 0.0
        self.written = 0.0
        #: The offset of the first record that was left for later; None if all were applied.
        self.left_at: int | None = None

    def leave(self, offset: int) -> None:
        """Leave the records from an offset on for later, when what was said so far is said."""
        self.left_at = offset if self.left_at is None else min(self.left_at, offset)

    def see(self, newest: float, last: FetchedRecord) -> None:
        """Take in the newest time of some events (seconds since 1970; 0 if none was believed), and the last of their records."""
        self.newest = max(self.newest, newest)
        self.written = last.timestamp / 1000 if _is_time(last.timestamp) else 0.0

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
        came_from = (self.topic, self.partition)
        text = "the broker refused to take it back under its canonical key"
        letter = dead_letter(
            self._deadletter_topic, came_from, record, "unroutable", "unroutable", text
        )
        self.outgoing.append(
            Outgoing(
                self.topic,
                key,
                record.value,
                [*record.headers, *headers],
                partition,
                record.timestamp if _is_time(record.timestamp) else None,
                instead=letter,
            )
        )
        self._metrics.rekeyed.labels(self.topic).inc()
