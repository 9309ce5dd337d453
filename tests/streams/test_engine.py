"""The engine's promises, with a consumer, a producer and a changelog that remember what was asked of them."""

import asyncio
from types import SimpleNamespace

import msgspec
import pytest
from faust.types import TP

from andon.streams.batches import RecordBatch
from andon.streams.changelog import Changelog as RealChangelog
from andon.streams.changelog import StateCorrupt
from andon.streams.engine import Engine
from andon.streams.metrics import Metrics
from andon.streams.producer import Outgoing
from andon.streams.state import MARK, Codec, Shard, Shards, TableSpec

TOPIC = "andon.pos.v1"
HERE = TP(TOPIC, 0)


class OutboxMessage(msgspec.Struct, array_like=True):
    """A message."""

    family: str
    body: bytes
    epoch: int = 0


class Counter(msgspec.Struct, array_like=True):
    """State that counts, and says so when it is told to."""

    count: int = 0
    outbox: list[OutboxMessage] = []


SPEC = TableSpec("counters", Counter, lambda _: Counter())


class Consumer:
    """The group's consumer."""

    def __init__(self, log):
        self.log = log
        self.offsets = {HERE: 100}
        self.earliest = 0
        self.end = 1000
        self.takes_commits = True

    async def committed(self, partitions):
        return {tp: self.offsets.get(tp) for tp in partitions}

    async def seek_to(self, offsets):
        self.log.append(("seek", dict(offsets)))

    async def commit_offsets(self, offsets):
        self.log.append(("commit", dict(offsets)))
        if self.takes_commits:
            self.offsets.update(offsets)
        return self.takes_commits

    async def earliest_offsets(self, *partitions):
        return dict.fromkeys(partitions, self.earliest)

    async def end_offsets(self, partitions):
        return dict.fromkeys(partitions, self.end)

    def highwater(self, tp):
        return self.offsets.get(tp)


class Changelog:
    """What was written, decoded again on read."""

    def __init__(self, log):
        self.log = log
        self.codec = Codec({SPEC.name: SPEC})
        self.stored = {}
        self.marked = {TOPIC: 100}
        self.fails = False

    async def write(self, shard, keys, applied=None):
        if self.fails:
            raise ConnectionError
        self.marked = shard.marked = {**shard.marked, **(applied or {})}
        for table, key in keys:
            record = shard.tables[table].get(key)
            self.stored[table, key] = record and self.codec.encode(record, shard.generation)
        if keys:
            self.log.append(("write", sorted(key for _, key in keys)))
        return len(keys)

    async def read(self, shard, live):
        self.log.append(("read", shard.partition))
        shard.marked = self.marked
        for (table, key), value in self.stored.items():
            shard.tables[table][key] = self.codec.decode(table, value)
        return len(self.stored)

    def read_outboxes(self):
        """What waits to be published in what was written."""
        records = [self.codec.decode(table, value) for (table, _), value in self.stored.items()]
        return [message for record in records for message in record.outbox]

    def vouch(self, shard, topic, committed):
        assert committed <= shard.marked.get(topic, 0)

    def compare(self, shard, topic, end):
        if end < shard.marked.get(topic, 0):
            raise StateCorrupt


class Producer:
    """What was published."""

    def __init__(self, log):
        self.log = log
        self.fails = False

    async def publish(self, records):
        if self.fails:
            raise ConnectionError
        self.log.append(("publish", [record.value for record in records]))


def marked(record, epoch):
    """Mark what a record has to say, as the fence does."""
    for message in record.outbox:
        message.epoch = message.epoch or epoch


@pytest.fixture
def world():
    log = []
    consumer, changelog, producer = Consumer(log), Changelog(log), Producer(log)
    engine = Engine(
        Shards((SPEC,)),
        changelog,
        producer,
        Metrics(),
        deadletter_topic="dead",
        compose=lambda said: Outgoing("out", None, said.body),
        survey=lambda _: (),
        fence=marked,
        max_dirty_keys=1000,
        max_live_records=1000,
    )
    engine.attach(consumer)
    return SimpleNamespace(
        log=log, consumer=consumer, changelog=changelog, producer=producer, engine=engine
    )


