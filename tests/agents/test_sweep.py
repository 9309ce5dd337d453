"""The sweep closes the days of what does not sell, bit by bit, and goes on until none is left."""

import asyncio
from types import SimpleNamespace

from support.machine import Machine

from andon.agents.books import sweep
from andon.agents.tables import BOOKS
from andon.agents.timers import sweep_books
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.streams.time_slices import give_way

START = 1_750_000_000.0
DAY = 86400.0
QUIET_DAYS = 250


class Clock:
    """A clock that moves by what is done."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def take(self, seconds):
        self.now += seconds
        return seconds


class App:
    """An app that lets its timers go round some times."""

    def __init__(self, engine, rounds):
        self.engine, self._left = engine, rounds

    @property
    def should_stop(self):
        self._left -= 1
        return self._left < 0

    async def sleep(self, _):
        await asyncio.sleep(0)


def told():
    """A machine in which one item sold once, and time has gone on without it."""
    machine = Machine()
    machine.now = START

    async def go():
        source = Source(supplier="ACME", lead_time_days=2)
        item = Item(location="S", sku="A", updated_at=utc(START), sources=(source,))
        machine.hear("items", item)
        machine.hear("pos", sale("A", START))
        await machine.settle()
        machine.now = START + QUIET_DAYS * DAY
        for number in range(20):  # some of these share the partition of A, and move its clock
            machine.hear("pos", sale(f"CLOCK-{number}", machine.now))
        await machine.settle()

    asyncio.run(go())
    return machine


def sale(sku, at):
    return Sale(event_id=f"{sku}-{at}", occurred_at=utc(at), location="S", sku=sku, quantity=1)


def home_of(machine):
    return next(shard for shard in machine.engine.shards if "S/A" in shard.tables[BOOKS])


def test_a_sweep_says_which_books_are_behind_until_none_is():
    machine = told()
    shard = home_of(machine)
    found = []
    while not found or found[-1]["behind"]:
        found.append(sweep(shard, machine.context, ["S/A"]))
    assert len(found) > 1
    assert sum(one["closed"] for one in found) >= QUIET_DAYS - 2
    assert not sweep(shard, machine.context, ["S/A"])


def test_the_timer_goes_on_with_what_is_behind_though_no_new_day_has_begun():
    machine = told()
    asyncio.run(sweep_books(App(machine.engine, 10), machine.context))
    shard = home_of(machine)
    assert not sweep(shard, machine.context, ["S/A"])
    assert shard.tables[BOOKS]["S/A"].demand.closed >= (START + (QUIET_DAYS - 2) * DAY) // DAY


def test_whoever_has_something_to_do_meanwhile_gets_most_of_the_time_of_a_sweep(monkeypatch):
    """Every sale of the new day comes in beside it: a sweep that ran ahead would hold them up."""
    machine, clock = told(), Clock()
    shard = home_of(machine)
    for number in range(400):
        shard.get(BOOKS, f"S/QUIET-{number}")
    spent = dict.fromkeys(("sweep", "others"), 0.0)

    def dear_sweep(shard, context, keys):
        spent["sweep"] += clock.take(0.0004 * len(keys))
        return sweep(shard, context, keys)

    monkeypatch.setattr("andon.agents.timers.sweep", dear_sweep)
    monkeypatch.setattr("andon.agents.timers.time", SimpleNamespace(perf_counter=clock))
    monkeypatch.setattr(
        "andon.agents.timers.give_way", lambda seconds: give_way(seconds, clock=clock)
    )

    async def story():
        sweeping = asyncio.create_task(sweep_books(App(machine.engine, 1), machine.context))
        while not sweeping.done():
            spent["others"] += clock.take(0.01)
            await asyncio.sleep(0)

    asyncio.run(story())
    assert spent["sweep"] > 0.1
    assert spent["others"] >= 3 * spent["sweep"]
