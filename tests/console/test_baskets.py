"""A supplier's basket: filled to its minimum, by its prices, no more than it takes, and ordered as it is shown."""

from datetime import timedelta

import msgspec
import pytest
from support.console import NOW, Room, opened, served

from andon.console import accounts as module
from andon.console.accounts import Account, Accounts
from andon.schemas.examples import EXAMPLES
from andon.schemas.items import PriceBreak

PASSWORD = "four plain little words"
HASH = module.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
ITEM = EXAMPLES["items"]
SOURCE = msgspec.structs.replace(ITEM.sources[0], supplier="HANSA")
ORDER = EXAMPLES["orders"]
PLAIN = {
    "minimum_order_value": None,
    "currency": None,
    "order_weekdays": None,
    "order_cutoff": "24:00",
    "time_zone": "UTC",
    "open_weekdays": None,
    "closed": (),
}


def learn(room, sku, *, price=1.0, source=None, **fields):
    sold = msgspec.structs.replace(SOURCE, unit_cost=price, **(source or {}))
    told = {"pack_size": 1, "minimum_order": 1, **fields}
    room.learns(msgspec.structs.replace(ITEM, location="store-3", sku=sku, sources=(sold,), **told))


def asks(room, sku, quantity=10, **fields):
    room.shows(
        opened(
            f"replenish:store-3/{sku}:1",
            sku=sku,
            supplier="HANSA",
            order_quantity=quantity,
            **fields,
        )
    )


def stands(room, *rows):
    room.workers.alls["baskets", "HANSA"] = [
        {"location": "store-3", "sku": sku, "days": days, "daily": 2.0, "need": need, "most": most}
        for sku, days, need, most in rows
    ]


async def basket_of(room):
    answer, body = await room.get("/api/suppliers/HANSA")
    assert answer.status == 200, body
    return msgspec.json.decode(body)["basket"]


@pytest.mark.parametrize(
    ("terms", "added", "missing"),
    [
        ({}, {}, (None, None, None)),
        ({"minimum_order_value": 10.0}, {}, (0.0, None, None)),
        ({"minimum_order_value": 24.0}, {"B": 6, "C": 2}, (14.0, None, None)),
        ({"minimum_order_units": 12}, {"B": 2}, (None, 2, None)),
        ({"minimum_order_weight": 8.0}, {"B": 6}, (None, None, 3.0)),
        ({"minimum_order_value": 999.0}, {}, (989.0, None, None)),
    ],
)
@served
async def test_a_minimum_is_filled_with_what_comes_next(terms, added, missing):
    async with Room() as room:
        room.knows_supplier("HANSA", **{**PLAIN, **terms})
        learn(room, "A", unit_weight=0.5)
        learn(room, "B", unit_weight=0.5)
        learn(room, "C", price=4.0, unit_weight=0.5)
        asks(room, "A")
        # What is asked for stays as it is, though it could take more; of what is out of the master data nothing is known.
        stands(room, ("A", 0.0, 20, 99), ("C", 9.0, 9, 20), ("B", 2.0, 6, 6), ("GONE", 0.0, 9, 99))
        basket = await basket_of(room)
    assert {one["sku"]: one["quantity"] for one in basket.get("added", ())} == added
    assert (basket["missing"], basket["missing_units"], basket["missing_weight"]) == missing
    assert [(one["sku"], one["quantity"]) for one in basket["lines"]] == [("A", 10)]


@served
async def test_workers_are_asked_only_where_it_matters_and_not_with_every_look():
    async with Room() as room:
        asked = []
        of_all = room.workers.of_all

        async def count(pages, name):
            asked.append(pages)
            return await of_all(pages, name)

        room.workers.of_all = count
        learn(room, "A")
        asks(room, "A")
        await basket_of(room)
        assert "baskets" not in asked
        room.knows_supplier("HANSA", **{**PLAIN, "minimum_order_units": 50})
        await basket_of(room)
        await basket_of(room)
        assert asked.count("baskets") == 1
        room.seconds += 60.0
        await basket_of(room)
        assert asked.count("baskets") == 2


