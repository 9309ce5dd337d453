"""How the alert of a line that stops ends, and how its moments are said."""

import pytest

from andon.planning.alerting.sentences import moment
from andon.planning.production.line import ProductionLine, hear, hear_coverage
from andon.planning.production.line_stop import line_stop
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.production import Coverage, ProductionEvent

HOUR, DAY = 3600.0, 86400.0
START = 1_700_006_400.0


def event(status, at, **fields):
    return ProductionEvent(
        event_id=f"{status}-{at}",
        occurred_at=utc(START + at),
        order_id="P-1",
        location="plant",
        line="L1",
        sku="lamp",
        status=status,
        **fields,
    )


def cover(version, **fields):
    return Coverage(
        location="plant", line="L1", part="bolt", version=version, updated_at=utc(START), **fields
    )


def settled(*news):
    """Let a line stop at 4 hours for want of bolts, then hear news; return the last that was said."""
    line = ProductionLine()
    released = event("released", 0.0, quantity=10, minutes_each=60.0, starts_at=utc(START))
    stops = cover(1, stops_at=utc(START + 4 * HOUR), order_id="P-1", short=6)
    for one in (released, stops, *news):
        if isinstance(one, Coverage):
            hear_coverage(line, one)
        else:
            hear(line, one, one.at, one.event_id.encode().ljust(8)[:8])
        line_stop(line, "plant/L1", START + HOUR)
    for hours in range(2, 60):
        line_stop(line, "plant/L1", START + hours * HOUR)
    alerts = [decode(one.body, Alert) for one in line.outbox if one.family == "disruptions"]
    assert [one.status for one in alerts] == ["opened", "resolved"]
    return alerts[-1]


@pytest.mark.parametrize(
    ("news", "resolution", "words"),
    [
        (cover(2), "covered", "has what it needs again"),
        (cover(2, ends=True), "not needed", "to need bolt any more"),
        (event("cancelled", 60.0), "cancelled", "called off"),
        (event("finished", 60.0), "finished", "is done"),
        (event("made", 60.0, quantity=10), "finished", "is done"),
    ],
)
def test_the_alert_says_why_it_is_over(news, resolution, words):
    alert = settled(news)
    assert (alert.resolution, words in alert.sentence) == (resolution, True), alert.sentence


def test_a_moment_of_another_year_is_said_with_it():
    new_year = 1_704_067_200.0
    assert moment(new_year - HOUR, new_year - DAY) == "Sun 31 Dec 23:00"
    assert moment(new_year, new_year - DAY) == "Mon 01 Jan 2024 00:00"
