"""The whole way in a real browser, with the real agents behind the console: ordered, confirmed short by its supplier, made up for.

The machine of the rehearsal takes the place of a broker and a worker, so that every event goes the way that it goes in production.
"""

import asyncio
import json
from datetime import timedelta
from types import SimpleNamespace

import msgspec
import pytest
from support.browser import CHROMIUM, Browser
from support.console import NOW, Room, served

from andon.agents.pages import describe
from andon.agents.tables import BOOKS
from andon.console import accounts as module
from andon.console.accounts import Account, Accounts
from andon.rehearsal.machine import Machine
from andon.schemas.common import encode, utc
from andon.schemas.examples import EXAMPLES
from andon.schemas.families import FAMILIES
from andon.streams.settings import load_settings
from andon.streams.topics import topic_name

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

PASSWORD = "four plain little words"
HASH = module.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
PLACE, SKU = "store-3", "TEA-01"
KEY = f"{PLACE}/{SKU}"
RIVAL = "RIVAL-LTD"


class Works(Machine):
    """The machine as the sender, the worker and the topics of a console at once."""

    def __init__(self):
        super().__init__(load_settings(partitions=2))
        self.now = NOW.timestamp()
        self.desk = None
        self.asleep = asyncio.Lock()

    def hear(self, family, event):
        self.send(family, FAMILIES[family].key_of(event).encode(), encode(event))

    def send(self, family, key, value, headers=(), partition=None):
        """Publish a record; the console reads of it what it reads of a broker."""
        super().send(family, key, value, headers, partition)
        topic = topic_name(self.settings, family)
        if self.desk is not None and topic in self.desk._topics:
            record = SimpleNamespace(
                topic=topic, key=key, value=value, headers=headers, timestamp=int(self.now * 1000)
            )
            self.desk.take(record)

    async def publish(self, records):
        """Take what the console sends, and let everything follow from it."""
        async with self.asleep:
            for one in records:
                self.send(self.families[one.topic], one.key, one.value, one.headers)
            self.now += 60.0
            await self.settle()
            await self.look()

    async def of_item(self, pages, location, sku, query=None):
        """Answer what a worker is asked for; of its pages the book is enough here."""
        book = self.record(BOOKS, f"{location}/{sku}")
        if pages != "books" or book is None or query:
            return {"error": "not asked for in this story"}
        return msgspec.json.decode(msgspec.json.encode(describe(book, f"{location}/{sku}")))

    async def of_all(self, pages, name):
        """No worker lists anything in this story."""
        return {"rows": [], "now": self.now, "error": None}


async def furnished(works):
    """Let an item with two suppliers sell for some days, until there is too little of it."""
    item = EXAMPLES["items"]
    usual = msgspec.structs.replace(
        item.sources[0], supplier="HANSA", lead_time_days=3.0, expedite=False, priority=0
    )
    other = msgspec.structs.replace(usual, supplier=RIVAL, lead_time_days=1.0, priority=1)
    began = NOW - timedelta(days=10)
    works.hear(
        "items",
        msgspec.structs.replace(
            item, location=PLACE, sku=SKU, updated_at=began, sources=(usual, other), stage="live"
        ),
    )
    stock = EXAMPLES["stock"]
    works.hear(
        "stock",
        msgspec.structs.replace(
            stock, event_id="count", occurred_at=began, location=PLACE, sku=SKU, quantity=130
        ),
    )
    await works.settle()
    sale = EXAMPLES["pos"]
    for number in range(120):
        at = began + timedelta(hours=2 * number)
        works.now = at.timestamp()
        works.hear(
            "pos",
            msgspec.structs.replace(
                sale, event_id=f"sale-{number}", occurred_at=at, location=PLACE, sku=SKU, quantity=1
            ),
        )
        await works.settle()
    works.now = NOW.timestamp()
    works.see(works.now)
    await works.look()


def row(kind):
    return f"document.querySelector('[data-id^=\"{kind}:{KEY}:\"]')"


@served
async def test_a_supplier_confirms_short_the_buyer_finds_a_way_out_and_the_alert_closes(tmp_path):
    accounts = Accounts(tmp_path / "accounts.json")
    accounts.add(Account.of("hansa-desk", "supplier", "HANSA", HASH))
    accounts.add(Account.of("lena", "buyer", None, HASH))
    works = Works()
    folders = [tmp_path / "buyer", tmp_path / "supplier"]
    for folder in folders:
        folder.mkdir()
    room = Room(accounts=accounts, workers=works, sender=works, wall=lambda: utc(works.now))
    works.desk = room.desk
    await furnished(works)
    async with room, Browser(folders[0]) as buyer, Browser(folders[1]) as supplier:
        for browser, name in ((buyer, "lena"), (supplier, "hansa-desk")):
            await browser.open(room.client.make_url("/"))
            await browser.fill("#name", name)
            await browser.fill("#password", PASSWORD)
            await browser.press("Enter", 13)

        # The buyer orders what stands in the row, and a little more.
        need = row("replenish")
        await buyer.until(f"{need} !== null")
        wanted = await buyer.value(f"Number({need}.querySelector('.quantity').value)")
        await buyer.value(f"{need}.querySelector('.quantity').value = {wanted + 6}")
        await buyer.value(f"{need}.querySelector('.order').click()")
        await buyer.until(f"!{need} || {need}.classList.contains('gone')")
        (order,) = room.desk.orders.known.values()
        assert (order.supplier, order.ready) == ("HANSA", True)
        assert order.lines[0].quantity == wanted + 6

        # The supplier sees it on its own page, and confirms less.
        asked = f"document.querySelector('[data-order={json.dumps(order.order_id)}]')"
        await supplier.until(f"{asked} !== null")
        await supplier.value(
            f"(() => {{ const one = {asked}.querySelector('.comes'); one.value = '{wanted - 18}'; one.dispatchEvent(new Event('input')); }})()"
        )
        await supplier.value(f"{asked}.querySelector('.say-confirmed').click()")
        await supplier.until(f"{asked}?.querySelector('.state')?.innerText === 'confirmed'")
        text = await supplier.value("document.documentElement.outerHTML")
        assert RIVAL not in text
        assert "lena" not in text

        # The buyer is told what is missing, under the orders and in the queue, and orders the rest elsewhere.
        await buyer.open(room.client.make_url("/orders?show=differs"))
        await buyer.shows("24 short")
        await buyer.open(room.client.make_url("/?tile=deviation"))
        differs = row("order_deviation")
        await buyer.until(f"{differs} !== null")
        assert await buyer.value(f"{differs}.querySelector('.quantity').value") in ("24", "")
        await buyer.value(f"{differs}.querySelector('.quantity').value = '24'")
        await buyer.value(f"{differs}.querySelector('.from').value = '{RIVAL}'")
        await buyer.value(f"{differs}.querySelector('.order').click()")

        # With that the alert is closed, and nothing is left to do about it.
        await buyer.until(f"!{differs} || {differs}.classList.contains('gone')")
        assert not [one for one in room.desk.board.entries if one.startswith("order_deviation")]
        assert sum(line.to_come for line in _lines(room)) == wanted + 6
        assert {one.supplier for one in room.desk.orders.known.values()} == {"HANSA", RIVAL}
        assert supplier.complaints == buyer.complaints == []


def _lines(room):
    from andon.console.order_standing import to_come

    return [
        SimpleNamespace(to_come=to_come(line))
        for order in room.desk.orders.known.values()
        for line in order.lines
    ]