@served
async def test_money_of_several_currencies_is_no_sum_and_is_not_compared():
    async with Room() as room:
        room.knows_supplier("HANSA", **{**PLAIN, "minimum_order_value": 500.0, "currency": "USD"})
        learn(room, "A", price=2.0)
        learn(room, "B", price=3.0, source={"currency": "USD", "exchange_rate": 0.9})
        asks(room, "A")
        asks(room, "B")
        stands(room, ("C", 1.0, 9, 99))
        learn(room, "C", source={"currency": "USD", "exchange_rate": 0.9})
        basket = await basket_of(room)
    assert basket["value"] == {"EUR": 20.0, "USD": 30.0}
    assert basket["missing"] is None
    assert basket["not_compared"] == "paid in EUR, asked for in USD"
    assert not basket.get("added")


@served
async def test_a_minimum_is_compared_and_filled_in_the_suppliers_currency():
    dollars = {"currency": "USD", "exchange_rate": 0.9}
    async with Room() as room:
        room.knows_supplier("HANSA", **{**PLAIN, "minimum_order_value": 50.0, "currency": "USD"})
        learn(room, "A", price=3.0, source=dollars)
        # Without a price of its own it costs the item's, in its money: 9 EUR are 10 USD.
        learn(room, "B", price=None, unit_cost=9.0, source=dollars)
        learn(room, "E", price=1.0)
        asks(room, "A")
        stands(room, ("E", 0.0, 99, 99), ("B", 1.0, 9, 99))
        basket = await basket_of(room)
    assert (basket["value"], basket["missing"]) == ({"USD": 30.0}, 20.0)
    assert [(one["sku"], one["quantity"], one["value"]) for one in basket["added"]] == [
        ("B", 2, 20.0)
    ]


@served
async def test_no_more_is_in_it_than_the_supplier_takes_and_the_rest_waits_for_the_next_period():
    async with Room() as room:
        room.knows_supplier("HANSA", **{**PLAIN, "capacity_units": 40, "minimum_order_units": 100})
        for sku in "ABC":
            learn(room, sku, source={"pack_size": 4})
            asks(room, sku, 12)
        # Of this week: 15 units; what was cancelled, of the week before or of another is no matter.
        bought = msgspec.structs.replace(ORDER.lines[0], quantity=15)
        week = {"approved_at": NOW, "lines": (bought,)}
        for number, fields in enumerate(
            (
                {"supplier": "HANSA", "state": "sent", **week},
                {"supplier": "HANSA", "state": "cancelled", **week},
                {"supplier": "VERDE", "state": "sent", **week},
                {
                    "supplier": "HANSA",
                    "state": "sent",
                    **week,
                    "approved_at": NOW - timedelta(days=7),
                },
            )
        ):
            room.orders(msgspec.structs.replace(ORDER, order_id=f"PO-{number}", **fields))
        stands(room, ("D", 0.0, 99, 99))
        learn(room, "D")
        basket = await basket_of(room)
    assert [one["quantity"] for one in basket["lines"]] == [12, 12]
    capacity = basket["capacity"]
    assert (capacity["left"], capacity["units"], capacity["per"]) == (25, 40, "week")
    assert [one["quantity"] for one in capacity["later"]] == [12]
    assert capacity["next_at"] == "2026-03-09T00:00:00Z"
    assert not basket["added"], "a minimum that does not fit is not filled"


@served
async def test_a_line_says_its_next_price_and_what_that_saves():
    breaks = (PriceBreak(quantity=100, unit_cost=0.8), PriceBreak(quantity=12, unit_cost=0.9))
    async with Room() as room:
        room.knows_supplier("HANSA", **PLAIN)
        learn(room, "A", source={"price_breaks": breaks})
        asks(room, "A")
        stands(room, ("A", 0.0, 10, 40))
        (line,) = (await basket_of(room))["lines"]
        assert line["next_break"]["quantity"] == 12
        assert line["next_break"]["unit_cost"] == 0.9
        # 12 at 0.10 less, and two are kept for five days.
        assert line["next_break"]["saves"] == pytest.approx(1.2, abs=0.02)
        asks(room, "A", 14, revision=2)
        (line,) = (await basket_of(room))["lines"]
        assert line["unit_cost"] == 0.9, "the price of what is ordered"
        assert line["next_break"] is None, "a hundred would be too much stock"


