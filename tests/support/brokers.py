"""The broker that tests run on: KAFKA_BOOTSTRAP if set, Apache Kafka if ANDON_TEST_BROKER=apache, else the embedded one."""

import os
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from support.apache import ApacheKafka

from andon.streams.embedded import BrokerProcess, EmbeddedBroker


class ExternalBroker:
    """A Kafka that somebody else runs; it cannot be stopped from here."""

    kind = "external"

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        """Nothing to do."""


def broker_for_tests(folder: Path) -> BrokerProcess | ExternalBroker:
    """Return the broker to test on, not started.

    Raises:
        ValueError: ANDON_TEST_BROKER is neither apache nor embedded.
    """
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP")
    if bootstrap:
        return ExternalBroker(bootstrap)
    wanted = os.environ.get("ANDON_TEST_BROKER", "embedded")
    kinds = {"apache": ApacheKafka, "embedded": EmbeddedBroker}
    if wanted not in kinds:
        msg = f"ANDON_TEST_BROKER: expected one of {', '.join(kinds)}, got {wanted!r}"
        raise ValueError(msg)
    return kinds[wanted](folder)


def group_members(bootstrap: str, group: str) -> set[str]:
    """Return the ids of a consumer group's members."""
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        members = admin.describe_groups([group])[group]["members"]
        return {member["member_id"] for member in members}


def remove_members(bootstrap: str, group: str, members: set[str]) -> None:
    """Remove members that were killed: the embedded broker never evicts them by itself, Apache Kafka need not wait."""
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        admin.remove_group_members(group, [MemberToRemove(member_id=one) for one in members])
