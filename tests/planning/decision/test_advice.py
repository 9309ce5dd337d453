"""Advice on an item's class, and the buffer that a spike leaves for some days."""

import pytest
from support.stories import DAY, Story

from andon.planning.demand.surprise import SURGE_KEPT
from andon.schemas.items import Source

ALONE = (Source(supplier="ACME", lead_time_days=10.0, lead_time_sd_days=8.0),)
STEADY = (Source(supplier="ACME", lead_time_days=10.0, lead_time_sd_days=1.0),)
TWO = (*ALONE, Source(supplier="OTHER", lead_time_days=12.0))


@pytest.mark.parametrize(
    ("sources", "service_class", "advised"),
    [
        (ALONE, "critical", True),
        (STEADY, "critical", False),
        (TWO, "critical", False),
        (ALONE, "balanced", False),
        (ALONE, "lean", False),
    ],
)
def test_a_critical_item_on_one_unreliable_supplier_is_advised_a_second(
    sources, service_class, advised
):
    story = Story(stock=300, sources=sources, service_class=service_class)
    story.days(2)
    found = story.alerts("class_advice")
    assert bool(found) == advised
    if advised:
        assert "comes from ACME alone" in found[0].sentence
        assert found[0].numbers["lead_time_sd_days"] == 8.0
        assert story.item.service_class == "critical"


def test_a_lean_item_with_weeks_to_spare_is_told_so_once_until_it_is_lean_again():
    story = Story(stock=1000, service_class="lean")
    story.days(40)
    (told,) = [one for one in story.alerts("class_advice") if one.status == "opened"]
    assert told.numbers["spare_days"] > 21
    story.days(50)
    assert story.alerts("class_advice")[-1].status == "resolved"


def test_a_stockout_alert_says_what_the_buffer_costs_and_what_going_without_would():
    story = Story(stock=5)
    alert = story.alerts("stockout_risk")[-1]
    assert alert.insurance_cost > 0
    assert alert.insured_cost > 0


def test_a_spike_leaves_a_buffer_that_decays_and_never_rewrites_the_class():
    story = Story(stock=2000)
    story.days(30)
    before = story.book.targets.order_up_to
    morning = (story.now // DAY + 1) * DAY
    story.sell(90, morning + 10 * 3600)
    spike = story.alerts("demand_spike")[-1]
    assert spike.numbers["buffer"] > 40
    assert "will be kept for what may follow" in spike.sentence
    story.sell(1, morning + DAY + 3600)
    first = story.book.demand.overshoot
    assert first == pytest.approx(spike.numbers["buffer"], abs=4)
    assert story.book.targets.order_up_to >= before + round(first)
    story.days(10)
    assert story.book.demand.overshoot == pytest.approx(first * SURGE_KEPT**10, rel=0.3)
    assert story.book.targets.order_up_to < before + first / 2
    assert story.item.service_class == "balanced"


def test_a_lasting_change_raises_a_buffer_that_decays_as_the_level_learns():
    story = Story(stock=100_000)
    story.days(40)

    def width():
        aims = story.book.targets
        return aims.protection_sd / aims.protection_mean**0.5

    before = width()
    widths, kept = [], []
    for _ in range(50):
        story.days(1, daily=30)
        widths.append(width())
        kept.append(story.book.demand.overshoot)
    assert story.book.demand.followed > 0
    assert max(kept) > 5
    assert kept[-1] < 0.1
    assert max(widths) > 1.3 * before
    assert widths[-1] < 0.96 * max(widths)
    assert story.item.service_class == "balanced"
