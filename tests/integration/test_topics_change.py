"""Topics that change under a running worker: it says what happened and ends; the books stay what they were."""

import pytest
from kafka import KafkaAdminClient
from support.workers import WorkerProcess, send, state, until, until_committed

from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.streams.admin import TopicAdmin
from andon.streams.topics import TOPICS, topic_name

pytestmark = [pytest.mark.integration, pytest.mark.apache]

NOW = 20_000 * 86400.0
FED = 24


def sales(prefix):
    for number in range(FED):
        at = utc(NOW + number)
        one = Sale(event_id=f"{prefix}{number}", occurred_at=at, location="S", sku="A", quantity=1)
        yield "pos", one


def delete(settings, family):
    name = topic_name(settings, family)
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        admin.delete_topics([name])
        until(lambda: name not in {one["name"] for one in admin.describe_topics()}, "it is gone")


def make_anew(settings, family):
    delete(settings, family)
    with TopicAdmin(settings) as admin:
        admin.create([spec for spec in TOPICS if spec.family == family])


def repartition(settings, family):
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        admin.create_partitions({topic_name(settings, family): 8})


CASES = {
    "gone": (delete, "pos", "pos.v1 was deleted"),
    "wider": (repartition, "pos", "pos.v1 has 8 partitions now, not 4"),
    "anew": (make_anew, "pos", "pos.v1 was deleted and made anew"),
    "empty": (make_anew, "state", "made anew"),
}


def test_a_topic_that_changes_under_a_worker_ends_it_with_a_clear_word(settings, tmp_path):
    """Four workers of four networks at once: the start is what takes the time."""
    workers = {}
    for case in CASES:
        one = settings.model_copy(update={"prefix": f"{settings.prefix}-{case}"})
        with TopicAdmin(one) as admin:
            admin.create()
        workers[case] = WorkerProcess(one)
        workers[case].log = (tmp_path / case).open("wb")
        workers[case].start(wait=False)
    for worker in workers.values():
        until(worker.ready, "the worker is ready")
        send(worker.settings, sales("a"))
        until_committed(worker.settings, "pos", what="the sales are committed")
    for case, worker in workers.items():
        change, family, _ = CASES[case]
        change(worker.settings, family)
    for case in ("anew", "empty"):
        send(workers[case].settings, list(sales("b"))[: FED // 2])
    for case, worker in workers.items():
        assert worker.process.wait(30) != 0, case
        assert CASES[case][2] in (tmp_path / case).read_text(), case
        if case != "empty":
            assert state(worker.settings, "books")["S/A"].sold == FED, case
    anew = workers["anew"]
    anew.log = (tmp_path / "anew-again").open("wb")
    assert anew.start(wait=False).process.wait(30) != 0
    assert "would be taken for applied" in (tmp_path / "anew-again").read_text()
