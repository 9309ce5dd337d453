"""A record of a wave has all that it followed from: the same comes of it again."""

from support.stories import Story

from andon.planning.book import feeding
from andon.planning.decision import decide
from andon.planning.network.allocation import Claim, allocate, explained
from andon.schemas.common import decode, utc
from andon.schemas.needs import Allocation, Need

SHOPS = {"a": 1.0, "b": 4.0, "c": 9.0}


def needs(now, version=1):
    return [
        Need(
            warehouse="S",
            sku="A",
            location=name,
            version=version,
            updated_at=utc(now),
            position=4,
            target=30,
            mean=70.0,
            variance=100.0,
            horizon_days=7.0,
            lead_time_days=1.0,
            shortage_cost=cost,
            lot=2,
        )
        for name, cost in SHOPS.items()
    ]


def again(record):
    """Return what the same claims would be given."""
    claims = [
        Claim(
            one.location,
            one.wanted,
            one.position,
            one.mean,
            one.variance,
            one.shortage_cost,
            one.lot,
            one.tier,
            one.later,
        )
        for one in record.portions
    ]
    shares = allocate(record.available, claims)
    return [share.given for share in shares], explained(claims, shares)


def test_a_wave_is_said_once_explains_itself_and_can_be_done_again():
    story = Story(stock=40)
    for need in needs(story.now):
        feeding.hear_need(story.book, need, story.now)
    decide.reconsider(story.book, "S/A", story.now, story.supply)
    waves = [one for one in story.book.outbox if one.family == "allocations"]
    assert len(waves) == 1
    record = decode(waves[0].body, Allocation)
    given, words = again(record)
    assert [one.given for one in record.portions] == given
    assert [one.why for one in record.portions] == words
    assert sum(given) == record.available == 40
    assert record.portions[2].given > record.portions[0].given
    feeds = [one for one in story.book.outbox if one.event_id.startswith("S/A:feed:")]
    assert len(feeds) == len(SHOPS)
    story.book.outbox.clear()
    decide.reconsider(story.book, "S/A", story.now + 60, story.supply)
    assert not [one for one in story.book.outbox if one.family in ("allocations", "lines")]


def test_the_warehouse_plans_for_what_its_shops_sell():
    story = Story(stock=400)
    for need in needs(story.now):
        feeding.hear_need(story.book, need, story.now)
    view = decide.situation_of(story.book, "S/A", story.now, story.supply)
    assert view.position == 412
    assert abs(view.demand.level - 30.0) < 1e-6
    assert view.targets.protection_mean > 30.0 * (view.lead_time.mean_days + 1)
