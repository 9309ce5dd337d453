"""The screens beside the queue: what each shows, and that a list and its export are one."""

import asyncio
import csv
import io
from datetime import timedelta

import msgspec
import pytest
from support.console import NOW, REPLENISH, Room, opened, served

from andon.cli.item import why as sentences
from andon.console.why import reasons
from andon.schemas.acks import Ack
from andon.schemas.board import Answer
from andon.schemas.common import encode
from andon.schemas.examples import EXAMPLES
from andon.streams.admin import BrokerUnavailable
from andon.streams.errors import UserError

NAME = REPLENISH.alert_id
BOOK = {
    "on_hand": 38,
    "free": 30,
    "inventory_position": 54,
    "forecast": {"level": 5.999999999999999, "wape": None, "days": 60},
    "targets": {"reorder_point": 81, "service_level": 0.9612345678901234, "insurance_cost": 1e-7},
    "item": {"unit_cost": 2.5, "currency": "EUR"},
}


def ack(name, at=NOW, **fields):
    given = {"event_id": name, "occurred_at": at, "alert_id": NAME, "action": "acknowledged"}
    return Ack(**{**given, "by": "lena", **fields})


async def told(room, path):
    answer, body = await room.get(path)
    assert answer.status == 200, body
    return msgspec.json.decode(body)


# Item


@served
async def test_why_has_each_number_as_the_worker_has_it_to_the_digit():
    async with Room(books={"store-3/TEA-01": BOOK}) as room:
        page = await told(room, "/api/items/store-3/TEA-01")
    assert page["book"] == BOOK, "as `andon item --json` prints it"
    for one in page["why"]:
        value = BOOK
        for name in one["path"].split("."):
            value = value[name]
        assert one["value"] == value
        assert one["words"]
    assert {one["path"] for one in page["why"]} >= {
        "on_hand",
        "targets.reorder_point",
        "forecast.level",
        "targets.insurance_cost",
        "item.unit_cost",
    }
    assert not any(one["path"] == "forecast.wape" for one in page["why"]), "not known is no number"


@pytest.mark.parametrize("book", [{}, {"error": "no worker"}, {"forecast": None, "targets": []}])
def test_of_a_book_that_is_not_known_there_is_no_number(book):
    assert reasons(book) == []
    assert sentences(book).startswith("No planning master data")


@served
async def test_what_is_tried_out_is_asked_of_the_worker_and_nothing_is_written():
    async with Room() as room:
        room.workers.pages["outlooks"]["store-3/TEA-01"] = lambda query: {"tried": query}
        page = await told(room, "/api/what-if/store-3/TEA-01?demand=1.2&service_class=lean")
        assert page["tried"] == {"demand": "1.2", "service_class": "lean"}
        answer, _ = await room.get("/api/what-if/store-3/OTHER?demand=1.2")
        assert answer.status == 400
        assert room.sender.acks == []


@served
async def test_an_items_answers_are_all_there_the_newest_first():
    async with Room(opened()) as room:
        room.hears(ack("a"))
        room.hears(ack("a"))
        room.hears(ack("b", NOW + timedelta(hours=1), action="ordered", quantity=6, by="max"))
        room.hears(ack("c", alert_id="replenish:store-3/TEA-02:1"))
        page = await told(room, "/api/items/store-3/TEA-01")
    assert [(one["event_id"], one["by"]) for one in page["answers"]] == [
        ("b", "max"),
        ("a", "lena"),
    ]


# Suppliers


