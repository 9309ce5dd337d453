"""What a supplier says to its orders, by itself or through who buys: one event each, of its own orders alone."""

from datetime import timedelta

import msgspec
import pytest
from support.console import NOW, Room, served

from andon.console import accounts as module
from andon.console.accounts import Account, Accounts
from andon.console.order_standing import standing, to_come_of
from andon.schemas.examples import EXAMPLES

PASSWORD = "four plain little words"
HASH = module.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
LINE = msgspec.structs.replace(
    EXAMPLES["orders"].lines[0], confirmed_quantity=None, promised_at=None, short=0, received=0
)
ORDER = msgspec.structs.replace(
    EXAMPLES["orders"],
    order_id="PO-1",
    supplier="HANSA",
    state="approved",
    ready=True,
    confirmed_at=None,
    lines=(LINE,),
)
PLACE = {"location": LINE.location, "sku": LINE.sku}
LATER = "2026-03-09T12:00:00Z"


def order(**fields):
    return msgspec.structs.replace(ORDER, **fields)


def line(**fields):
    return msgspec.structs.replace(LINE, **fields)


@pytest.fixture
def accounts(tmp_path):
    made = Accounts(tmp_path / "accounts.json")
    made.add(Account.of("hansa-desk", "supplier", "HANSA", HASH))
    made.add(Account.of("lena", "buyer", None, HASH))
    made.add(Account.of("ruth", "planner", None, HASH))
    return made


def news(status="confirmed", **fields):
    return {"order_id": "PO-1", "status": status, **fields}


@pytest.mark.parametrize(
    ("said", "quantity", "promised"),
    [
        ({}, None, None),
        ({"quantity": 96}, 96, None),
        ({"quantity": 0}, 0, None),
        ({"promised_at": LATER}, None, LATER),
        ({"quantity": 96, "promised_at": LATER}, 96, LATER),
    ],
)
@served
async def test_a_supplier_confirms_its_order_as_it_is_less_or_later(
    said, quantity, promised, accounts
):
    async with Room(accounts=accounts) as room:
        room.orders(ORDER)
        await room.sign_in("hansa-desk", PASSWORD)
        for _ in range(2):
            status, _ = await room.post(
                "/api/supplier-news", news(by="lena", lines=[{**PLACE, **said}])
            )
            assert status == 200
        first, again = room.sender.orders
    assert first == again, "what is said twice is one event"
    assert (first.status, first.order_id, first.supplier) == ("confirmed", "PO-1", "HANSA")
    assert first.by == "hansa-desk", "in no other name"
    (told,) = first.lines
    assert (told.location, told.sku, told.quantity) == (LINE.location, LINE.sku, quantity)
    assert told.promised_at == (promised and msgspec.convert(promised, type(NOW)))
    assert first.occurred_at >= max(NOW, ORDER.approved_at)


@served
async def test_what_is_on_its_way_is_the_orders_shipment_or_a_part_under_a_number_made_of_its(
    accounts,
):
    async with Room(accounts=accounts) as room:
        room.orders(ORDER)
        await room.sign_in("hansa-desk", PASSWORD)
        await room.post("/api/supplier-news", news("dispatched", promised_at=LATER))
        part = [{**PLACE, "quantity": 60}]
        await room.post("/api/supplier-news", news("dispatched", lines=part))
        await room.post("/api/supplier-news", news("dispatched", lines=part))
        whole, first, again = room.sender.shipments
    assert (whole.shipment_id, whole.status, whole.lines) == ("PO-1", "dispatched", ())
    assert whole.expected_at is not None
    assert first == again
    assert first.shipment_id.startswith("PO-1-")
    assert (first.order_id, first.supplier) == ("PO-1", "HANSA")
    assert [(one.sku, one.quantity) for one in first.lines] == [(LINE.sku, 60)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"order_id": "PO-1"}, 400),
        ({"order_id": "PO-1", "status": "received"}, 400),
        (news(lines=[{**PLACE, "quantity": -1}]), 400),
        (news(lines=[{**PLACE, "promised_at": "2026-03-09T12:00:00"}]), 400),
        (news("dispatched", lines=[{**PLACE, "quantity": -1}]), 400),
        (news(lines=[{"location": "store-3", "sku": "another"}]), 409),
        ({"order_id": "PO-2", "status": "confirmed"}, 404),
    ],
)
@served
async def test_what_cannot_be_said_of_an_order_is_refused(body, status, accounts):
    async with Room(accounts=accounts) as room:
        room.orders(ORDER)
        await room.sign_in("hansa-desk", PASSWORD)
        found, told = await room.post("/api/supplier-news", body)
        assert (found, room.sender.orders, room.sender.shipments) == (status, [], [])
        assert told["error"]


