"""Orders that were announced and are not seen: they stay counted, are asked for, and are never bought again silently."""

import pytest
from support.stories import DAY, Story

from andon.planning.book import position
from andon.planning.book.answers import reserve
from andon.planning.book.book import Book
from andon.planning.decision.decide import look_again
from andon.schemas.items import Source


def announced(lead_time_days=30.0, **fields):
    source = Source(supplier="ACME", lead_time_days=lead_time_days, lead_time_sd_days=0.5)
    story = Story(stock=int(8 * lead_time_days) + 1, sources=(source,))
    alert = story.alerts("replenish")[-1]
    story.ack(alert, "ordered", **{"quantity": 2000, "shipment_id": "PO-1", **fields})
    return story, alert


def asks(story):
    return story.alerts("unseen_order")


def test_an_order_seen_after_ten_days_of_approval_counts_all_along_and_is_never_bought_again():
    story, alert = announced()
    for _ in range(10):
        story.days(1)
        assert story.book.inventory_position == story.book.on_hand + 2000
    story.line("PO-1", 1, quantity=2000, days=20, alert_id=alert.alert_id)
    assert (story.book.reserved, story.book.on_order) == (0, 2000)
    assert [one.status for one in story.alerts("replenish")] == ["opened", "resolved"]
    assert asks(story) == []


@pytest.mark.parametrize(("lead_time_days", "days"), [(30, 15), (8, 4), (2, 1), (0.5, 1)])
def test_an_order_that_is_not_seen_is_asked_for_after_half_its_lead_time_and_a_day_at_least(
    lead_time_days, days
):
    story, _ = announced(lead_time_days)
    due = look_again(story.book, story.now)
    assert due == pytest.approx(story.now + days * DAY, rel=0.01)
    story.now = due - 1
    story.look()
    assert asks(story) == []
    story.now = due
    story.look()
    (asked,) = asks(story)
    assert "2,000 units of A for S" in asked.sentence
    assert "PO-1" in asked.sentence
    assert story.book.reserved == 2000
    assert look_again(story.book, story.now) is None


def asked_for(**fields):
    story, alert = announced(**fields)
    story.now = look_again(story.book, story.now)
    story.look()
    return story, alert, asks(story)[-1]


def test_when_the_order_is_seen_the_question_is_answered():
    story, alert, _ = asked_for()
    story.line("PO-1", 1, quantity=2000, days=20, alert_id=alert.alert_id)
    assert asks(story)[-1].status == "resolved"
    assert story.book.inventory_position == story.book.on_hand + 2000


@pytest.mark.parametrize("answered", ["question", "alert"])
def test_an_order_that_is_off_is_asked_for_anew(answered):
    story, alert, question = asked_for()
    story.ack(question if answered == "question" else alert, "rejected")
    assert story.book.reserved == 0
    assert asks(story)[-1].status == "resolved"
    assert story.alerts("replenish")[-1].status == "opened"


def test_an_order_in_its_place_is_counted_once():
    story, _, question = asked_for()
    story.ack(question, "ordered", quantity=1800, shipment_id="PO-2")
    assert story.book.reserved == 1800
    story.line("PO-2", 1, quantity=1800, days=20)
    assert (story.book.reserved, story.book.on_order) == (0, 1800)


def test_a_question_that_was_answered_with_patience_is_quiet():
    story, _, question = asked_for()
    story.ack(question, "acknowledged")
    story.now += 3 * DAY
    story.look()
    assert len(asks(story)) == 1
    assert story.book.reserved == 2000


def test_a_book_has_room_for_so_many_orders_announced_or_seen_and_no_more():
    book = Book()
    for number in range(position.MOST_OPEN_LINES):
        assert reserve(book, f"replenish:S/A:{number}", 1, 0.0)
    assert not reserve(book, "replenish:S/A:one-more", 1, 0.0)
    assert reserve(book, "replenish:S/A:7", 5, 0.0)
    assert book.reserved == position.MOST_OPEN_LINES + 4
