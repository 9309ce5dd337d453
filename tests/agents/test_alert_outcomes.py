"""What became of alerts is counted as they are published, once for each that ends with an outcome."""

import pytest

from andon.agents.alerts import composer
from andon.planning.alerting.alerts import OutboxMessage
from andon.schemas.alerts import Alert
from andon.schemas.common import encode, utc
from andon.streams.metrics import Metrics
from andon.streams.settings import load_settings


def _message(status, outcome):
    alert = Alert(
        alert_id="stockout_risk:S/A:1",
        event_id="stockout_risk:S/A:1:2",
        kind="stockout_risk",
        status=status,
        severity="warning",
        revision=2,
        sentence="S/A is safe again.",
        opened_at=utc(0.0),
        changed_at=utc(1.0),
        outcome=outcome,
    )
    name = f"andon.disruptions.{status}"
    return OutboxMessage("disruptions", "S/A", alert.event_id, name, encode(alert), 1.0)


@pytest.mark.parametrize("outcome", ["true", "late", "false", "overtaken", None])
def test_an_outcome_is_counted_by_kind(outcome):
    metrics = Metrics()
    compose = composer(load_settings(), metrics)
    compose(_message("opened", None))
    compose(_message("resolved", outcome))
    lines = [
        line
        for line in metrics.exposition().decode().splitlines()
        if line.startswith("andon_alert_outcomes_total")
    ]
    expected = f'andon_alert_outcomes_total{{kind="stockout_risk",outcome="{outcome}"}} 1.0'
    assert lines == ([expected] if outcome else [])
