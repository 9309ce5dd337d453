import re

import pytest

from andon.streams.settings import load_settings
from andon.streams.topics import FAMILIES, TOPICS, missing, topic_name

SPECS = {spec.family: spec for spec in TOPICS}
CO_PARTITIONED = {
    "pos",
    "stock",
    "shipments",
    "delays",
    "items",
    "suppliers",
    "locations",
    "boms",
    "production",
    "coverages",
    "loops",
    "cards",
    "acks",
    "lines",
    "deliveries",
    "advices",
    "orders.events",
    "claims",
    "needs",
    "impacts",
    "shapes",
}


@pytest.fixture
def settings():
    return load_settings(prefix="shop")


def test_a_topic_is_prefix_family_version(settings):
    assert topic_name(settings, "pos") == "shop.pos.v1"


def test_an_unknown_family_is_named(settings):
    with pytest.raises(ValueError, match=r"^family: expected one of pos, .* got 'sales'$"):
        topic_name(settings, "sales")


@pytest.mark.parametrize(
    ("protocol", "hint"), [("PLAINTEXT", ""), ("SASL_SSL", ", or not shown to this user")]
)
def test_who_has_signed_in_hears_that_a_topic_may_be_hidden(settings, protocol, hint):
    said = missing(settings.model_copy(update={"security_protocol": protocol}), "andon.pos.v1")
    assert said == f"topic andon.pos.v1 is missing{hint}: run `andon topics create`"


def test_every_name_is_one_that_kafka_takes_and_none_is_twice(settings):
    names = [topic_name(settings, family) for family in FAMILIES]
    assert len(set(names)) == len(TOPICS)
    assert all(re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name) for name in names)


def test_everything_a_worker_joins_by_key_is_co_partitioned():
    assert {s.family for s in TOPICS if s.co_partitioned} == CO_PARTITIONED | {"state"}
    read = {s.family for s in TOPICS if s.direction != "out"}
    assert read == CO_PARTITIONED | {"state", "fits", "imports", "files"}, (
        "forecasters and importers join nothing"
    )


def test_what_is_a_latest_value_is_compacted_and_all_else_expires(settings):
    master = {"items", "suppliers", "locations"}
    compacted = master | {"shapes", "state", "forecasts", "scorecards", "surplus", "pools", "board"}
    compacted |= {"orders"}
    compacted |= {"needs"}
    compacted |= {"imports", "files"}
    compacted |= {"boms", "structures", "loops"}
    assert {spec.family for spec in TOPICS if spec.compact} == compacted
    for family, spec in SPECS.items():
        config = spec.config(settings)
        assert config["cleanup.policy"] == ("compact" if family in compacted else "delete")
        assert ("retention.ms" in config) == (family not in compacted)


def test_dead_letters_stay_two_weeks_and_fit_the_largest_record_with_headers(settings):
    dead, pos = SPECS["deadletters"].config(settings), SPECS["pos"].config(settings)
    assert dead["retention.ms"] == str(14 * 86_400_000)
    assert int(dead["max.message.bytes"]) >= int(pos["max.message.bytes"]) + 65_536


def test_durability_and_record_size_follow_the_settings():
    settings = load_settings(replication_factor=3, min_insync_replicas=2, max_message_bytes=4 << 20)
    for spec in TOPICS:
        config = spec.config(settings)
        assert config["min.insync.replicas"] == "2"
        assert int(config["max.message.bytes"]) >= 4 << 20
