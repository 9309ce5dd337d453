"""Each family driven to the end of what it may say: no record of state outgrows a broker, and nothing raises.

The largest records there are come from the longest names, in bytes, and as many of everything as is taken.
"""

import asyncio
from collections import Counter

import msgspec
import pytest
from support.batches import Bench

from andon.agents.acks import ack_agent
from andon.agents.delays import delay_agent
from andon.agents.impacts import impact_agent
from andon.agents.items import item_agent
from andon.agents.lines import line_agent
from andon.agents.sales import sale_agent
from andon.agents.shipments import shipment_agent
from andon.agents.stock import stock_agent
from andon.agents.tables import BOOKS, INCIDENTS, PARTITION_STATE, PARTITIONS, SHIPMENTS
from andon.agents.watch import watch
from andon.agents.wide_disruptions import decide_urgent, update_shipments
from andon.planning.book.position import MOST_OPEN_LINES
from andon.planning.supply.shipment import MOST_DELAYS, MOST_LINES
from andon.schemas.acks import Ack
from andon.schemas.alerts import Affected
from andon.schemas.common import encode, utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.impacts import Impact
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import HeldBy, LineUpdate, ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement
from andon.streams.engine import Engine
from andon.streams.producer import partition_of

DAY = 86400.0
NOW = 20_000 * DAY
#: What a broker takes of a record with its overhead, by default.
MOST_BYTES = 1_000_000
WIDE = "\N{GRINNING FACE}"


def wide(text, characters=128):
    """Return a name of so many characters, as long in bytes as they come."""
    return text + WIDE * (characters - len(text))


def here(text, bench):
    """Return a name whose home is the bench's partition."""
    names = (wide(f"{text}{number}x") for number in range(1000))
    return next(name for name in names if partition_of(name.encode(), 4) == bench.partition)


def largest(bench):
    """Return the size of the largest record of each table, with what it has yet to say."""
    sizes = Counter()
    for table, records in bench.shard.tables.items():
        for key in list(records):
            sizes[table] = max(sizes[table], len(msgspec.msgpack.encode(records[key])))
    return sizes


def fits(bench):
    sizes = largest(bench)
    assert max(sizes.values()) < MOST_BYTES, sizes


def planned(bench, **fields):
    sources = tuple(
        Source(supplier=wide(f"{n}s"), lead_time_days=9, lane=wide("l"), carrier=wide("c"), mode=wide("m"))
        for n in range(32)
    )  # fmt: skip
    item = Item(
        location="S", sku="A", updated_at=utc(NOW), sources=sources, description=wide("d", 2000),
        expected_daily_demand=10.0, **fields
    )  # fmt: skip
    bench.apply(
        item_agent(bench.context), bench.record("andon.items.v1", encode(item), timestamp=NOW)
    )
    count = StockMovement(
        event_id="c", occurred_at=utc(NOW), location="S", sku="A", kind="count", quantity=5
    )
    bench.apply(
        stock_agent(bench.context), bench.record("andon.stock.v1", encode(count), timestamp=NOW)
    )


def line(number, version=1, *, held=False):
    more = {}
    if held:
        more = {
            "cause": wide(f"{number}D"),
            "reason": WIDE * 200,
            "parent_id": f"disruption:{wide(f'{number}D')}:1",
            "base_at": utc(NOW + 5 * DAY),
            "held_by": HeldBy(
                scope=Scope(type="carrier", id=wide("c")), reported_at=utc(NOW), since=utc(NOW)
            ),
        }
    return LineUpdate(
        shipment_id=wide(f"{number}P"), version=version, location="S", sku="A", occurred_at=utc(NOW), status="ordered",
        quantity=10, received=0, expected_at=utc(NOW + 9 * DAY), promised_at=utc(NOW + 5 * DAY), supplier=wide("s"),
        carrier=wide("c"), lane=wide("l"), mode=wide("m"), alert_id=wide(f"{number}A", 1024), **more
    )  # fmt: skip


def test_an_items_open_orders_fit_however_long_their_names_and_whatever_holds_them_up():
    bench = Bench()
    planned(bench)
    agent = line_agent(bench.context)
    for held in (False, True):
        news = [
            bench.record("andon.lines.v1", encode(line(number, 1 + held, held=held)), timestamp=NOW)
            for number in range(450)
        ]
        bench.apply(agent, *news)
        fits(bench)
    assert {reason for _, reason in bench.dead_letters()} == {"too_many"}
    book = bench.shard.tables[BOOKS]["S/A"]
    assert book.on_order == 10 * len(book.lines) > 0


