"""A worker that was paused beyond its session writes after its successor did: nobody believes it, and it is overwritten."""

import asyncio
import os
import signal

import pytest
from support.workers import WorkerProcess, read, send, state, until, until_committed

from andon.agents.tables import TABLES
from andon.schemas.common import utc
from andon.schemas.pos import Sale
from andon.streams.changelog import Changelog
from andon.streams.metrics import Metrics
from andon.streams.producer import Producer
from andon.streams.security import aiokafka_config
from andon.streams.state import Codec, Shard
from andon.streams.topics import topic_name

pytestmark = pytest.mark.integration

NOW = 20_000 * 86400.0
FED = 24
SPECS = {spec.name: spec for spec in TABLES}
BOOK = b"books:S/A"


def sales(first):
    for number in range(first, first + FED):
        at = utc(NOW + number)
        yield (
            "pos",
            Sale(event_id=f"s{number}", occurred_at=at, location="S", sku="A", quantity=1),
        )


def written(settings):
    """Return epoch and units sold of every version of the book in the changelog, oldest first."""
    codec = Codec(SPECS)
    versions = [one.value for one in read(settings, "state") if one.key == BOOK]
    return [(codec.epoch(value), codec.decode("books", value).sold) for value in versions]


def play(settings, story):
    """Return what comes of a story that is given a changelog."""

    async def told():
        options = aiokafka_config(settings)
        producer = Producer(options)
        await producer.start()
        topic = topic_name(settings, "state")
        try:
            return await story(Changelog(topic, Codec(SPECS), producer, options, Metrics()))
        finally:
            await producer.stop()

    return asyncio.run(told())


async def shard_of(changelog, generation):
    """Return what a worker of this generation would begin with."""
    shard = Shard(0, SPECS, generation)
    await changelog.read(shard, 100)
    return shard


def test_what_a_predecessor_writes_late_is_not_read_and_is_overwritten(topics):
    async def story(changelog):
        async def sell(shard, key, quantity):
            shard.get("books", key).sold += quantity
            shard.touch("books", key)
            await changelog.write(shard, shard.take_dirty(), {})

        zombie = await shard_of(changelog, 1)
        await sell(zombie, "S/A", 1)
        successor = await shard_of(changelog, 2)
        await sell(successor, "S/A", 10)
        await sell(zombie, "S/A", 5)
        seen_by_the_next = (await shard_of(changelog, 3)).get("books", "S/A").sold
        await sell(successor, "S/B", 1)
        assert successor.dirty["books"] == {"S/A"}, "it must have the last word"
        await changelog.write(successor, successor.take_dirty(), {})
        return seen_by_the_next

    assert play(topics, story) == 11
    assert written(topics) == [(1, 1), (2, 11), (1, 6), (2, 11)]


def test_a_zombie_removes_nothing_of_what_its_successor_has_made(topics):
    """It sees records that it does not know, and may even remove some that it does: neither is believed."""

    async def story(changelog):
        async def write(shard, applied):
            await changelog.write(shard, shard.take_dirty(), {"pos": applied})

        zombie = await shard_of(changelog, 1)
        for key in ("S/A", "S/B"):
            zombie.get("books", key).sold = 1
        await write(zombie, 2)
        successor = await shard_of(changelog, 2)
        for key in ("S/B", "S/NEW"):
            successor.get("books", key).sold = 7
            successor.touch("books", key)
        await write(successor, 4)
        zombie.touch("books", "S/A")
        await write(zombie, 2)
        assert not any(zombie.dirty.values()), "what its successor wrote is not its to write again"
        zombie.delete("books", "S/B")
        await write(zombie, 2)
        third = await shard_of(changelog, 3)
        sold = {key: book.sold for key, book in third.tables["books"].items()}
        assert third.dirty["books"] == {"S/A", "S/B"}, "it must have the last word"
        third.delete("books", "S/A")
        await write(third, 5)
        return sold, sorted((await shard_of(changelog, 4)).tables["books"])

    assert play(topics, story) == ({"S/A": 1, "S/B": 7, "S/NEW": 7}, ["S/B", "S/NEW"])


@pytest.mark.apache
def test_a_worker_paused_beyond_its_session_does_not_overwrite_its_successor(topics):
    settings = topics.model_copy(
        update={"session_timeout_seconds": 6.0, "heartbeat_interval_seconds": 1.0}
    )
    zombie = WorkerProcess(settings, ANDON_CHECKPOINT_INTERVAL_SECONDS="5").start()
    send(settings, sales(0))
    until(
        lambda: zombie.metric("andon_events_total", outcome="applied") == FED,
        "the sales are applied, in memory",
    )
    zombie.process.send_signal(signal.SIGSTOP)
    assert written(settings) == []
    successor = WorkerProcess(settings).start()
    send(settings, sales(FED))
    until_committed(settings, "pos", what="the successor has committed all")
    os.kill(zombie.process.pid, signal.SIGCONT)

    def written_late():
        """Whether the zombie wrote, whatever its successor has made of it since."""
        epochs = [epoch for epoch, _ in written(settings)]
        return any(epoch < max(epochs[:place]) for place, epoch in enumerate(epochs) if place)

    until(written_late, "the zombie wrote what it knew")
    zombie.kill()
    successor.kill()
    with WorkerProcess(settings) as third:
        send(settings, sales(2 * FED))
        until_committed(settings, "pos", what="the third has committed all")
        assert third.stop() == 0
    assert written(settings)[-1][1] == 3 * FED
    assert state(settings, "books")["S/A"].sold == 3 * FED