def batch(begin, end, generation=1):
    records = [SimpleNamespace(offset=offset) for offset in range(begin, end)]
    return RecordBatch(TOPIC, 0, records, begin=begin, end=end, generation=generation)


def count(shard, one, effects):
    del effects
    shard.get("counters", "a").count += len(one)
    shard.touch("counters", "a")


def say(shard, one, effects):
    count(shard, one, effects)
    shard.get("counters", "a").outbox.append(OutboxMessage("f", b"said"))
    shard.touch("counters", "a", 1.0)


def run(world, *steps):
    async def story():
        await world.engine.restore({HERE}, 1)
        for step in steps:
            await step

    asyncio.run(story())


def counted(world):
    shard = world.engine.shards.get(0)
    return shard.get("counters", "a").count if shard else None


def test_a_checkpoint_writes_before_it_commits(world):
    run(world, world.engine.handle(batch(100, 110), count), world.engine.checkpoint())
    assert world.log[-2:] == [("write", ["a"]), ("commit", {HERE: 110})]


def test_a_missing_batch_is_read_again_and_not_passed_over(world):
    run(
        world,
        world.engine.handle(batch(100, 110), count),
        world.engine.handle(batch(115, 120), count),
        world.engine.checkpoint(),
    )
    assert ("seek", {HERE: 110}) in world.log
    assert ("commit", {HERE: 110}) in world.log
    assert counted(world) == 10


def test_a_partition_without_a_commit_is_read_from_its_beginning_whatever_was_fetched_before(world):
    """Its first records may have been fetched, and dropped, while the state was still being read."""
    world.consumer.offsets.clear()
    world.changelog.marked = {}
    run(
        world,
        world.engine.handle(batch(2, 5), count),
        world.engine.handle(batch(0, 2), count),
        world.engine.handle(batch(2, 5), count),
        world.engine.checkpoint(),
    )
    assert [step for step in world.log if step[0] == "seek"] == [("seek", {HERE: 0})] * 2
    assert counted(world) == 5
    assert world.log[-1] == ("commit", {HERE: 5})


@pytest.mark.parametrize("committed", [True, False])
def test_a_topic_shorter_than_what_is_applied_of_it_is_not_read(world, committed):
    """Kafka forgets what was committed of a topic that is deleted; the state does not forget what it applied."""
    world.consumer.end = 99
    if not committed:
        world.consumer.offsets.clear()
    with pytest.raises(StateCorrupt):
        run(world)
    assert not world.engine.ready
    assert not [step for step in world.log if step[0] == "seek"]


def test_a_hole_is_asked_for_once_until_it_is_filled(world):
    run(
        world,
        world.engine.handle(batch(115, 120), count),
        world.engine.handle(batch(120, 130), count),
        world.engine.handle(batch(100, 115), count),
        world.engine.handle(batch(115, 120), count),
    )
    assert [step for step in world.log if step == ("seek", {HERE: 100})][1:] == [
        ("seek", {HERE: 100})
    ]
    assert counted(world) == 20


def lost(world):
    return world.engine.metrics.offsets_lost.labels(TOPIC)._value.get()


def test_what_the_broker_deleted_while_no_worker_ran_is_counted_and_passed_over(world, caplog):
    world.consumer.earliest = 115
    run(world, world.engine.handle(batch(115, 120), count))
    assert lost(world) == 15
    assert "offsets 100 to 115 were deleted by the broker before they were read" in caplog.text
    assert counted(world) == 5


@pytest.mark.parametrize("begin", [115, 100])
def test_what_the_broker_deleted_before_a_lagging_worker_read_it_is_counted_once(world, begin):
    """The client goes on at what is there, and says that the batch begins where the last one ended."""

    async def story():
        await world.engine.restore({HERE}, 1)
        world.consumer.earliest = 115
        late = batch(115, 120)
        late.begin = begin
        await world.engine.handle(late, count)
        if begin > 100:  # a batch is missing: it is asked for, and comes again
            await world.engine.handle(batch(115, 120), count)

    asyncio.run(story())
    assert lost(world) == 15
    assert counted(world) == 5


