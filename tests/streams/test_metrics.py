"""What holds of every metric: its name, its unit, its labels."""

import re

import pytest

from andon.streams.deadletters import REASONS
from andon.streams.metrics import Metrics

DESCRIBED = tuple(Metrics().described())
UNITS = ("_seconds", "_bytes", "_records", "_ratio", "_value", "_total", "_info", "_units_total")
#: Counts of things, which are named by the things.
COUNTS = ("andon_items", "andon_alerts_open", "andon_state_keys", "andon_partitions_assigned")
COUNTS += ("andon_supplier_deliveries", "andon_value_at_risk")


@pytest.mark.parametrize("metric", DESCRIBED, ids=lambda metric: metric.name)
def test_a_name_says_its_unit_and_a_help_says_what_is_measured(metric):
    assert re.fullmatch("andon_[a-z_]+", metric.name)
    assert metric.name.endswith(UNITS) or metric.name.startswith(COUNTS), metric.name
    assert metric.help.endswith(".")
    assert (metric.type == "counter") == metric.name.endswith("_total")


def test_no_label_has_an_unbounded_set_of_values():
    few = "andon_item_at_risk_value"  # twenty items: see tests/agents/test_census.py
    labels = {label for metric in DESCRIBED for label in metric.labels if metric.name != few}
    assert not labels & {"sku", "key", "shipment_id", "alert_id", "event_id"}


def test_what_may_go_wrong_begins_at_nothing():
    metrics = Metrics()
    metrics.expect(["andon.pos.v1"])
    for reason in REASONS:
        labels = {"topic": "andon.pos.v1", "reason": reason}
        assert metrics.registry.get_sample_value("andon_deadletters_total", labels) == 0
