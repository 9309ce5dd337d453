"""What all partitions told of their pools, added up by category and location."""

import pytest

from andon.agents.pools import Pools
from andon.schemas.common import encode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pools import PoolShare

FIRST = 2750


def share(location="S", category="tea", partition=0, *, weeks=90, items=8, peak=0, change=1.0):
    weekdays = [30.0] * 7
    weekdays[peak] = 60.0
    return PoolShare(
        location=location,
        category=category,
        partition=partition,
        updated_at=utc(0),
        first_week=FIRST,
        sold=(change * 100.0,) * weeks,
        before=(100.0,) * weeks,
        items=(items,) * weeks,
        weekdays=tuple(weekdays),
        item_weeks=20.0,
    )


def item(location="S", category="tea"):
    source = Source(supplier="ACME", lead_time_days=5.0)
    return Item(location=location, sku="A", updated_at=utc(0), sources=(source,), category=category)


def view(*shares):
    made = Pools()
    for one in shares:
        made.learn(one.key.encode(), encode(one))
    return made


def lender(pools, **fields):
    year = pools.year(item(**fields))
    return year and year.pool


def test_partitions_add_up_to_what_none_of_them_could_lend():
    few = [share(partition=partition, items=2) for partition in range(4)]
    assert lender(view(*few[:3])) is None
    assert lender(view(*few)) == "category:tea at S"


@pytest.mark.parametrize(
    ("other", "lends"),
    [
        (share("S2", items=6), "category:tea"),
        (share(category="salt", items=6), "location:S"),
        (share("S2", "salt", items=6), None),
    ],
    ids=["its category elsewhere", "its location's other items", "neither"],
)
def test_an_item_borrows_from_its_category_everywhere_before_all_of_its_location(other, lends):
    assert lender(view(share(items=2), other)) == lends


def test_an_item_without_a_category_borrows_from_all_of_its_location():
    pools = view(share(category="tea", items=5), share(category=None, items=5))
    assert lender(pools, category=None) == "location:S"
    assert lender(pools, location="S2", category=None) is None


def test_a_share_that_is_told_again_replaces_itself_and_one_that_is_deleted_is_gone():
    pools = view(share(change=2.0), share(weeks=91))
    year = pools.year(item())
    assert (len(year.index), set(year.index)) == (91, {1.0})
    pools.learn(share(weeks=92).key.encode(), encode(share(weeks=92)))
    assert len(pools.year(item()).index) == 92
    pools.learn(share().key.encode(), None)
    assert pools.year(item()) is None
    assert pools.week(item()) is None


def test_a_week_is_that_of_the_finest_pool_that_eight_items_tell_of():
    pools = view(share(items=3, peak=1), share("S2", items=9, peak=2))
    week = pools.week(item())
    assert sum(week) == pytest.approx(7)
    # The category's: both peaks are in it, that of the other location for as much.
    assert week[1] == week[2] == max(week)
    assert pools.week(item("S2")).index(max(pools.week(item("S2")))) == 2


def test_a_pool_is_added_up_anew_once_its_shares_have_gone_on_by_a_week_on_average():
    shares = [share(partition=partition, items=4) for partition in range(4)]
    pools = view(*shares)

    def weeks_after(*ahead):
        for partition, more in enumerate(ahead):
            one = share(partition=partition, items=4, weeks=90 + more)
            pools.learn(one.key.encode(), encode(one))
        return len(pools.year(item()).index)

    assert weeks_after(0, 0, 0, 0) == 90
    assert weeks_after(3, 0, 0, 0) == 90
    assert weeks_after(3, 0, 0, 1) == 93
    assert weeks_after(20, 0, 0, 0) == 110


def test_a_partition_that_lags_far_behind_another_counts_once_it_has_caught_up():
    ahead = share(items=5, weeks=100)
    pools = view(ahead, share(partition=1, items=5, weeks=3))
    assert lender(pools) is None
    for weeks in (40, 100):
        late = share(partition=1, items=5, weeks=weeks)
        pools.learn(late.key.encode(), encode(late))
    assert lender(pools) == "category:tea at S"


def test_what_a_year_says_of_the_weeks_ahead_is_reckoned_once_for_all_items_of_a_pool():
    pools = view(share(items=8, weeks=150))
    first = pools.year_ahead(item())
    assert first is not None
    assert pools.year_ahead(item()) is first
    more = share(items=8, weeks=152)
    pools.learn(more.key.encode(), encode(more))
    assert pools.year_ahead(item()) is not first
    assert pools.year_ahead(item("S9", "salt")) is None
