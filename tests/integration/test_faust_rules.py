"""Where stock Faust would lose data, hang or listen to the world: docs/reliability.md, rule by rule."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from support.workers import WorkerProcess, publish, send, state, until_committed

from andon.agents.worker import build
from andon.schemas.common import encode, utc
from andon.schemas.pos import Sale
from andon.streams.topics import topic_name

pytestmark = pytest.mark.integration

NOW = 20_000 * 86400.0


def sale(name, quantity=1):
    return Sale(event_id=name, occurred_at=utc(NOW), location="S", sku="A", quantity=quantity)


def test_a_changelog_that_cannot_be_read_stops_the_worker_and_names_the_record(topics):
    publish(topics, [("state", b"books:S/A", b"\x00\x00\x00\x01garbage")])
    worker = WorkerProcess(topics)
    ended = subprocess.run(
        [sys.executable, "-m", "andon.cli.main", "worker"],
        env=worker._environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "S/A" in ended.stderr
    assert "cannot be read" in ended.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's /proc")
def test_a_worker_listens_on_loopback_only(topics):
    with WorkerProcess(topics) as worker:
        folder = Path("/proc") / str(worker.process.pid)
        mine = {str(link.readlink()) for link in (folder / "fd").iterdir() if link.is_symlink()}
        listening = []
        for table in ("tcp", "tcp6"):
            for line in (folder / "net" / table).read_text().splitlines()[1:]:
                cells = line.split()
                if cells[3] == "0A" and f"socket:[{cells[9]}]" in mine:
                    listening.append(cells[1].partition(":")[0])
        assert listening == ["0100007F"]
        worker.stop()


@pytest.mark.apache
def test_sales_of_an_aborted_transaction_are_not_counted_and_the_commit_reaches_the_end(topics):
    async def produce():
        producer = AIOKafkaProducer(
            bootstrap_servers=topics.servers, transactional_id=f"{topics.prefix}-till"
        )
        await producer.start()
        topic = topic_name(topics, "pos")
        for number, keep in enumerate((True, False, True, False)):
            await producer.begin_transaction()
            await producer.send_and_wait(topic, encode(sale(f"t{number}", 10)), key=b"S/A")
            if keep:
                await producer.commit_transaction()
            else:
                await producer.abort_transaction()
        await producer.stop()

    with WorkerProcess(topics) as worker:
        asyncio.run(produce())
        send(topics, [("pos", sale("last", 1))])
        until_committed(topics, "pos", what="the end is committed")
        assert worker.metric("andon_gaps_total") == 0
        worker.stop()
    assert state(topics, "books")["S/A"].sold == 21


def test_what_waits_in_memory_is_bounded(topics):
    app = build(topics)
    assert app.conf.stream_buffer_maxsize == topics.stream_buffer_batches
    assert app.consumer_options["max_poll_records"] == topics.max_poll_records
    assert not app.conf.web_enabled
