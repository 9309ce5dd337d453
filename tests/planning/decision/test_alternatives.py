"""The ways out are ranked by what they are expected to cost, and transfers are among them."""

import pytest
from support.stories import DAY, START, Story, SupplyNetwork

from andon.planning.decision.alternatives import all_alternatives
from andon.planning.decision.network import Spare, TransferTerms
from andon.planning.decision.situation import situation_of
from andon.planning.decision.surplus import spare, still_spare
from andon.planning.policy.policy import shortage_cost
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.lead_time import prior
from andon.schemas.common import decode, utc
from andon.schemas.surplus import Surplus


def late_story(**supply):
    story = Story(stock=40, supply=SupplyNetwork(**supply), order_cost=0.0)
    story.line(
        "PO",
        1,
        quantity=200,
        days=9,
        supplier="ACME",
        promised_at=utc(START + 2 * DAY),
        cause="D",
        reason="strike",
    )
    return story


def view_of(story):
    return situation_of(story.book, "S/A", story.now, story.supply)


def alternatives(story):
    return story.alerts("stockout_risk")[-1].alternatives


def test_a_near_location_with_stock_is_the_cheapest_way_out():
    story = late_story(spare=(Spare("S2", 500, 0.01),))
    best = alternatives(story)[0]
    assert (best.kind, best.from_location) == ("transfer", "S2")
    assert best.quantity == story.alerts("stockout_risk")[-1].bridge_quantity
    assert best.arrives_p50 < best.arrives_p90
    assert "moved from S2" in best.why
    assert "risk of being too late" in best.why


def test_the_top_three_are_the_cheapest_of_all():
    givers = tuple(Spare(f"S{n}", 20 * n, 0.05 * n) for n in range(2, 9))
    story = late_story(spare=givers)
    view = view_of(story)
    alert = story.alerts("stockout_risk")[-1]
    every = all_alternatives(view, view.projection.dry_p50, alert.bridge_quantity)
    assert len(every) == 1 + 2 + len(givers)
    assert [one.expected_cost for one in every] == sorted(one.expected_cost for one in every)
    assert len(alert.alternatives) == 3
    assert alert.alternatives == tuple(every[:3])


def test_a_transfer_costs_what_it_moves_gives_up_and_leaves_short():
    terms = TransferTerms(days=1.0, cost_rate=0.1)
    story = late_story(spare=(Spare("S2", 10, 0.5),), terms=terms)
    view = view_of(story)
    need = story.alerts("stockout_risk")[-1].bridge_quantity
    (option,) = [
        one
        for one in all_alternatives(view, view.projection.dry_p50, need)
        if one.kind == "transfer"
    ]
    short = view.projection.short_units * shortage_cost(view.item)
    too_late = 1 - prior(1.0, 0.5).cdf((view.projection.dry_p50 - view.now) / DAY)
    extra = 10 * view.item.unit_cost * 0.1 + 10 * 0.5
    assert option.quantity == 10
    assert option.extra_cost == pytest.approx(extra, abs=0.01)
    expected = extra + (1 - 10 / need * (1 - too_late)) * short
    assert option.expected_cost == pytest.approx(expected, abs=0.01)
    assert option.saves == pytest.approx(short - expected, abs=0.02)


@pytest.mark.parametrize("closed", ["S", "S2"])
def test_nothing_is_moved_from_or_to_a_closed_location(closed):
    story = late_story(spare=(Spare("S2", 500, 0.0),))
    shut = Disruption("C", "location", closed, START, ends=START + 30 * DAY)
    story.supply = SupplyNetwork(shut, spare=(Spare("S2", 500, 0.0),))
    kinds = {one.kind for one in all_alternatives(view_of(story), START + DAY, 50)}
    assert "transfer" not in kinds


def test_a_location_gives_only_what_it_does_not_need():
    story = Story(stock=20)
    story.days(3)
    assert spare(view_of(story)) == 0
    story.count(2000)
    view = view_of(story)
    aims = view.targets
    assert spare(view) == 2000 - (aims.reorder_point + aims.order_up_to) // 2 - (
        (aims.reorder_point + aims.order_up_to) % 2
    )
    assert story.book.on_hand - spare(view) >= aims.reorder_point


def surpluses(story):
    return [decode(one.body, Surplus) for one in story.said if one.family == "surplus"]


def test_a_surplus_is_said_when_it_changes_materially_and_when_it_is_gone():
    story = Story(stock=1000)
    story.days(30)
    said = surpluses(story)
    assert said[0].quantity > 500
    assert 2 <= len(said) <= 6
    story.count(30)
    assert surpluses(story)[-1].quantity == 0
    before = len(surpluses(story))
    story.days(2)
    assert len(surpluses(story)) == before


def test_what_was_to_spare_is_less_by_what_has_sold_since():
    surplus = Surplus(location="S2", sku="A", updated_at=utc(START), quantity=30, daily_demand=10.0)
    assert still_spare(surplus, START).quantity == 30
    assert still_spare(surplus, START + 2 * DAY).quantity == 10
    assert still_spare(surplus, START + 3 * DAY) is None
