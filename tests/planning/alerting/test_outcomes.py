"""An alert that foretold something ends with whether it came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stories import DAY, START, Story

from andon.planning.alerting import outcomes
from andon.planning.alerting.alerts import OpenAlert
from andon.schemas.alerts import Alert
from andon.schemas.common import encode, utc


def _endangered(stock=30):
    """Return an item whose receipt is said to come after its stock is gone."""
    story = Story(stock=stock)
    story.line("PO", 1, quantity=200, days=60, reason="held up", cause="delay")
    assert story.alerts("stockout_risk")[-1].outcome is None
    return story


def _relieved(story):
    story.line("PO", 2, quantity=9000, days=0, received=9000, status="received")


def _ended(story, kind="stockout_risk"):
    told = story.alerts(kind)[-1]
    assert told.status == "resolved"
    return told.outcome


def test_a_shelf_that_goes_empty_under_its_alert_makes_it_true():
    story = _endangered(stock=20)
    while story.book.on_hand > 0:
        story.days(1)
    story.now += DAY
    _relieved(story)
    assert _ended(story) == "true"


def test_what_is_said_of_an_empty_shelf_is_late():
    story = Story(stock=0)
    assert story.alerts("stockout_risk")[0].status == "opened"
    story.now += 3600
    _relieved(story)
    assert _ended(story) == "late"


def test_an_alert_whose_receipt_comes_much_earlier_than_it_said_is_overtaken():
    story = _endangered()
    story.now += 60
    _relieved(story)
    assert _ended(story) == "overtaken"


def test_an_alert_that_was_answered_is_overtaken():
    story = _endangered()
    story.ack(story.alerts("stockout_risk")[-1], "acknowledged")
    story.now += 90 * DAY
    _relieved(story)
    assert _ended(story) == "overtaken"


def test_an_alert_whose_moment_passes_with_stock_on_the_shelf_is_false():
    story = _endangered()
    story.now = story.book.alerts["stockout_risk"].due + 60
    _relieved(story)
    assert _ended(story) == "false"


@pytest.mark.parametrize(
    ("ordered", "position", "outcome"),
    [(True, 40, "true"), (False, 40, "false"), (False, 39, "false"), (False, 41, "overtaken")],
)
def test_advice_to_order_is_true_if_followed_and_false_if_what_was_there_was_enough(
    ordered, position, outcome
):
    advice = OpenAlert("replenish:S/A:1", "replenish", "info", START, START, 10.0)
    told = Alert(
        alert_id=advice.alert_id,
        event_id="e",
        kind="replenish",
        status="opened",
        severity="info",
        revision=1,
        sentence="",
        opened_at=utc(START),
        changed_at=utc(START),
        numbers={"inventory_position": 40.0},
    )
    advice.said = encode(told)
    assert outcomes.of_order(advice, position, is_ordered=ordered) == outcome


@pytest.mark.parametrize(
    ("late_days", "arrived", "outcome"),
    [(3.0, True, "true"), (0.1, True, "false"), (-2.0, True, "false"), (9.0, False, "overtaken")],
)
def test_a_shipment_said_to_be_late_was_late_or_was_not(late_days, arrived, outcome):
    assert outcomes.of_shipment(START, START + late_days * DAY, arrived=arrived) == outcome


@given(st.floats(0, 1e6), st.integers(-5, 5), st.booleans())
def test_a_shelf_that_was_empty_settles_the_matter_whatever_else_happens(later, units, answered):
    alert = OpenAlert("stockout_risk:S/A:1", "stockout_risk", "info", START, START, 1.0)
    alert.due = START + DAY
    outcomes.see_shelf(alert, START + later, units)
    alert.answered_at = START if answered else 0.0
    if units <= 0:
        assert outcomes.of_shelf(alert, START + 3 * DAY) in ("true", "late")
    else:
        assert outcomes.of_shelf(alert, START + 3 * DAY) == ("overtaken" if answered else "false")