def test_offsets_that_compaction_or_a_transaction_left_out_are_not_lost(world):
    """What is missing between two batches is lost only if the broker no longer has it."""
    gapped = batch(105, 120)
    gapped.begin = 100
    run(world, world.engine.handle(gapped, count))
    assert lost(world) == 0
    assert counted(world) == 15


def cut(world):
    return world.engine.metrics.offsets_cut.labels(TOPIC)._value.get()


@pytest.mark.parametrize(
    ("end", "again", "applied"),
    [
        (90, [(0, 90)], 10),
        (0, [(0, 3)], 10),
        (90, [(0, 60), (60, 90), (90, 105), (105, 115)], 15),
        (90, [(0, 90), (90, 130)], 30),
    ],
    ids=["cut", "made anew", "grown in parts", "grown at once"],
)
def test_a_topic_cut_at_its_end_under_a_worker_is_told_once_and_never_takes_its_position_back(
    world, caplog, end, again, applied
):
    """The client begins at the beginning of what is left: none of it is applied, or counts as settled, a second time."""

    async def story():
        await world.engine.restore({HERE}, 1)
        await world.engine.handle(batch(100, 110), count)
        await world.engine.checkpoint()
        world.consumer.end = end
        for begin, until in again:
            await world.engine.handle(batch(begin, until), count)
            world.consumer.end = max(until, end)
            await world.engine.checkpoint()

    asyncio.run(story())
    assert cut(world) == 110 - end
    assert caplog.text.count("truncated or made anew") == 1
    assert counted(world) == applied
    commits = [what[HERE] for kind, what in world.log if kind == "commit"]
    assert commits == sorted(commits)
    assert world.changelog.marked == {TOPIC: commits[-1]} == {TOPIC: 100 + applied}


def test_what_is_delivered_twice_in_one_generation_is_applied_once_and_is_no_cut(world):
    """A hole that was asked for twice may come twice."""
    run(
        world,
        world.engine.handle(batch(100, 110), count),
        world.engine.handle(batch(100, 110), count),
        world.engine.handle(batch(105, 120), count),
        world.engine.checkpoint(),
    )
    assert counted(world) == 20
    assert cut(world) == 0
    assert world.log[-1] == ("commit", {HERE: 120})


@pytest.mark.parametrize("committed", [None, 40])
def test_reading_never_begins_before_the_mark_of_the_state(world, committed):
    """A group's offsets expire, or a broker says that there are none: the state knows how far it came."""
    world.consumer.offsets = {} if committed is None else {HERE: committed}
    run(world, world.engine.handle(batch(100, 110), count), world.engine.checkpoint())
    assert next(step for step in world.log if step[0] == "seek") == ("seek", {HERE: 100})
    assert world.log[-1] == ("commit", {HERE: 110})


@pytest.mark.parametrize("committed", [None, 40])
def test_what_a_killed_worker_wrote_and_did_not_commit_is_committed_though_nothing_new_comes(
    world, committed
):
    world.consumer.offsets = {HERE: committed}
    run(world, world.engine.checkpoint(), world.engine.checkpoint())
    assert [entry for entry in world.log if entry[0] == "commit"] == [("commit", {HERE: 100})]


def test_the_mark_of_a_partition_never_goes_back():
    written = []

    class Topic:
        async def write(self, topic, partition, records, *, is_urgent):
            assert not is_urgent
            written.extend(records)
            return [(0, len(records))]

    codec = Codec({SPEC.name: SPEC})
    changelog = RealChangelog("changelog", codec, Topic(), {}, Metrics())
    shard = Shard(0, {SPEC.name: SPEC}, 1)
    shard.marked = {TOPIC: 1035, "other": 7}
    asyncio.run(changelog.write(shard, [], {TOPIC: 26, "other": 8}))
    [(_, value, _)] = written
    assert codec.decode(MARK[0], value).applied == {TOPIC: 1035, "other": 8} == shard.marked


