"""A plant through the agents: its master data and news as events, and a machine that keeps what is said of it."""

import asyncio

from support.machine import Machine

from andon.agents.tables import BOOKS
from andon.schemas.alerts import Alert
from andon.schemas.boms import Bom, Component
from andon.schemas.common import decode, utc
from andon.schemas.items import Item, Source
from andon.schemas.production import ProductionEvent
from andon.schemas.stock import StockMovement

START = 1_700_006_400.0
DAY, MINUTE = 86400.0, 60.0
WHERE = "plant"


def item(sku, *, made_on=None, **fields):
    source = (
        Source(made_on=made_on, lead_time_days=1.0)
        if made_on
        else Source(supplier="ACME", lead_time_days=5.0)
    )
    return "items", Item(
        location=WHERE, sku=sku, updated_at=utc(START - DAY), sources=(source,), **fields
    )


def bill(sku, *components, at=START - DAY, **fields):
    return "boms", Bom(location=WHERE, sku=sku, updated_at=utc(at), components=components, **fields)


def part(sku, quantity=1.0, **fields):
    return Component(sku=sku, quantity=quantity, **fields)


def count(sku, quantity, at=START):
    return "stock", StockMovement(
        event_id=f"count-{sku}-{at}",
        occurred_at=utc(at),
        location=WHERE,
        sku=sku,
        kind="count",
        quantity=quantity,
    )


def order(name, sku, status, at, line="L1", **fields):
    return "production", ProductionEvent(
        event_id=f"{name}-{status}-{at}-{fields.get('quantity')}",
        occurred_at=utc(at),
        order_id=name,
        location=WHERE,
        line=line,
        sku=sku,
        status=status,
        **fields,
    )


class Plant(Machine):
    """A machine of some partitions, with what was said last of each alert."""

    def __init__(self):
        super().__init__()
        self.open = {}

    def says(self, family, record):
        if family in ("disruptions", "replenishment"):
            alert = decode(record.value, Alert)
            if alert.status == "resolved":
                self.open.pop(alert.alert_id.rpartition(":")[0], None)
            else:
                self.open[alert.alert_id.rpartition(":")[0]] = alert
        elif family == "deadletters":
            raise AssertionError(record)


def run(*batches):
    """Play batches of events, each until nothing waits, and return the machine."""

    async def play():
        machine = Plant()
        machine.now = START + DAY
        for batch in batches:
            for family, record in batch:
                machine.hear(family, record)
            await machine.settle()
        await machine.look()
        return machine

    return asyncio.run(play())


def stock_of(machine, sku):
    return machine.record(BOOKS, f"{WHERE}/{sku}").on_hand


def released(name="P1", sku="Z", quantity=20, at=START, **fields):
    times = {"starts_at": utc(at + 3600.0), "minutes_each": 1.0, **fields}
    return order(name, sku, "released", at, quantity=quantity, **times)
