"""The network's screen: where an item lies, and what is on its way to each of its locations."""

import csv
import io

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from support.console import Room, served

from andon.console.network import COLUMNS, row_of
from andon.schemas.examples import EXAMPLES

ITEM = EXAMPLES["items"]
TRANSFER = {
    "shipment_id": "T-1",
    "quantity": 9,
    "received": 3,
    "transfer_from": "store-1",
    "expected": 9.0,
}
BOUGHT = {"shipment_id": "PO-1", "quantity": 40, "received": 0, "supplier": "ACME", "expected": 5.0}
DONE = {"shipment_id": "PO-2", "quantity": 0, "received": 0, "supplier": "ACME"}


def book(on_hand, *lines, **fields):
    told = {"on_hand": on_hand, "free": on_hand, "on_order": 46, "lines": list(lines)}
    return {**told, "forecast": {"level": 4.0}, "targets": {"reorder_point": 12}, **fields}


async def told(room, path):
    answer, body = await room.get(path)
    assert answer.status == 200, body
    return msgspec.json.decode(body)


@served
async def test_an_item_is_shown_at_each_of_its_locations_with_what_comes_between_them_first():
    feeding = {"sources": [{"from_location": "hub"}, {"supplier": "ACME"}]}
    books = {
        "store-1/TEA-01": book(8),
        "store-2/TEA-01": book(-2, BOUGHT, TRANSFER, DONE, item=feeding),
    }
    async with Room(books=books) as room:
        for place in ("store-1", "store-2", "store-3"):
            room.learns(msgspec.structs.replace(ITEM, location=place, sku="TEA-01"))
        room.learns(msgspec.structs.replace(ITEM, location="store-1", sku="x/TEA-01"))
        page = await told(room, "/api/network/TEA-01")
        _, text = await room.get("/network.csv?sku=TEA-01")
    rows = {row["location"]: row for row in page["rows"]}
    assert list(rows) == ["store-1", "store-2", "store-3"]
    assert (rows["store-1"]["on_hand"], rows["store-1"]["lasts_days"]) == (8, 2.0)
    assert (rows["store-2"]["between"], rows["store-2"]["lasts_days"]) == (6, 0.0)
    assert rows["store-2"]["fed_by"] == "hub"
    assert rows["store-3"]["on_hand"] is None
    assert rows["store-3"]["error"] == "no worker has it"
    assert [(one["shipment_id"], one["quantity"]) for one in page["lines"]] == [
        ("T-1", 6),
        ("PO-1", 40),
    ]
    table = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert [tuple(line) for line in table] == [COLUMNS] * 3
    assert [line["on_hand"] for line in table] == ["8", "-2", ""]


@served
async def test_items_are_found_by_words_those_at_the_most_locations_first():
    async with Room() as room:
        for sku, places in {"TEA-01": 3, "TEA-02": 1, "SOAP": 2}.items():
            for place in range(places):
                item = msgspec.structs.replace(
                    ITEM,
                    location=f"s{place}",
                    sku=sku,
                    description=f"{sku} of HANSA",
                    category=None,
                )
                room.learns(item)
        assert [one["sku"] for one in (await told(room, "/api/network"))["rows"]] == [
            "TEA-01",
            "SOAP",
            "TEA-02",
        ]
        found = await told(room, "/api/network?search=hansa+TEA")
    assert [(one["sku"], one["locations"]) for one in found["rows"]] == [
        ("TEA-01", 3),
        ("TEA-02", 1),
    ]


@given(st.dictionaries(st.sampled_from(["lines", "forecast", "item", "targets"]), st.none()))
def test_what_a_worker_does_not_say_is_not_known(partly):
    row = row_of("s", "a", None, {"error": "away", **partly})
    assert {row[name] for name in ("on_hand", "free", "between", "daily_demand", "lasts_days")} == {
        None
    }
    assert (row["error"], row["lines"]) == ("away", [])
