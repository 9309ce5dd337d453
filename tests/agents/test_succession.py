"""A code that takes the place of another, whose book may be in another partition: both say and order what they should."""

import asyncio
from datetime import date

import msgspec
import pytest
from support.machine import Machine

from andon.agents.frame import home
from andon.agents.tables import BOOKS
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement
from andon.schemas.succession import Replaces

DAY = 86400.0
START = 20_500 * DAY
PLACES = {sku: home(f"S/{sku}", 2) for sku in ("old", "new", "next", "tea")}


def item(sku, at, **fields):
    source = Source(supplier="ACME", lead_time_days=3)
    return Item(location="S", sku=sku, updated_at=utc(at), sources=(source,), **fields)


async def play(machine, new, *, inactive, starts_on=None):
    """Sell 10 a day of the old code for 40 days; then another takes its place, and what is left is sold."""
    machine.now = START
    machine.hear("items", item("old", START, expected_daily_demand=10))
    count = {"location": "S", "kind": "count"}
    machine.hear(
        "stock",
        StockMovement(event_id="c", occurred_at=utc(START), sku="old", quantity=480, **count),
    )
    await machine.settle()
    for day in range(45):
        machine.now = START + day * DAY + 43_200
        if day == 40:
            if inactive:
                machine.hear("items", item("old", machine.now, active=False))
            replaces = Replaces(sku="old", starts_on=starts_on)
            machine.hear("items", item(new, machine.now, replaces=replaces))
            machine.hear(
                "stock",
                StockMovement(
                    event_id="n", occurred_at=utc(machine.now), sku=new, quantity=0, **count
                ),
            )
            await machine.settle()
        machine.hear(
            "pos",
            Sale(
                event_id=f"s{day}",
                occurred_at=utc(machine.now),
                location="S",
                sku="old",
                quantity=10,
            ),
        )
        await machine.settle()
        await machine.look()


def alerts(machine):
    return [decode(value, Alert) for value in machine.heard]


@pytest.mark.parametrize("inactive", [False, True])
@pytest.mark.parametrize("new", ["new", "next", "tea"])
def test_the_new_code_is_ordered_before_what_is_left_of_the_old_one_is_gone(new, inactive):
    machine = Machine()
    asyncio.run(play(machine, new, inactive=inactive))
    old = machine.record(BOOKS, "S/old")
    book = machine.record(BOOKS, f"S/{new}")
    assert old.on_hand == 480 - 450
    assert (book.on_hand, book.inherited) == (0, 30)
    assert book.demand.own_level == pytest.approx(10, abs=0.5)
    assert "replenish" not in old.alerts
    assert book.alerts["replenish"].size > 20
    said = alerts(machine)
    of_new = [one for one in said if one.sku == new]
    assert {one.kind for one in of_new} <= {"replenish", "stockout_risk"}
    assert any("30 of old" in one.sentence for one in of_new)
    since = utc(START + 40 * DAY + 50_000)
    assert not [one for one in said if one.sku == "old" and one.changed_at > since]


def test_codes_live_in_both_partitions():
    assert {PLACES["new"], PLACES["next"], PLACES["tea"]} == {0, 1}


def test_until_its_day_the_old_code_is_ordered_and_the_new_one_is_not():
    machine = Machine()
    day = date.fromordinal(date(1970, 1, 1).toordinal() + 20_500 + 100)
    asyncio.run(play(machine, "new", inactive=False, starts_on=day))
    old = machine.record(BOOKS, "S/old")
    book = machine.record(BOOKS, "S/new")
    assert "replenish" in old.alerts
    assert book.inherited == 0
    assert "replenish" not in book.alerts


def test_states_with_a_succession_are_read_again():
    machine = Machine()
    asyncio.run(play(machine, "new", inactive=False))
    for shard in machine.engine.shards:
        for book in shard.tables[BOOKS].values():
            encoded = msgspec.msgpack.encode(book)
            assert msgspec.msgpack.decode(encoded, type=type(book)) == book
