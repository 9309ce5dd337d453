"""The console without a broker: a desk whose topics are handed to it, and a sender that takes note."""

import asyncio
import functools
import re
from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
from aiohttp.test_utils import TestClient, TestServer

from andon.connect.files import taken_file
from andon.console.app import Console
from andon.console.desk import Desk
from andon.console.guard import TOKEN_HEADER, Guard
from andon.console.oidc_door import OidcDoor
from andon.console.people import People
from andon.schemas.acks import Ack
from andon.schemas.board import Answer, BoardEntry
from andon.schemas.common import decode, encode
from andon.schemas.examples import EXAMPLES
from andon.schemas.orders import OrderEvent
from andon.schemas.shipments import ShipmentEvent
from andon.streams.deadletters import PUT_BACK, dead_letter
from andon.streams.settings import load_settings
from andon.streams.topics import topic_name

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REPLENISH = EXAMPLES["replenishment"]
SETTINGS = load_settings()


class Sender:
    """Takes note of what is published, and may fail or be slow."""

    def __init__(self):
        self.acks = []
        #: What was done with purchase orders; the answers that an approval gives are among the others.
        self.orders = []
        #: What a supplier said of its goods.
        self.shipments = []
        self.fails = False

    async def publish(self, records):
        if self.fails:
            raise ConnectionError("no broker")
        await asyncio.sleep(0)
        for record in records:
            if record.topic == "andon.orders.events.v1":
                self._order(decode(record.value, OrderEvent))
                continue
            if record.topic == "andon.shipments.v1":
                self.shipments.append(decode(record.value, ShipmentEvent))
                assert record.key == self.shipments[-1].shipment_id.encode()
                continue
            assert record.topic == "andon.acks.v1", (
                "the console writes nothing but answers, orders, and what suppliers say to these"
            )
            ack = decode(record.value, Ack)
            assert record.key == ack.alert_id.encode()
            self.acks.append(ack)

    def _order(self, event):
        self.orders.append(event)
        for line in event.lines if event.status == "approved" else ():
            self.acks.append(
                Ack(
                    event_id=line.answer_id,
                    occurred_at=event.occurred_at,
                    alert_id=line.alert_id,
                    action="ordered",
                    quantity=line.quantity,
                    shipment_id=event.order_id,
                    order_id=event.order_id,
                    by=event.by,
                    comment=event.comment,
                )
            )


class Workers:
    """What workers say of items, by page, and of all else."""

    def __init__(self, books):
        self.pages = {"books": books, "forecasts": {}, "outlooks": {}}
        self.alls = {}
        self.asked = []

    async def of_item(self, pages, location, sku, query=None):
        self.asked.append((pages, location, sku, query))
        told = self.pages[pages].get(f"{location}/{sku}", {"error": "no worker has it"})
        return told(query) if callable(told) else told

    async def of_all(self, pages, name):
        return {"rows": self.alls.get((pages, name), []), "now": NOW.timestamp(), "error": None}


