"""State that 0.1.0 wrote: today's code reads every record, knows what it holds, and goes on from there.

`state-of-0.1.0.jsonl` is the changelog of a worker of 0.1.0 on the embedded broker, after two weeks of two items with three orders
and a closed port. It is never written anew.
"""

import asyncio
import base64
import json
from collections import defaultdict
from itertools import count
from pathlib import Path

import pytest

from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS, SHIPMENTS, TABLES
from andon.rehearsal.machine import Machine
from andon.schemas.common import utc
from andon.streams.settings import load_settings
from andon.streams.state import MARK, Codec

RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parent / "state-of-0.1.0.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
NOW = 1_773_600_000.0  # two days after the last event


def decoded():
    """Yield partition, table, key and record of everything that was written, but for the marks."""
    codec = Codec({spec.name: spec for spec in TABLES})
    for one in RECORDED:
        table, key = codec.decode_key(one["key"].encode())
        value = base64.b64decode(one["value"])
        if table != MARK[0]:
            yield one["partition"], table, key, codec.decode(table, value), value[4:]


@pytest.fixture
def machine():
    """A machine that begins with that state, two days later."""
    made = Machine(load_settings(partitions=2))
    for partition, table, key, record, value in decoded():
        made.engine.shards.get(partition).add(table, key, record, value, 1_000)
    made.now = NOW
    # The topics go on where they were: a book knows which offsets it has applied.
    made._offsets = defaultdict(lambda: count(1_000).__next__)
    return made


def heard(machine, family, key, **event):
    machine.send(family, key.encode(), json.dumps(event).encode())

    async def go_on():
        await machine.settle()
        await machine.look()

    asyncio.run(go_on())


def test_every_table_of_0_1_0_is_in_what_was_recorded():
    tables = {table for _, table, *_ in decoded()}
    assert tables >= {"books", "models", "shipments", "scorecards", "partitions", "incidents"}


def test_state_that_0_1_0_wrote_is_read_and_goes_on(machine):
    tea, coffee = (machine.record(BOOKS, f"shop/{sku}") for sku in ("tea", "coffee"))
    # Counted, sold for fourteen days, received, thrown away.
    assert tea.on_hand == 300 - 14 * 10 + 100 - 3
    assert coffee.on_hand == 150 - 14 * 12 + 60 + 15
    assert (tea.on_order, coffee.on_order) == (80, 40 - 15)
    assert machine.record(SHIPMENTS, "PO-2") is not None
    again = {"location": "shop", "sku": "tea", "quantity": 5}
    heard(
        machine,
        "pos",
        "shop/tea",
        event_id="tea-13-16",
        occurred_at="2026-03-15T16:00:00Z",
        **again,
    )
    assert tea.on_hand == 257, "what 0.1.0 has counted is counted once"
    heard(machine, "pos", "shop/tea", event_id="new", occurred_at=utc(NOW).isoformat(), **again)
    assert tea.on_hand == 252
    came = {"location": "shop", "sku": "coffee", "received": 40}
    heard(
        machine, "shipments", "PO-3",
        event_id="o3r", occurred_at=utc(NOW).isoformat(), shipment_id="PO-3", status="received", lines=[came],
    )  # fmt: skip
    assert (coffee.on_hand, coffee.on_order) == (57 + 25, 0)


def test_the_closed_port_of_0_1_0_is_still_known_and_can_end(machine):
    partitions = [shard.tables[PARTITIONS].peek(PARTITION_STATE) for shard in machine.engine.shards]
    assert any(partitions)
    tea = machine.record(BOOKS, "shop/tea")
    late = tea.lines["PO-2"].expected
    heard(
        machine, "delays", "port",
        event_id="d2", occurred_at=utc(NOW).isoformat(), delay_id="port",
        scope={"type": "lane", "id": "ROTTERDAM"}, status="ended",
    )  # fmt: skip
    assert machine.record(BOOKS, "shop/tea").lines["PO-2"].expected < late
