"""The read-only pages of a worker about many records and about tomorrow, asked by a client, on state that is made up."""

import asyncio
import functools
from types import SimpleNamespace

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from support.stories import DAY, KEY, Story

from andon.agents.context import context_of
from andon.agents.frame import home
from andon.agents.outlook_page import outlook_page
from andon.agents.pages import book_page
from andon.agents.tables import BOOKS, PARTITION_STATE, PARTITIONS, SHIPMENTS, TABLES
from andon.agents.walk_pages import basket_page, location_page, supplier_page
from andon.planning.supply.inbound import Shipment
from andon.streams.metrics import Metrics
from andon.streams.settings import load_settings
from andon.streams.state import Shard, Shards

SETTINGS = load_settings()
PARTITION = home(KEY, SETTINGS.partitions)
SPECS = {spec.name: spec for spec in TABLES}


class Worker:
    """A worker's pages over one shard; a context manager."""

    def __init__(self, story, *, partition=PARTITION):
        shards = Shards(TABLES)
        self.shard = shards.owned[partition] = Shard(partition, SPECS, 0)
        self.shard.tables[BOOKS][KEY] = story.book
        self.shard.get(PARTITIONS, PARTITION_STATE).watermark = story.now
        context = context_of(SETTINGS, Metrics(10))

        def engine():
            return SimpleNamespace(shards=shards)

        app = web.Application()
        app.router.add_get("/books/{location}/{sku:.+}", book_page(SETTINGS, engine))
        app.router.add_get("/outlooks/{location}/{sku:.+}", outlook_page(SETTINGS, engine, context))
        app.router.add_get("/locations/{location:.+}", location_page(engine))
        app.router.add_get("/suppliers/{supplier:.+}", supplier_page(engine, context))
        app.router.add_get("/baskets/{supplier:.+}", basket_page(engine, context))
        self.client = TestClient(TestServer(app))

    async def __aenter__(self):
        await self.client.start_server()
        return self

    async def __aexit__(self, *_):
        await self.client.close()

    async def get(self, path):
        async with self.client.get(path) as answer:
            return answer.status, await answer.json()


def served(test):
    @functools.wraps(test)
    def run(*args, **kwargs):
        return asyncio.run(test(*args, **kwargs))

    return run


def story(stock=60):
    told = Story(stock=stock)
    told.days(5)
    told.line("PO", 1, quantity=40, days=0.5, supplier="ACME")
    return told


@served
async def test_an_outlook_has_the_band_the_plan_and_what_is_tried_out():
    async with Worker(story()) as worker:
        status, told = await worker.get(f"/outlooks/{KEY}?demand=2&service_class=critical")
        _, plain = await worker.get(f"/outlooks/{KEY}")
    assert status == 200
    assert len(told["band"]["p50"]) == 28
    assert told["receipts"][0]["quantity"] == 40
    assert told["tried"]["reorder_point"] > told["plan"]["reorder_point"]
    assert plain["tried"] is None
    assert plain["plan"] == told["plan"]


@served
async def test_no_outlook_changes_a_byte_of_the_state():
    async with Worker(story()) as worker:
        before = msgspec.msgpack.encode(worker.shard.tables[BOOKS][KEY])
        dirty = {name: set(keys) for name, keys in worker.shard.dirty.items()}
        for query in ("", "?demand=3", "?lead_days=20&service_level=0.99"):
            assert (await worker.get(f"/outlooks/{KEY}{query}"))[0] == 200
        await worker.get("/locations/S")
        await worker.get("/suppliers/ACME")
        await worker.get("/baskets/ACME")
        assert msgspec.msgpack.encode(worker.shard.tables[BOOKS][KEY]) == before
        assert {name: set(keys) for name, keys in worker.shard.dirty.items()} == dirty


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/outlooks/S/NOTHING", (404, 421)),
        (f"/outlooks/{KEY}?demand=nan", (400,)),
        (f"/outlooks/{KEY}?colour=red", (400,)),
    ],
)
@served
async def test_what_is_not_there_or_makes_no_sense_is_said(path, status):
    async with Worker(story()) as worker:
        found, told = await worker.get(path)
    assert found in status
    assert told["error"]


@served
async def test_another_workers_item_is_said_to_be_that():
    async with Worker(story(), partition=(PARTITION + 1) % SETTINGS.partitions) as worker:
        assert (await worker.get(f"/outlooks/{KEY}"))[0] == 421


@served
async def test_a_location_says_what_comes_within_a_day_and_what_is_out():
    told = story(stock=30)
    assert told.book.on_hand <= 0
    async with Worker(told) as worker:
        _, here = await worker.get("/locations/S")
        _, elsewhere = await worker.get("/locations/S2")
    (row,) = here["rows"]
    assert row["is_out"]
    assert [(one["shipment_id"], one["quantity"], one["from"]) for one in row["coming"]] == [
        ("PO", 40, "ACME")
    ]
    assert here["now"] == told.now
    assert elsewhere["rows"] == []


@served
async def test_a_supplier_has_what_it_still_has_to_deliver():
    told = story()
    async with Worker(told) as worker:
        for name, supplier, received, status in (
            ("PO-1", "ACME", 4, "dispatched"),
            ("PO-2", "ACME", 10, "received"),
            ("PO-3", "HANSA", 0, "ordered"),
        ):
            worker.shard.tables[SHIPMENTS][name] = Shipment(
                shipment_id=name,
                supplier=supplier,
                status=status,
                lines={KEY: (10, received)},
                promised=told.now + 3 * DAY,
                ordered=told.now,
            )
        _, found = await worker.get("/suppliers/ACME")
    (line,) = found["rows"]
    assert (line["shipment_id"], line["sku"], line["quantity"], line["received"]) == (
        "PO-1",
        "A",
        10,
        4,
    )
    assert line["promised"] == told.now + 3 * DAY
    assert line["expected"] >= line["promised"]


@served
async def test_a_supplier_s_basket_is_told_how_its_items_stand_and_no_other_supplier_s():
    async with Worker(story(stock=200)) as worker:
        worker.shard.tables[BOOKS].pack(0, ())
        assert not worker.shard.tables[BOOKS].live
        _, told = await worker.get("/baskets/ACME")
        (row,) = told["rows"]
        # It is one of its sources, and the item is not bought there usually.
        for name in ("FAST", "NOBODY"):
            assert (await worker.get(f"/baskets/{name}"))[1]["rows"] == []
        assert not worker.shard.tables[BOOKS].live, "what is only looked at stays packed"
    assert (row["location"], row["sku"]) == ("S", "A")
    assert row["days"] > 0
    assert row["daily"] == pytest.approx(10, rel=0.5)
    assert row["most"] > 0
