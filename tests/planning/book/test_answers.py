"""What procurement's answers do to a book: an order is counted once, however it is announced."""

import itertools

import pytest
from support.stories import Story

from andon.planning.book import position
from andon.planning.decision import decide


def asked():
    story = Story(stock=60)
    return story, story.alerts("replenish")[-1]


@pytest.mark.parametrize("named_by", ["alert", "shipment"])
@pytest.mark.parametrize("order", list(itertools.permutations(("ack", "line"))))
def test_an_order_is_counted_once_whether_its_answer_or_its_shipment_is_seen_first(named_by, order):
    story, alert = asked()
    fields = {"alert_id": alert.alert_id} if named_by == "alert" else {}
    for step in order:
        if step == "ack":
            story.ack(alert, "ordered", quantity=100, shipment_id="PO")
        else:
            story.line("PO", 1, quantity=100, days=5, **fields)
    assert (story.book.reserved, story.book.on_order) == (0, 100)


def test_an_answer_about_a_shipment_that_has_already_come_reserves_nothing():
    story, alert = asked()
    story.now += 60
    story.line("PO", 1, quantity=100, days=0, received=100, status="received")
    story.ack(alert, "ordered", quantity=100, shipment_id="PO")
    assert (story.book.reserved, story.book.on_hand) == (0, 160)


def test_another_shipment_does_not_release_what_was_reserved():
    story, alert = asked()
    story.ack(alert, "ordered", quantity=100, shipment_id="PO")
    story.line("OTHER", 1, quantity=30, days=5)
    assert (story.book.reserved, story.book.on_order) == (100, 30)


def test_an_order_without_a_quantity_is_for_what_the_alert_asked_for():
    story, alert = asked()
    story.ack(alert, "ordered")
    assert story.book.reserved == alert.order_quantity
    assert story.alerts("replenish")[-1].resolution == "ordered"


def test_an_order_that_was_rejected_is_off_again():
    story, alert = asked()
    story.ack(alert, "ordered", quantity=500)
    story.ack(alert, "rejected")
    assert story.book.reserved == 0


def test_an_order_that_is_too_small_leaves_the_alert_open_but_quiet():
    story, alert = asked()
    before = len(story.alerts("replenish"))
    story.ack(alert, "ordered", quantity=1)
    assert "replenish" in story.book.alerts
    story.sell(1)
    assert len(story.alerts("replenish")) == before


def test_what_is_open_for_an_item_is_resolved_when_it_is_planned_no_longer():
    story, alert = asked()
    decide.retire(story.book, "S/A", story.now)
    story.said += story.book.outbox
    last = story.alerts("replenish")[-1]
    assert (last.status, last.resolution, last.alert_id) == ("resolved", "retired", alert.alert_id)
    assert story.book.alerts == {}
    assert not position.needs_reconsidering(story.book)
