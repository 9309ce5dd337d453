"""Orders in the console: what a click buys, from whom, and how each order is shown and dealt with."""

import csv
import io

import msgspec
import pytest
from support.console import NOW, REPLENISH, Room, opened, served

from andon.console.order_screen import COLUMNS
from andon.schemas.alerts import Alternative
from andon.schemas.examples import EXAMPLES

ORDER = EXAMPLES["orders"]


def order(alert_id=REPLENISH.alert_id, **fields):
    return {"alert_id": alert_id, "action": "ordered", **fields}


def need(sku, supplier="ACME", **fields):
    return opened(f"replenish:store-3/{sku}:1", sku=sku, supplier=supplier, **fields)


@served
async def test_an_order_has_the_edited_quantity_the_supplier_and_the_price_that_is_known():
    async with Room(opened()) as room:
        room.learns(EXAMPLES["items"])
        status, told = await room.answer(order(quantity=66))
        (event,) = room.sender.orders
    assert status == 200
    assert (event.status, event.supplier, event.by) == ("approved", "ACME", "lena")
    (line,) = event.lines
    assert (line.location, line.sku, line.quantity) == ("store-3", "TEA-01", 66)
    prices = {one.supplier: one.unit_cost for one in EXAMPLES["items"].sources}
    assert line.unit_cost == (prices.get("ACME") or EXAMPLES["items"].unit_cost)
    assert told["results"][0]["sent"]["event_id"] == line.answer_id


@served
async def test_what_is_ordered_together_is_one_order_for_each_supplier():
    needs = [need("A"), need("B"), need("C", "HANSA"), need("D", None)]
    async with Room(*needs) as room:
        ids = [one.alert.alert_id for one in needs]
        status, told = await room.answer(*(order(one) for one in ids))
        baskets = {one.supplier: [line.sku for line in one.lines] for one in room.sender.orders}
        again, _ = await room.answer(*(order(one) for one in ids))
        assert len(room.sender.orders) == 3, "the same click sent twice orders once"
    assert (status, again) == (200, 200)
    assert [one["alert_id"] for one in told["results"]] == ids
    assert baskets == {"ACME": ["A", "B"], "HANSA": ["C"], None: ["D"]}


@served
async def test_two_alerts_of_one_item_are_one_need():
    other = opened("stockout_risk:store-3/TEA-01:1", kind="stockout_risk")
    async with Room(opened(), other) as room:
        status, told = await room.answer(order(), order(other.alert.alert_id, quantity=9))
        (event,) = room.sender.orders
    assert status == 200
    assert [line.quantity for line in event.lines] == [144]
    assert "is of the same item as replenish:store-3/TEA-01:1" in told["results"][1]["error"]


@served
async def test_an_order_that_was_cancelled_is_not_given_again_under_its_number():
    async with Room(opened()) as room:
        await room.answer(order())
        (first,) = room.sender.orders
        off = msgspec.structs.replace(ORDER, order_id=first.order_id, state="cancelled")
        room.orders(off)
        room.seconds += 120.0
        assert (await room.answer(order()))[0] == 200
        again = room.sender.orders[-1]
    assert again.order_id != first.order_id


@served
async def test_the_orders_are_shown_with_what_differs_and_exported_as_shown():
    plain = msgspec.structs.replace(
        ORDER,
        order_id="PO-1",
        state="approved",
        lines=(msgspec.structs.replace(ORDER.lines[0], short=0, sku="=1+1"),),
    )
    async with Room() as room:
        room.orders(ORDER)
        room.orders(plain)
        for query, ids in {
            "": {"PO-7001", "PO-1"},
            "?show=open": {"PO-7001", "PO-1"},
            "?show=differs": {"PO-7001"},
        }.items():
            _, body = await room.get(f"/api/orders{query}")
            shown = msgspec.json.decode(body)["orders"]
            assert {one["order_id"] for one in shown} == ids
            _, text = await room.get(f"/orders.csv{query}")
            table = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
            rows = [line for one in shown for line in one["lines"]]
            for line, row in zip(table, rows, strict=True):
                assert tuple(line) == COLUMNS
                for name, cell in line.items():
                    assert cell.removeprefix("'") == ("" if row[name] is None else str(row[name]))
                    assert not cell.startswith("=")
    assert rows[0]["short"] == 48


@pytest.mark.parametrize(
    ("order_id", "state", "change", "status"),
    [
        ("PO-7001", "confirmed", "cancelled", 200),
        ("PO-7001", "sent", "confirmed", 200),
        ("PO-7001", "cancelled", "cancelled", 409),
        ("PO-7001", "confirmed", "approved", 409),
        ("PO-9", "sent", "cancelled", 404),
        ("PO-7001", "sent", "posted", 400),
    ],
)
@served
async def test_what_is_done_with_an_order_is_one_event_or_is_refused(
    order_id, state, change, status
):
    async with Room() as room:
        room.orders(msgspec.structs.replace(ORDER, state=state))
        for _ in range(2):
            found, _ = await room.post(
                "/api/orders", {"order_id": order_id, "status": change, "by": "max"}
            )
            assert found == status
        events = room.sender.orders
    assert len({one.event_id for one in events}) == (1 if status == 200 else 0)
    for one in events:
        assert (one.order_id, one.status, one.by) == (order_id, change, "max")
        assert one.occurred_at >= max(NOW, ORDER.approved_at)


@served
async def test_a_broker_that_is_away_is_told_and_nothing_is_ordered():
    async with Room(opened()) as room:
        room.sender.fails = True
        status, told = await room.answer(order())
    assert status == 502
    assert "could not be sent" in told["results"][0]["error"]
    assert room.sender.orders == []


WAY = Alternative(kind="source", supplier="QUICK", quantity=24, mode="air")


@pytest.mark.parametrize(
    ("supplier", "status", "seller"),
    [(None, 200, "ACME"), ("ACME", 200, "ACME"), ("QUICK", 200, "QUICK"), ("VERDE", 400, None)],
)
@served
async def test_a_way_out_is_ordered_from_its_own_supplier_and_from_no_other(
    supplier, status, seller
):
    risk = opened(
        "stockout_risk:store-3/TEA-01:1",
        kind="stockout_risk",
        supplier="ACME",
        alternatives=(WAY, Alternative(kind="transfer", from_location="store-1", supplier="VERDE")),
    )
    async with Room(risk) as room:
        room.learns(EXAMPLES["items"])
        asked = order(risk.alert.alert_id, quantity=24, supplier=supplier)
        found, told = await room.answer(asked)
        again, _ = await room.answer(asked)
        assert (found, again) == (status, status)
        assert [one.supplier for one in room.sender.orders] == ([seller] if seller else [])
    if seller is None:
        assert "order from ACME, QUICK" in told["results"][0]["error"]
