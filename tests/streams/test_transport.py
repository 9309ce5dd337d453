import asyncio
from types import SimpleNamespace

import pytest
from aiokafka import errors
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.structs import TopicPartition
from faust.types import TP

from andon.streams.transport import BatchConsumer, CheckedCoordinator


class Thread:
    """Takes note of how long it would wait for records."""

    def __init__(self):
        self.waits = []

    async def getmany(self, active_partitions, timeout):  # noqa: ASYNC109 - Faust's signature
        self.waits.append((active_partitions, timeout))
        return {}


@pytest.mark.parametrize(("full", "wait"), [(set(), 1.0), ({TP("pos", 0)}, 0.01)])
def test_while_a_queue_is_full_it_is_not_waited_a_second_for_topics_that_have_nothing(full, wait):
    consumer = object.__new__(BatchConsumer)
    consumer._thread, consumer._buffered_partitions = Thread(), full
    others = {TP("stock", 0)}
    asyncio.run(consumer._getmany(others, 1.0))
    assert consumer._thread.waits == [(others, wait)]


#: What a broker answers after its restart: no topic at all, and an error for the whole.
NOT_COORDINATOR = SimpleNamespace(topics=[], error_code=16)
COMMITTED = SimpleNamespace(topics=[("pos", [(0, 1035, "", 0)])], error_code=0)


@pytest.fixture
def coordinator(monkeypatch):
    """A coordinator whose broker gives the answers in `answers`, one after the other."""
    made = object.__new__(CheckedCoordinator)
    made.group_id, made._retry_backoff_ms, made.dead, made.answers = "andon", 1, 0, []

    async def send(self, request):
        assert isinstance(request, OffsetFetchRequest)
        return self.answers.pop(0)

    async def known(self):
        pass

    def dead(self):
        self.dead += 1

    monkeypatch.setattr(GroupCoordinator, "_send_req", send)
    monkeypatch.setattr(GroupCoordinator, "ensure_coordinator_known", known)
    monkeypatch.setattr(GroupCoordinator, "coordinator_dead", dead)
    return made


def test_an_answer_that_is_an_error_is_asked_for_again_and_not_taken_for_a_group_without_offsets(
    coordinator,
):
    coordinator.answers = [NOT_COORDINATOR, SimpleNamespace(topics=[], error_code=14), COMMITTED]
    tp = TopicPartition("pos", 0)
    found = asyncio.run(coordinator.fetch_committed_offsets([tp]))
    assert found[tp].offset == 1035
    assert coordinator.dead == 1, "the coordinator is looked up anew"


def test_an_answer_that_refuses_for_good_is_an_error(coordinator):
    coordinator.answers = [SimpleNamespace(topics=[], error_code=30)]
    with pytest.raises(errors.GroupAuthorizationFailedError):
        asyncio.run(coordinator.fetch_committed_offsets([TopicPartition("pos", 0)]))
