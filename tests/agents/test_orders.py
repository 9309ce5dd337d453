"""Purchase orders through the machine: whoever orders, whenever, each need is bought once, and what is wrong is a dead letter."""

import asyncio
import itertools

import msgspec
import pytest
from support.machine import Machine

from andon.agents.tables import BOOKS, DONE, SHIPMENTS
from andon.schemas.common import decode, utc
from andon.schemas.items import Item, Source
from andon.schemas.orders import OrderEvent, OrderLine, PurchaseOrder
from andon.schemas.stock import StockMovement

START = 1_700_000_000.0 - 1_700_000_000.0 % 86400
HOUR, DAY = 3600.0, 86400.0
SKUS = ("tea", "jam", "rice")


class Shop(Machine):
    """A shop whose items all ask to be ordered."""

    def __init__(self):
        super().__init__()
        self.orders, self.removed, self.reasons = {}, set(), []

    def says(self, family, record):
        super().says(family, record)
        if family == "deadletters":
            self.reasons.append(dict(record.headers)["andon-reason"].decode())
        if family == "orders":
            name = record.key.decode()
            self.removed.discard(name)
            if record.value:
                self.orders[name] = decode(record.value, PurchaseOrder)
            else:
                self.removed.add(name)

    async def open(self):
        self.now = START
        for sku in SKUS:
            item = Item(
                location="shop",
                sku=sku,
                updated_at=utc(START),
                sources=(Source(supplier="ACME", lead_time_days=4),),
                expected_daily_demand=6,
            )
            self.hear("items", item)
            self.hear(
                "stock",
                StockMovement(
                    event_id=f"count-{sku}",
                    occurred_at=utc(START),
                    location="shop",
                    sku=sku,
                    kind="count",
                    quantity=20,
                ),
            )
        await self.settle()

    def book(self, sku):
        return self.record(BOOKS, f"shop/{sku}")


def approved(order_id, *wanted, by="anna", at=START + HOUR, **fields):
    lines = tuple(
        OrderLine(location="shop", sku=sku, quantity=quantity, alert_id=f"replenish:shop/{sku}:1")
        for sku, quantity in wanted
    )
    return OrderEvent(
        event_id=f"click-{order_id}-{by}",
        occurred_at=utc(at),
        order_id=order_id,
        status="approved",
        supplier="ACME",
        lines=lines,
        by=by,
        **fields,
    )


WANTS = (
    approved("PO-A", ("tea", 32), ("jam", 40), by="anna"),
    approved("PO-B", ("jam", 32), ("rice", 50), by="bob"),
    approved("PO-C", ("rice", 33), ("tea", 35), by="carl"),
)


@pytest.mark.parametrize("wants", list(itertools.permutations(WANTS)))
def test_of_orders_that_overlap_each_need_is_bought_once(wants):
    async def play():
        shop = Shop()
        await shop.open()
        for want in (*wants, *wants):
            shop.hear("orders.events", want)
        await shop.settle()
        return shop

    shop = asyncio.run(play())
    assert set(shop.orders) == {"PO-A", "PO-B", "PO-C"}
    for sku in SKUS:
        bought = [
            (name, line.quantity)
            for name, order in shop.orders.items()
            for line in order.bought
            if line.sku == sku
        ]
        left = [
            line
            for order in shop.orders.values()
            for line in order.lines
            if line.sku == sku and line.left_out
        ]
        assert len(bought) == len(left) == 1
        assert left[0].taken_by == bought[0][0]
        book = shop.book(sku)
        assert (book.on_order, book.reserved) == (bought[0][1], 0)
        assert "replenish" not in book.alerts
    assert all(order.ready == bool(order.bought) for order in shop.orders.values())


def test_an_order_under_the_wrong_key_is_put_back_and_bought_once():
    async def play():
        shop = Shop()
        await shop.open()
        for key in (b"?", b"!", b"somewhere", None):
            shop.hear("orders.events", WANTS[0], key=key)
        await shop.settle()
        return shop

    shop = asyncio.run(play())
    assert shop.book("tea").on_order == 32


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"lines": []}, None),
        ({"lines": [{"location": "shop", "sku": "tea"}]}, "invalid"),
        ({"lines": [{"location": "shop", "sku": "tea", "quantity": 0}]}, "invalid"),
        ({"lines": [{"location": "shop", "sku": "tea", "quantity": 1}] * 2}, "invalid"),
        (
            {"lines": [{"location": "shop", "sku": "tea", "quantity": 1, "alert_id": "what"}]},
            "unroutable",
        ),
        ({"status": "sent"}, "invalid"),
        ({"status": "posted"}, "invalid"),
        ({"currency": "euro"}, "invalid"),
        ({"wanted_at": "9999-12-31T00:00:00Z"}, "invalid"),
    ],
)
def test_what_cannot_be_an_order_is_a_dead_letter_and_the_next_is_taken(broken, reason):
    async def play():
        shop = Shop()
        await shop.open()
        event = {**msgspec.to_builtins(WANTS[0]), "order_id": "PO-X", **broken}
        shop.send("orders.events", b"PO-X", msgspec.json.encode(event))
        shop.hear("orders.events", WANTS[0])
        await shop.settle()
        return shop

    shop = asyncio.run(play())
    assert shop.reasons == ([] if reason is None else [reason])
    assert shop.orders["PO-A"].ready


def test_an_order_long_done_leaves_its_topic_and_is_put_away():
    async def play():
        shop = Shop()
        await shop.open()
        shop.hear("orders.events", WANTS[0])
        shop.hear(
            "orders.events",
            OrderEvent(
                event_id="off",
                occurred_at=utc(START + 2 * HOUR),
                order_id="PO-A",
                status="cancelled",
            ),
        )
        await shop.settle()
        for day in range(1, 40):
            shop.now = START + day * DAY
            shop.see(shop.now)
            await shop.look()
        return shop

    shop = asyncio.run(play())
    assert shop.removed == {"PO-A"}
    assert shop.record(SHIPMENTS, "PO-A") is None
    assert shop.record(DONE, "PO-A").purchase is not None