@served
async def test_a_supplier_has_its_scorecard_its_lines_and_its_basket():
    to_order = {"supplier": "HANSA", "order_quantity": 10, "currency": "EUR"}
    said = Answer(event_id="x", action="acknowledged", at=NOW, revision=1)
    entries = [
        opened("replenish:store-3/TEA-01:1", **to_order),
        opened("replenish:store-3/TEA-02:1", sku="TEA-02", **to_order),
        opened("replenish:store-3/TEA-03:1", said, sku="TEA-03", **to_order),
        opened("replenish:store-3/TEA-04:1", sku="TEA-04", **{**to_order, "supplier": "VERDE"}),
    ]
    async with Room(*entries) as room:
        room.learns(
            msgspec.structs.replace(
                EXAMPLES["items"], location="store-3", sku="TEA-01", unit_cost=2.5
            )
        )
        room.knows_supplier("HANSA", minimum_order_value=100.0)
        room.workers.alls["suppliers", "HANSA"] = [{"shipment_id": "PO-7"}]
        page = await told(room, "/api/suppliers/HANSA")
        rows = (await told(room, "/api/suppliers"))["rows"]
    lines = page["basket"].pop("lines")
    assert page["basket"] == {
        "alerts": 2,
        "units": 20,
        "value": {"EUR": 25.0},
        "unpriced": 1,
        "minimum_order_value": 100.0,
        "missing": None,
        "missing_units": None,
        "missing_weight": None,
        "currency": "EUR",
        "not_compared": None,
        "error": None,
    }, "of what has no price nobody knows how far it is from the minimum"
    assert [(one["sku"], one["quantity"], one["value"]) for one in lines] == [
        ("TEA-01", 10, 25.0),
        ("TEA-02", 10, None),
    ]
    assert page["lines"]["rows"] == [{"shipment_id": "PO-7"}]
    assert page["card"]["name"] == "HANSA"
    assert {(one["supplier"], one["to_order"]) for one in rows} == {("HANSA", 3), ("VERDE", 1)}


@pytest.mark.parametrize(
    ("prices", "least", "value", "missing"),
    [
        ((2.5, 4.0), None, 65.0, None),
        ((2.5, 4.0), 100.0, 65.0, 35.0),
        ((2.5, 4.0), 65.0, 65.0, 0.0),
        ((20.0, 20.0), 100.0, 400.0, 0.0),
    ],
)
@served
async def test_a_basket_says_how_far_it_is_from_the_minimum_by_the_suppliers_own_prices(
    prices, least, value, missing
):
    async with Room() as room:
        for sku, price in zip("AB", prices, strict=True):
            source = msgspec.structs.replace(
                EXAMPLES["items"].sources[0], supplier="HANSA", unit_cost=price
            )
            room.learns(
                msgspec.structs.replace(
                    EXAMPLES["items"], sku=sku, unit_cost=9.0, sources=(source,)
                )
            )
            room.shows(
                opened(f"replenish:store-3/{sku}:1", sku=sku, supplier="HANSA", order_quantity=10)
            )
        room.knows_supplier("HANSA", minimum_order_value=least)
        basket = (await told(room, "/api/suppliers/HANSA"))["basket"]
    assert (basket["value"], basket["missing"]) == ({"EUR": value}, missing)


# Locations


@served
async def test_a_location_has_what_comes_what_is_out_what_expires_and_its_alerts():
    entries = [
        opened("overstock:store-3/TEA-01:1", kind="overstock", numbers={"expiring": 7.0}),
        opened("replenish:store-4/TEA-02:1", location="store-4", sku="TEA-02"),
    ]
    async with Room(*entries) as room:
        room.workers.alls["locations", "store-3"] = [{"sku": "TEA-05", "is_out": True}]
        page = await told(room, "/api/locations/store-3")
    assert [(one["sku"], one["units"]) for one in page["expiring"]] == [("TEA-01", 7.0)]
    assert [row["sku"] for row in page["rows"]] == ["TEA-01"]
    assert page["standing"]["rows"] == [{"sku": "TEA-05", "is_out": True}]


# Disruptions


@served
async def test_a_disruption_has_what_it_holds_up_and_nothing_else():
    wide = "disruption:D1:1"
    entries = [
        opened(wide, kind="disruption", location=None, sku=None, cause="D1"),
        opened(
            "late_shipment:PO-7:1",
            kind="late_shipment",
            location=None,
            sku=None,
            cause=None,
            shipment_id="PO-7",
        ),
        opened("stockout_risk:s/a:1", kind="stockout_risk", sku="a", parent_id=wide),
        opened("stockout_risk:s/b:1", kind="stockout_risk", sku="b", cause="D1"),
        opened("stockout_risk:s/c:1", kind="stockout_risk", sku="c", cause="PO-7"),
        opened("stockout_risk:s/d:1", kind="stockout_risk", sku="d"),
    ]
    async with Room(*entries) as room:
        page = await told(room, "/api/disruptions")
        held = {
            name: {row["sku"] for row in (await room.rows(f"?cause={name}&answered=all"))["rows"]}
            for name in (wide, "late_shipment:PO-7:1", "stockout_risk:s/d:1", "nothing")
        }
        answer, _ = await room.get("/api/disruptions/nothing")
    assert {row["alert_id"] for row in page["rows"]} == {wide, "late_shipment:PO-7:1"}
    assert held[wide] == {"a", "b"}
    assert held["late_shipment:PO-7:1"] == {"c"}
    assert held["nothing"] == set()
    assert answer.status == 404


