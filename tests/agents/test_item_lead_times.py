"""Items of one supplier keep lead times of their own, while deliveries teach by how far it is from what it plans."""

import asyncio
import json

import pytest

from andon.agents.supply import NetworkSupply, Scorecards
from andon.planning.supply.item_lead_times import took, with_own
from andon.planning.supply.lead_time import prior
from andon.rehearsal.rehearsal import rehearse
from andon.rehearsal.script import read
from andon.schemas.common import encode, utc
from andon.schemas.items import Source
from andon.schemas.scorecards import Scorecard
from andon.streams.settings import load_settings

QUICK, SLOW = (Source(supplier="ACME", lead_time_days=days) for days in (2.0, 21.0))


def network(**fields):
    card = Scorecard(
        type="source",
        name="ACME|||",
        updated_at=utc(0.0),
        deliveries=40,
        lead_time_mean_days=11.5,
        lead_time_sd_days=9.5,
        lead_time_p50_days=6.5,
        lead_time_p90_days=21.0,
        **fields,
    )
    cards = Scorecards()
    cards.learn(b"source/ACME|||", encode(card))
    return NetworkSupply(cards, {})


def test_a_source_s_deviation_is_shared_and_not_its_days():
    supply = network(plan_share_p50=1.0, plan_share_sd=0.1, plan_deliveries=40)
    for source in (QUICK, SLOW):
        found = supply.lead_time(source)
        assert found.mean_days == pytest.approx(source.lead_time_days, rel=0.05)
        assert found.sd_days < 0.2 * source.lead_time_days


@pytest.mark.parametrize("share", [0.5, 1.5, 3.0])
def test_a_source_that_takes_longer_than_planned_does_so_for_every_item(share):
    supply = network(plan_share_p50=share, plan_share_sd=0.05, plan_deliveries=40)
    for source in (QUICK, SLOW):
        expected = pytest.approx(share * source.lead_time_days, rel=0.2)
        assert supply.lead_time(source).mean_days == expected


def test_as_long_as_next_to_nothing_was_held_against_plans_the_days_count():
    assert network(plan_share_p50=9.0, plan_deliveries=1).lead_time(SLOW) == network().lead_time(
        SLOW
    )


def test_an_item_s_own_deliveries_outweigh_its_source():
    known, own = prior(10.0), None
    for _ in range(20):
        own = took(own, 16.0)
    assert with_own(known, own).mean_days == pytest.approx(16.0, rel=0.1)
    assert with_own(known, took(None, 16.0)).mean_days == pytest.approx(11.1, rel=0.1)


def story(shares):
    """Two items of one supplier, by orders of their own every three weeks; each takes some share of what is planned."""
    day = 86400
    lines = []
    for sku, days in (("QUICK", 2), ("SLOW", 21)):
        lines.append(
            {
                "family": "items",
                "event": {
                    "location": "S",
                    "sku": sku,
                    "updated_at": "2026-01-01T00:00:00Z",
                    "sources": [{"supplier": "ACME", "lead_time_days": days}],
                    "expected_daily_demand": 5,
                },
            }
        )
        lines.append(
            {
                "family": "stock",
                "event": {
                    "occurred_at": "2026-01-01T06:00:00Z",
                    "location": "S",
                    "sku": sku,
                    "kind": "count",
                    "quantity": 500,
                },
            }
        )
    events = []
    for number in range(12):
        for sku, days in (("QUICK", 2), ("SLOW", 21)):
            begin = 1_767_300_000 + number * 21 * day
            name = f"{sku}-{number}"
            order = {"shipment_id": name, "supplier": "ACME"}
            line = {"location": "S", "sku": sku, "quantity": 10}
            events.append((begin, {**order, "status": "ordered", "lines": [line]}))
            events.append((begin + shares[sku] * days * day, {**order, "status": "received"}))
    for at, event in sorted(events, key=lambda one: one[0]):
        moment = utc(at).isoformat()
        lines.append({"family": "shipments", "event": {**event, "occurred_at": moment}})
    return "\n".join(json.dumps(one) for one in lines)


def learned(shares, sku):
    lines = story(shares) + "\n" + json.dumps({"show": [f"S/{sku}"]})

    async def play():
        steps = read(lines, "story")
        return [
            one async for one in rehearse(steps, load_settings(partitions=2), now=1_800_000_000.0)
        ]

    shown = [one for one in asyncio.run(play()) if hasattr(one, "book")]
    return shown[-1].book["targets"]


@pytest.mark.parametrize(
    ("shares", "quick", "slow"),
    [
        ({"QUICK": 1.0, "SLOW": 1.0}, 2.0, 21.0),
        ({"QUICK": 1.5, "SLOW": 1.5}, 3.0, 31.5),
        ({"QUICK": 1.0, "SLOW": 2.0}, 2.0, 42.0),
    ],
)
def test_what_deliveries_took_is_learned_by_item_as_the_agents_hear_of_them(shares, quick, slow):
    for sku, days in (("QUICK", quick), ("SLOW", slow)):
        found = learned(shares, sku)["protection_days"] - 1
        assert found == pytest.approx(days, rel=0.25)
