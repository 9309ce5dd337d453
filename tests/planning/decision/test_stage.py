"""The ladder from shadow to live: what it asks for, what takes an item down, and where alerts go meanwhile."""

from dataclasses import replace

import pytest
from support.stories import Story

from andon.planning.decision import stage as readiness
from andon.planning.decision.stage import Evidence, standing
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, encode
from andon.schemas.items import Item

PROVEN = Evidence(
    days=200,
    wape=0.3,
    naive_wape=0.4,
    bias=0.02,
    coverage=0.94,
    service_level=0.95,
    punctuality=0.9,
    deliveries=12,
    count_accuracy=0.95,
    counts=4,
    fill_rate=0.98,
    fill_rate_before=0.97,
    cost=100.0,
    cost_before=120.0,
)


def test_an_item_that_has_shown_all_is_ready_for_every_rung():
    for stage, following in (("shadow", "pilot"), ("pilot", "live")):
        stands = standing(stage, PROVEN)
        assert (stands.following, stands.missing, stands.is_ready) == (following, (), True)
    top = standing("live", PROVEN)
    assert (top.following, top.is_ready) == (None, False)


@pytest.mark.parametrize(
    ("stage", "fields", "said"),
    [
        ("shadow", {"days": 20}, "20 of 28 days"),
        ("pilot", {"days": 60}, "60 of 90 days"),
        ("shadow", {"wape": None}, "no forecast to judge"),
        ("shadow", {"wape": 0.5}, "forecast error 50.0%, worse than the naive 40.0%"),
        ("pilot", {"wape": 0.41}, "forecast error 41.0%, worse than the naive 40.0%"),
        ("shadow", {"bias": -0.4}, "bias -40%"),
        ("pilot", {"bias": 0.25}, "bias +25%, beyond 20%"),
        ("shadow", {"coverage": 0.8}, "80%, below 85%"),
        ("pilot", {"coverage": 0.88}, "88%, below 90%"),
        ("pilot", {"deliveries": 3}, "3 of 5 deliveries"),
        ("pilot", {"punctuality": 0.6}, "on time 60%"),
        ("pilot", {"counts": 1}, "1 of 2 counts"),
        ("pilot", {"count_accuracy": 0.5}, "right in 50%"),
        ("shadow", {"fill_rate": None}, "no results in shadow"),
        ("shadow", {"fill_rate": 0.9, "cost": 130.0}, "would have served 90.0%"),
    ],
)
def test_what_is_missing_is_said_with_its_figure(stage, fields, said):
    stands = standing(stage, replace(PROVEN, **fields))
    assert not stands.is_ready
    (missing,) = stands.missing
    assert said in missing


def test_an_error_that_is_hardly_above_the_naive_one_does_not_keep_an_item_out_of_the_pilot():
    assert standing("shadow", replace(PROVEN, wape=0.43)).is_ready
    assert not standing("shadow", replace(PROVEN, wape=0.45)).is_ready


def test_serving_less_is_forgiven_where_it_costs_less():
    assert standing("shadow", replace(PROVEN, fill_rate=0.9, cost=60.0)).is_ready


def test_a_new_item_lacks_nearly_everything():
    assert len(standing("pilot", Evidence()).missing) >= 4


def families(story):
    return {said.family for said in story.said if said.event_id.startswith("replenish:")}


@pytest.mark.parametrize(
    ("stage", "family"),
    [("shadow", "replenishment.shadow"), ("pilot", "replenishment"), ("live", "replenishment")],
)
def test_alerts_of_an_item_in_shadow_never_reach_the_live_topic(stage, family):
    story = Story(stock=100, stage=stage)
    story.days(8)
    assert families(story) == {family}
    said = [one for one in story.said if one.event_id.startswith("replenish:")]
    assert {decode(one.body, Alert).stage for one in said} == {stage}
    assert all(one.type.startswith(f"andon.{family}.") for one in said)


def test_shadow_holds_back_replenishment_only():
    story = Story(stock=100, stage="shadow")
    story.days(12)
    assert "disruptions" in {said.family for said in story.said}
    assert "disruptions.shadow" not in {said.family for said in story.said}


def test_a_promoted_items_alert_goes_on_in_the_live_topic():
    story = Story(stock=100, stage="shadow")
    story.days(5)
    before = len(story.said)
    story.book.item = Item(**{**_fields(story.item), "stage": "pilot"})
    story.sell(1)
    story._done()
    said = [one for one in story.said[before:] if one.event_id.startswith("replenish:")]
    closed, opened = (decode(one.body, Alert) for one in said[:2])
    assert (said[0].family, closed.status, closed.resolution) == (
        "replenishment.shadow",
        "resolved",
        "moved to pilot",
    )
    assert (said[1].family, opened.status, opened.stage) == ("replenishment", "opened", "pilot")
    assert opened.alert_id != closed.alert_id


def _fields(item):
    return {name: getattr(item, name) for name in item.__struct_fields__}


@pytest.mark.parametrize(("stage", "lower"), [("live", "pilot"), ("pilot", "shadow")])
def test_a_book_that_is_found_wrong_takes_the_item_down_a_rung_until_it_is_right(stage, lower):
    story = Story(stock=100, stage=stage)
    story.days(2)
    assert readiness.stage_of(story.item, story.book) == stage
    story.now += 7200
    story.count(20)
    story.now += 2 * 3600
    story._done()
    assert "book_mismatch" in story.book.alerts
    assert readiness.doubts(story.book) == ["the book was found wrong"]
    assert readiness.stage_of(story.item, story.book) == lower
    story._done()
    latest = [one for one in story.said if one.event_id.startswith("replenish:")][-1]
    assert latest.family == ("replenishment" if lower == "pilot" else "replenishment.shadow")
    story.now += 86400
    story.count(story.book.on_hand)
    story.now += 2 * 3600
    story._done()
    assert readiness.stage_of(story.item, story.book) == stage


def test_a_forecast_that_is_far_off_takes_an_item_down():
    story = Story(stock=10_000)
    story.days(30)
    assert readiness.doubts(story.book) == []
    story.book.demand.signed_error = 0.6 * story.book.demand.total
    (doubt,) = readiness.doubts(story.book)
    assert "+60%" in doubt
    assert readiness.stage_of(story.item, story.book) == "pilot"


def test_an_item_without_a_stage_is_live_and_its_alerts_are_as_they_were():
    story = Story(stock=100)
    story.days(5)
    alert = story.alerts("replenish")[0]
    assert alert.stage == "live"
    assert b"stage" not in encode(alert)
