"""A Kafka with passwords and ACLs: what docs/deployment.md says that a worker must be allowed is enough, and less is said."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
)
from support.apache import GuardedKafka, available
from support.command import andon
from support.workers import WorkerProcess, alerts, send, until

from andon.schemas.items import Item, Source
from andon.schemas.stock import StockMovement
from andon.streams.admin import TopicAdmin
from andon.streams.topics import topic_name

pytestmark = [
    pytest.mark.integration,
    pytest.mark.apache,
    pytest.mark.slow,
    pytest.mark.skipif(not available(), reason="needs Java and Maven"),
]

PAGE = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text(encoding="utf-8")
READ, WRITE, DESCRIBE = ACLOperation.READ, ACLOperation.WRITE, ACLOperation.DESCRIBE


def rights():
    """Yield what the page lets a worker do: an operation, and the family of a topic."""
    for line in re.findall(r"^- A worker, (.*?)\.$", PAGE, re.MULTILINE | re.DOTALL):
        what, _, families = line.partition(":")
        for family in re.findall(r"`([a-z.]+)`", families):
            yield from ((one, family) for one in (READ, WRITE) if one.name in what)


@pytest.fixture
def guarded(settings, tmp_path):
    """The broker with all topics, settings of one who may do all, and what the environment says of one who signs in."""
    with GuardedKafka(tmp_path / "guarded") as broker:
        plain = settings.model_copy(update={"broker": broker.bootstrap})
        with TopicAdmin(plain) as admin:
            admin.create()
        login = {
            "ANDON_BROKER": broker.guarded,
            "ANDON_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "ANDON_SASL_MECHANISM": "SCRAM-SHA-512",
            "ANDON_SASL_USERNAME": broker.user,
            "ANDON_SASL_PASSWORD": broker.password,
        }
        yield broker, plain, login


def allow(broker, *allowed):
    """Let its user do some things: an operation, what it is done to, its name, and how that is meant."""
    acls = [
        ACL(
            f"User:{broker.user}",
            "*",
            operation,
            ACLPermissionType.ALLOW,
            ResourcePattern(kind, name, pattern),
        )
        for operation, kind, name, pattern in allowed
    ]
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        assert admin.create_acls(acls)["failed"] == []


def test_a_worker_needs_no_more_than_the_page_says(guarded, monkeypatch):
    broker, plain, login = guarded
    for name, value in login.items():
        monkeypatch.setenv(name, value)
    where = ("--broker", broker.guarded, "--prefix", plain.prefix)
    code, out, _ = andon(*where, "topics", "check")
    assert (code, "or not shown to this user" in out) == (1, True)
    whole, part = ACLResourcePatternType.LITERAL, ACLResourcePatternType.PREFIXED
    allow(broker, (DESCRIBE, ResourceType.TOPIC, f"{plain.prefix}.", part))
    # What was allowed is known to the broker a moment later.
    sale = '{"location": "S", "sku": "A", "quantity": 1}'
    until(
        lambda: "does not let this user do that" in andon(*where, "send", "pos", sale)[2],
        "the topic is seen, and cannot be written to",
        patience=60.0,
    )
    topics = [
        (one, ResourceType.TOPIC, topic_name(plain, family), whole) for one, family in rights()
    ]
    allow(broker, (READ, ResourceType.GROUP, plain.app_id, whole), *topics)
    with WorkerProcess(plain, **login) as worker:
        now = datetime.now(UTC)
        told = {"location": "S", "sku": "A"}
        source = Source(supplier="ACME", lead_time_days=5)
        item = Item(**told, updated_at=now, sources=(source,), expected_daily_demand=10)
        count = StockMovement(**told, event_id="1", occurred_at=now, kind="count", quantity=3)
        send(plain, [("items", item), ("stock", count)])
        until(lambda: {"replenish", "stockout_risk"} <= {one.kind for one in alerts(plain)}, "it is told")  # fmt: skip
        assert worker.stop() == 0
