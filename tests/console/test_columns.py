"""The columns of the queue against the rows themselves: what is wanted, in which order, and what the tiles say."""

import random
from collections import Counter
from datetime import timedelta
from math import inf

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.console import NOW, opened

from andon.console.columns import Columns
from andon.console.rows import Filters, Known, ranked, row_of
from andon.schemas.board import Answer

KINDS = ("replenish", "stockout_risk", "overdue_order", "book_mismatch")
HOURS = (None, -5, 0, 1, 7, 7, 200)


def row(number, chance):
    kind, sku = chance.choice(KINDS), f"SKU-{number}"
    hours = chance.choice(HOURS)
    answer = None
    if chance.random() < 0.4:
        until = chance.choice([None, NOW + timedelta(hours=1), NOW - timedelta(hours=1)])
        answer = Answer(
            event_id="x",
            action="snoozed" if until else "acknowledged",
            at=NOW,
            revision=chance.choice([0, 1]),
            snooze_until=until,
        )
    entry = opened(
        f"{kind}:store-{number % 3}/{sku}:1",
        answer,
        kind=kind,
        sku=sku,
        location=chance.choice(["store-0", "store-1", None]),
        supplier=chance.choice(["HANSA", "VERDE", None]),
        severity=chance.choice(["critical", "warning", "info"]),
        stage=chance.choice(["live", "live", "shadow"]),
        value_at_risk=chance.choice([None, 0.0, 1.0, 1.0, 60.0]),
        currency=chance.choice(["EUR", "SEK"]),
        order_by=None if hours is None else NOW + timedelta(hours=hours),
        stockout_p50=None,
        expected_arrival=None,
    )
    known = chance.choice([None, Known("Tea", "critical"), Known("Coffee")])
    return row_of(entry, known)


def wanted(rows, filters):
    """Say once more, row by row, which are wanted."""
    seconds = NOW.timestamp()
    for one in rows:
        alert = one.entry.alert
        asked = {
            "location": alert.location,
            "supplier": alert.supplier,
            "kind": alert.kind,
            "severity": alert.severity,
            "tile": one.tile,
            "service_class": one.known.service_class if one.known else None,
        }
        if (
            one.is_shadow == (filters.stage == "shadow")
            and (
                filters.answered == "all"
                or (one.stands_until > seconds) == (filters.answered == "yes")
            )
            and all(
                not getattr(filters, name) or getattr(filters, name) == value
                for name, value in asked.items()
            )
            and all(word in one.text for word in filters.search.lower().split())
        ):
            yield one


filters = st.builds(
    Filters,
    location=st.sampled_from(["", "store-0", "nowhere"]),
    supplier=st.sampled_from(["", "HANSA"]),
    kind=st.sampled_from(["", "replenish"]),
    severity=st.sampled_from(["", "critical", "awful"]),
    tile=st.sampled_from(["", "order", "nothing"]),
    service_class=st.sampled_from(["", "critical"]),
    search=st.sampled_from(["", "TEA", "sku-1 tea"]),
    answered=st.sampled_from(["no", "yes", "all"]),
    stage=st.sampled_from(["live", "shadow"]),
)


@given(st.integers(0, 2**32), st.integers(0, 60), filters, st.sampled_from([None, 0, 1, 5, 100]))
def test_the_first_of_the_columns_are_the_first_of_the_rows(seed, count, asked, most):
    chance = random.Random(seed)
    columns, rows = Columns(), {}
    for _ in range(2):
        for number in range(count):
            one = row(number, chance)
            if chance.random() < 0.3:
                columns.drop(one.alert_id)
                rows.pop(one.alert_id, None)
            else:
                columns.put(one)
                rows[one.alert_id] = one
    expected = [one.row.alert_id for one in ranked(wanted(rows.values(), asked), NOW)]
    slots = columns.wanted(asked, NOW)
    assert columns.first(slots, NOW, most) == (expected if most is None else expected[:most])
    assert len(columns) == len(rows)
    assert columns.choices["location"] == sorted(
        {one.entry.alert.location for one in rows.values()} - {None}
    )
    live = Counter(one.entry.alert.supplier for one in rows.values() if not one.is_shadow)
    del live[None]
    assert columns.counts("supplier") == live
    for tile in columns.tiles(NOW):
        hand = list(wanted(rows.values(), Filters(tile=tile["name"])))
        assert tile["count"] == len(hand)
        for currency in ("EUR", "SEK"):
            sum_ = sum(one.value_at_risk for one in hand if one.entry.alert.currency == currency)
            assert tile["at_stake"].get(currency, 0.0) == pytest.approx(sum_)


def test_more_alerts_than_there_is_room_for_at_first_are_all_there():
    columns = Columns()
    for number in range(5000):
        columns.put(row_of(opened(f"replenish:s/{number}:1", sku=str(number)), None))
    slots = columns.wanted(Filters(), NOW)
    assert len(slots) == len(columns) == 5000
    for number in range(0, 5000, 2):
        columns.drop(f"replenish:s/{number}:1")
    assert len(columns.wanted(Filters(), NOW)) == 2500
    assert np.array_equal(columns.slots_of(["replenish:s/0:1"]), [])


def test_an_alert_that_stands_for_ever_is_not_wanted():
    said = Answer(event_id="x", action="acknowledged", at=NOW, revision=1)
    one = row_of(opened(answer=said), None)
    assert one.stands_until == inf
    columns = Columns()
    columns.put(one)
    assert len(columns.wanted(Filters(), NOW)) == 0
    columns.put(
        one._replace(entry=msgspec.structs.replace(one.entry, answer=None), stands_until=-inf)
    )
    assert len(columns.wanted(Filters(), NOW)) == 1