# Audit and data


@served
async def test_the_trail_says_who_did_what_and_is_searched():
    async with Room() as room:
        room.hears(ack("a", comment="Counted twice"))
        room.hears(ack("b", by="max", action="ordered", quantity=6))
        everybody = await told(room, "/api/audit")
        by_max = await told(room, "/api/audit?who=max")
        found = await told(room, "/api/audit?search=COUNTED+lena")
    assert everybody["people"] == ["lena", "max"]
    assert [one["event_id"] for one in by_max["rows"]] == ["b"]
    assert [one["event_id"] for one in found["rows"]] == ["a"]


@served
async def test_the_audit_has_who_did_what_with_orders_each_once():
    event = msgspec.structs.replace(EXAMPLES["orders.events"], order_id="PO-9", by="max")
    later = msgspec.structs.replace(
        event,
        event_id="off",
        occurred_at=event.occurred_at + timedelta(hours=1),
        status="cancelled",
        lines=(),
        comment="too dear",
    )
    async with Room() as room:
        for one in (event, later, event):
            room._take("orders.events", "PO-9", encode(one))
        page = await told(room, "/api/audit?who=max&search=po-9")
    done = [(row["order_id"], row["action"], row["comment"]) for row in page["rows"]]
    assert done[0] == ("PO-9", "cancelled", "too dear")
    assert done[1][:2] == ("PO-9", event.status)
    assert len(done) == 2
    assert page["rows"][1]["quantity"] == sum(line.quantity for line in event.lines)


@served
async def test_what_cannot_be_read_of_an_answer_or_a_supplier_stops_nothing():
    async with Room() as room:
        for family in ("acks", "orders.events", "suppliers", "scorecards", "items", "board"):
            for value in (b"{", b"[]", b"\xff", b'{"supplier": 1}'):
                room._take(family, "supplier/x", value)
        assert (await told(room, "/api/audit"))["rows"] == []
        assert (await told(room, "/api/suppliers"))["rows"] == []


@served
async def test_items_without_a_price_and_counts_that_did_not_match_are_named():
    item = EXAMPLES["items"]
    priced = msgspec.structs.replace(item, sku="B", unit_cost=2.0)
    async with Room(opened("book_mismatch:s/a:1", kind="book_mismatch", sku="a")) as room:
        raw = msgspec.to_builtins(msgspec.structs.replace(item, sku="A"))
        raw.pop("unit_cost", None)
        raw["sources"] = [{"supplier": "ACME", "lead_time_days": 2}]
        room._take("items", "store-3/A", msgspec.json.encode(raw))
        room.learns(priced)
        page = await told(room, "/api/data")
        room._take("items", "store-3/A", None)
        after = await told(room, "/api/data")
    assert (page["unpriced"], page["unpriced_in_all"]) == (["store-3/A"], 1)
    assert after["unpriced"] == []
    assert [row["sku"] for row in page["mismatched"]] == ["a"]


@pytest.mark.parametrize(
    ("screen", "table"),
    [
        ("/api/suppliers", "/suppliers.csv"),
        ("/api/audit?who=max", "/audit.csv?who=max"),
        ("/api/data", "/data.csv"),
        ("/api/data", "/files.csv"),
    ],
)
@served
async def test_an_export_is_what_its_screen_shows(screen, table):
    async with Room(opened(supplier="=EVIL")) as room:
        room.knows_supplier("HANSA")
        room.hears(ack("a"))
        room.hears(ack("b", by="max", comment="=1+1"))
        room.buries(b"=cmd", 1, key="@x")
        room.takes_file("sales", "=march.csv", failed="@no table")
        page = await told(room, screen)
        _, body = await room.get(table)
    rows = page.get("rows") or page["files" if table == "/files.csv" else "letters"]
    lines = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert len(lines) == len(rows) > 0
    for line, row in zip(lines, rows, strict=True):
        for name, cell in line.items():
            assert cell.removeprefix("'") == ("" if row[name] is None else str(row[name]))
            assert not cell.startswith(("=", "@"))


# Taking back


