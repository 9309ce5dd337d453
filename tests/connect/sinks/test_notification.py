"""An alert in Alertmanager's words: what names it, what explains it, from when to when it fires."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from andon.connect.sinks.notification import (
    fingerprint,
    firing,
    labels_of,
    resolved,
    webhook_message,
)
from andon.schemas.alerts import Alert, Alternative

OPENED = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOW = OPENED + timedelta(hours=2)


def alert(**fields):
    defaults = {
        "alert_id": "stockout_risk:S1/A:3",
        "event_id": "stockout_risk:S1/A:3:1",
        "kind": "stockout_risk",
        "status": "opened",
        "severity": "warning",
        "revision": 1,
        "sentence": "A at S1 runs out.",
        "opened_at": OPENED,
        "changed_at": OPENED,
        "location": "S1",
        "sku": "A",
    }
    return Alert(**{**defaults, **fields})


def test_labels_name_the_alert_and_how_severe_it_is():
    assert labels_of(alert()) == {
        "alertname": "stockout_risk",
        "source": "andon",
        "severity": "warning",
        "location": "S1",
        "sku": "A",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"revision": 2, "status": "updated", "changed_at": NOW},
        {"sentence": "other words"},
        {"value_at_risk": 12.5, "order_quantity": 40, "probability": 0.4},
        {"stockout_p50": NOW, "order_by": NOW, "expected_arrival": NOW},
        {"supplier": "ACME", "cause": "a strike", "shipment_id": "PO-7"},
        {"alert_id": "stockout_risk:S1/A:4"},
        {"status": "resolved", "resolution": "safe"},
        {"numbers": {"on_hand": 3.0}},
    ],
)
def test_what_changes_while_an_alert_is_open_does_not_change_its_name(fields):
    assert fingerprint(labels_of(alert(**fields))) == fingerprint(labels_of(alert()))


@pytest.mark.parametrize(
    "fields",
    [{"severity": "critical"}, {"location": "S2"}, {"sku": "B"}, {"kind": "overstock"}],
)
def test_other_things_have_other_names(fields):
    assert fingerprint(labels_of(alert(**fields))) != fingerprint(labels_of(alert()))


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("late_shipment", "PO-7"),
        ("supplier_slipping", "supplier/ACME"),
        ("disruption", "strike: port of X"),
    ],
)
def test_what_is_about_no_item_is_named_by_what_its_own_name_says(kind, key):
    about = alert(
        alert_id=f"{kind}:{key}:2", kind=kind, location=None, sku=None, shipment_id="PO-7"
    )
    labels = labels_of(about)
    assert labels == {
        "alertname": kind,
        "source": "andon",
        "severity": "warning",
        "about": key,
    }


def test_a_fingerprint_is_fnv_1a_as_prometheus_computes_it():
    # model.Fingerprint of {} and of {a="b"}, from prometheus/common.
    assert fingerprint({}) == "cbf29ce484222325"
    assert fingerprint({"b": "2", "a": "1"}) == fingerprint({"a": "1", "b": "2"})
    assert fingerprint({"a": "bc"}) != fingerprint({"ab": "c"})


def test_it_fires_from_its_opening_and_is_over_by_itself_if_nobody_says_it_again():
    said = firing(alert(), NOW, timedelta(minutes=4))
    assert (said.starts_at, said.ends_at) == (OPENED, NOW + timedelta(minutes=4))


def test_it_is_over_when_it_was_resolved():
    changed = OPENED + timedelta(hours=1)
    said = resolved(alert(status="resolved", changed_at=changed), NOW)
    assert (said.starts_at, said.ends_at) == (OPENED, changed)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=5)])
def test_a_clock_that_is_ahead_makes_no_alert_that_ends_before_it_begins(ahead):
    early = alert(status="resolved", opened_at=NOW + ahead, changed_at=NOW + ahead)
    said = resolved(early, NOW)
    assert said.starts_at <= said.ends_at <= NOW
    assert firing(early, NOW, timedelta(minutes=4)).starts_at <= NOW


def test_annotations_explain_and_are_text():
    way = Alternative(kind="expedite", supplier="QUICK", why="12 units from QUICK")
    said = firing(
        alert(value_at_risk=93.23, stockout_p50=NOW, alternatives=(way,)), NOW, timedelta()
    )
    assert said.annotations["summary"] == "A at S1 runs out."
    assert said.annotations["value_at_risk"] == "93.23"
    assert said.annotations["stockout_p50"] == "2026-11-23T10:00:00+00:00"
    assert said.annotations["best_way_out"] == "12 units from QUICK"
    assert all(isinstance(text, str) for text in said.annotations.values())


def test_alertmanager_is_sent_its_own_field_names():
    sent = msgspec.json.decode(msgspec.json.encode(firing(alert(), NOW, timedelta())))
    assert set(sent) == {"labels", "annotations", "startsAt", "endsAt"}


def test_a_webhook_gets_alertmanagers_form_and_the_whole_alert():
    over = alert(status="resolved", changed_at=NOW)
    message = webhook_message(
        [(firing(alert(), NOW, timedelta()), alert()), (resolved(over, NOW), over)]
    )
    sent = msgspec.json.decode(msgspec.json.encode(message))
    assert sent["version"] == "4"
    assert sent["status"] == "firing"
    assert [one["status"] for one in sent["alerts"]] == ["firing", "resolved"]
    assert sent["alerts"][0]["endsAt"] == "0001-01-01T00:00:00Z"
    assert sent["alerts"][0]["alert"]["alert_id"] == "stockout_risk:S1/A:3"
    assert sent["alerts"][0]["fingerprint"] == sent["alerts"][1]["fingerprint"]
