"""What an operator may ask and do of the workers' group: who is in it, and from where it goes on."""

from collections.abc import Mapping

from kafka import TopicPartition
from kafka.errors import NoError
from kafka.structs import OffsetAndMetadata

from andon.streams.admin import TopicAdmin, TopicError


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
            return len(self._client.describe_groups([group])[group]["members"])

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
            answers = self._client.alter_group_offsets(group, wanted)
        refused = [
            f"{tp.topic}[{tp.partition}]: {getattr(answers.get(tp), '__name__', 'no answer')}"
            for tp in wanted
            if answers.get(tp) is not NoError
        ]
        if refused:
            msg = f"group {group} was not set back: {'; '.join(refused)}"
            raise TopicError(msg)
