"""Kanban: the number of cards of the literature and of ERP systems, and what a loop says of its cards."""

import random

import pytest

from andon.planning.production.cards import card_count, is_lost
from andon.planning.production.loop_alerts import look_at_loop
from andon.planning.production.loops import (
    DUPLICATE,
    TOO_MANY,
    KanbanLoop,
    advised,
    daily_demand,
    hanging,
    hear_card,
    missed,
    set_loop,
    working_days,
)
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.kanban import MOST_CARDS, CardEvent, Loop

DAY = 86400.0
#: A Monday.
START = 1_700_438_400.0
WEEK = ("MON", "TUE", "WED", "THU", "FRI")


@pytest.mark.parametrize(
    ("given", "cards"),
    [
        # IFS Cloud 25R1: basic, and with a constant cycle.
        ({"daily": 100, "lead_days": 2, "container": 10, "safety_stock": 20, "lot": 50}, 27),
        ({"daily": 0, "lead_days": 0, "container": 10, "safety_stock": 30, "lot": 350}, 38),
        # Toyota: a thousand a day, half a day, 10%, boxes of 25.
        ({"daily": 1000, "lead_days": 0.5, "container": 25, "safety_factor": 0.1}, 22),
        ({"daily": 0, "lead_days": 1, "container": 10}, 1),
        ({"daily": 10, "lead_days": 1, "container": 10}, 1),
        ({"daily": 10.001, "lead_days": 1, "container": 10}, 2),
    ],
)
def test_the_number_of_cards(given, cards):
    assert card_count(**given) == cards


def test_a_container_holds_something():
    with pytest.raises(ValueError, match="^container: "):
        card_count(1, 1, 0)


@pytest.mark.parametrize("cards", [1, 2, 5, 20])
def test_a_card_is_lost_when_chance_does_not_pass_it_over(cards):
    first = next(pulls for pulls in range(10_000) if is_lost(pulls, cards))
    assert (1 - 1 / cards) ** first < 0.005
    assert cards == 1 or (1 - 1 / cards) ** (first - 1) >= 0.005


def loop(**fields):
    known = {
        "location": "ward",
        "sku": "GLOVES",
        "updated_at": utc(START),
        "container": 10,
        "cards": 4,
    }
    return Loop(**{**known, "lead_time_days": 1.0, **fields})


class Ward:
    """A loop that is told of its cards."""

    def __init__(self, **fields):
        self.state = KanbanLoop()
        set_loop(self.state, loop(**fields), START)
        self.count = 0

    def tell(self, card, status, days, name=None):
        at = START + days * DAY
        self.count += 1
        name = name or f"e{self.count}"
        event = CardEvent(
            event_id=name,
            occurred_at=utc(at),
            location="ward",
            sku="GLOVES",
            card=card,
            status=status,
        )
        outcome = hear_card(self.state, event, at, name.encode().ljust(8)[:8], None)
        look_at_loop(self.state, "ward/GLOVES", at, None)
        return outcome

    @property
    def said(self):
        found = [decode(one.body, Alert) for one in self.state.outbox if one.family != "board"]
        self.state.outbox.clear()
        return found


def test_a_pull_asks_for_its_container_and_a_filling_answers():
    ward = Ward(filled_by="store-room")
    ward.tell("c1", "pulled", 0.5)
    (alert,) = ward.said
    assert (alert.kind, alert.order_quantity, alert.severity) == ("kanban_pull", 10, "info")
    assert alert.sentence.startswith(
        "Fill 1 container (10 units) of GLOVES at ward from store-room: 1 of 4 cards hang"
    )
    for card in ("c2", "c3", "c4"):
        ward.tell(card, "pulled", 0.6)
    assert ward.said[-1].severity == "critical"
    for card in ("c1", "c2", "c3", "c4"):
        ward.tell(card, "filled", 1.5)
    assert ward.said[-1].status == "resolved"


def test_a_signal_loop_waits_for_its_batch():
    ward = Ward(batch=3)
    ward.tell("c1", "pulled", 0.1)
    ward.tell("c2", "pulled", 0.2)
    assert ward.said == []
    ward.tell("c3", "pulled", 0.3)
    assert ward.said[0].order_quantity == 30
    with pytest.raises(ValueError, match="^batch: "):
        loop(batch=5)


