import asyncio

import pytest
from faust.types import TP

from andon.streams.transport import BatchConsumer


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
