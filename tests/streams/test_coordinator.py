"""A coordinator that is not there yet, or is another now, is asked again; what it refuses is told at once."""

from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from kafka.errors import (
    CoordinatorLoadInProgressError,
    GroupAuthorizationFailedError,
    NoError,
    NotCoordinatorError,
)
from kafka.protocol.metadata import CoordinatorType

from andon.streams.coordinator import asked_of_coordinator
from andon.streams.group_admin import GroupAdmin, TopicError
from andon.streams.settings import load_settings

KEY = (CoordinatorType.GROUP, "g")


class Client:
    """An admin client that gives these answers in turn, the last one again and again."""

    def __init__(self, *answers):
        self.cluster = SimpleNamespace(_coordinators={KEY: 3})
        self._manager = SimpleNamespace(cluster=self.cluster)
        self.answers = list(answers)

    def ask(self, *_):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    alter_group_offsets = ask

    def describe_groups(self, groups):
        return {groups[0]: self.ask()}


def test_a_coordinator_that_moved_is_looked_up_anew():
    client = Client(CoordinatorLoadInProgressError(), NotCoordinatorError(), 5)
    assert asked_of_coordinator(client, "g", client.ask) == 5
    assert client.cluster._coordinators == {}


def test_a_coordinator_that_never_comes_is_an_error():
    client = Client(NotCoordinatorError())
    with pytest.raises(NotCoordinatorError):
        asked_of_coordinator(client, "g", client.ask, seconds=0)


def test_what_a_coordinator_refuses_is_not_asked_again():
    client = Client(GroupAuthorizationFailedError(), 5)
    with pytest.raises(GroupAuthorizationFailedError):
        asked_of_coordinator(client, "g", client.ask)
    assert client.cluster._coordinators == {KEY: 3}


def group_admin(*answers):
    admin = GroupAdmin.__new__(GroupAdmin)
    admin._settings, admin._client = load_settings(application_id="g"), Client(*answers)
    return admin


@pytest.mark.parametrize(
    ("answers", "members"),
    [
        ([{"error": None, "members": [{}, {}]}], 2),
        ([{"error": "[Error 16] NotCoordinatorError: ", "members": []}, {"error": None, "members": [{}]}], 1),
        ([{"error": "[Error 69] GroupIdNotFoundError: ", "members": []}], 0),
    ],
)  # fmt: skip
def test_an_error_is_no_group_without_members(answers, members):
    assert group_admin(*answers).members() == members


def test_a_group_that_must_not_be_described_is_told():
    admin = group_admin({"error": "[Error 30] GroupAuthorizationFailedError: ", "members": []})
    with pytest.raises(TopicError, match="refused to describe group"):
        admin.members()


def test_offsets_are_set_once_the_coordinator_is_there():
    part = TopicPartition("pos", 0)
    group_admin({part: NotCoordinatorError}, {part: NoError}).go_on_at({("pos", 0): 7})
