"""What is told of suppliers and locations reaches every partition, the newest word wins, and a deletion is remembered."""

import asyncio

import pytest
from support.machine import PARTITIONS, Machine

from andon.agents.tables import PLACES, SUPPLIERS
from andon.schemas.common import utc
from andon.schemas.locations import Place
from andon.schemas.suppliers import Supplier

START = 1_750_000_000.0
HOUR = 3600.0


def told(family, hours, **fields):
    at = utc(START + hours * HOUR)
    if family == "suppliers":
        return Supplier(supplier="ACME", updated_at=at, **fields)
    return Place(location="S", updated_at=at, **fields)


def known(machine, family):
    table, name = (SUPPLIERS, "ACME") if family == "suppliers" else (PLACES, "S")
    return [shard.tables[table][name].told for shard in machine.engine.shards]


def run(*steps):
    machine = Machine()
    machine.now = START + 100 * HOUR

    async def go():
        for family, record in steps:
            if record is None:
                machine.send(family, b"ACME" if family == "suppliers" else b"S", None)
            else:
                machine.hear(family, record)
            await machine.settle()

    asyncio.run(go())
    return machine


@pytest.mark.parametrize("family", ["suppliers", "locations"])
def test_every_partition_keeps_it_and_an_older_word_changes_nothing(family):
    new, old = told(family, 2, time_zone="Europe/Berlin"), told(family, 1)
    machine = run((family, new), (family, old))
    assert known(machine, family) == [new] * PARTITIONS


@pytest.mark.parametrize("family", ["suppliers", "locations"])
def test_a_deletion_is_remembered(family):
    machine = run((family, told(family, 1)), (family, None), (family, told(family, 2)))
    assert known(machine, family) == [None] * PARTITIONS
    machine = run((family, None), (family, told(family, 120)))
    assert known(machine, family) == [told(family, 120)] * PARTITIONS


@pytest.mark.parametrize(
    "value",
    [
        b'{"supplier": "ACME", "updated_at": "2026-01-01T00:00:00Z", "time_zone": "Mars/Olympus"}',
        b'{"supplier": "ACME", "updated_at": "2026-01-01T00:00:00Z", "order_cutoff": "25:00"}',
        b'{"supplier": "ACME", "updated_at": "2026-01-01T00:00:00Z", "order_weekdays": ["MONDAY"]}',
    ],
)
def test_what_cannot_be_believed_is_one_dead_letter(value):
    machine = Machine()
    machine.now = START

    async def go():
        machine.send("suppliers", b"ACME", value)
        await machine.settle()

    asyncio.run(go())
    assert machine.deeds["suppliers"].rejected
    assert all("ACME" not in shard.tables[SUPPLIERS] for shard in machine.engine.shards)
