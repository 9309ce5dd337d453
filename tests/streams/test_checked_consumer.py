"""What a coordinator answers about offsets is believed only if it is no error and speaks of all that was asked."""

import ast
import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka import errors
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

import andon
from andon.streams.checked_consumer import CheckedConsumer, CheckedCoordinator

#: What a broker answers after its restart: no topic at all, and an error for the whole.
NOT_COORDINATOR = 16
LOADING = 14
UNKNOWN_TOPIC = 3
REFUSED = 30
ASKED = [TopicPartition("pos", 0), TopicPartition("pos", 1), TopicPartition("stock", 0)]


def fetched(offsets, error=0):
    """Return an answer of OffsetFetch."""
    topics = {}
    for (topic, partition), offset in offsets.items():
        topics.setdefault(topic, []).append((partition, offset, "", 0))
    return SimpleNamespace(topics=list(topics.items()), error_code=error)


def refused(code):
    """Return an answer of OffsetFetch with an error of one partition, as old versions have it."""
    return SimpleNamespace(topics=[("pos", [(0, -1, "", code)])])


def taken(partitions, code=0):
    """Return an answer of OffsetCommit."""
    topics = {}
    for topic, partition in partitions:
        topics.setdefault(topic, []).append((partition, code))
    return SimpleNamespace(topics=list(topics.items()))


class FakeCoordinator(CheckedCoordinator):
    """A checked coordinator whose broker gives some answers, one after the other."""

    def __init__(self, *answers):
        self.group_id, self._retry_backoff_ms = "andon", 0
        self.generation, self.member_id = 1, "m"
        self._coordinator_dead_fut = None
        self.coordinator_id = 1
        self._commit_lock = asyncio.Lock()
        self.answers = list(answers)
        self.dead = 0
        self._client = self

    async def send(self, node, request, group):
        del node, group
        assert isinstance(request, OffsetFetchRequest | OffsetCommitRequest)
        return self.answers.pop(0)

    async def ensure_coordinator_known(self):
        pass

    def coordinator_dead(self):
        self.dead += 1


def offsets_of(coordinator):
    found = asyncio.run(coordinator.fetch_committed_offsets(ASKED))
    return {tp: one.offset for tp, one in found.items()}


def commit(coordinator):
    offsets = {tp: OffsetAndMetadata(7, "") for tp in ASKED}
    asyncio.run(coordinator.commit_offsets(None, offsets))


WHOLE = {ASKED[0]: 1035, ASKED[1]: -1, ASKED[2]: 12}
KNOWN = {ASKED[0]: 1035, ASKED[2]: 12}


@pytest.mark.parametrize(
    ("first", "dead"),
    [
        (fetched({}, NOT_COORDINATOR), 1),
        (fetched({}, LOADING), 0),
        (fetched(WHOLE, NOT_COORDINATOR), 1),
        (fetched({}), 0),
        (fetched({ASKED[0]: 1035}), 0),
        (refused(NOT_COORDINATOR), 1),
        (refused(UNKNOWN_TOPIC), 0),
    ],
    ids=["moved", "loading", "moved, with offsets", "empty", "in part", "moved, old", "unknown"],
)
def test_an_answer_that_is_an_error_or_not_whole_is_asked_for_again_and_not_taken_for_no_offsets(
    first, dead
):
    coordinator = FakeCoordinator(first, fetched(WHOLE))
    assert offsets_of(coordinator) == KNOWN
    assert coordinator.dead == dead
    assert coordinator.answers == []


@given(st.lists(st.sets(st.sampled_from(ASKED)), max_size=5))
def test_whatever_part_of_what_was_asked_comes_first_the_offsets_are_those_of_a_whole_answer(parts):
    answers = [fetched({tp: WHOLE[tp] for tp in part}) for part in parts if part != set(ASKED)]
    assert offsets_of(FakeCoordinator(*answers, fetched(WHOLE))) == KNOWN


@given(st.lists(st.sets(st.sampled_from(ASKED)), max_size=5))
def test_a_commit_is_done_when_the_coordinator_has_said_so_of_every_partition(parts):
    answers = [taken(part) for part in parts if part != set(ASKED)]
    coordinator = FakeCoordinator(*answers, taken(ASKED))
    commit(coordinator)
    assert coordinator.answers == []


@pytest.mark.parametrize(
    "act", [offsets_of, commit], ids=["offsets are fetched", "offsets are committed"]
)
def test_an_answer_that_refuses_for_good_is_an_error(act):
    answer = fetched({}, REFUSED) if act is offsets_of else taken(ASKED, REFUSED)
    with pytest.raises(errors.GroupAuthorizationFailedError):
        act(FakeCoordinator(answer))


def test_a_consumer_s_coordinator_is_a_checked_one_before_it_has_asked_anything():
    consumer = object.__new__(CheckedConsumer)
    consumer._coordinator = object.__new__(GroupCoordinator)
    assert type(consumer._coordinator) is CheckedCoordinator


def test_no_consumer_of_a_group_is_an_unchecked_one():
    """`aiokafka`'s own consumer may be used without a group only."""
    root = Path(next(iter(andon.__path__)))
    made = [
        (path.name, keyword.arg)
        for path in root.glob("*/**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "AIOKafkaConsumer"
        for keyword in node.keywords
    ]
    assert made
    assert "group_id" not in {name for _, name in made}
