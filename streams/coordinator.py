"""What only a group's coordinator answers, asked by kafka-python's admin client until the coordinator is there."""

import time
from collections.abc import Callable
from typing import TypeVar

from kafka import KafkaAdminClient
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
)
from kafka.protocol.metadata import CoordinatorType

Answer = TypeVar("Answer")

COMING = (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError)
_PAUSE_SECONDS = 0.1


def asked_of_coordinator(
    client: KafkaAdminClient, group: str, ask: Callable[[], Answer], seconds: float = 30.0
) -> Answer:
    """Return what a group's coordinator answers, and ask again while there is none yet or it has moved.

    A broker that has just started, or has just given its partitions away, answers so. The client asks once, and keeps for
    good the coordinator that it found first: it must forget it to find another.

    Args:
        client: The client that `ask` uses.
        group: The consumer group.
        ask: Asks once.
        seconds: How long to ask again.

    Raises:
        KafkaError: the coordinator refuses, or there was none in all this time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except COMING:
            if time.monotonic() >= deadline:
                raise
            # There is no public way to do it.
            client._manager.cluster._coordinators.pop((CoordinatorType.GROUP, group), None)  # noqa: SLF001
            time.sleep(_PAUSE_SECONDS)
