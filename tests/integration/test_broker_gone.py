"""A worker that cannot go on, or cannot begin, says why in a sentence."""

import socket

import pytest
from support.workers import WorkerProcess, send, until

from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.streams.admin import TopicAdmin
from andon.streams.embedded import EmbeddedBroker
from andon.streams.settings import load_settings

pytestmark = pytest.mark.integration

NOW = 20_000 * 86400.0


def test_sigterm_without_a_broker_ends_in_bounded_time_and_says_so(tmp_path):
    broker = EmbeddedBroker(tmp_path / "broker")
    with broker, (tmp_path / "log").open("wb") as log:
        settings = load_settings(broker=broker.bootstrap, prefix="gone", partitions=2)
        with TopicAdmin(settings) as admin:
            admin.create()
        worker = WorkerProcess(
            settings,
            ANDON_SHUTDOWN_TIMEOUT_SECONDS="3",
            # Nothing is durable yet when the broker goes.
            ANDON_CHECKPOINT_INTERVAL_SECONDS="60",
        )
        worker.log = log
        with worker:
            sale = Sale(event_id="s", occurred_at=utc(NOW), location="S", sku="A", quantity=1)
            send(settings, [("pos", sale)])
            until(
                lambda: worker.metric("andon_events_total", outcome="applied") == 1,
                "the sale is applied, in memory",
            )
            broker.kill()
            assert worker.stop() == 1
    assert "could not end well within 3 s" in (tmp_path / "log").read_text()


def test_a_worker_whose_metrics_port_is_taken_says_so_and_what_to_do(topics, tmp_path):
    with socket.socket() as taken, (tmp_path / "log").open("wb") as log:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        worker = WorkerProcess(topics, ANDON_METRICS_PORT=str(taken.getsockname()[1]))
        worker.log = log
        worker.start(wait=False)
        until(lambda: worker.process.poll() is not None, "it ends")
        assert worker.process.returncode != 0
    said = (tmp_path / "log").read_text()
    assert "the worker ended: " in said
    assert "set ANDON_METRICS_PORT to another port" in said
    assert "nobody expected" not in said