def test_many_orders_with_names_as_people_have_them_are_all_taken():
    bench = Bench()
    planned(bench)
    news = [
        msgspec.structs.replace(
            line(number, held=True), shipment_id=f"PO-{number}", supplier="ACME", carrier="NORD", lane="SUEZ",
            mode="sea", alert_id=f"replenish:S/A:{number}", cause=f"D-{number}", reason="strike at the port",
            parent_id=f"disruption:D-{number}:1"
        )
        for number in range(400)
    ]  # fmt: skip
    records = [bench.record("andon.lines.v1", encode(one), timestamp=NOW) for one in news]
    bench.apply(line_agent(bench.context), *records)
    assert bench.dead_letters() == []
    fits(bench)


def test_orders_that_were_told_and_not_seen_are_bounded():
    bench = Bench()
    planned(bench)
    acks = [
        Ack(
            event_id=f"a{number}", occurred_at=utc(NOW), alert_id=f"replenish:S/A:{number + 10**900}", action="ordered",
            quantity=5, shipment_id=wide(f"{number}P")
        )
        for number in range(MOST_OPEN_LINES)
    ]  # fmt: skip
    records = [bench.record("andon.acks.v1", encode(one), timestamp=NOW) for one in acks]
    bench.apply(ack_agent(bench.context), *records)
    refused = bench.dead_letters()
    assert {reason for _, reason in refused} == {"too_many"}
    assert bench.shard.tables[BOOKS]["S/A"].reserved == 5 * (MOST_OPEN_LINES - len(refused)) > 100
    fits(bench)


@pytest.mark.parametrize("long", [False, True])
def test_a_shipment_fits_with_its_delays_and_what_it_has_to_say_of_each_line(long):
    bench = Bench()
    name = here("P", bench) if long else next(
        f"PO-{n}" for n in range(99) if partition_of(f"PO-{n}".encode(), 4) == bench.partition
    )  # fmt: skip
    lines = tuple(
        ShipmentLine(location="S", sku=f"{n}", quantity=1)
        for n in range(MOST_LINES if not long else 100)
    )
    way = wide("w") if long else "ACME"
    shipped = ShipmentEvent(
        event_id="o", occurred_at=utc(NOW), shipment_id=name, status="ordered", lines=lines, supplier=way, carrier=way,
        lane=way, mode=way, promised_at=utc(NOW + 9 * DAY)
    )  # fmt: skip
    bench.apply(
        shipment_agent(bench.context),
        bench.record("andon.shipments.v1", encode(shipped), timestamp=NOW),
    )
    assert bench.dead_letters() == []
    fits(bench)
    for number in range(MOST_DELAYS + 5):
        report = DelayEvent(
            event_id=f"d{number}", occurred_at=utc(NOW + number), delay_id=wide(f"{number}D"),
            scope=Scope(type="shipment", id=name), delay_hours=24.0 + 24 * number, reason=WIDE * 2000
        )  # fmt: skip
        mark = (("andon-broadcast", b"1"), ("andon-origin", f"0:{number}".encode()))
        record = bench.record("andon.delays.v1", encode(report), timestamp=NOW, headers=mark)
        bench.apply(delay_agent(bench.context), record)
        fits(bench)
    assert len(bench.shard.tables[SHIPMENTS][name].delays) <= MOST_DELAYS
    assert {reason for _, reason in bench.dead_letters()} == {"too_many"}


def test_a_backlog_of_news_of_one_shipment_is_said_before_more_is_applied():
    """A thousand lines, told of anew by each event: the second may only be applied when the first is said."""
    bench = Bench()
    name = next(
        f"PO-{n}" for n in range(99) if partition_of(f"PO-{n}".encode(), 4) == bench.partition
    )
    lines = tuple(ShipmentLine(location="S", sku=f"{n}", quantity=1) for n in range(MOST_LINES))
    agent, sizes = shipment_agent(bench.context), []
    say = bench._say
    bench._say = lambda: (sizes.append(largest(bench)[SHIPMENTS]), say())
    news = [
        ShipmentEvent(
            event_id=f"e{number}", occurred_at=utc(NOW + number), shipment_id=name, status="ordered", lines=lines,
            expected_at=utc(NOW + number * DAY)
        )
        for number in range(12)
    ]  # fmt: skip
    bench.apply(
        agent, *[bench.record("andon.shipments.v1", encode(one), timestamp=NOW) for one in news]
    )
    assert max(sizes) < MOST_BYTES
    assert len(sizes) == len(news) - 1
    assert bench.outcomes() == {"applied": len(news)}


