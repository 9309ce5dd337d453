import asyncio

from andon.streams.batches import RecordBatch
from andon.streams.partition_queues import MOST_UNDER_WAY, PartitionQueues


def batch(partition, begin):
    return RecordBatch("t", partition, [], begin=begin, end=begin + 1, generation=1)


class Engine:
    """Handles a batch until it is told that the broker has answered for its partition."""

    def __init__(self):
        self.log, self.failures, self.answers = [], [], {}
        self.queues = PartitionQueues(self.handle, self.fail)

    async def handle(self, one):
        self.log.append(("begin", one.partition, one.begin))
        await self.answers.setdefault(one.partition, asyncio.Event()).wait()
        if one.begin < 0:
            raise ConnectionError
        self.log.append(("end", one.partition, one.begin))

    async def fail(self, error):
        self.failures.append(error)

    def answer(self, partition):
        self.answers.setdefault(partition, asyncio.Event()).set()


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_partition_goes_on_while_another_waits_and_keeps_its_order():
    async def story():
        engine = Engine()
        for one in (batch(0, 0), batch(0, 1), batch(1, 0), batch(1, 1)):
            await engine.queues.put(one)
        engine.answer(1)
        await settle()
        assert engine.log == [
            ("begin", 0, 0),
            ("begin", 1, 0),
            ("end", 1, 0),
            ("begin", 1, 1),
            ("end", 1, 1),
        ]
        engine.answer(0)
        await settle()
        assert engine.log[-3:] == [("end", 0, 0), ("begin", 0, 1), ("end", 0, 1)]

    asyncio.run(story())


def test_no_more_than_so_many_are_under_way():
    async def story():
        engine = Engine()
        putting = asyncio.ensure_future(
            asyncio.wait(
                [
                    asyncio.ensure_future(engine.queues.put(batch(number, 0)))
                    for number in range(MOST_UNDER_WAY + 1)
                ]
            )
        )
        await settle()
        assert len(engine.log) == MOST_UNDER_WAY
        assert not putting.done()
        engine.answer(0)
        await settle()
        assert len(engine.log) == MOST_UNDER_WAY + 2
        for number in range(1, MOST_UNDER_WAY + 1):
            engine.answer(number)
        await putting
        await settle()

    asyncio.run(story())


def test_what_fails_is_told_once_before_the_next_of_its_partition_begins():
    async def story():
        engine = Engine()
        await engine.queues.put(batch(0, -1))
        await engine.queues.put(batch(0, 0))
        engine.answer(0)
        await settle()
        assert [type(one) for one in engine.failures] == [ConnectionError]
        assert engine.log == [("begin", 0, -1), ("begin", 0, 0), ("end", 0, 0)]

    asyncio.run(story())
