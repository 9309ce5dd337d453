"""What a wide disruption is said to do to items: what waits for it or is bought through it, and after its end only what still waits."""

import pytest
from support.stories import DAY, START, Story

from andon.planning.alerting.alerts import OpenAlert
from andon.planning.book.impact import impact_of
from andon.planning.supply.disruption import Disruption


def at_risk(*, supplier="ACME", cause="STRIKE", waits=False, ordered=-1.0, over=False):
    """Return how many items are said to run out because of a strike at ACME, of one that has its stock-out alert open."""
    story = Story(stock=10)
    story.book.alerts["stockout_risk"] = OpenAlert(
        "stockout_risk:S/A:1", "stockout_risk", "warning", START, START, 20.0, cause=cause
    )
    if waits:
        story.line("PO", 1, quantity=50, days=3, supplier=supplier)
        story.book.lines["PO"].ordered = START + ordered * DAY
        story.book.alerts["stockout_risk"].cause = cause
    if supplier != "ACME":
        story.book.item = Story(sources=(story.item.sources[1],)).item
    ends = START + 2 * DAY
    strike = Disruption("STRIKE", "supplier", "ACME", START, ends=ends, since=START, is_over=over)
    return impact_of(
        strike, 0, START + 3 * DAY, shipments=(), alerted=[story.book], items=0
    ).at_risk


@pytest.mark.parametrize(
    ("story", "open_count", "end_count"),
    [
        ({"waits": True}, 1, 1),
        # Bought through it, and nothing is on its way: after the end an order comes as always.
        ({"waits": False}, 1, 0),
        ({"waits": True, "ordered": 2.5}, 1, 0),
        ({"waits": True, "supplier": "FAST"}, 0, 0),
        ({"waits": False, "supplier": "FAST"}, 0, 0),
        ({"waits": True, "cause": ""}, 0, 0),
        ({"waits": True, "cause": "FLOOD"}, 0, 0),
    ],
)
def test_an_end_counts_only_what_still_waits_for_what_was_held_up(story, open_count, end_count):
    assert at_risk(**story) == open_count
    assert at_risk(**story, over=True) == end_count
