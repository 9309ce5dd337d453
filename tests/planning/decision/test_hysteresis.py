"""An input that goes back and forth does not make alerts go back and forth, and one that stands costs nothing."""

import pytest
from support.stories import DAY, Story

from andon.planning.decision import decide


def test_a_position_about_the_reorder_point_is_said_once():
    story = Story(stock=100)
    point = story.book.targets.reorder_point
    story.said.clear()
    for step in range(20):
        story.now += 60
        story.count(point + step % 2)
    assert len(story.alerts("replenish")) <= 1


def test_a_position_that_stays_just_above_the_reorder_point_is_settled_after_a_day():
    story = Story(stock=60)
    above = story.book.targets.reorder_point + 1
    story.now += 60
    story.count(above)
    assert "replenish" in story.book.alerts
    story.now += DAY
    story.count(story.book.targets.reorder_point + 1)
    assert story.alerts("replenish")[-1].resolution == "covered"


def test_a_book_below_nothing_is_noticed_with_the_first_unit():
    story = Story(stock=20, expected_daily_demand=100.0)
    for _ in range(21):
        story.sell(1)
    assert story.book.on_hand == -1
    assert "book_mismatch" in story.book.alerts


def test_a_receipt_does_not_make_a_wrong_book_right():
    story = Story(stock=2)
    for _ in range(4):
        story.sell(1)
    story.line("PO", 1, quantity=50, days=0, received=50, status="received")
    assert "book_mismatch" in story.book.alerts
    story.now += 60
    story.count(48)
    assert "book_mismatch" not in story.book.alerts


def test_stock_about_the_limit_is_called_too_much_once():
    story = Story(stock=5000, unit_cost=2.0)
    while not story.alerts("overstock"):
        story.days(1)
    # It opened with the first of the day's ten sales.
    limit = story.book.on_hand + 9 - int(story.alerts("overstock")[0].numbers["excess"])
    for step in range(20):
        story.now += 60
        story.count(limit - 20 + 40 * (step % 2))
    assert [one.status for one in story.alerts("overstock")] in (["opened"], ["opened", "updated"])
    story.now += 60
    story.count(limit // 2)
    assert story.alerts("overstock")[-1].status == "resolved"


@pytest.mark.parametrize("stock", [30, 100, 1500])
def test_sales_cause_few_looks_whatever_is_open(stock, monkeypatch):
    looks = []
    look = decide.reconsider

    def counted(*args, **kwargs):
        looks.append(args)
        look(*args, **kwargs)

    monkeypatch.setattr(decide, "reconsider", counted)
    story = Story(stock=stock)
    story.days(30, 40)
    sales, closes = 30 * 40, 30
    assert len(looks) - closes < 0.1 * sales


def test_a_stockout_alert_stays_for_a_day_after_the_odds_have_turned_and_no_longer():
    story = Story(stock=28)
    story.line("PO", 1, quantity=100, days=6)
    assert "stockout_risk" in story.book.alerts
    # A truck that comes earlier makes it safe, but no more than that.
    story.now += 60
    story.line("PO", 2, quantity=100, days=2)
    assert "stockout_risk" in story.book.alerts
    story.now += 60
    story.line("PO", 3, quantity=100, days=6)
    assert [one.status for one in story.alerts("stockout_risk")].count("opened") == 1
    story.now += 60
    story.line("PO", 4, quantity=100, days=2)
    story.now += DAY
    story.look()
    assert story.alerts("stockout_risk")[-1].status == "resolved"


def test_a_receipt_that_makes_an_item_safe_ends_its_stockout_alert_at_once():
    story = Story(stock=20)
    story.line("PO", 1, quantity=500, days=6)
    assert "stockout_risk" in story.book.alerts
    story.now += 60
    story.line("PO", 2, quantity=500, days=0, received=500, status="received")
    assert story.alerts("stockout_risk")[-1].status == "resolved"


def test_a_few_units_at_stake_of_what_sells_by_hundreds_are_no_alert():
    story = Story(stock=3000, expected_daily_demand=100.0)
    story.line("PO", 1, quantity=1000, days=4)
    story.now += 60
    story.count(430)
    projection = decide.situation_of(story.book, "S/A", story.now, story.supply).projection
    assert 1.0 < projection.short_units < 25.0
    assert "stockout_risk" not in story.book.alerts