def test_a_partition_fits_with_all_disruptions_it_takes_and_what_it_says_of_them():
    bench = Bench()
    planned(bench)
    agent, state = delay_agent(bench.context), bench.shard.get(PARTITIONS, PARTITION_STATE)
    for number in range(2500):
        report = DelayEvent(
            event_id=f"d{number}", occurred_at=utc(NOW), delay_id=wide(f"{number % 1200}D"),
            scope=Scope(type="carrier", id=wide("c")), delay_hours=24.0 + number, reason=WIDE * 2000
        )  # fmt: skip
        mark = (("andon-broadcast", b"1"), ("andon-origin", f"0:{number}".encode()))
        record = bench.record("andon.delays.v1", encode(report), timestamp=NOW, headers=mark)
        bench.apply(agent, record)
    fits(bench)
    assert {reason for _, reason in bench.dead_letters()} == {"too_many"}
    assert len(state.disruptions) > 50
    for work in (decide_urgent, update_shipments):
        for _ in work(bench.shard, bench.context):
            fits(bench)
            bench._say()
    watch(bench.shard, bench.context)
    fits(bench)


def test_an_incident_hears_as_many_partitions_as_its_record_holds():
    bench = Bench()
    agent = impact_agent(bench.context)
    affected = tuple(
        Affected(location=wide("L", 64), sku=wide(f"{n}"), stockout_p50=utc(NOW + n), value_at_risk=9.0, currency="EUR")
        for n in range(10)
    )  # fmt: skip
    impacts = [
        Impact(
            delay_id=wide("D"), partition=number, occurred_at=utc(NOW), since=utc(NOW), reported_at=utc(NOW),
            scope=Scope(type="lane", id=wide("l")), reason=WIDE * 200, shipments=1, at_risk=10, affected=affected
        )
        for number in range(1500)
    ]  # fmt: skip
    for one in impacts:
        bench.apply(agent, bench.record("andon.impacts.v1", encode(one), timestamp=NOW))
        bench._say()
    fits(bench)
    assert len(bench.shard.tables[INCIDENTS][wide("D")].parts) > 100
    assert {reason for _, reason in bench.dead_letters()} == {"too_many"}


def test_a_book_that_speaks_at_every_event_is_heard_before_more_is_applied():
    bench = Bench()
    planned(bench)
    changes = [
        Item(
            location="S", sku="A", updated_at=utc(NOW + number), description="\x01" * 2000,
            sources=(Source(supplier="X", lead_time_days=1 + 300 * (number % 2)),), expected_daily_demand=10.0
        )
        for number in range(200)
    ]  # fmt: skip
    bench.apply(
        item_agent(bench.context),
        *[bench.record("andon.items.v1", encode(one), timestamp=NOW) for one in changes[:30]],
    )
    sales = [
        Sale(event_id=f"s{number}", occurred_at=utc(NOW + number), location="S", sku="A", quantity=10**9,
             kind="sale" if number % 2 else "return", promotion=WIDE * 2000)
        for number in range(100)
    ]  # fmt: skip
    bench.apply(
        sale_agent(bench.context),
        *[bench.record("andon.pos.v1", encode(one), timestamp=NOW) for one in sales],
    )
    assert bench.outcomes()["applied"] >= 100


class _Slow:
    """A producer of which it is known what it was given; and a changelog that notes what it was given to write."""

    def __init__(self):
        self.sizes, self.published = [], []

    async def publish(self, messages):
        self.published += list(messages)
        await asyncio.sleep(0)

    async def write(self, shard, keys, applied=None):
        for table, key in keys:
            record = shard.tables[table].get(key)
            if record is not None:
                self.sizes.append(len(msgspec.msgpack.encode(record)))
        return len(keys)


def test_the_engine_publishes_what_crowds_a_record_and_then_goes_on_with_the_same_batch():
    bench = Bench()
    name = next(
        f"PO-{n}" for n in range(99) if partition_of(f"PO-{n}".encode(), 4) == bench.partition
    )
    lines = tuple(ShipmentLine(location="S", sku=f"{n}", quantity=1) for n in range(MOST_LINES))
    kept = _Slow()
    engine = Engine(
        _Owned(bench.shard), kept, kept, bench.context.metrics, deadletter_topic="d", compose=lambda one: one,
        survey=lambda _: (), fence=lambda *_: None, max_dirty_keys=10**9, max_live_records=10**9,
    )  # fmt: skip
    engine.generation = 1
    news = [
        ShipmentEvent(
            event_id=f"e{number}", occurred_at=utc(NOW + number), shipment_id=name, status="ordered", lines=lines,
            expected_at=utc(NOW + number * DAY)
        )
        for number in range(6)
    ]  # fmt: skip
    records = [bench.record("andon.shipments.v1", encode(one), timestamp=NOW) for one in news]
    asyncio.run(engine.handle(bench.batch(records), shipment_agent(bench.context)))
    assert max(kept.sizes) < MOST_BYTES
    assert len([one for one in kept.published if one.family == "lines"]) == 6 * MOST_LINES
    assert bench.shard.settled == {"andon.shipments.v1": records[-1].offset + 1}


class _Owned:
    """The shards of a worker that owns one partition."""

    def __init__(self, shard):
        self.shard = shard

    def get(self, partition):
        return self.shard if partition == self.shard.partition else None
