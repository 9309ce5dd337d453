"""A broker that restarts, or that deletes what nobody has read yet: nothing is read twice, and what is lost is told."""

import os
import signal

import pytest
from kafka import KafkaAdminClient, TopicPartition
from support.apache import ApacheKafka
from support.workers import WorkerProcess, read, send, state, until, until_committed

from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.streams.admin import TopicAdmin
from andon.streams.settings import load_settings
from andon.streams.topics import topic_name

pytestmark = [pytest.mark.integration, pytest.mark.apache]

NOW = 20_000 * 86400.0
SKUS = [f"A{number}" for number in range(12)]


def sales(first, last):
    return [
        ("pos", Sale(event_id=f"s{n}", occurred_at=utc(NOW + n), location="S", sku=sku, quantity=1))
        for n in range(first, last)
        for sku in [SKUS[n % len(SKUS)]]
    ]


def sold(settings):
    return sum(book.sold for book in state(settings, "books").values())


def applied(worker, outcome="applied"):
    return worker.metric("andon_events_total", outcome=outcome)


def delete_all_records(settings, family):
    """Delete what a topic holds, as retention would; return how many records that were."""
    name = topic_name(settings, family)
    ends = {}
    count = 0
    for record in read(settings, family):
        ends[TopicPartition(name, record.partition)] = record.offset + 1
        count += 1
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        admin.delete_records(ends)
    return count


def test_a_worker_that_starts_after_a_broker_s_restart_goes_on_where_it_was(tmp_path):
    """The first answers of a coordinator that is not there yet hold no offsets: they are errors, not an empty group."""
    with ApacheKafka(tmp_path / "broker") as broker:
        settings = load_settings(
            broker=broker.bootstrap, prefix="bounce", partitions=4, allowed_lateness_hours=0.0
        )
        with TopicAdmin(settings) as admin:
            admin.create()
        fed = 0
        for _ in range(2):
            with WorkerProcess(settings) as worker:
                send(settings, sales(fed, fed + 48))
                fed += 48
                until_committed(settings, "pos", what="the sales are committed")
                broker.kill()
                broker.start()
                send(settings, sales(fed, fed + 48))
                fed += 48
                until_committed(settings, "pos", what="those after the restart, too")
                # A second worker makes all read anew where they are.
                with WorkerProcess(settings) as other:
                    until(lambda w=worker, o=other: w.ready() and o.ready(), "both consume")
                    assert applied(other, "duplicate") == applied(worker, "duplicate") == 0
                    assert other.stop() == 0
                assert worker.stop() == 0
        assert sold(settings) == fed


def test_what_was_deleted_while_no_worker_ran_is_counted(topics):
    with WorkerProcess(topics) as worker:
        send(topics, sales(0, 48))
        until_committed(topics, "pos", what="the sales are committed")
        assert worker.stop() == 0
    send(topics, sales(48, 96))
    assert delete_all_records(topics, "pos") == 96
    send(topics, sales(96, 108))
    with WorkerProcess(topics) as worker:
        until(lambda: applied(worker) == 12, "what is left is applied")
        assert worker.metric("andon_offsets_lost_total") == 48


def test_what_was_deleted_before_a_lagging_worker_read_it_is_counted(topics):
    with WorkerProcess(topics) as worker:
        send(topics, sales(0, 48))
        until_committed(topics, "pos", what="the sales are committed")
        os.kill(worker.process.pid, signal.SIGSTOP)
        # Records of other topics are not deleted, and the group does not wait for this worker.
        send(topics, sales(48, 96))
        delete_all_records(topics, "pos")
        send(topics, sales(96, 108))
        os.kill(worker.process.pid, signal.SIGCONT)
        # A fetch that was under way may have brought some of them before they were deleted.
        until(
            lambda: applied(worker) + worker.metric("andon_offsets_lost_total") == 108,
            "every sale is applied or told as lost",
        )
        assert worker.metric("andon_offsets_lost_total") > 0
