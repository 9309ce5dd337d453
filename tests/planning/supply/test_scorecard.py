"""Scorecards against what the same deliveries give in one go."""

import random
import statistics

import msgspec
import numpy as np
import pytest
from support.data import data_file
from support.stories import DAY, START
from xxhash import xxh3_64_digest

from andon.connect.formats import read
from andon.connect.formats.rows import Published
from andon.connect.tables.input_file import InputFile
from andon.planning.supply.delay_distribution import nearest
from andon.planning.supply.delivery import delivered
from andon.planning.supply.scorecard import ScorecardState, apply_delivery, scorecard
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
    dates = {"ordered": START, "first_heard": START, "promised": None, "reported_delay_days": None}
    told = delivered("PO-1", cards, received=START + DAY, **dates)
    assert [one.key for one in told] == ["supplier/ACME", "lane/L1"]
    assert delivered("PO-1", cards, received=START - DAY, **dates) == []


@pytest.mark.parametrize("seconds", [0.0, 1.0, 59.0])
def test_what_came_at_once_was_written_down_afterwards_and_teaches_nobody(seconds):
    dates = {"ordered": START, "first_heard": START, "promised": None, "reported_delay_days": None}
    assert delivered("PO-1", {"supplier": "ACME"}, received=START + seconds, **dates) == []


@pytest.mark.parametrize("undated", [0, 3])
def test_without_order_dates_the_time_from_the_first_news_is_said_and_named_as_such(undated):
    state = ScorecardState()
    for number in range(undated):
        one = delivery(f"PO-{number}", 2, promised_days=5)
        learn(state, msgspec.structs.replace(one, order_date_known=False))
    for number in range(2):
        learn(state, delivery(f"PO-dated-{number}", 20, promised_days=20))
    cards = [decode(said.body, Scorecard) for said in state.outbox]
    assert [card.rests_on for card in cards] == [0] * undated + [1, 2]
    assert [card.deliveries for card in cards] == list(range(1, undated + 3))
    assert cards[-1].lead_time_p50_days > 15
    if undated:
        assert cards[undated - 1].lead_time_p50_days < 3
        assert sum(cards[-1].delay_counts.values()) > 2


def made_up_history(count=600):
    """Deliveries whose lead times and delays drift, in the order they were received."""
    chance = random.Random(11)
    for number in range(count):
        promised = chance.lognormvariate(3.0 + number / count, 0.4)
        late = chance.choice((0, 0, 0, 0, 2, 9, -6)) * (1 if number < count / 2 else 2)
        yield max(promised + late, 0.5), promised


def scms_history():
    """The deliveries of the SCMS vendor with the most captured order dates, in the order of delivery."""
    file = data_file("scms/deliveries.csv.gz")
    found = []
    with InputFile(file) as source:
        for row in read(source, "scms", None, with_items=False):
            if not isinstance(row, Published):
                continue
            first, last = row.records[0][2], row.records[-1][2]
            if first.ordered_at is not None and first.supplier == "Orgenics, Ltd":
                days = (last.at - first.at) / DAY
                found.append((last.at, days, (first.promised_at.timestamp() - first.at) / DAY))
    assert len(found) > 100
    return [(days, promised) for _, days, promised in sorted(found)]


@pytest.mark.parametrize("history", [made_up_history, scms_history])
def test_what_is_streamed_is_what_the_weighted_batch_gives(history):
    """The same exponentially weighted means and quantiles, in one go, with numpy."""
    state = ScorecardState()
    past = list(history())
    for number, (days, promised) in enumerate(past):
        learn(state, delivery(f"PO-{number}", days, promised_days=promised))
    card = decode(state.outbox[-1].body, Scorecard)
    received = np.array([delivery("PO", days).at - START for days, _ in past]) / DAY
    due = np.array([delivery("PO", days).at - START for _, days in past]) / DAY
    age = np.arange(len(past))[::-1]
    weights = 0.97**age
    late = received - due
    assert card.punctuality == pytest.approx(np.average(late <= 0.5, weights=weights), abs=1e-6)
    assert card.mean_delay_days == pytest.approx(np.average(late, weights=weights), abs=1e-4)
    logs = np.log(np.maximum(received, 1 / 24))
    mu = np.average(logs, weights=weights)
    assert card.lead_time_p50_days == pytest.approx(np.exp(mu), rel=1e-3)
    assert np.log(card.lead_time_p90_days) - mu == pytest.approx(
        1.2816 * np.sqrt(np.average((logs - mu) ** 2, weights=weights)), rel=0.02
    )
    days = np.array([0 if 0 < one <= 0.5 else nearest(one) for one in late])
    for day, count in card.delay_counts.items():
        assert count == pytest.approx(np.sum(0.95 ** age[days == int(day)]), abs=2e-3)
    assert sum(card.delay_counts.values()) == pytest.approx(np.sum(0.95**age), abs=0.1)


def test_what_was_rejected_of_a_delivery_is_on_the_scorecard_and_older_ones_count_for_less():
    state = ScorecardState()
    shares = []
    for number, rejected in enumerate([50, 0, 0]):
        delivery = Delivery(
            type="supplier",
            name="ACME",
            shipment_id=f"PO-{number}",
            ordered_at=utc(START + number * DAY),
            received_at=utc(START + (number + 3) * DAY),
            units=100,
            rejected=rejected,
        )
        apply_delivery(state, delivery, delivery.at, f"PO-{number:05}".encode())
        shares.append(scorecard(state, delivery).reject_share)
    assert shares[0] == 0.5
    assert 0.1 < shares[2] < 50 / 300


def test_a_supplier_has_its_last_weeks_and_each_delivery_counts_in_the_week_it_came():
    state = ScorecardState()
    for number in range(30):
        learn(state, delivery(f"PO-{number}", 7 * number + 3, promised_days=7 * number + 3))
        learn(state, delivery(f"LATE-{number}", 7 * number + 4, promised_days=7 * number + 2))
    weeks = decode(state.outbox[-1].body, Scorecard).weeks
    assert len(weeks) == 26
    assert [week.begins for week in weeks] == sorted(week.begins for week in weeks)
    assert {week.begins.weekday() for week in weeks} == {0}
    last = weeks[-1]
    assert last.begins <= utc(START + (7 * 29 + 3) * DAY).date()
    assert (last.deliveries, last.promised, last.on_time) == (2, 2, 1)
    assert last.mean_delay_days == pytest.approx(1.0)
    assert last.lead_time_mean_days == pytest.approx(7 * 29 + 3.5)


def test_only_who_can_be_talked_to_has_weeks_and_what_was_not_promised_is_not_late():
    state = ScorecardState()
    one = msgspec.structs.replace(delivery("PO-1", 5), type="lane", name="ROAD")
    learn(state, one)
    assert decode(state.outbox[-1].body, Scorecard).weeks == ()
    other = ScorecardState()
    learn(other, msgspec.structs.replace(delivery("PO-1", 5), order_date_known=False))
    (week,) = decode(other.outbox[-1].body, Scorecard).weeks
    assert (week.promised, week.on_time) == (0, 0)
    assert week.mean_delay_days is week.lead_time_mean_days is None
