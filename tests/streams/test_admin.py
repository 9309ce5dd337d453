import logging
import time
from types import SimpleNamespace

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import ClusterAuthorizationFailedError
from kafka.structs import OffsetAndMetadata

from andon.streams.admin import (
    BrokerUnavailable,
    Lag,
    TopicAdmin,
    TopicError,
    quiet,
    wait_for_broker,
)
from andon.streams.embedded import free_port
from andon.streams.settings import load_settings
from andon.streams.topics import TOPICS, topic_name


@pytest.fixture
def admin(settings):
    with TopicAdmin(settings) as admin:
        yield admin


def _texts(problems):
    return {problem.topic.split(".")[1]: problem for problem in problems}


def _copy(settings, **changes):
    return load_settings(**{**settings.model_dump(), **changes})


def test_nobody_there_is_one_helpful_line_within_six_seconds(caplog, capfd):
    broker = f"127.0.0.1:{free_port()}"
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable) as caught:
        wait_for_broker(load_settings(broker=broker), seconds=0)
    assert time.monotonic() - began < 6
    assert str(caught.value).startswith(f"no Kafka broker answers at {broker}: start one")
    assert "andon up" in str(caught.value)
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")


def test_silence_ends_where_it_began_however_deep():
    logger = logging.getLogger("kafka")
    before = logger.level
    with quiet(), quiet():
        assert not logger.isEnabledFor(logging.CRITICAL)
    assert logger.level == before


@pytest.mark.parametrize(
    ("committed", "begin", "end", "records"),
    [(None, 0, 10, 10), (None, 4, 10, 6), (3, 0, 10, 7), (10, 0, 10, 0), (2, 4, 10, 6)],
)
def test_lag_counts_what_is_there_and_not_committed(committed, begin, end, records):
    assert Lag("t", 0, committed=committed, begin=begin, end=end).records == records


@pytest.mark.integration
def test_topics_are_made_once_and_then_found(admin, settings):
    names = {topic_name(settings, spec.family) for spec in TOPICS}
    assert admin.create() == dict.fromkeys(names, True)
    assert admin.create() == dict.fromkeys(names, False)
    assert admin.existing() == dict.fromkeys(names, settings.partitions)
    assert admin.check() == []


@pytest.mark.integration
def test_topics_have_the_configuration_of_the_registry(admin, settings):
    admin.create()
    names = {topic_name(settings, spec.family): spec for spec in TOPICS}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    described = admin._client.describe_configs(resources, config_filter="all")["topic"]
    for name, spec in names.items():
        want = spec.config(settings)
        assert {key: described[name][key]["value"] for key in want} == want


@pytest.mark.integration
def test_a_missing_topic_says_how_to_make_it(admin, settings):
    admin.create([spec for spec in TOPICS if spec.family != "acks"])
    [problem] = admin.check()
    assert problem.text == f"topic {settings.prefix}.acks.v1 is missing: run `andon topics create`"
    assert problem.fatal


@pytest.mark.integration
def test_a_wrong_partition_count_is_fatal_where_keys_must_meet_and_nowhere_else(admin, settings):
    families = {"pos", "replenishment"}
    odd = [spec for spec in TOPICS if spec.family in families]
    with TopicAdmin(_copy(settings, partitions=3)) as other:
        other.create(odd)
    admin.create()
    [problem] = admin.check()
    assert problem.topic == f"{settings.prefix}.pos.v1"
    assert "has 3 partitions, but 4 are set: set ANDON_PARTITIONS" in problem.text
    assert problem.fatal


@pytest.mark.integration
def test_a_wrong_cleanup_policy_is_fatal_where_it_would_lose_books_or_events(admin, settings):
    wrong = {"state": "delete", "forecasts": "delete", "pos": "compact"}
    admin._client.create_topics(
        {
            topic_name(settings, family): {
                "num_partitions": settings.partitions,
                "replication_factor": 1,
                "configs": {"cleanup.policy": policy},
            }
            for family, policy in wrong.items()
        }
    )
    admin.create()
    problems = _texts(admin.check())
    fatal = {family: problem.fatal for family, problem in problems.items()}
    assert fatal == {"state": True, "pos": True, "forecasts": False}
    assert "--add-config cleanup.policy=compact" in problems["state"].text


@pytest.mark.integration
def test_a_broker_that_does_not_say_is_reported_as_not_checked(admin, monkeypatch):
    admin.create()

    def refuse(*_, **__):
        raise ClusterAuthorizationFailedError

    monkeypatch.setattr(admin._client, "describe_configs", refuse)
    [problem] = admin.check()
    assert "cleanup policies were not checked" in problem.text
    assert not problem.fatal
    monkeypatch.setattr(admin._client, "describe_configs", lambda *_, **__: {})
    [problem] = admin.check()
    assert problem.text.endswith("were not checked: the broker does not say")
    assert not problem.fatal


@pytest.mark.integration
def test_where_no_topic_is_there_that_is_said_once(admin, settings):
    [problem] = admin.check()
    assert problem.topic == f"{settings.prefix}.*"
    assert problem.text == f"topic {settings.prefix}.* is missing: run `andon topics create`"
    assert problem.fatal


@pytest.mark.integration
def test_a_refused_topic_is_named_with_the_reason(settings):
    with TopicAdmin(_copy(settings, replication_factor=9)) as admin:
        with pytest.raises(TopicError) as caught:
            admin.create(TOPICS[:2])
        assert admin.existing() == {}
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        topic_name(settings, spec.family) for spec in TOPICS[:2]
    ]
    assert "replica" in str(caught.value).lower()


@pytest.mark.integration
def test_a_topic_that_somebody_else_makes_meanwhile_is_no_error(admin, monkeypatch):
    admin.create()
    monkeypatch.setattr(admin, "existing", dict)
    assert set(admin.create().values()) == {False}


@pytest.mark.integration
def test_another_prefix_is_another_world(admin, settings):
    admin.create()
    with TopicAdmin(_copy(settings, prefix=f"{settings.prefix}x")) as other:
        assert other.existing() == {}
        assert other.lag() == []


@pytest.mark.integration
def test_lag_is_told_for_each_partition(admin, settings):
    admin.create()
    pos = topic_name(settings, "pos")
    producer = KafkaProducer(bootstrap_servers=settings.broker)
    for _ in range(5):
        producer.send(pos, b"sale", partition=2).get(10)
    producer.close()
    consumer = KafkaConsumer(bootstrap_servers=settings.broker, group_id=settings.app_id)
    part = TopicPartition(pos, 2)
    consumer.assign([part])
    consumer.commit({part: OffsetAndMetadata(3, "", -1)})
    consumer.close()
    lags = {(lag.topic, lag.partition): lag for lag in admin.lag()}
    assert lags[pos, 2] == Lag(pos, 2, committed=3, begin=0, end=5)
    assert lags[pos, 1] == Lag(pos, 1, committed=None, begin=0, end=0)
    assert sum(lag.records for lag in lags.values()) == 2
    assert {lag.topic for lag in lags.values()} == {
        topic_name(settings, spec.family)
        for spec in TOPICS
        if spec.direction != "out" and spec.family != "state"
    }


@pytest.mark.integration
def test_a_broker_that_goes_away_is_said_so(admin, monkeypatch):
    def gone(*_, **__):
        raise ConnectionResetError("reset")

    monkeypatch.setattr(admin, "_client", SimpleNamespace(describe_topics=gone, close=gone))
    with pytest.raises(BrokerUnavailable, match="went away"):
        admin.existing()
    monkeypatch.undo()
