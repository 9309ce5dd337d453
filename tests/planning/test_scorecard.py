"""Scorecards against what the same deliveries give in one go."""

import statistics

import pytest
from support.stories import DAY, START
from xxhash import xxh3_64_digest

from andon.planning.delivery import delivered
from andon.planning.scorecard import ScorecardState, apply_delivery, scorecard
from andon.schemas.common import decode, utc
from andon.schemas.scorecards import Scorecard
from andon.schemas.shipments import Delivery


def delivery(name, days, promised_days=None, reported=None):
    return Delivery(
        type="supplier",
        name="ACME",
        shipment_id=name,
        ordered_at=utc(START),
        promised_at=None if promised_days is None else utc(START + promised_days * DAY),
        received_at=utc(START + days * DAY),
        reported_delay_days=reported,
    )


def learn(state, one):
    return apply_delivery(state, one, one.at, xxh3_64_digest(one.shipment_id.encode()))


def test_it_comes_to_know_the_lead_time():
    state = ScorecardState()
    days = [5, 6, 7, 6, 5, 7, 6] * 20
    for number, one in enumerate(days):
        learn(state, delivery(f"PO-{number}", one))
    card = decode(state.outbox[-1].body, Scorecard)
    assert card.lead_time_mean_days == pytest.approx(statistics.mean(days), rel=0.05)
    assert card.lead_time_sd_days == pytest.approx(statistics.stdev(days), rel=0.2)
    assert card.lead_time_p50_days < card.lead_time_mean_days < card.lead_time_p90_days
    assert card.deliveries == len(days)


def test_the_same_delivery_is_learned_once():
    state = ScorecardState()
    assert learn(state, delivery("PO-1", 5)) == "applied"
    assert learn(state, delivery("PO-1", 5)) == "duplicate"
    assert len(state.outbox) == 1


def test_punctuality_is_the_share_that_kept_the_promise():
    state = ScorecardState()
    for number in range(200):
        learn(state, delivery(f"PO-{number}", 5 if number % 4 else 8, promised_days=5))
    card = decode(state.outbox[-1].body, Scorecard)
    assert card.punctuality == pytest.approx(0.75, abs=0.05)
    assert card.mean_delay_days == pytest.approx(0.75, abs=0.2)


def test_reports_that_always_exaggerate_are_worth_less():
    state = ScorecardState()
    for number in range(100):
        learn(state, delivery(f"PO-{number}", 6, promised_days=5, reported=2.0))
    assert decode(state.outbox[-1].body, Scorecard).report_worth == pytest.approx(0.5, abs=0.05)


def test_a_scorecard_that_learned_nothing_cannot_be_said():
    with pytest.raises(ValueError, match="state"):
        scorecard(ScorecardState(), delivery("PO-1", 5))


def test_every_scorecard_that_is_named_is_told_and_a_delivery_before_its_order_teaches_nobody():
    cards = {"supplier": "ACME", "carrier": None, "lane": "L1"}
    dates = {"ordered": START, "promised": None, "reported_delay_days": None}
    told = delivered("PO-1", cards, received=START + DAY, **dates)
    assert [one.key for one in told] == ["supplier/ACME", "lane/L1"]
    assert delivered("PO-1", cards, received=START - DAY, **dates) == []
