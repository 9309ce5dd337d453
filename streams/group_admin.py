"""What an operator may ask and do of the workers' group: who is in it, and from where it goes on."""

import re
from collections.abc import Mapping

from kafka import TopicPartition
from kafka.errors import GroupIdNotFoundError, NoError, UnknownError, for_code
from kafka.structs import OffsetAndMetadata

from andon.streams.admin import TopicAdmin, TopicError
from andon.streams.coordinator import COMING, asked_of_coordinator


class GroupAdmin(TopicAdmin):
    """Topic administration, and that of the workers' group; a context manager."""

    def members(self) -> int:
        """Return how many members the workers' group has now.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker refuses to say.
        """
        group = self._settings.app_id
        with self._asking(f"describe group {group}"):
            return asked_of_coordinator(self._client, group, self._members_now)

    def go_on_at(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Commit offsets, by topic and partition, for a group without members.

        Raises:
            BrokerUnavailable: the broker went away.
            TopicError: the broker did not take one of them, say because a worker has come meanwhile.
        """
        group = self._settings.app_id
        wanted = {
            TopicPartition(*place): OffsetAndMetadata(offset, "", -1)
            for place, offset in offsets.items()
        }
        with self._asking(f"set the offsets of group {group}"):
            answers = asked_of_coordinator(self._client, group, lambda: self._alter(wanted))
        refused = [
            f"{tp.topic}[{tp.partition}]: {getattr(answers.get(tp), '__name__', 'no answer')}"
            for tp in wanted
            if answers.get(tp) is not NoError
        ]
        if refused:
            msg = f"group {group} was not set back: {'; '.join(refused)}"
            raise TopicError(msg)

    def _members_now(self) -> int:
        """Return how many members the broker tells of; an error without members is no empty group."""
        group = self._settings.app_id
        found = self._client.describe_groups([group])[group]
        if said := found["error"]:
            code = re.match(r"\[Error (\d+)\]", said)
            error = for_code(int(code[1])) if code else UnknownError
            if error is not GroupIdNotFoundError:  # nobody has ever been in it
                raise error(said)
        return len(found["members"])

    def _alter(
        self, wanted: Mapping[TopicPartition, OffsetAndMetadata]
    ) -> dict[TopicPartition, type]:
        answers: dict[TopicPartition, type] = self._client.alter_group_offsets(
            self._settings.app_id, wanted
        )
        for error in answers.values():
            if issubclass(error, COMING):
                raise error
        return answers
