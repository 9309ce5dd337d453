"""A partition of items, orders and a lane that may close, without a broker."""

from support.batches import PARTITIONS, Bench

from andon.agents.delays import delay_agent
from andon.agents.frame import BROADCAST
from andon.agents.items import item_agent
from andon.agents.lines import line_agent
from andon.agents.shipments import shipment_agent
from andon.agents.stock import stock_agent
from andon.agents.tables import open_alerts
from andon.agents.watch import watch
from andon.agents.wide_disruptions import decide_urgent, update_shipments
from andon.schemas.common import decode, encode, utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.impacts import Impact
from andon.schemas.items import Item, Source
from andon.schemas.shipments import LineUpdate, ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement
from andon.streams.producer import partition_of

DAY = 86400.0
NOW = 20_000 * DAY


class Port:
    """A partition with items bought through a lane, that may close."""

    def __init__(self):
        self.bench = Bench()
        self.offsets = {}

    @property
    def here(self):
        return self.bench.shard.get("partitions", "here")

    def feed(self, family, agent, event, key=b"S/A", headers=()):
        topic = f"andon.{family}.v1"
        offset = self.offsets[topic] = self.offsets.get(topic, -1) + 1
        record = self.bench.record(
            topic, encode(event), key, timestamp=NOW, headers=headers, offset=offset
        )
        self.bench.apply(agent(self.bench.context), record)

    def item(self, sku, stock, **fields):
        fields.setdefault("sources", (Source(supplier="X", lead_time_days=3, lane="L1"),))
        item = Item(
            location="S",
            sku=sku,
            updated_at=utc(NOW),
            unit_price=4.0,
            expected_daily_demand=10.0,
            **fields,
        )
        self.feed("items", item_agent, item, f"S/{sku}".encode())
        count = StockMovement(
            event_id=f"c{sku}",
            occurred_at=utc(NOW),
            location="S",
            sku=sku,
            kind="count",
            quantity=stock,
        )
        self.feed("stock", stock_agent, count, f"S/{sku}".encode())

    def ship(self, name, **fields):
        event = ShipmentEvent(
            event_id=f"{name}-ordered",
            occurred_at=utc(NOW),
            shipment_id=name,
            status="ordered",
            supplier="X",
            lane="L1",
            **{
                "promised_at": utc(NOW + 3 * DAY),
                "lines": (ShipmentLine(location="S", sku="A", quantity=10),),
                **fields,
            },
        )
        self.feed("shipments", shipment_agent, event, name.encode())

    def deliver(self, said):
        """Bring the news of lines among these messages to their books, and return how many there were."""
        lines = [one for one in said if one.family == "lines"]
        for one in lines:
            self.feed("lines", line_agent, decode(one.body, LineUpdate), one.key.encode())
        return len(lines)

    def close(self, name="PORT", at=NOW, *, scope=("lane", "L1"), works=True, **fields):
        event = DelayEvent(
            event_id=f"{name}-{at}-{fields.get('status')}",
            occurred_at=utc(at),
            delay_id=name,
            scope=Scope(type=scope[0], id=scope[1]),
            **fields,
        )
        self.feed("delays", delay_agent, event, headers=((BROADCAST, b"1"),))
        if works:
            self.work_off()

    def work_off(self):
        """Do at once what a wide disruption brings, which a worker does in slices."""
        for work in (decide_urgent, update_shipments):
            for _ in work(self.bench.shard, self.bench.context):
                self.note()

    def look(self):
        """Let time do its work."""
        watch(self.bench.shard, self.bench.context)

    def watch(self):
        """Let time do its work, and what a disruption brings."""
        self.look()
        self.work_off()

    def note(self):
        """Take note of the alerts that are open, as speaking does."""
        shard = self.bench.shard
        for table, records in shard.tables.items():
            for key, record in records.items():
                shard.note_alerts(table, key, open_alerts(record))

    def hear(self):
        """Take note of alerts as speaking does, and return and forget what waits to be said."""
        self.note()
        said = []
        for records in self.bench.shard.tables.values():
            for record in records.values():
                said += record.outbox
                record.outbox.clear()
        return said

    def impacts(self):
        return [decode(one.body, Impact) for one in self.hear() if one.family == "impacts"]


def skus_here(count):
    home = partition_of(b"S/A", PARTITIONS)
    found = (f"K{n}" for n in range(10_000) if partition_of(f"S/K{n}".encode(), PARTITIONS) == home)
    return [next(found) for _ in range(count)]


def names_here(count):
    home = partition_of(b"S/A", PARTITIONS)
    found = (
        f"PO-{n}" for n in range(10_000) if partition_of(f"PO-{n}".encode(), PARTITIONS) == home
    )
    return [next(found) for _ in range(count)]