def test_a_checkpoint_in_the_middle_of_a_long_batch_commits_what_is_applied(world):
    async def story():
        await world.engine.restore({HERE}, 1)
        handling = asyncio.ensure_future(world.engine.handle(batch(100, 400), count))
        for _ in range(2):  # its first turn, and what follows from it
            await asyncio.sleep(0)
        await world.engine.checkpoint()
        assert not handling.done()
        await handling
        await world.engine.checkpoint()

    asyncio.run(story())
    commits = [what for kind, what in world.log if kind == "commit"]
    assert commits == [{HERE: 200}, {HERE: 400}]
    assert counted(world) == 300


def test_the_rest_of_a_batch_whose_partition_was_lost_is_dropped(world):
    async def story():
        await world.engine.restore({HERE}, 1)
        handling = asyncio.ensure_future(world.engine.handle(batch(100, 400), count))
        await asyncio.sleep(0)
        await world.engine.revoke()
        await handling

    asyncio.run(story())
    assert counted(world) == 100


def test_a_batch_of_an_older_generation_is_dropped(world):
    run(world, world.engine.handle(batch(100, 110, generation=0), count))
    assert counted(world) == 0


def test_what_is_said_is_written_first_and_then_no_longer_waits(world):
    run(world, world.engine.handle(batch(100, 101), say))
    assert world.log[-2:] == [("write", ["a"]), ("publish", [b"said"])]
    assert world.engine.shards.get(0).get("counters", "a").outbox == []


def test_offsets_whose_effects_failed_are_not_committed(world):
    async def story():
        await world.engine.restore({HERE}, 1)
        world.producer.fails = True
        with pytest.raises(ConnectionError):
            await world.engine.handle(batch(100, 101), say)
        world.producer.fails = False
        await world.engine.checkpoint()

    asyncio.run(story())
    assert not any(step == ("commit", {HERE: 101}) for step in world.log)


def test_who_says_nothing_while_a_record_is_published_does_not_have_it_published_again(world):
    """Else its event would count as one that an alert came of, and the record be written for nothing."""

    async def story():
        await world.engine.restore({HERE}, 1)
        publish = world.producer.publish

        async def publish_and_meet_others(records):
            await world.engine.handle(batch(101, 105), count)
            world.producer.publish = publish
            await publish(records)

        world.producer.publish = publish_and_meet_others
        await world.engine.handle(batch(100, 101), say)

    asyncio.run(story())
    assert counted(world) == 5
    assert [step for step, _ in world.log].count("publish") == 1
    seen = world.engine.metrics.registry.get_sample_value("andon_event_to_alert_seconds_count")
    assert seen == 1


def test_who_says_more_while_a_record_is_published_has_its_turn_after_it(world):
    async def story():
        await world.engine.restore({HERE}, 1)
        publish = world.producer.publish
        others = []

        async def publish_and_meet_others(records):
            others.append(asyncio.ensure_future(world.engine.handle(batch(101, 102), say)))
            await asyncio.sleep(0)
            world.producer.publish = publish
            await publish(records)

        world.producer.publish = publish_and_meet_others
        await world.engine.handle(batch(100, 101), say)
        await others[0]

    asyncio.run(story())
    assert [told for step, told in world.log if step == "publish"] == [[b"said"], [b"said"]]
    assert world.engine.shards.get(0).get("counters", "a").outbox == []


@pytest.mark.parametrize("fails", ["changelog", "producer"])
def test_what_could_not_be_published_still_waits_to_be(world, fails):
    async def story():
        await world.engine.restore({HERE}, 1)
        getattr(world, fails).fails = True
        with pytest.raises(ConnectionError):
            await world.engine.handle(batch(100, 101), say)
        getattr(world, fails).fails = False
        await world.engine.handle(batch(101, 102), count)

    asyncio.run(story())
    assert world.log[-1] == ("publish", [b"said"])


