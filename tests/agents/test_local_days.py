"""The days of an item are those of its location, in whatever order that is told, and state that exists survives a change."""

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.machine import Machine

from andon.agents.tables import BOOKS
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.schemas.locations import Place
from andon.schemas.pos import Sale

DAYS = 12
ZONES = ("Pacific/Auckland", "Europe/London", "America/Santiago", "America/New_York")
#: Each has a change of clocks of one of the zones soon after.
STARTS = (date(2026, 3, 2), date(2026, 3, 24), date(2026, 3, 30), date(2026, 9, 1))


def play(zone, start, told_on=0):
    """Sell as many on a local day as its number, from a minute past midnight to a minute before; return the machine."""
    machine = Machine()
    clock = ZoneInfo(zone)
    begin = datetime(start.year, start.month, start.day, tzinfo=clock)
    machine.now = begin.timestamp()

    async def go():
        source = Source(supplier="ACME", lead_time_days=2)
        machine.hear(
            "items", Item(location="S", sku="A", updated_at=utc(machine.now), sources=(source,))
        )
        for number in range(DAYS):
            day = begin + timedelta(days=number)
            if number == told_on:
                machine.hear(
                    "locations", Place(location="S", updated_at=utc(machine.now), time_zone=zone)
                )
                await machine.settle()
            for hour, minute in ((0, 1), (12, 0), (23, 59)):
                at = day.replace(hour=hour, minute=minute)
                machine.now = at.timestamp()
                sale = Sale(
                    event_id=f"{at}",
                    occurred_at=at,
                    location="S",
                    sku="A",
                    quantity=number + 1,
                )
                machine.hear("pos", sale)
                await machine.settle()
            await machine.look()

    asyncio.run(go())
    return machine


def book_of(machine):
    (book,) = (
        shard.tables[BOOKS]["S/A"]
        for shard in machine.engine.shards
        if "S/A" in shard.tables[BOOKS]
    )
    return book


@given(zone=st.sampled_from(ZONES), start=st.sampled_from(STARTS))
@settings(max_examples=8)
def test_a_day_has_what_was_sold_from_its_midnight_to_the_next(zone, start):
    machine = play(zone, start)
    book = book_of(machine)
    (models,) = (
        shard.tables["models"]["S/A"]
        for shard in machine.engine.shards
        if "S/A" in shard.tables["models"]
    )
    first = start.toordinal() - date(1970, 1, 1).toordinal()
    open_days = {**book.demand.pending, book.demand.day: book.demand.sold}
    closed = {
        models.history.first + place: sold
        for place, sold in enumerate(models.history.last(len(models.history)))
    }
    for number in range(DAYS):
        day = first + number
        assert open_days.get(day, closed.get(day)) == 3 * (number + 1), number


@pytest.mark.parametrize("told_on", [3, 7])
def test_a_zone_that_is_told_later_is_survived_and_counts_from_then_on(told_on):
    machine = play("Pacific/Auckland", date(2026, 3, 2), told_on)
    book = book_of(machine)
    assert book.demand.zone == "Pacific/Auckland"
    assert book.sold == sum(3 * (number + 1) for number in range(DAYS))
    first = date(2026, 3, 2).toordinal() - date(1970, 1, 1).toordinal()
    assert book.demand.day == first + DAYS - 1
    assert book.demand.sold == 3 * DAYS


def test_a_book_from_before_there_were_zones_is_read_and_goes_on():
    book = book_of(play("America/New_York", date(2026, 3, 2), told_on=99))
    fields = msgspec.msgpack.decode(msgspec.msgpack.encode(book.demand))
    old = msgspec.msgpack.decode(msgspec.msgpack.encode(fields[:-4]), type=type(book.demand))
    assert (old.zone, old.utc_offset, old.day_ends) == (None, 0, 0)
    assert old.day == book.demand.day


@pytest.mark.parametrize(("of_item", "expected"), [(None, "NZ"), ("GB", "GB")])
def test_the_holidays_of_an_item_are_those_of_its_location_unless_it_names_others(
    of_item, expected
):
    machine = Machine()
    machine.now = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("UTC")).timestamp()

    async def go():
        at = utc(machine.now)
        machine.hear("locations", Place(location="S", updated_at=at, country="NZ"))
        await machine.settle()
        source = Source(supplier="ACME", lead_time_days=2)
        item = Item(location="S", sku="A", updated_at=at, sources=(source,), country=of_item)
        machine.hear("items", item)
        await machine.settle()
        assert machine.record(BOOKS, "S/A").sells_in == expected
        machine.send("locations", b"S", None)
        await machine.settle()
        machine.hear("items", msgspec.structs.replace(item, updated_at=utc(machine.now + 1)))
        await machine.settle()
        assert machine.record(BOOKS, "S/A").sells_in == of_item

    asyncio.run(go())
