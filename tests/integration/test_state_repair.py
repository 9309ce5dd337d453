"""`andon state repair` on a broker: it changes nothing until it is told to, and then a worker begins."""

import json

import pytest
from kafka import KafkaAdminClient
from kafka.partitioner.default import murmur2
from support.workers import WorkerProcess, publish, read, send, state, until, until_committed

from andon.agents.tables import TABLES
from andon.cli import main
from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.streams.admin import TopicAdmin
from andon.streams.clients import producer
from andon.streams.state import MARK, Codec, Mark
from andon.streams.topics import topic_name

pytestmark = pytest.mark.integration

NOW = 20_000 * 86400.0
SKUS = [f"A{number}" for number in range(12)]
FED = 48


def sales():
    for number in range(FED):
        sku = SKUS[number % len(SKUS)]
        at = utc(NOW + number)
        yield (
            "pos",
            Sale(event_id=f"s{number}", occurred_at=at, location="S", sku=sku, quantity=1),
        )


def sold(settings):
    return sum(book.sold for book in state(settings, "books").values())


def quiet_worker(settings):
    """Return a worker whose output is not taken for the command's."""
    worker = WorkerProcess(settings)
    worker.log = (settings.data_dir / "worker.log").open("ab")
    return worker


def begins(settings):
    """Let a worker begin and end."""
    with quiet_worker(settings) as worker:
        until_committed(settings, "pos", what="the sales are committed")
        assert worker.stop() == 0


def say(settings, partition, applied, records):
    """Write a mark by hand."""
    codec = Codec({spec.name: spec for spec in TABLES})
    epoch = max(
        codec.epoch(one.value, one.headers) or 0
        for one in read(settings, "state")
        if one.partition == partition
    )
    client = producer(settings)
    value = codec.encode(Mark(applied, records), epoch)
    client.send(
        topic_name(settings, "state"), value, codec.encode_key(*MARK), partition=partition
    ).get(30)
    client.close()


@pytest.fixture
def repair(topics, capfd, tmp_path, monkeypatch):
    """Runs the command; returns its exit code, and what it found or told of an error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANDON_CONFIG", "")
    monkeypatch.delenv("ANDON_CONFIG")

    def run(*arguments):
        where = ["--broker", topics.broker, "--prefix", topics.prefix]
        code = main.code_of([*where, "state", "repair", "--json", *arguments])
        out, err = capfd.readouterr()
        return code, json.loads(out) if out.startswith("[") else err

    return run


def faults(found):
    return sorted({one["fault"] for one in found})


def test_what_no_worker_begins_with_is_said_and_then_mended(topics, repair):
    with quiet_worker(topics) as worker:
        send(topics, sales())
        until_committed(topics, "pos", what="the sales are committed")
        code, said = repair()
        assert code == 1
        assert "stop all workers first" in said
        assert worker.stop() == 0
    assert repair() == (0, [])

    # Records are missing, a record is foreign, and the changelog's end is not what was committed.
    key = b"books:S/FOREIGN"
    publish(topics, [("state", key, b'{"no": "state"}')])
    foreign = (murmur2(key) & 0x7FFFFFFF) % topics.partitions
    say(topics, (foreign + 1) % topics.partitions, {}, 100)
    before = len(list(read(topics, "state")))
    code, found = repair()
    assert (code, faults(found)) == (1, ["missing", "unreadable"])
    assert {one["mended"] for one in found} == {False}
    code, said = repair("--forget", "books:S/A0", "--apply")
    assert code == 1
    assert "only such are removed" in said
    assert len(list(read(topics, "state"))) == before

    code, found = repair("--apply")
    assert code == 1, "what cannot be read is removed by its name only"
    assert [one["partition"] for one in found if not one["mended"]] == [foreign]
    code, found = repair("--apply", "--forget", "books:S/FOREIGN")
    assert (code, faults(found)) == (0, ["unreadable"])
    assert repair() == (0, [])
    begins(topics)
    assert sold(topics) == FED

    # All of the state is gone, though the group has committed.
    name = topic_name(topics, "state")
    with KafkaAdminClient(bootstrap_servers=topics.servers) as admin:
        admin.delete_topics([name])
        until(lambda: name not in {one["name"] for one in admin.describe_topics()}, "it is gone")
    with TopicAdmin(topics) as admin:
        admin.create()
    code, found = repair()
    assert (code, faults(found)) == (1, ["behind"])
    assert repair("--apply")[0] == 0
    begins(topics)
    assert sold(topics) == FED

    # A topic is shorter than what was applied of it: nothing here brings it back.
    say(topics, 0, {topic_name(topics, "pos"): 10_000}, 0)
    code, found = repair("--apply")
    assert (code, faults(found)) == (1, ["shorter"])
    assert repair()[1] == [{**one, "mended": False} for one in found]