@pytest.mark.parametrize("action", ["acknowledged", "snoozed"])
@served
async def test_an_answer_is_taken_back_by_a_snooze_that_is_over_at_once(action):
    until = NOW + timedelta(days=2) if action == "snoozed" else None
    said = Answer(event_id="x", action=action, at=NOW, revision=1, by="max", snooze_until=until)
    async with Room(opened(answer=said)) as room:
        assert (await room.rows())["rows"] == []
        status, _ = await room.answer(
            {"alert_id": NAME, "action": "snoozed", "snooze_hours": 0, "again": True}
        )
        assert status == 200
        (sent,) = room.sender.acks
        assert (sent.action, sent.snooze_until) == ("snoozed", sent.occurred_at)
        room.applies(sent)
        (row,) = (await room.rows())["rows"]
    assert not row["answer_stands"]
    assert row["answer"].startswith("taken back by lena")


@pytest.mark.parametrize("action", ["ordered", "rejected", None])
@served
async def test_what_is_not_answered_or_was_ordered_is_not_taken_back_so(action):
    said = Answer(event_id="x", action=action, at=NOW, revision=1) if action else None
    async with Room(opened(answer=said)) as room:
        wish = {"alert_id": NAME, "action": "snoozed", "snooze_hours": 0, "again": True}
        status, _ = await room.answer(wish)
    assert status == 400
    assert room.sender.acks == []


@served
async def test_files_of_connectors_say_what_became_of_each_and_why():
    refused = {"date date": {"count": 2, "lines": [3, 9], "example": "date: 'soon' is no date"}}
    async with Room() as room:
        room.takes_file("sales", "a.csv", rows=9, read=7, refused=refused, sent=7)
        room.takes_file("edi", "b.x12", NOW + timedelta(minutes=1), failed="it is neither")
        room.takes_file("stock", "c.csv", NOW + timedelta(minutes=2), rows=4, read=4, sent=0, imported_before=4)  # fmt: skip
        first = await told(room, "/api/data")
        room.takes_file("sales", "a.csv", NOW + timedelta(minutes=3), rows=9, read=9, sent=2)
        room._take("files", "what is no file", b"{")
        after = await told(room, "/api/data")
    assert [(one["file"], one["outcome"], one["why"]) for one in first["files"]] == [
        ("c.csv", "processed", ""),
        ("b.x12", "failed", "it is neither"),
        ("a.csv", "refused in part", "2 x date date (from line 3): date: 'soon' is no date"),
    ]
    assert [one["file"] for one in after["files"]] == ["a.csv", "c.csv", "b.x12"]
    assert after["files"][0]["outcome"] == "processed"


DRILL = {"scope": "supplier", "name": "ACME", "days": 14}


def report(name):
    return {"told": f"Drill: {name}", "casualties": [], "at": NOW.isoformat()}


@served
async def test_a_drill_is_played_beside_the_console_one_at_a_time():
    asked, begun, go_on = [], asyncio.Event(), asyncio.Event()

    async def drill(kind, name, seconds, severity):
        asked.append((kind, name, seconds, severity))
        begun.set()
        await go_on.wait()
        return report(name)

    async with Room(drill=drill) as room:
        first = asyncio.create_task(room.post("/api/drills", DRILL))
        await begun.wait()
        status, second = await room.post("/api/drills", DRILL | {"severity": 0.5})
        assert (status, second["error"].partition(":")[0]) == (409, "another drill is being played")
        go_on.set()
        status, found = await first
    assert (status, found["told"]) == (200, "Drill: ACME")
    assert asked == [("supplier", "ACME", 14 * 86_400.0, 1.0)]
    assert room.sender.acks == []


@pytest.mark.parametrize(
    "changes",
    [{"scope": "shipment"}, {"name": ""}, {"days": 0}, {"days": 1e9}, {"severity": 2}, {"more": 1}],
)
@served
async def test_a_drill_of_nothing_is_refused(changes):
    async with Room() as room:
        status, _ = await room.post("/api/drills", DRILL | changes)
    assert status == 400


@pytest.mark.parametrize(
    ("error", "status"),
    [(UserError("no state yet"), 422), (BrokerUnavailable("away"), 503), (None, 501)],
)
@served
async def test_a_drill_that_cannot_be_played_says_why(error, status):
    async def drill(*_):
        raise error

    async with Room(drill=None if error is None else drill) as room:
        answered, body = await room.post("/api/drills", DRILL)
    assert answered == status
    assert str(error or "andon drill") in body["error"]
