"""A changelog that is not whole, and a group that begins to count anew: a clear word, and never a silent reset."""

import subprocess
import sys

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from support.workers import WorkerProcess, read, send, state, until, until_committed

from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.streams.admin import TopicAdmin
from andon.streams.topics import topic_name

pytestmark = pytest.mark.integration

NOW = 20_000 * 86400.0
SKUS = [f"A{number}" for number in range(12)]


def sales(first, last):
    return [
        ("pos", Sale(event_id=f"s{n}", occurred_at=utc(NOW + n), location="S", sku=sku, quantity=1))
        for n in range(first, last)
        for sku in [SKUS[n % len(SKUS)]]
    ]


def work(settings, *events):
    """Let a worker apply these and stop."""
    with WorkerProcess(settings) as worker:
        send(settings, events)
        until_committed(settings, "pos", what="the sales are committed")
        assert worker.stop() == 0


def refusal(settings):
    """Start a worker that must end by itself, and return what it said."""
    ended = subprocess.run(
        [sys.executable, "-m", "andon.cli.main", "worker"],
        env=WorkerProcess(settings)._environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ended.returncode != 0
    return ended.stderr


def sold(settings):
    return sum(book.sold for book in state(settings, "books").values())


def test_a_group_that_counts_anew_loses_no_state(topics):
    """Generations begin at one again when a group was deleted; what its workers write then must not look old."""
    for place in range(3):
        work(topics, *sales(place * 24, place * 24 + 24))
    with KafkaAdminClient(bootstrap_servers=topics.servers) as admin:
        admin.delete_groups([topics.app_id])
    work(topics, *sales(72, 96))
    work(topics, *sales(96, 120))
    assert sold(topics) == 120


def test_state_that_was_made_anew_while_offsets_are_committed_stops_the_worker(topics):
    work(topics, *sales(0, 48))
    name = topic_name(topics, "state")
    with KafkaAdminClient(bootstrap_servers=topics.servers) as admin:
        admin.delete_topics([name])
        until(lambda: name not in {one["name"] for one in admin.describe_topics()}, "it is gone")
    with TopicAdmin(topics) as admin:
        admin.create()
    said = refusal(topics)
    assert "made anew" in said
    assert "Nothing was changed" in said
    assert list(read(topics, "state")) == []


@pytest.mark.apache
def test_state_of_which_the_beginning_was_deleted_stops_the_worker(topics):
    work(topics, *sales(0, 48))
    name = topic_name(topics, "state")
    ends = {}
    for record in read(topics, "state"):
        ends[TopicPartition(name, record.partition)] = record.offset
    with KafkaAdminClient(bootstrap_servers=topics.servers) as admin:

        def policy(value):
            admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, name, {"cleanup.policy": value})]
            )

        policy("delete")  # with compaction alone, Apache Kafka refuses to delete records
        until(lambda: admin.delete_records(ends), "all but the last records are deleted")
        policy("compact")
    said = refusal(topics)
    assert "records of state are missing" in said
    assert "Nothing was changed" in said
