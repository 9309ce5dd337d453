"""A rehearsal: events meet the agents in their order, and time passes between them."""

import asyncio
import json

from andon.rehearsal.rehearsal import Letter, Said, Shown, rehearse
from andon.rehearsal.script import read
from andon.streams.settings import load_settings

NOW = 1_800_000_000.0
ITEM = {
    "family": "items",
    "event": {
        "location": "S",
        "sku": "A",
        "updated_at": "2020-01-01T00:00:00Z",
        "sources": [{"supplier": "ACME", "lead_time_days": 5}],
        "unit_price": 4.0,
        "expected_daily_demand": 10,
    },
}


def event(family, at, **fields):
    return {"family": family, "event": {"occurred_at": at, **fields}}


def count(at, quantity):
    return event("stock", at, location="S", sku="A", kind="count", quantity=quantity)


def play(*lines):
    """Return what comes of these lines."""
    steps = read("\n".join(json.dumps(line) for line in lines), "file")

    async def run():
        settings = load_settings(partitions=1)
        return [one async for one in rehearse(steps, settings, now=NOW)]

    return asyncio.run(run())


def said(outcomes):
    return [
        (one.alert.kind, one.alert.status, f"{one.alert.changed_at:%m-%d %H:%M}")
        for one in outcomes
        if isinstance(one, Said)
    ]


def test_alerts_come_with_the_line_that_causes_them():
    outcomes = play(ITEM, count("2026-03-02T06:00:00Z", 10))
    assert {(one.line, one.alert.kind) for one in outcomes} == {(2, "replenish"), (2, "stockout_risk")}  # fmt: skip


def test_time_passes_between_events_and_a_shipment_is_missed():
    ordered = event(
        "shipments",
        "2026-03-02T08:00:00Z",
        shipment_id="PO-1",
        status="ordered",
        supplier="ACME",
        promised_at="2026-03-07T08:00:00Z",
        lines=[{"location": "S", "sku": "A", "quantity": 100}],
    )
    outcomes = play(ITEM, count("2026-03-02T06:00:00Z", 500), ordered, {"time": "2026-03-20T00:00:00Z"})  # fmt: skip
    kinds = [kind for kind, status, _ in said(outcomes) if status == "opened"]
    assert "silent_delay" in kinds
    assert {one.line for one in outcomes} == {4}


def test_days_close_while_nothing_happens():
    days = [count("2026-03-02T06:00:00Z", 500)]
    days += [
        event("pos", f"2026-03-{day:02}T10:00:00Z", event_id=f"s{day}", location="S", sku="A", quantity=10)
        for day in range(2, 8)
    ]  # fmt: skip
    show = {"show": ["S/A", "S/B"], "note": "after a week"}
    *_, first, second = play(ITEM, *days, {"time": "2026-03-12T00:00:00Z"}, show)
    assert isinstance(first, Shown)
    assert first.book["forecast"]["days"] >= 8
    assert (first.book["on_hand"], first.note) == (440, "after a week")
    assert second == Shown(10, "S/B", "after a week", None)


def test_a_disruption_reaches_what_it_touches_and_ends_by_itself():
    delay = event(
        "delays",
        "2026-03-02T08:00:00Z",
        delay_id="strike",
        scope={"type": "supplier", "id": "ACME"},
        ends_at="2026-03-09T08:00:00Z",
    )
    outcomes = play(ITEM, count("2026-03-02T06:00:00Z", 20), delay, {"time": "2026-03-10T00:00:00Z"})  # fmt: skip
    found = [one for one in said(outcomes) if one[0] == "disruption"]
    assert found[0] == ("disruption", "opened", "03-02 08:00")
    assert found[-1][1] == "resolved"


def test_old_master_data_do_not_move_time():
    outcomes = play(ITEM, count("2026-03-02T06:00:00Z", 10))
    assert {at for _, _, at in said(outcomes)} == {"03-02 06:00"}


def test_an_event_of_the_far_future_is_a_dead_letter_and_time_stays():
    late = count("2046-03-02T06:00:00Z", 5)
    letter, *rest = play(ITEM, late, count("2026-03-02T06:00:00Z", 10))
    assert isinstance(letter, Letter)
    assert (letter.line, letter.family, letter.reason) == (2, "stock", "absurd_time")
    assert {at for _, _, at in said(rest)} == {"03-02 06:00"}


def test_what_is_no_event_is_the_dead_letter_that_it_would_become():
    (letter,) = play({"family": "pos", "event": {"location": "S", "sku": "A", "quantity": "two"}})
    assert (letter.family, letter.reason) == ("pos", "invalid")
    assert "quantity" in letter.message
    assert b'"two"' in letter.value


def test_a_removal_unplans_an_item():
    removal = {"family": "items", "key": "S/A", "event": None}
    *_, shown = play(ITEM, count("2026-03-02T06:00:00Z", 10), removal, {"show": ["S/A"]})
    assert shown.book["item"] is None