class Room:
    """A console that is asked by a client on loopback; a context manager."""

    def __init__(
        self,
        *entries,
        login="lena",
        names=(),
        books=None,
        accounts=None,
        proxy=None,
        workers=None,
        sender=None,
        wall=lambda: NOW,
        oidc=None,
        drill=None,
    ):
        self.sender = sender or Sender()
        self.seconds = 0.0
        self.desk = Desk(SETTINGS, self.sender, wall, lambda: self.seconds)
        self.people = People(
            accounts, lambda: self.seconds, 3600.0, proxy, asks_elsewhere=oidc is not None
        )
        door = None if oidc is None else OidcDoor(oidc, self.people, lambda: self.seconds)
        self.guard = Guard(names, self.people)
        self.books = books or {}
        for entry in entries:
            self.shows(entry)
        self.desk.have_read()

        self.workers = workers or Workers(self.books)
        self.console = Console(self.desk, self.guard, self.workers, login, door, drill)
        self.app = self.console.application()

    async def __aenter__(self):
        runner = TestServer(self.app)
        self.client = TestClient(runner)
        await self.client.start_server()
        return self

    async def __aexit__(self, *_):
        await self.client.close()

    # What comes by the topics

    def shows(self, entry):
        self._take("board", entry.alert.alert_id, encode(entry))

    def removes(self, alert_id):
        self._take("board", alert_id, None)

    def learns(self, item):
        self._take("items", f"{item.location}/{item.sku}", encode(item))

    def applies(self, ack, *, closes=False):
        """Let the board show an answer as a worker would."""
        before = self.desk.board.entries[ack.alert_id]
        answer = Answer(
            event_id=ack.event_id,
            action=ack.action,
            at=ack.occurred_at,
            revision=before.alert.revision,
            by=ack.by,
            quantity=ack.quantity,
            snooze_until=ack.snooze_until,
            comment=ack.comment,
        )
        self.shows(msgspec.structs.replace(before, answer=answer))
        if closes:
            self.removes(ack.alert_id)

    def knows_supplier(self, name, **terms):
        """Let a supplier have terms and a scorecard."""
        told = msgspec.structs.replace(EXAMPLES["suppliers"], supplier=name, **terms)
        self._take("suppliers", name, encode(told))
        card = msgspec.structs.replace(EXAMPLES["scorecards"], type="supplier", name=name)
        self._take("scorecards", f"supplier/{name}", encode(card))

    def orders(self, order):
        """Let a purchase order stand as it does."""
        self._take("orders", order.order_id, encode(order))

    def hears(self, ack):
        """Let an answer come by its topic."""
        self._take("acks", ack.alert_id, encode(ack))

    def _take(self, family, key, value, headers=()):
        self.desk.take(
            SimpleNamespace(
                topic=topic_name(SETTINGS, family),
                key=key.encode(),
                value=value,
                headers=headers,
                timestamp=int(NOW.timestamp() * 1000),
            )
        )

    def buries(self, value, offset=1, key="k", reason="not_json"):
        """Let a record be a dead letter."""
        record = SimpleNamespace(
            key=key.encode(), value=value, headers=(), offset=offset, timestamp=1
        )
        letter = dead_letter("d", ("andon.pos.v1", 2), record, reason, "E", "it is no JSON")
        self._take("deadletters", key, letter.value, letter.headers)

    def puts_back(self, offset):
        """Let a dead letter be put back."""
        self._take("deadletters", "k", b"", [(PUT_BACK, f"andon.pos.v1:2:{offset}".encode())])

    def takes_file(self, kind, name, at=NOW, **account):
        """Let a connector have taken a file."""
        told = taken_file("folder /in", {"kind": kind, "file": name, **account}, f"/in/{name}", at)
        self._take("files", told.key, msgspec.json.encode(told))

    # What is asked

    async def get(self, path, **options):
        async with self.client.get(path, **options) as answer:
            body = await answer.read()
            return answer, body

    async def rows(self, query=""):
        _, body = await self.get(f"/api/today{query}")
        return msgspec.json.decode(body)

    async def answer(self, *answers, by="lena", **options):
        return await self.post("/api/answers", {"by": by, "answers": list(answers)}, **options)

    async def token(self, **headers):
        """Return what a page knows."""
        _, page = await self.get("/", headers=headers)
        return re.search(rb'andon-token" content="(\w+)"', page)[1].decode()

    async def post(self, path, body, *, token=None, **headers):
        if token is None:
            ours = {
                name: value for name, value in headers.items() if name not in ("Host", "Origin")
            }
            token = await self.token(**ours)
        given = {TOKEN_HEADER: token, **headers}
        async with self.client.post(path, json=body, headers=given) as answer:
            return answer.status, await answer.json()

    async def sign_in(self, name, password):
        return await self.post("/api/sign-in", {"name": name, "password": password})


def opened(name=REPLENISH.alert_id, answer=None, **fields):
    """Return what the board shows of an alert."""
    alert = msgspec.structs.replace(REPLENISH, alert_id=name, **fields)
    return BoardEntry(alert=alert, answer=answer)


def served(test):
    """Run an asynchronous test."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        return asyncio.run(test(*args, **kwargs))

    return run


__all__ = ["NOW", "REPLENISH", "Room", "opened", "served"]
