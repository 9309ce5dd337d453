"""A line is as late as its shipment would say, whichever of a disruption and the shipment's news comes first."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stories import DAY, START, Story, SupplyNetwork

from andon.planning.book import receiving
from andon.planning.book.arrivals import coming, held_up_line
from andon.planning.book.book import Book, Line
from andon.planning.decision.situation import situation_of
from andon.planning.supply.disruption import Disruption, disruption_of_update, held_by
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.shipment import publish_lines
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.common import decode, utc
from andon.schemas.shipments import HeldBy, LineUpdate


def closure(delay_id="PORT", **fields):
    given = {"scope": "lane", "name": "L1", "at": START, "since": START, **fields}
    return Disruption(delay_id=delay_id, **given)


def shipment(**fields):
    given = {"supplier": "ACME", "lane": "L1", "carrier": "X", "ordered": START - DAY, **fields}
    return Shipment(shipment_id="PO", lines={"S/A": (100, 0)}, promised=START + 3 * DAY, **given)


def news(one, wide, delay_multiplier=1.0):
    """Return what a book is told of a shipment's line."""
    publish_lines(one, START, wide, delay_multiplier=delay_multiplier)
    (said,) = [said for said in one.outbox if said.family == "lines"]
    one.outbox.clear()
    return decode(said.body, LineUpdate)


def book_told(update):
    book = Book()
    receiving.update_line(book, update, START, b"8 digest")
    return book


wide_ones = st.lists(
    st.builds(
        closure,
        delay_id=st.sampled_from(["A", "B", "C"]),
        hours=st.none() | st.floats(0, 500),
        starts=st.none() | st.floats(START - 5 * DAY, START + 5 * DAY),
        ends=st.none() | st.floats(START - 5 * DAY, START + 30 * DAY),
        severity=st.floats(0, 1),
        scope=st.sampled_from(["lane", "carrier", "supplier", "location"]),
    ).map(
        lambda one: msgspec.structs.replace(
            one, name={"lane": "L1", "carrier": "X", "supplier": "ACME", "location": "S"}[one.scope]
        )
    ),
    max_size=3,
    unique_by=lambda one: one.delay_id,
)


@given(wide_ones, wide_ones, st.floats(0.2, 2.0), st.none() | st.floats(1, 200))
def test_a_line_is_as_late_as_its_shipment_would_say_before_it_says_so(
    known, new, delay_multiplier, late
):
    before = {one.delay_id: one for one in known}
    after = {**{one.delay_id: one for one in new}, **before}
    one = shipment()
    if late is not None:
        one.delays["own"] = closure("own", scope="shipment", name="PO", hours=late)
    book = book_told(news(one, before, delay_multiplier))
    (line,) = coming(book, "S", Disruptions(after), lambda carrier, supplier: delay_multiplier)
    told = news(one, after, delay_multiplier)
    assert line.expected == pytest.approx(told.expected_at.timestamp(), abs=1e-3)
    assert line.spread_days == pytest.approx(told.spread_days)
    if after.keys() != before.keys() and line.expected > book.lines["PO"].expected + 1:
        assert (line.cause, line.parent_id) == (told.cause, told.parent_id)


def test_what_its_shipment_said_already_makes_a_line_no_later():
    port = closure(ends=START + 9 * DAY)
    book = book_told(news(shipment(), {"PORT": port}))
    (line,) = coming(book, "S", Disruptions({"PORT": port}), lambda *_: 1.0)
    assert line is book.lines["PO"]


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": "carrier", "name": "Y"},
        {"scope": "location", "name": "S2"},
        {"ends": START - 2 * DAY},
        {"starts": START + 9 * DAY},
    ],
    ids=["another carrier", "another location", "over before it was ordered", "after its arrival"],
)
def test_what_does_not_touch_a_line_leaves_it_alone(fields):
    book = book_told(news(shipment(), {}))
    (line,) = coming(book, "S", Disruptions({"PORT": closure(**fields)}), lambda *_: 1.0)
    assert line is book.lines["PO"]


def test_a_line_that_was_moved_by_who_knows_what_is_left_as_it_was_told():
    line = Line("PO", 1, 100, 0, "ordered", START + DAY, lane="L1", cause="STRIKE")
    assert (
        held_up_line(
            line, "S", Disruptions({"PORT": closure(ends=START + 9 * DAY)}), lambda *_: 1.0
        )
        is line
    )


def test_an_order_known_to_be_late_before_its_news_is_alerted_with_all_there_is_to_say():
    port = closure(ends=START + 9 * DAY, reason="port closed")
    known = Story(stock=60, supply=SupplyNetwork(port))
    told = Story(stock=60, supply=SupplyNetwork(port))
    for story, fields in ((known, {}), (told, vars_of(news(shipment(), {"PORT": port})))):
        story.line(
            "PO",
            1,
            quantity=200,
            days=fields.pop("days", 3),
            supplier="ACME",
            lane="L1",
            promised_at=utc(START + 3 * DAY),
            **fields,
        )
    first, second = known.alerts("stockout_risk"), told.alerts("stockout_risk")
    assert [one.status for one in first] == ["opened"]
    assert first == second
    assert first[0].parent_id == port.parent_id


def vars_of(update):
    return {
        "days": (update.expected_at.timestamp() - START) / DAY,
        "spread_days": update.spread_days,
        "cause": update.cause,
        "reason": update.reason,
        "parent_id": update.parent_id,
    }


def test_the_closed_lanes_own_source_does_not_rank_first_when_only_the_lines_news_have_come():
    port = closure(ends=START + 30 * DAY, reason="port closed")
    fields = vars_of(news(shipment(), {"PORT": port}))
    days = fields.pop("days")

    def best(**more):
        story = Story(stock=30, order_cost=0.0, supply=SupplyNetwork())
        story.line("PO", 1, quantity=200, days=days, lane="L1", **fields, **more)
        return story.alerts("stockout_risk")[-1].alternatives[0]

    informed = best(held_by=held_by(port))
    assert informed.supplier == "FAST"
    story = Story(stock=30, order_cost=0.0, supply=SupplyNetwork(port))
    story.line("PO", 1, quantity=200, days=days, lane="L1", **fields)
    assert informed == story.alerts("stockout_risk")[-1].alternatives[0]


def test_what_a_line_speaks_of_counts_until_its_next_news_and_not_beside_what_is_known():
    port = closure(ends=START + 30 * DAY)
    book = book_told(news(shipment(), {"PORT": port}))
    book.item = Story().item

    def disruptions(*known):
        view = situation_of(book, "S/A", START, SupplyNetwork(*known))
        return list(view.supply.disruptions())

    assert disruptions() == ["PORT"]
    assert disruptions(closure(ends=START + DAY)) == ["PORT"]
    one = shipment(version=7)
    receiving.update_line(book, news(one, {}), START, b"9 digest")
    assert disruptions() == []


def test_a_disruption_is_told_whole():
    port = closure(
        starts=START - DAY,
        ends=START + DAY,
        hours=12.0,
        severity=0.5,
        reason="fog",
        is_over=True,
    )
    update = news(shipment(), {"PORT": port})
    assert disruption_of_update(update) == port
    assert disruption_of_update(msgspec.structs.replace(update, held_by=None)) is None
    assert isinstance(update.held_by, HeldBy)