def test_news_of_a_card_in_any_order_come_to_the_same():
    news = [
        ("c1", "pulled", 0.1, "a"),
        ("c1", "filled", 0.9, "b"),
        ("c1", "pulled", 1.4, "c"),
        ("c2", "pulled", 0.3, "d"),
    ]
    found = []
    for seed in range(24):
        ward, order = Ward(), [*news, *random.Random(seed).choices(news, k=2)]
        random.Random(seed).shuffle(order)
        for card, status, days, name in order:
            ward.tell(card, status, days, name)
        found.append((hanging(ward.state), ward.state.pulls, ward.state.days))
    assert all(one == found[0] for one in found)
    assert Ward().tell("c1", "pulled", 0.1, "a") != DUPLICATE


def test_demand_is_over_working_days():
    ward = Ward(working_weekdays=WEEK)
    for day in (0.5, 1.5, 2.5, 3.5, 4.5, 7.5):
        ward.tell("c1", "pulled", day)
    # From Monday noon to Monday noon a week later are five working days.
    assert daily_demand(ward.state, None) == pytest.approx(60 / 5)
    assert working_days(ward.state.loop, START, START + 14 * DAY, None) == pytest.approx(10)
    assert working_days(loop(), START, START + 14 * DAY, None) == pytest.approx(14)


def turn(ward, rng, days, *, daily, lead, cards=4, lost=()):
    """Let a loop turn for some days: whoever needs a container takes any that is full, and it is back after the lead time."""
    full, away, at = [f"c{number}" for number in range(cards)], [], 0.0
    for card in full:
        ward.tell(card, "filled", 0.0)
    full = [card for card in full if card not in lost]
    while at < days:
        at += rng.expovariate(daily / 10)
        for due, card in [one for one in away if one[0] <= at]:
            away.remove((due, card))
            full.append(card)
            ward.tell(card, "filled", due)
        if full:
            card = full.pop(rng.randrange(len(full)))
            away.append((at + lead, card))
            ward.tell(card, "pulled", at)


def test_lead_times_are_learned_and_cards_advised():
    ward = Ward()
    turn(ward, random.Random(1), 60, daily=15, lead=3.0)
    assert ward.state.lead.mean_days == pytest.approx(3.0, rel=0.1)
    assert advised(ward.state, None) in (4, 5, None)
    ward = Ward(cards=12)
    turn(ward, random.Random(1), 60, daily=15, lead=3.0, cards=12)
    needed = advised(ward.state, None)
    assert needed is not None
    assert needed < 12
    alert = next(one for one in ward.said if one.kind == "kanban_cards")
    assert alert.sentence.startswith("Take in")
    ward = Ward(cards=4, safety_factor=1.0)
    turn(ward, random.Random(1), 60, daily=30, lead=2.0)
    assert advised(ward.state, None) > 4
    assert any(
        one.sentence.startswith("Give out") for one in ward.said if one.kind == "kanban_cards"
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_lost_card_is_missed_and_none_else(seed):
    ward = Ward(cards=6)
    turn(ward, random.Random(seed), 40, daily=20, lead=1.0, cards=6, lost=("c3",))
    assert missed(ward.state, None) == ["c3"]
    ward.tell("c3", "lost", 40.5)
    assert missed(ward.state, None) == []
    ward.tell("c9", "filled", 41.0)
    assert set(ward.state.cards) == {"c0", "c1", "c2", "c4", "c5", "c9"}
    sound = Ward(cards=6)
    turn(sound, random.Random(seed), 30, daily=20, lead=1.0, cards=6)
    assert missed(sound.state, None) == []


def test_a_loop_holds_so_many_cards():
    ward = Ward()
    for number in range(MOST_CARDS):
        ward.tell(f"c{number}", "filled", 0.1)
    assert ward.tell("more", "filled", 0.2) == TOO_MANY


def test_what_is_no_loop_any_more_says_nothing():
    ward = Ward()
    ward.tell("c1", "pulled", 0.1)
    set_loop(ward.state, None, START + DAY)
    look_at_loop(ward.state, "ward/GLOVES", START + DAY, None)
    assert ward.state.alerts == {}
    assert set_loop(ward.state, loop(), START) == "stale"
