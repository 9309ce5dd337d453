"""What is measured when Prometheus asks."""

from types import SimpleNamespace

import pytest

from andon.agents.tables import TABLES
from andon.streams.gauges import measure
from andon.streams.metrics import Metrics
from andon.streams.state import Codec, Shard, Shards

SPECS = {spec.name: spec for spec in TABLES}


@pytest.fixture
def engine():
    shards = Shards(TABLES)
    for partition in (0, 1):
        shards.owned[partition] = Shard(partition, SPECS, 1)
    consumer = SimpleNamespace(highwater=lambda tp: 10 + tp.partition)
    return SimpleNamespace(
        shards=shards, metrics=Metrics(), mean_bytes={"books": 250.0}, consumer=consumer
    )


def value(engine, name, **labels):
    return engine.metrics.registry.get_sample_value(name, labels)


def test_lag_is_by_partition_and_goes_with_it(engine):
    engine.shards.owned[0].positions["pos"] = 4
    engine.shards.owned[1].positions["pos"] = 11
    measure(engine)
    assert value(engine, "andon_consumer_lag_records", topic="pos", partition="0") == 6
    assert value(engine, "andon_consumer_lag_records", topic="pos", partition="1") == 0

    del engine.shards.owned[0]
    measure(engine)
    assert value(engine, "andon_consumer_lag_records", topic="pos", partition="0") is None
    assert value(engine, "andon_partitions_assigned") == 1


def test_event_time_lag_is_the_clock_less_the_newest_event(engine, monkeypatch):
    monkeypatch.setattr("andon.streams.gauges.time.time", lambda: 1000.0)
    engine.shards.owned[0].event_times["pos"] = 400.0
    measure(engine)
    assert value(engine, "andon_event_time_lag_seconds", topic="pos", partition="0") == 600


def test_open_alerts_are_those_last_noted_of_each_record(engine):
    shard = engine.shards.owned[0]
    shard.note_alerts("books", "a", [("replenish", "warning"), ("overstock", "info")])
    shard.note_alerts("books", "b", [("replenish", "warning")])
    measure(engine)
    assert value(engine, "andon_alerts_open", kind="replenish", severity="warning") == 2

    shard.note_alerts("books", "a", [("replenish", "critical")])
    shard.delete("books", "b")
    measure(engine)
    assert value(engine, "andon_alerts_open", kind="replenish", severity="critical") == 1
    assert value(engine, "andon_alerts_open", kind="replenish", severity="warning") == 0
    assert value(engine, "andon_alerts_open", kind="overstock", severity="info") == 0


def test_the_size_of_the_state_is_its_records_times_their_mean(engine):
    for key in ("a", "b"):
        engine.shards.owned[0].get("books", key)
    measure(engine)
    assert value(engine, "andon_state_keys", table="books") == 2
    assert value(engine, "andon_state_bytes", table="books") == 500


def test_late_records_move_the_mean_slowly():
    codec = Codec(SPECS)
    codec.weigh("books", 100)
    for _ in range(10_000):
        codec.weigh("books", 300)
    assert 100 < codec.mean_bytes["books"] <= 300
    assert codec.mean_bytes["books"] == pytest.approx(300, rel=0.01)
