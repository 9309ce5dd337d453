"""aiokafka's consumer of a group, which takes an answer that is an error, or that is not whole, for what it is."""

from collections.abc import Iterator
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, errors
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.structs import TopicPartition

from andon.streams.lenient import install

install()

_NO_ERROR: Final = 0


class PartlyAnswered(errors.KafkaError):
    """A coordinator said nothing of some partitions that it was asked about; it is to be asked again."""

    retriable = True


class CheckedCoordinator(GroupCoordinator):
    """A coordinator that believes an answer about offsets only if it is no error and speaks of all that was asked.

    After a restart of a broker, OffsetFetch answers without topics and with an error for the whole answer (NOT_COORDINATOR).
    aiokafka 0.14 looks at the errors of partitions only, and takes offsets that are missing for a group that never committed,
    or for a commit that was taken (docs/upstream.md). What is raised here, aiokafka's own loops ask again.
    """

    async def _send_req(self, request: Any) -> Any:
        response = await super()._send_req(request)
        if isinstance(request, OffsetFetchRequest):
            error = errors.for_code(next(_error_codes(response), _NO_ERROR))
            if error is not errors.NoError:
                if error is errors.NotCoordinatorForGroupError:
                    self.coordinator_dead()
                raise error(self.group_id)
            self._check_whole(request._partitions, response)  # noqa: SLF001 - what was asked is told nowhere else
        elif isinstance(request, OffsetCommitRequest):
            self._check_whole(request._topics, response)  # noqa: SLF001
        return response

    def _check_whole(self, asked: Any, response: Any) -> None:
        """Raise what asks again if partitions that were asked about are not in an answer."""
        missing = set(_partitions(asked or ())) - set(_partitions(response.topics))
        if missing:
            msg = f"group {self.group_id}: the coordinator said nothing of {sorted(missing)}"
            raise PartlyAnswered(msg)


def _error_codes(response: Any) -> Iterator[int]:
    """Yield the errors of an OffsetFetch: of the whole answer, and of each partition."""
    codes = [getattr(response, "error_code", _NO_ERROR)]
    codes += [partition[-1] for _, partitions in response.topics for partition in partitions]
    return (code for code in codes if code != _NO_ERROR)


def _partitions(topics: Any) -> Iterator[TopicPartition]:
    """Yield the partitions of a request or an answer, in which each is a number or begins with it."""
    for topic, partitions in topics:
        for partition in partitions:
            yield TopicPartition(topic, partition if isinstance(partition, int) else partition[0])


class CheckedConsumer(AIOKafkaConsumer):
    """A consumer whose coordinator is a checked one from its first request on.

    `start()` waits for a first assignment, and so for committed offsets, if topics were named before: it would be too late to
    replace the coordinator afterwards.
    """

    @property
    def _coordinator(self) -> Any:
        return self.__dict__.get("_coordinator")

    @_coordinator.setter
    def _coordinator(self, made: Any) -> None:
        if type(made) is GroupCoordinator:
            made.__class__ = CheckedCoordinator
        self.__dict__["_coordinator"] = made