@pytest.mark.parametrize(
    "fields",
    [
        {"supplier": "VERDE"},
        {"supplier": "hansa"},
        {"supplier": None},
        {"ready": False},
        {"ready": False, "state": "cancelled", "comment": "VERDE is cheaper"},
    ],
)
@served
async def test_an_order_that_is_not_its_own_to_see_is_none(fields, accounts):
    async with Room(accounts=accounts) as room:
        room.orders(order(**fields))
        await room.sign_in("hansa-desk", PASSWORD)
        _, shown = await room.get("/api/suppliers/HANSA")
        found, told = await room.post("/api/supplier-news", news())
    assert msgspec.json.decode(shown)["orders"] == []
    assert (found, told) == (404, {"error": "there is no open order PO-1"})


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, ["PO-1"]),
        ({"supplier": "VERDE"}, []),
        ({"called_off": False}, []),
        ({"cancelled_at": NOW - timedelta(days=31)}, []),
        ({"lines": (line(left_out="answered by another order"),)}, []),
    ],
)
@served
async def test_a_supplier_hears_that_its_order_was_called_off_and_not_why(fields, shown, accounts):
    told = {
        "state": "cancelled",
        "ready": False,
        "called_off": True,
        "cancelled_at": NOW,
        "cancelled_by": "lena",
        "comment": "VERDE is cheaper",
        **fields,
    }
    async with Room(accounts=accounts) as room:
        room.orders(order(**told))
        await room.sign_in("hansa-desk", PASSWORD)
        _, body = await room.get("/api/suppliers/HANSA")
        status, said = await room.post("/api/supplier-news", news())
    page = msgspec.json.decode(body)
    assert [one["order_id"] for one in page["called_off"]] == shown
    assert page["orders"] == []
    assert b"cheaper" not in body
    assert b"lena" not in body
    assert room.sender.orders == []
    if shown or "cancelled_at" in fields:
        assert (status, said) == (409, {"error": "PO-1 was cancelled"})
    else:
        assert (status, said) == (404, {"error": "there is no open order PO-1"})


@served
async def test_who_buys_may_say_what_a_supplier_said_and_who_plans_may_not(accounts):
    async with Room(accounts=accounts) as room:
        room.orders(ORDER)
        await room.sign_in("ruth", PASSWORD)
        assert (await room.post("/api/supplier-news", news()))[0] == 403
        await room.sign_in("lena", PASSWORD)
        assert (await room.post("/api/supplier-news", news()))[0] == 200
    assert [one.by for one in room.sender.orders] == ["lena"]


@pytest.mark.parametrize(
    ("given", "words", "comes"),
    [
        (order(state="drafted", ready=False), "draft, to be approved", 144),
        (order(ready=False), "approved, being placed", 144),
        (
            order(ready=False, confirmed_at=NOW, lines=(line(confirmed_quantity=144),)),
            "approved, being placed; its supplier has confirmed",
            144,
        ),
        (order(), "approved, to be sent", 144),
        (order(state="sent"), "sent, not confirmed", 144),
        (order(state="confirmed", lines=(line(confirmed_quantity=144),)), "confirmed", 144),
        (
            order(state="confirmed", lines=(line(confirmed_quantity=96, short=48),)),
            "confirmed otherwise",
            96,
        ),
        (
            order(state="confirmed", lines=(line(confirmed_quantity=0, short=144),)),
            "confirmed: nothing comes",
            0,
        ),
        (order(state="confirmed", lines=(line(received=100),)), "confirmed", 44),
        (order(state="received", lines=(line(received=144),)), "received", 0),
        (order(state="cancelled"), "cancelled", 0),
    ],
)
def test_an_order_stands_as_somebody_would_say_it(given, words, comes):
    assert (standing(given), to_come_of(given)) == (words, comes)


@served
async def test_a_line_that_is_confirmed_with_nothing_is_open_nowhere():
    none = line(confirmed_quantity=0, short=144)
    async with Room() as room:
        room.orders(order(state="confirmed", confirmed_at=NOW, lines=(none,)))
        found = {}
        for show in ("open", "differs", "all"):
            _, body = await room.get(f"/api/orders?show={show}")
            found[show] = msgspec.json.decode(body)["total"]
        _, body = await room.get("/api/suppliers/HANSA")
    assert found == {"open": 0, "differs": 1, "all": 1}
    assert msgspec.json.decode(body)["orders"] == []
