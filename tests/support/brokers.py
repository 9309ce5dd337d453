"""The broker that tests run on: KAFKA_BOOTSTRAP if set, else the embedded one."""

import os
from pathlib import Path

from andon.streams.embedded import EmbeddedBroker


class ExternalBroker:
    """A Kafka that somebody else runs; it cannot be stopped from here."""

    kind = "external"

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        """Nothing to do."""


def broker_for_tests(folder: Path) -> EmbeddedBroker | ExternalBroker:
    """Return the broker to test on, not started."""
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP")
    return ExternalBroker(bootstrap) if bootstrap else EmbeddedBroker(folder)
