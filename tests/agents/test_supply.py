"""What decisions may ask about the network: scorecards, and what locations can spare."""

import pytest
from msgspec.structs import replace

from andon.agents.supply import NetworkSupply, Scorecards, Surpluses
from andon.planning.supply.delay_distribution import PRIOR, quantile
from andon.planning.supply.lead_time import prior
from andon.schemas.common import decode, encode, utc
from andon.schemas.items import Item, Source
from andon.schemas.scorecards import Scorecard
from andon.schemas.surplus import Surplus

NOW = 20_000 * 86400.0
ITEM = Item(
    location="S",
    sku="A",
    updated_at=utc(NOW),
    sources=(Source(supplier="ACME", lead_time_days=5.0),),
)


def surplus(location="S2", quantity=30, sku="A", **fields):
    one = Surplus(location=location, sku=sku, updated_at=utc(NOW), quantity=quantity, **fields)
    return f"{location}/{sku}".encode(), encode(one)


def test_the_last_word_on_a_surplus_counts():
    view = Surpluses()
    for one in (surplus(), surplus("S3"), surplus("S3", 0), surplus(sku="B"), surplus("S2", 12)):
        view.learn(*one)
    supply = NetworkSupply(Scorecards(), {}, view)
    assert [(one.location, one.quantity) for one in supply.spare(ITEM, NOW)] == [("S2", 12)]
    view.learn(b"S2/A", None)
    assert list(supply.spare(ITEM, NOW)) == []


def test_an_item_is_offered_neither_its_own_surplus_nor_one_of_another_currency():
    view = Surpluses()
    view.learn(*surplus("S"))
    view.learn(*surplus("S4", currency="USD"))
    assert view.spare(ITEM, NOW) == []


def card(type_, name, counts):
    one = Scorecard(
        type=type_,
        name=name,
        updated_at=utc(NOW),
        deliveries=40,
        lead_time_mean_days=5.0,
        lead_time_sd_days=1.0,
        lead_time_p50_days=5.0,
        lead_time_p90_days=6.0,
        delay_counts=counts,
    )
    return f"{type_}/{name}".encode(), encode(one)


@pytest.mark.parametrize(
    "name", ["mode/sea", "lane/L1", "carrier/C", "supplier/ACME", "source/ACME|L1|C|sea"]
)
def test_the_delays_of_a_way_are_learned_from_every_card_it_is_part_of(name):
    cards = Scorecards()
    assert cards.delays("ACME", "L1", "C", "sea") == PRIOR
    cards.learn(*card(*name.split("/"), {"21": 40.0}))
    assert quantile(cards.delays("ACME", "L1", "C", "sea"), 0.5) == 21
    assert cards.delays("OTHER", None, None, None) == PRIOR


@pytest.mark.parametrize(("dated", "learned"), [(None, True), (40, True), (0, False)])
def test_a_lead_time_that_rests_on_no_order_date_is_not_planned_by(dated, learned):
    source = Source(supplier="ACME", lead_time_days=12.0)
    key, value = card("source", "ACME|||", {"0": 4.0})
    cards = Scorecards()
    cards.learn(key, encode(replace(decode(value, Scorecard), lead_time_deliveries=dated)))
    lead_time = NetworkSupply(cards, {}).lead_time(source)
    assert (lead_time.mean_days < 8.0) is learned
    assert learned or lead_time == prior(12.0)


def test_a_scorecard_that_is_deleted_teaches_no_longer():
    cards = Scorecards()
    key, value = card("supplier", "ACME", {"21": 40.0})
    cards.learn(key, value)
    cards.learn(key, None)
    assert cards.delays("ACME", None, None, None) == PRIOR
    assert len(cards) == 0
