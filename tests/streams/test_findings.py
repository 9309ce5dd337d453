"""What the doctor makes of facts: tables of what is seen and how bad it is."""

import pytest

from andon.streams import findings
from andon.streams.admin import Lag
from andon.streams.findings import ClockFacts, GroupFacts, TopicFacts
from andon.streams.settings import load_settings
from andon.streams.topics import TOPICS, topic_name

READABLE = {"gzip": True, "snappy": True, "lz4": True, "zstd": True}


def settings(**changes):
    return load_settings(broker="kafka:9092", **changes)


def worst(found):
    order = ["ok", "unknown", "warning", "fault"]
    return max((one.level for one in found), key=order.index, default="ok")


def whole(spec, **changes):
    config = {**spec.config(settings()), **changes}
    return TopicFacts(partitions=4, replicas=1, in_sync=1, without_leader=0, config=config)


def topics_with(family, facts):
    chosen = settings()
    there = {topic_name(chosen, spec.family): whole(spec) for spec in TOPICS}
    there[topic_name(chosen, family)] = facts
    return list(findings.judge_topics(chosen, there))


@pytest.mark.parametrize(
    ("python", "found", "level"),
    [
        ((3, 11), {"andon": "0.1.0"}, "ok"),
        ((3, 10), {"andon": "0.1.0"}, "fault"),
        ((3, 13), {"andon": "0.1.0", "prophet": None}, "fault"),
    ],
)
def test_versions_are_judged(python, found, level):
    assert worst(findings.judge_versions(python, found)) == level


@pytest.mark.parametrize(
    ("replication", "brokers", "config", "level"),
    [
        (1, 1, {"message.max.bytes": "1048588"}, "ok"),
        (3, 3, {"message.max.bytes": "1048588"}, "ok"),
        (1, 3, {"message.max.bytes": "1048588"}, "warning"),
        (3, 1, {"message.max.bytes": "1048588"}, "fault"),
        (1, 1, {"message.max.bytes": "1000"}, "warning"),
        (1, 1, {"message.max.bytes": "many"}, "unknown"),
        (1, 1, None, "unknown"),
        (1, 1, {"message.max.bytes": "1048588", "offsets.retention.minutes": "1440"}, "warning"),
    ],
)
def test_the_broker_is_judged_by_the_settings(replication, brokers, config, level):
    chosen = settings(replication_factor=replication)
    assert worst(findings.judge_broker(chosen, brokers, config)) == level


def test_topics_as_they_are_made_are_well():
    assert topics_with("pos", whole(TOPICS[0])) == []


@pytest.mark.parametrize(
    ("family", "facts", "level", "says"),
    [
        ("pos", TopicFacts(4, 1, 1, 1, {}), "fault", "1 partitions have no leader"),
        ("pos", TopicFacts(4, 3, 2, 0, {}), "warning", "2 of 3 copies are in sync"),
        ("pos", TopicFacts(4, 1, 1, 0, {"retention.ms": "3600000"}), "warning", "retention.ms"),
        ("pos", TopicFacts(4, 1, 1, 0, {"retention.ms": "-1"}), "ok", ""),
        ("pos", TopicFacts(4, 1, 1, 0, {"max.message.bytes": "1000"}), "warning", "max.message"),
        ("state", TopicFacts(4, 1, 1, 0, {"max.message.bytes": "1000"}), "fault", "max.message"),
        ("pos", TopicFacts(4, 1, 1, 0, None), "ok", ""),
    ],
)
def test_a_topic_is_judged(family, facts, level, says):
    found = topics_with(family, facts)
    assert worst(found) == level
    assert says in " ".join(one.text for one in found)
    assert all(one.remedy for one in found)


def test_fewer_copies_than_set_are_said():
    chosen = settings(replication_factor=3)
    there = {topic_name(chosen, "pos"): TopicFacts(4, 1, 1, 0)}
    [one] = findings.judge_topics(chosen, there)
    assert (one.level, one.remedy) == (
        "warning",
        "add replicas with kafka-reassign-partitions.sh",
    )


@pytest.mark.parametrize(
    ("readable", "compression", "level"),
    [
        (READABLE, "producer", "ok"),
        (READABLE, "zstd", "ok"),
        ({**READABLE, "zstd": False}, "producer", "warning"),
        ({**READABLE, "zstd": False}, "zstd", "fault"),
    ],
)
def test_codecs_are_judged_by_what_topics_use(readable, compression, level):
    facts = TopicFacts(4, 1, 1, 0, {"compression.type": compression})
    assert worst(findings.judge_codecs(readable, {"t": facts})) == level


@pytest.mark.parametrize(
    ("ahead", "level", "says"),
    [
        (0.5, "ok", "ahead of"),
        (-1.0, "ok", "behind"),
        (30.0, "warning", "30.0 s ahead of"),
        (-90_000.0, "fault", "90,000.0 s behind"),
    ],
)
def test_the_brokers_clock_is_judged_by_how_far_events_may_be_ahead(ahead, level, says):
    found = findings.judge_clock(settings(), ClockFacts(ahead, 0.01))
    assert found.level == level
    assert says in found.text


def test_a_slow_way_is_no_wrong_clock():
    assert findings.judge_clock(settings(), ClockFacts(5.0, 4.0)).level == "ok"


@pytest.mark.parametrize(
    ("ahead", "level"),
    [({}, "unknown"), ({"t": -100.0}, "ok"), ({"t": 5.0}, "ok"), ({"t": 90.0}, "warning")],
)
def test_records_from_the_future_say_something_of_clocks(ahead, level):
    assert findings.judge_newest(ahead).level == level


@pytest.mark.parametrize(
    ("members", "lag", "level", "says"),
    [
        (2, Lag("t", 0, committed=10, begin=0, end=10), "ok", "2 workers"),
        (0, Lag("t", 0, committed=None, begin=0, end=7), "warning", "7 records wait"),
        (5, Lag("t", 0, committed=10, begin=0, end=10), "warning", "some do nothing"),
        (1, Lag("t", 0, committed=0, begin=0, end=200_000), "warning", "200,000 records behind"),
        (1, Lag("t", 0, committed=3, begin=10, end=20), "fault", "7 records of t[0] were deleted"),
        (1, Lag("t", 0, committed=30, begin=0, end=20), "fault", "beyond the end of t[0]"),
    ],
)
def test_the_group_is_judged_by_its_members_and_offsets(members, lag, level, says):
    found = list(findings.judge_group(settings(), GroupFacts(members, (lag,))))
    assert worst(found) == level
    assert says in " ".join(one.text for one in found)


@pytest.mark.parametrize(
    ("free", "level"), [(5 << 30, "ok"), (500 << 20, "warning"), (1 << 20, "fault")]
)
def test_a_disk_is_judged_by_its_room(free, level):
    assert findings.judge_disk("here", free).level == level


@pytest.mark.parametrize(
    ("taken_by", "level"), [(None, "ok"), ("andon", "ok"), ("another program", "warning")]
)
def test_a_port_is_judged_by_who_has_it(taken_by, level):
    found = findings.judge_port("the console", "--port", 9180, taken_by)
    assert found.level == level
    assert bool(found.remedy) == (level == "warning")
