"""The text format as we write it says what prometheus-client's own does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from andon.streams.exposition import lines
from andon.streams.metrics import Metrics


def read(text):
    return {
        (family.name, family.type, family.documentation): {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for sample in family.samples
        }
        for family in text_string_to_metric_families(text)
        if not family.name.endswith("_created")
    }


def test_every_kind_of_metric_reads_as_prometheus_client_writes_it():
    metrics = Metrics()
    metrics.expect(["andon.pos.v1", 'a "quoted" \\ topic'])
    metrics.events.labels("andon.pos.v1", "applied").inc(7)
    metrics.event_to_alert.observe(0.3)
    metrics.batch_seconds.labels("andon.pos.v1").observe(0.02)
    metrics.alerts_open.labels("replenish", "warning").set(3)
    # The process moves on between two looks at it.
    ours = {
        k: v
        for k, v in read("".join(lines(metrics.registry.collect()))).items()
        if "process" not in k[0]
    }
    theirs = {
        k: v
        for k, v in read(generate_latest(metrics.registry).decode()).items()
        if "process" not in k[0]
    }
    assert ours == theirs
    assert len(ours) > 20


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 0.0, 1e300, 5])
def test_any_number_is_read_back(value):
    registry = CollectorRegistry()
    Gauge("g", "A gauge\nof two lines.", registry=registry).set(value)
    text = "".join(lines(registry.collect()))
    (family,) = text_string_to_metric_families(text)
    assert family.samples[0].value == pytest.approx(value, nan_ok=True)
    assert family.documentation == "A gauge\nof two lines."


@given(st.text(max_size=30))
def test_any_label_is_read_back(label):
    registry = CollectorRegistry()
    Gauge("g", "A gauge.", ("name",), registry=registry).labels(label).set(1)
    assert read("".join(lines(registry.collect()))) == read(generate_latest(registry).decode())
