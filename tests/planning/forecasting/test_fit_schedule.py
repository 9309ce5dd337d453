"""When a shape is asked for, and of what the request consists."""

import msgspec
import pytest

from andon.planning.book.book import Book
from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY
from andon.planning.forecasting.candidates import COMBINED, NAMES, Shaped
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.schedule import PERIOD_DAYS, ask_for_fit, reason_to_fit
from andon.schemas.common import decode, utc
from andon.schemas.forecasts import FitRequest, PooledYear
from andon.schemas.items import Item, Source

FIRST = 20_000
KEY = "S/A"
SHAPED = NAMES.index(Shaped.name)


def known(sold, asked=-1):
    """A book and its models after some days."""
    book, models = Book(), Models()
    book.demand.closed = FIRST - 1
    hear = models.observer(book.demand)
    for day, units in enumerate(sold, FIRST):
        demands.record(book.demand, day, units or 0)
        share = 0.0 if units is None else 1.0
        demands.close_through(book.demand, day, share, observe=hear)
    models.asked = asked
    return book, models


@pytest.mark.parametrize(
    ("sold", "asked", "reason"),
    [
        ([10] * 20, -1, None),
        ([10] * 40, -1, "first"),
        ([0, 0, 9, 0] * 15, -1, None),
        ([None, 10] * 25, -1, "first"),
        ([10] * 40, FIRST + 12, "first"),
        ([10] * 60, FIRST + 40, None),
        ([10] * 60, FIRST + 59 - PERIOD_DAYS, "period"),
        ([10] * 40 + [40] * 20, FIRST + 35, "drift"),
        ([10] * 52 + [40] * 8, FIRST + 55, None),
    ],
    ids=[
        "too short",
        "long enough",
        "sells too rarely",
        "out of stock is not rarely",
        "until now its shape is borrowed",
        "asked lately",
        "a period is over",
        "a new level",
        "a new level, but asked this week",
    ],
)
def test_a_shape_is_asked_for_when(sold, asked, reason):
    book, models = known(sold, asked)
    assert reason_to_fit(models, book, KEY) == reason


def test_a_shape_that_is_about_to_speak_is_asked_for_early():
    book, models = known([10] * 60, FIRST + 40)
    assert models.reshape([1.0] * 150, FIRST, FIRST + 40, "week")
    score = models.scores[SHAPED]
    score.pinball, score.rival, score.intervals = 8.0, 10.0, 20.0
    assert reason_to_fit(models, book, KEY) == "challenger"
    models.champion = SHAPED
    assert reason_to_fit(models, book, KEY) is None
    models.champion = COMBINED
    score.pinball = 11.0
    assert reason_to_fit(models, book, KEY) is None


def test_a_request_holds_all_that_a_fit_needs_and_is_made_once():
    book, models = known([10, None] * 20)
    source = Source(supplier="ACME", lead_time_days=5.0)
    book.item = Item(
        location="S",
        sku="A",
        updated_at=utc(0),
        sources=(source,),
        unit_cost=4.0,
        country="DE",
    )
    now = (FIRST + 40) * DAY
    ask_for_fit(models, book, KEY, now)
    ask_for_fit(models, book, KEY, now)
    (said,) = models.outbox
    assert (said.family, said.key) == ("fits", KEY)
    request = decode(said.body, FitRequest)
    assert request.pooled is None
    assert request.sold == (10, None) * 20
    assert (request.first_day, request.reason, request.country) == (FIRST, "first", "DE")
    assert request.value == pytest.approx(4.0 * book.demand.level, rel=1e-3)


def test_first_requests_are_spread_over_a_week():
    days = set()
    for number in range(60):
        key = f"S/{number}"
        asked = next(
            size
            for size in range(21, 40)
            if reason_to_fit(known([10] * size)[1], Book(), key) == "first"
        )
        days.add(asked)
    assert days == set(range(21, 28))


YEAR = PooledYear(pool="category:tea", first_week=2750, index=(1.0,) * 90, weekdays=(1.0,) * 7)


def planned(sold):
    book, models = known(sold)
    source = Source(supplier="ACME", lead_time_days=5.0)
    book.item = Item(location="S", sku="A", updated_at=utc(0), sources=(source,))
    return book, models


@pytest.mark.parametrize(
    ("sold", "lent", "asks"),
    [
        ([10] * 6, YEAR, False),
        ([10] * 14, YEAR, True),
        ([10] * 14, None, False),
        ([10] * 14, PooledYear(pool="p", first_week=2750, index=(1.0,) * 90), False),
        ([0, 0, 9, 0] * 4, YEAR, False),
    ],
    ids=[
        "nothing seen yet",
        "may borrow",
        "no pool lends",
        "a pool without a week",
        "sells too rarely",
    ],
)
def test_a_new_item_asks_early_for_what_its_pool_lends(sold, lent, asks):
    book, models = planned(sold)
    ask_for_fit(models, book, KEY, (FIRST + 20) * DAY, lambda _: lent)
    requests = [decode(said.body, FitRequest) for said in models.outbox]
    assert [(one.reason, one.pooled) for one in requests] == ([("first", YEAR)] if asks else [])


def test_a_request_has_the_year_of_the_item_s_pool_and_one_without_is_still_read():
    book, models = planned([10] * 40)
    ask_for_fit(models, book, KEY, (FIRST + 40) * DAY, lambda _: YEAR)
    body = models.outbox[0].body
    assert decode(body, FitRequest).pooled == YEAR
    old = msgspec.json.decode(body)
    del old["pooled"]
    assert decode(msgspec.json.encode(old), FitRequest).pooled is None


def test_models_written_before_they_taught_a_year_are_still_read():
    fields = msgspec.msgpack.decode(msgspec.msgpack.encode(known([10] * 30)[1]))
    models = msgspec.msgpack.decode(msgspec.msgpack.encode(fields[:-1]), type=Models)
    assert models == known([10] * 30)[1]
