"""What a location asks of one that is short: what it needs, and no more than its share."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import DAY, KEY, START, Story, SupplyNetwork

from andon.planning.book.feeding import network_of
from andon.planning.decision.replenish import to_order
from andon.planning.decision.situation import situation_of
from andon.planning.network.state import Source as Feeder
from andon.schemas.items import Source


def asked(stock, share, ready_days, pack):
    """Return what is asked of a warehouse that has so much for a location (None: enough), and why."""
    source = Source(from_location="dc", lead_time_days=1.0, pack_size=pack)
    story = Story(stock=stock, sources=(source,))
    if share is not None:
        ready_at = START + ready_days * DAY
        network_of(story.book).sources["dc"] = Feeder(
            version=0, given=share, up_to=stock + share, ready_at=ready_at, why="dc has too little"
        )
    return to_order(situation_of(story.book, KEY, START, SupplyNetwork()))


@given(st.integers(0, 60), st.integers(0, 400), st.integers(1, 40), st.sampled_from([1, 6]))
@settings(max_examples=80, deadline=None)
def test_a_location_asks_for_what_it_needs_and_no_more_than_its_share(stock, share, days, pack):
    wanted, _ = asked(stock, None, days, pack)
    quantity, reasons = asked(stock, share, days, pack)
    assert quantity == min(wanted, share // pack * pack)
    if wanted:
        told = " ".join(reasons)
        assert ("keeps" in told) == (share > wanted)
        assert ("is short of it: dc has too little" in told) == (share < wanted)
