"""Laws of the decisions: delays do not buy, batches do not matter, and a book survives its own encoding."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import DAY, KEY, START, Story, SupplyNetwork

from andon.planning.book.book import Book
from andon.planning.decision import decide
from andon.planning.supply.disruption import Disruption
from andon.schemas.common import utc
from andon.schemas.items import Source

SOURCES = (
    Source(supplier="ACME", lead_time_days=5.0, lane="L1"),
    Source(supplier="SLOW", lead_time_days=12.0),
    Source(supplier="FAST", lead_time_days=1.0, unit_cost=1.4, expedite=True),
)


def asked_for(story):
    alert = story.book.alerts.get("replenish")
    return 0 if alert is None else int(alert.size)


@settings(max_examples=60)
@given(st.integers(0, 150), st.integers(1, 300), st.floats(0.5, 10), st.floats(0.1, 40))
def test_a_late_shipment_never_raises_an_order(stock, coming, days, late):
    story = Story(stock=stock)
    story.line("PO", 1, quantity=coming, days=days)
    before, position = asked_for(story), story.book.inventory_position
    story.line(
        "PO", 2, quantity=coming, days=days + late, promised_at=utc(START + days * DAY), cause="D"
    )
    assert asked_for(story) <= before
    assert story.book.inventory_position == position


@settings(max_examples=60)
@given(st.integers(0, 150), st.sampled_from(["lane", "supplier", "location"]), st.floats(0.5, 60))
def test_a_wide_disruption_changes_where_to_order_but_never_how_much(stock, scope, days):
    name = {"lane": "L1", "supplier": "ACME", "location": "S"}[scope]
    story = Story(stock=stock, sources=SOURCES)
    before = story.book.targets
    story.supply = SupplyNetwork(Disruption("D", scope, name, START, ends=START + days * DAY))
    decide.reconsider(story.book, KEY, story.now, story.supply)
    assert story.book.targets == before


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("slcd"), st.integers(1, 30)), max_size=25))
def test_a_book_that_was_written_and_read_again_goes_on_as_before(steps):
    kept, restored = Story(stock=120), Story(stock=120)
    for number, (step, size) in enumerate(steps):
        restored.book = msgspec.msgpack.decode(msgspec.msgpack.encode(restored.book), type=Book)
        for story in (kept, restored):
            match step:
                case "s":
                    story.sell(size)
                case "l":
                    story.line(f"PO-{number}", 1, quantity=size, days=3)
                case "c":
                    story.count(size)
                case _:
                    story.days(1, size)
    assert kept.said == restored.said
    assert kept.book == restored.book


def test_a_quiet_book_is_small():
    story = Story(stock=900)
    story.days(40)
    story.book.outbox.clear()
    assert len(msgspec.msgpack.encode(story.book)) < 1600


@pytest.mark.parametrize("stock", [5, 60, 400])
def test_looking_twice_says_nothing_new(stock):
    story = Story(stock=stock)
    before = len(story.said)
    decide.reconsider(story.book, KEY, story.now, story.supply)
    assert story.book.outbox == []
    assert len(story.said) == before