@pytest.mark.parametrize(
    ("freight", "days", "added", "saves"),
    [
        (None, 1.0, [], None),
        (30.0, 1.0, ["B"], 30.0 - 0.25 * 10 * 9 / 365.25),
        # Kept for years it costs more than the freight.
        (30.0, 8000.0, [], None),
    ],
)
@served
async def test_free_freight_is_told_and_advised_only_where_it_pays(freight, days, added, saves):
    async with Room() as room:
        room.knows_supplier(
            "HANSA", **{**PLAIN, "free_freight_from": 100.0, "freight_cost": freight}
        )
        learn(room, "A")
        learn(room, "B", price=10.0)
        asks(room, "A")
        stands(room, ("B", days, 9, 99))
        told = (await basket_of(room))["free_freight"]
    assert (told["from"], told["missing"], told["cost"]) == (100.0, 90.0, freight)
    assert [one["sku"] for one in told["added"]] == added
    assert told["saves"] == (saves and pytest.approx(saves, abs=0.01))


def order(*skus, added=(), **fields):
    return {
        "supplier": "HANSA",
        "by": "lena",
        "lines": [{"alert_id": f"replenish:store-3/{sku}:1", "quantity": 10} for sku in skus],
        "added": [
            {"location": "store-3", "sku": sku, "quantity": quantity} for sku, quantity in added
        ],
        **fields,
    }


@served
async def test_what_fills_it_is_ordered_with_it_as_one_order_once():
    async with Room() as room:
        for sku in "AB":
            learn(room, sku, price=2.0)
        asks(room, "A")
        for _ in range(2):
            status, _ = await room.post("/api/baskets", order("A", added=[("B", 6)]))
            assert status == 200
        (event,) = room.sender.orders
    assert [(line.sku, line.quantity, line.unit_cost) for line in event.lines] == [
        ("A", 10, 2.0),
        ("B", 6, 2.0),
    ]
    assert event.lines[1].alert_id is None
    assert (event.supplier, event.currency) == ("HANSA", "EUR")


@pytest.mark.parametrize(
    ("posted", "status", "says"),
    [
        (order(added=[("B", 6)]), 400, "1 to 200 alerts"),
        (order("A", added=[("GONE", 6)]), 400, "nothing is known of GONE"),
        (order("A", added=[("B", 5)]), 400, "cannot be ordered"),
        (order("A", added=[("B", 0)]), 400, "cannot be ordered"),
        (order("A", added=[("A", 6)]), 400, "ordered already"),
        (order("A", added=[("USD", 6)]), 400, "none of these is"),
        (order("GONE"), 409, None),
        ({"supplier": "HANSA"}, 400, "orders nothing"),
    ],
)
@served
async def test_what_cannot_be_ordered_is_refused_whole(posted, status, says):
    async with Room() as room:
        learn(room, "A", pack_size=6)
        learn(room, "B", pack_size=6)
        learn(room, "USD", source={"currency": "USD", "exchange_rate": 1.0})
        asks(room, "A")
        given, told = await room.post("/api/baskets", posted)
        assert (given, room.sender.orders) == (status, [])
    assert says is None or says in told["error"]


@served
async def test_who_may_not_order_orders_no_basket(tmp_path):
    accounts = Accounts(tmp_path / "accounts.json")
    accounts.add(Account.of("vera", "viewer", None, HASH))
    async with Room(accounts=accounts) as room:
        learn(room, "A")
        asks(room, "A")
        await room.sign_in("vera", PASSWORD)
        status, _ = await room.post("/api/baskets", order("A"))
        assert (status, room.sender.orders) == (403, [])