@pytest.mark.parametrize("act", [count, say])
def test_what_could_not_be_written_is_written_before_anything_is_committed(world, act):
    async def act_and_checkpoint():
        await world.engine.handle(batch(100, 110), act)
        await world.engine.checkpoint()

    async def story():
        await world.engine.restore({HERE}, 1)
        world.changelog.fails = True
        with pytest.raises(ConnectionError):
            await act_and_checkpoint()
        world.changelog.fails = False
        await world.engine.checkpoint()

    asyncio.run(story())
    assert ("write", ["a"]) in world.log
    steps = [step for step, _ in world.log]
    assert "commit" not in steps[: steps.index("write")]


def test_a_revocation_waits_for_what_is_being_said(world):
    async def story():
        await world.engine.restore({HERE}, 1)
        await world.engine.handle(batch(100, 105), count)
        committing, saying = asyncio.Event(), asyncio.Event()
        commit, publish = world.consumer.commit_offsets, world.producer.publish

        async def commit_slowly(offsets):
            await committing.wait()
            return await commit(offsets)

        async def publish_slowly(records):
            await saying.wait()
            await publish(records)

        world.consumer.commit_offsets = commit_slowly
        world.producer.publish = publish_slowly
        revoking = asyncio.ensure_future(world.engine.revoke())
        await asyncio.sleep(0)
        handling = asyncio.ensure_future(world.engine.handle(batch(105, 110), say))
        await asyncio.sleep(0)
        committing.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not world.engine.ready
        assert not revoking.done()
        saying.set()
        await asyncio.gather(revoking, handling)

    asyncio.run(story())
    assert world.log[-1] == ("publish", [b"said"])


def test_after_a_revocation_nothing_is_written_or_committed(world):
    run(world, world.engine.handle(batch(100, 110), count), world.engine.revoke())
    before = list(world.log)
    asyncio.run(world.engine.checkpoint())
    assert world.log == before
    assert not world.engine.ready


def test_state_that_could_not_be_committed_is_read_anew(world):
    async def story():
        await world.engine.restore({HERE}, 1)
        await world.engine.handle(batch(100, 110), count)
        world.consumer.takes_commits = False
        await world.engine.revoke()
        await world.engine.restore({HERE}, 2)

    asyncio.run(story())
    assert world.log.count(("read", 0)) == 2


def test_a_partition_kept_over_a_rebalance_keeps_its_state_and_one_that_was_away_is_read_anew(
    world,
):
    async def story():
        await world.engine.restore({HERE}, 1)
        await world.engine.handle(batch(100, 110), count)
        await world.engine.revoke()
        await world.engine.restore({HERE}, 2)
        kept = world.log.count(("read", 0))
        await world.engine.revoke()
        await world.engine.restore({HERE}, 4)
        return kept, world.log.count(("read", 0))

    assert asyncio.run(story()) == (1, 2)
    assert counted(world) == 10


def test_a_partition_that_went_to_another_worker_leaves_no_keys_behind(world):
    async def story():
        await world.engine.restore({HERE, TP(TOPIC, 1)}, 1)
        await world.engine.handle(batch(100, 110), count)
        await world.engine.revoke()
        await world.engine.restore({TP(TOPIC, 1)}, 2)

    asyncio.run(story())
    assert world.engine.shards.get(0) is None
    assert [shard.partition for shard in world.engine.shards] == [1]


def test_many_changed_keys_ask_for_a_checkpoint_at_once(world):
    def many(shard, one, effects):
        del one, effects
        for number in range(2000):
            shard.get("counters", str(number))
            shard.touch("counters", str(number))

    run(world, world.engine.handle(batch(100, 101), many))
    assert world.engine.checkpoint_due.is_set()


def test_a_message_keeps_the_epoch_of_who_made_it_durable_whoever_publishes_it_again(world):
    """A repeat after a crash is the same to the byte; what a successor says is not its predecessor's."""

    async def story():
        await world.engine.restore({HERE}, 1)
        world.producer.fails = True
        with pytest.raises(ConnectionError):
            await world.engine.handle(batch(100, 101), say)
        world.producer.fails = False
        [kept] = world.changelog.read_outboxes()
        world.engine.shards.owned.clear()
        await world.engine.restore({HERE}, 7)
        return kept

    kept = asyncio.run(story())
    assert kept.epoch == 1
    assert ("publish", [b"said"]) in world.log
