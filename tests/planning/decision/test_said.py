"""Whatever happens to an item, nothing absurd is said of it: no wrong number, no date that is past, no negative money."""

import re

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import DAY, START, Story, SupplyNetwork
from xxhash import xxh3_64_digest

from andon.planning.book import position
from andon.planning.decision import decide
from andon.planning.decision.network import Spare
from andon.planning.supply.disruption import Disruption
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.items import Source
from andon.schemas.pos import Sale

ABSURD = re.compile(
    r"\b1 (units|days|locations|items|lines|shipments)\b"
    r"|\b1 (expire|are) "
    r"|-\d[\d.,]* (EUR|JPY)"
    r"|(?<![\d.,])0(\.00?)? (a day|EUR|JPY|units?|left)\b"
    r"|\bin 0 days|\b(nan|inf|None)\b|\d(e[+-]\d)|  |\.\.|--"
)
DATES = ("order_by", "order_from", "stockout_p50", "stockout_p10")
SUMS = ("value_at_risk", "insurance_cost", "insured_cost", "bridge_quantity", "order_quantity")


def story_of(chance):
    """Return an item with terms drawn by chance, and perhaps a strike and a neighbour that has some to spare."""
    pick = chance.choice
    daily = pick([0.01, 0.1, 1.0, 3.0, 50.0])
    usual = Source(
        supplier="ACME",
        lead_time_days=pick([0.5, 1.0, 5.0, 20.0]),
        pack_size=pick([1, 6, 24]),
        minimum_order=pick([None, 10, 100]),
    )
    fast = Source(
        supplier="FAST",
        lead_time_days=1.0,
        unit_cost=pick([1.0, 3.0]),
        expedite=pick([True, False]),
    )
    since = START + chance.randint(0, 10) * DAY
    strike = Disruption("D", "supplier", "ACME", since, ends=since + 9 * DAY, since=since)
    supply = SupplyNetwork(
        *pick([(), (strike,)]), spare=pick([(), (Spare("T", pick([1, 40]), 0.1),)])
    )
    return Story(
        stock=pick([0, 1, 2, 5, 20, 100, 1000]),
        supply=supply,
        sources=pick([(usual,), (usual, fast)]),
        expected_daily_demand=pick([None, daily, 0.0]),
        unit_cost=pick([0.0, 0.01, 1.0, 80.0]),
        unit_price=pick([None, 2.0, 100.0]),
        order_cost=pick([0.0, 5.0]),
        shelf_life_days=pick([None, 3.0, 14.0, 90.0]),
        service_class=pick(["lean", "balanced", "critical"]),
        currency=pick(["EUR", "JPY"]),
    )


def promise(story, chance):
    kind = chance.choice(["backorder", "backorder", "backorder_filled", "backorder_cancelled"])
    due = utc(story.now + chance.randint(1, 30) * DAY)
    event = Sale(
        event_id=f"b{story.now}{chance.random()}",
        occurred_at=utc(story.now),
        location="S",
        sku="A",
        quantity=chance.choice([1, 3, 30]),
        kind=kind,
        due_at=chance.choice([None, due]) if kind == "backorder" else None,
    )
    position.sell(story.book, event, story.now, xxh3_64_digest(event.event_id.encode()), {})
    story.look()


def live(story, chance):
    """Let days pass, with sales, counts, promises and shipments that come early, late, in part or never."""
    number = 0
    for _ in range(chance.randint(3, 40)):
        for _ in range(chance.randint(0, 3)):
            what = chance.random()
            if what < 0.7:
                story.sell(chance.choice([1, 1, 2, 30]), story.now + chance.randint(60, 14000))
            elif what < 0.78:
                story.count(chance.choice([0, 1, story.book.stock, 300]))
            elif what < 0.88:
                number += 1
                units, days = chance.choice([1, 24, 50]), chance.choice([-3, 0, 1, 20])
                story.line(f"P{number}", 1, quantity=units, days=days)
            elif what < 0.95 and story.book.lines:
                line = chance.choice(list(story.book.lines.values()))
                came = chance.choice([0, 1, line.quantity])
                status = chance.choice(["received", "delayed", "cancelled", "in_transit"])
                story.line(
                    line.shipment_id,
                    line.version + 1,
                    quantity=line.quantity,
                    days=0,
                    received=max(came, line.received),
                    status=status,
                )
            else:
                promise(story, chance)
        story.now = (story.now // DAY + 1) * DAY
        decide.advance(story.book, story.now, 0.0)
        story.look()


def absurdities(alert):
    """Return what of an alert nobody in the trade would say."""
    texts = [alert.sentence, *(one.why for one in alert.alternatives)]
    found = [text for text in texts if ABSURD.search(text)]
    found += [
        f"{name} is past"
        for name in DATES
        if (at := getattr(alert, name)) is not None
        and at < alert.changed_at
        and alert.kind == "replenish"
    ]
    found += [f"{name} < 0" for name in SUMS if (getattr(alert, name) or 0) < 0]
    relief = alert.expected_arrival
    if alert.kind == "stockout_risk" and relief and "better than to wait" in alert.sentence:
        found += [one.why for one in alert.alternatives[:1] if one.arrives_p50 > relief]
    return found


@given(st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_nothing_absurd_is_said(chance):
    story = story_of(chance)
    live(story, chance)
    told = [
        decode(one.body, Alert)
        for one in story.said
        if one.family in ("replenishment", "disruptions")
    ]
    for alert in told:
        assert absurdities(alert) == [], alert.sentence
    position.set_item(
        story.book, msgspec.structs.replace(story.item, lifecycle="run_down"), story.now
    )
    story.look()
    assert not {"replenish", "stockout_risk"} & set(story.book.alerts)


@given(stock=st.integers(1, 60), daily=st.sampled_from((0.3, 2.0, 10.0, 40.0)))
@settings(max_examples=60)
def test_an_item_runs_out_once_whichever_alert_says_it(stock, daily):
    story = Story(stock=stock, expected_daily_demand=daily)
    times = {
        kind: alert.stockout_p50
        for kind in ("replenish", "stockout_risk")
        for alert in story.alerts(kind)[-1:]
    }
    for alert in story.alerts("stockout_risk")[-1:]:
        if "runs out about" in alert.sentence and alert.stockout_p50 is not None:
            assert f"{alert.stockout_p50:%a %d %b %H:%M}" in alert.sentence
    assert len(set(times.values())) <= 1
