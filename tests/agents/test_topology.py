"""The topology is true: a network is played through all of its rows, and each did what its row says, no less and no more."""

import asyncio

import msgspec
import pytest
from support.machine import PARTITIONS, Machine

from andon.agents.rows import Agent, Kept
from andon.agents.tables import TABLES
from andon.agents.topology import AGENTS, DEADLETTERS, FORECASTER, KEPT, TIMERS, VIEWS
from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert
from andon.schemas.boms import Alternate, Bom, Component
from andon.schemas.common import decode, utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.families import FAMILIES
from andon.schemas.items import Item, Source
from andon.schemas.kanban import CardEvent, Loop
from andon.schemas.locations import Place
from andon.schemas.needs import Need
from andon.schemas.orders import OrderEvent, OrderLine
from andon.schemas.pos import Sale
from andon.schemas.production import Coverage, ProductionEvent
from andon.schemas.shipments import Delivery, LineUpdate, ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement
from andon.schemas.suppliers import Supplier
from andon.simulation.network import Network
from andon.streams.topics import TOPICS

START = 1_700_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR
DAYS = 100
LANES = ("ROTTERDAM", "HAMBURG", "GENOA", "GDANSK", "SUEZ")
ROWS = (*AGENTS, *TIMERS)


def name_of(row):
    return row.reads if isinstance(row, Agent) else row.name


every_row = pytest.mark.parametrize("row", ROWS, ids=name_of)
every_agent = pytest.mark.parametrize("row", AGENTS, ids=name_of)
every_kept = pytest.mark.parametrize("row", KEPT, ids=lambda row: row.table)


async def play():
    """Play some months of a small network, in which a buyer answers, through a machine."""
    machine, network = Machine(), Network(5, START, locations=2, items=16)
    machine.now = network.start
    items = {key: article.item for key, article in network.articles.items()}
    for key in list(items)[::3]:
        items[key] = msgspec.structs.replace(items[key], stage="shadow")
    # One takes the place of another, whose book tells it of whatever becomes of what is left.
    new, old = [key for key in items if key.startswith("store-1/")][-2:]
    items[new] = msgspec.structs.replace(items[new], replaces=items[old].sku)
    for key, item in items.items():
        items[key] = fed(item, items) if item.location == "store-2" else item
    for family, record in network.opening():
        is_item = family == "items"
        machine.hear(family, items[f"{record.location}/{record.sku}"] if is_item else record)
    for name in ("store-1", "store-2"):
        machine.hear("locations", Place(location=name, updated_at=utc(network.start)))
    terms = Supplier(supplier="ACME", updated_at=utc(network.start), order_cutoff="12:00")
    machine.hear("suppliers", terms)
    for family, record in flooded(network.start):
        machine.hear(family, record)
    machine.hear("boms", lamp(items, network.start))
    for line in ("BENCH", "BENCH-2"):
        machine.hear("production", lamps("released", network.start, line, 5000))
    await machine.settle()
    for step in range(DAYS * 4):
        day, part = divmod(step, 4)
        # Who comes first after a day is over closes it: whoever says nothing new, an agent of sales, or a timer.
        if day % 3 == 0:
            for number, (key, item) in enumerate(items.items()):
                family, record = reminder(network, key, item, step + number)
                machine.hear(family, record, **key_of(family, step + number))
            await machine.settle()
        events = network.advance(network.now + DAY / 4) + script(day, part, network.now)
        events += needs(items, step, network.now)
        events += making(step, network.now)
        events += bought(items, step, network.now)
        events += drained(step, network.now)
        events += turning(step, network.now)
        if day % 3 == 1 and part:
            known = [key for key in put_off(machine) if key in items]
            events += [brought_back(items[key], network.now) for key in known]
        if step % 40 == 21:
            wipe_board(machine)
        if step % 40 == 9:
            events.append(("stock", transfer(network, next(iter(items.values())))))
        machine.now = network.now
        for value in machine.heard:
            events += answers(network, decode(value, Alert))
        machine.heard.clear()
        for number, (family, record) in enumerate(events):
            machine.hear(family, record, **key_of(family, step + number))
        await machine.settle()
        if day % 3 == 1 or day % 6 == 5:
            await machine.look()
    for family in (*(row.reads for row in AGENTS), FORECASTER.reads):
        machine.send(family, b"?", b"{")
    await machine.settle()
    return machine


def needs(items, step, now):
    """Return what a stall at the market needs of some items, which is more than there is, and more or less of it each time."""
    return [
        (
            "needs",
            Need(
                warehouse=item.location,
                sku=item.sku,
                location="market",
                version=step + 1,
                updated_at=utc(now),
                target=400,
                mean=100.0 + 40 * (step % 3),
                variance=200.0,
                horizon_days=5.0,
                lead_time_days=1.0,
                shortage_cost=1.0,
            ),
        )
        for number, item in enumerate(items.values())
        if number % 5 == step % 5 and item.stage != "shadow"
    ]


def flooded(at):
    """Return an item that nobody orders, whatever is said: of one supplier or the other, as the lane of the first is open or closed."""
    sources = (
        Source(supplier="FLOODED", lead_time_days=2.0, lane="ROTTERDAM"),
        Source(supplier="DRY", lead_time_days=2.5, priority=2),
    )
    place = {"location": "store-1", "sku": "FLOODED"}
    item = Item(**place, updated_at=utc(at), sources=sources, expected_daily_demand=5.0)
    count = StockMovement(
        event_id="flooded", occurred_at=utc(at), **place, kind="count", quantity=0
    )
    return [("items", item), ("stock", count)]


def bought(items, step, now):
    """Return that somebody orders what nobody is asked to order yet, or calls that off: only its lines say so."""
    status = {50: "ordered", 51: "cancelled"}.get(step % 80)
    return [
        (
            "shipments",
            ShipmentEvent(
                event_id=f"bought-{item.location}-{item.sku}-{now}",
                occurred_at=utc(now),
                shipment_id=f"BOUGHT-{item.location}-{item.sku}-{step // 80}",
                status=status,
                expected_at=utc(now + 30 * DAY),
                lines=(ShipmentLine(location=item.location, sku=item.sku, quantity=400),),
            ),
        )
        for item in [one for one in items.values() if one.stage == "shadow"][:3]
        if status is not None
    ]


def drained(step, now):
    """Return an item of the second store that sells too little to be looked at, and is urgent once a lane is closed."""
    place = {"location": "store-2", "sku": "DRAINED"}
    day, part = divmod(step, 4)
    named = {"event_id": f"drained-{now}", "occurred_at": utc(now)}
    if (day, part) == (9, 3):
        sources = (
            Source(from_location="store-1", lead_time_days=1.0),
            Source(supplier="FLOODED", lead_time_days=2.0, lane="ROTTERDAM", priority=2),
        )
        item = Item(**place, updated_at=utc(now), sources=sources, expected_daily_demand=5.0)
        count = StockMovement(**place, **named, kind="count", quantity=40)
        return [("items", item), ("stock", count)]
    return [("pos", Sale(**place, **named, quantity=3))] if day == 10 else []


def lamp(items, at):
    """Return of what lamps are made in the first store: of glass, in whose place anything else may stand."""
    others = tuple(Alternate(sku=item.sku) for item in items.values() if item.location == "store-1")
    glass = Component(sku="GLASS", alternates=others[:16])
    return Bom(location="store-1", sku="LAMP", updated_at=utc(at), components=(glass,))


def lamps(status, at, line, quantity):
    """Return what becomes of an order of lamps, or of shelves beside them, of which there is no end."""
    return ProductionEvent(
        event_id=f"lamps-{status}-{at}",
        occurred_at=utc(at),
        order_id=f"LAMPS-{line}",
        location="store-1",
        line=line,
        sku="LAMP" if line == "BENCH" else "SHELF",
        status=status,
        quantity=quantity,
        minutes_each=60.0 if status == "released" else None,
    )


def making(step, now):
    """Return that lamps and shelves are made, and how long the paint of these lasts: it runs out, and comes, again and again."""
    events = [("production", lamps("made", now, line, 1)) for line in ("BENCH", "BENCH-2")]
    if step in (10, 12):
        # An order that is to be made on one line, and then on the other: the first is told that it has left.
        line = "BENCH-3" if step == 10 else "BENCH-4"
        moved = lamps("released", now, line, 20)
        moved = msgspec.structs.replace(moved, order_id="MOVED", sku="LAMP")
        events.append(("production", moved))
    if step % 6 == 0:
        told = Coverage(
            location="store-1",
            line="BENCH-2",
            part="PAINT",
            version=step + 1,
            updated_at=utc(now),
            makes=("SHELF",),
            stops_at=utc(now + DAY) if step % 60 < 40 else None,
            order_id="LAMPS-BENCH-2",
            on_hand=step,
            short=5,
        )
        events.append(("coverages", told))
    return events


def turning(step, now):
    """Return what becomes of the cards of a loop: hung up and filled for three days, then nothing for a week; and the loop is changed."""
    where, turn = {"location": "store-1", "sku": "BOXES"}, step % 40
    events = []
    if turn in (0, 4, 8):
        cards, batch = (2, 2) if turn == 4 else (9, 1) if turn == 8 else (4, 1)
        fields = {"container": 10, "cards": cards, "batch": batch, "updated_at": utc(now)}
        events.append(("loops", Loop(**where, **fields)))
    for number in range(3 if turn < 12 else 0):
        fields = {"card": f"box-{number}", "status": "pulled" if step % 2 else "filled"}
        name = f"box-{number}-{now}"
        events.append(("cards", CardEvent(event_id=name, occurred_at=utc(now), **where, **fields)))
    return events


def fed(item, items):
    """Return an item of the second store that comes from the first, as far as that has it; by its suppliers if that is a lot to ask."""
    if f"store-1/{item.sku}" not in items or item.stage == "shadow":
        return item
    own = Source(from_location="store-1", lead_time_days=1.0)
    return msgspec.structs.replace(item, sources=(own, *item.sources))


def key_of(family, number):
    """Return the key for some events of those that come from somebody who does not know how to key them."""
    if family in ("loops", "coverages"):  # there are too few of them to leave it to their number
        return {"key": b"?"}
    return {} if number % 37 or family == "deliveries" else {"key": b"?"}


def reminder(network, key, item, number):
    """Return an event that says nothing new."""
    at = utc(network.now)
    name = f"reminder-{key}-{network.now}"
    place = {"location": item.location, "sku": item.sku}
    if number % 5 == 4 and number % 4 != 3:
        raw = Component(sku=f"RAW-{item.sku}")
        fields = {"location": item.location, "sku": item.sku, "components": (raw,)}
        return "boms", Bom(updated_at=at, **fields)
    if number % 4 == 0:
        return "items", msgspec.structs.replace(item, updated_at=at)
    if number % 4 == 1:
        count = network.shelves[key].stock
        fields = {"event_id": name, "occurred_at": at, "kind": "count", "quantity": count}
        return "stock", StockMovement(**place, **fields)
    if number % 4 == 2:
        alert = f"replenish:{key}:1"
        return "acks", Ack(event_id=name, occurred_at=at, alert_id=alert, action="acknowledged")
    fields = {"version": 1, "occurred_at": at, "expected_at": at, "status": "cancelled"}
    return "lines", LineUpdate(shipment_id=name, quantity=1, received=0, **place, **fields)


def put_off(machine):
    """Return the items with an alert that will speak again."""
    places = [place for shard in machine.engine.shards for place in shard.appointments]
    return sorted(key for table, key in places if table == "books")


def wipe_board(machine):
    """Take everything off the board, and put on what nobody has said."""
    for shown in [*machine.context.board._shown.values()]:
        for name in shown:
            machine.send("board", name.encode(), None)
    nobodys = f"replenish:store-1/NOTHING:{int(machine.now)}".encode()
    machine.send("board", nobodys, b'{"alert":{"revision":1}}')


def brought_back(item, now):
    """Return a return that nobody decides on at once."""
    place = {"location": item.location, "sku": item.sku}
    name = f"back-{item.location}-{item.sku}-{now}"
    fields = {"event_id": name, "occurred_at": utc(now), "quantity": 100, "kind": "return"}
    return "pos", Sale(**place, **fields)


def transfer(network, item):
    """Return that a unit of an item leaves for the other store."""
    return StockMovement(
        event_id=f"transfer-{network.now}",
        occurred_at=utc(network.now),
        location=item.location,
        sku=item.sku,
        kind="transfer",
        quantity=-1,
        to_location="store-2" if item.location == "store-1" else "store-1",
    )


def script(day, part, now):
    """Return what happens besides: lanes close and open, and a supplier becomes unreliable."""
    events = []
    if day % 4 == 1 and part == 1:
        events.append(closed(LANES[day % len(LANES)], f"storm-{day}", now))
    if day == 10:
        # Open again five hours after its end: an alert that flaps ends only once it has been calm for long.
        status = "active" if part % 2 == 0 else "ended"
        events.append(closed("ROTTERDAM", "strike", now - (part == 2) * HOUR, status=status))
    orders = []
    if day == 20 and part == 0:
        line = OrderLine(location="store-1", sku="ADVISED", quantity=5)
        fields = {"order_id": "ADVISED", "status": "approved", "lines": (line,)}
        orders.append(OrderEvent(event_id="advised", occurred_at=utc(now), **fields))
    if day in (20, 21) and part == 1:
        events.append(advised(day == 21, now))
    if day == 22 and part == 1:
        fields = {"shipment_id": "ADVICE", "status": "received"}
        events.append(ShipmentEvent(event_id="advice-came", occurred_at=utc(now), **fields))
    if day == 23 and part == 1:
        fields = {"shipment_id": "ADVISED", "status": "received"}
        events.append(ShipmentEvent(event_id="advised-came", occurred_at=utc(now), **fields))
    if day == 24 and part == 1:
        # Of an order that is done: its lines are told once more, as the books may have forgotten them.
        events.append(msgspec.structs.replace(advised(True, now), shipment_id="ADVICE-2"))
    if part == 0 and day in (26, 28):
        line = OrderLine(location="store-1", sku="ADVISED", quantity=5)
        fields = {"order_id": "LATE", "status": "approved" if day == 26 else "cancelled"}
        fields |= {"lines": (line,)} if day == 26 else {}
        orders.append(OrderEvent(event_id=f"late-{day}", occurred_at=utc(now), **fields))
    if day == 26 and part == 1:
        # Its cancellation ends what is said of its being late.
        events.append(msgspec.structs.replace(advised(False, now), shipment_id="LATE"))
    late = 0 if day < 40 else 6
    delivery = Delivery(
        type="supplier",
        name="SLIPPING",
        shipment_id=f"SLIPPING-{day}-{part}",
        ordered_at=utc(now - 9 * DAY),
        promised_at=utc(now - late * DAY),
        received_at=utc(now),
    )
    deliveries = [("deliveries", delivery)] if day <= 50 else []
    return [
        *(("delays" if isinstance(event, DelayEvent) else "shipments", event) for event in events),
        *deliveries,
        *(("orders.events", order) for order in orders),
    ]


def advised(is_advice, now):
    """Return that an order is late, and then that its goods come under the number of a dispatch advice."""
    line = ShipmentLine(location="store-1", sku="ADVISED", quantity=5)
    return ShipmentEvent(
        event_id=f"advised-{now}",
        occurred_at=utc(now),
        shipment_id="ADVICE" if is_advice else "ADVISED",
        status="dispatched" if is_advice else "ordered",
        order_id="ADVISED" if is_advice else None,
        promised_at=utc(now + DAY),
        expected_at=utc(now + (1 if is_advice else 9) * DAY),
        lines=(line,),
    )


def closed(lane, name, at, **fields):
    """Return a report that a lane is closed for two days, after which nobody says that it is over."""
    return DelayEvent(
        event_id=f"{name}-{at}",
        occurred_at=utc(at),
        delay_id=name,
        scope=Scope(type="lane", id=lane),
        ends_at=utc(at + 2 * DAY),
        **fields,
    )


def answers(network, alert):
    """Do what the simulated buyer does, who puts off orders in one store, and take note of what he has no answer to."""
    if alert.sku == "FLOODED":
        return []
    if alert.kind == "replenish" and alert.location == "store-2" and alert.revision < 3:
        return snoozed(network, alert) if alert.status == "opened" else []
    done = network.hear(alert, network.now)
    is_late = alert.kind == "late_shipment" and alert.status == "opened"
    if is_late and alert.shipment_id != "ADVISED" and alert.shipment_id[-1] in "02468":
        off = OrderEvent(
            event_id=f"off-{alert.alert_id}",
            occurred_at=utc(network.now),
            order_id=alert.shipment_id,
            status="cancelled",
        )
        return [*done, ("orders.events", off)]
    if not done and alert.status == "opened":
        if len(alert.alert_id) % 2:
            return snoozed(network, alert)
        ack = Ack(
            event_id=f"noted-{alert.alert_id}",
            occurred_at=utc(network.now),
            alert_id=alert.alert_id,
            action="acknowledged",
        )
        done = [("acks", ack)]
    return done


def snoozed(network, alert):
    """Let an alert speak again after some hours; a supplier's when no delivery speaks of it any more."""
    hours = 12 * 24 if alert.kind == "supplier_slipping" else 8
    ack = Ack(
        event_id=f"snoozed-{alert.alert_id}",
        occurred_at=utc(network.now),
        alert_id=alert.alert_id,
        action="snoozed",
        snooze_until=utc(network.now + hours * HOUR),
    )
    return [("acks", ack)]


@pytest.fixture(scope="module")
def machine():
    return asyncio.run(play())


def lies(row, deeds):
    """Return what a row says of writing and publishing that is not so, a phrase each."""
    found = []
    for what, claimed, done in (
        ("writes", row.writes, deeds.wrote),
        ("publishes", row.publishes, deeds.published),
    ):
        found += [f"{what} {one}, and does not say so" for one in sorted(done - claimed)]
        found += [f"says that it {what} {one}, and does not" for one in sorted(claimed - done)]
    if isinstance(row, Agent) and deeds.put_back != ({row.reads} if row.puts_back else set()):
        found.append(f"puts back on {sorted(deeds.put_back)}")
    return found


@every_row
def test_a_row_does_what_it_says_no_less_and_no_more(machine, row):
    assert lies(row, machine.deeds[name_of(row)]) == []


@every_row
@pytest.mark.parametrize("field", ["writes", "publishes"])
def test_a_row_that_lies_is_found_out(machine, row, field):
    said = getattr(row, field)
    deeds = machine.deeds[name_of(row)]
    assert lies(row._replace(**{field: said | {"something else"}}), deeds)
    for one in said:
        assert lies(row._replace(**{field: said - {one}}), deeds)


@every_agent
def test_an_agent_sends_what_it_cannot_read_to_the_dead_letters(machine, row):
    assert machine.deeds[row.reads].rejected
    assert lies(row._replace(puts_back=not row.puts_back), machine.deeds[row.reads])


def test_the_forecaster_does_what_it_says_and_keeps_nothing(machine):
    deeds = machine.deeds[FORECASTER.name]
    assert deeds.published | ({DEADLETTERS} if deeds.rejected else set()) == FORECASTER.publishes
    assert deeds.wrote == set()


@every_kept
def test_the_records_of_a_table_publish_what_it_says(machine, row):
    assert machine.spoken[row.table] == row.publishes


def test_what_is_changed_is_marked_as_changed(machine):
    assert machine.unmarked == set()


def test_under_each_key_of_what_others_read_one_record_publishes(machine):
    for (family, key), writers in machine.writers.items():
        if FAMILIES[family].direction == "out":
            assert len(writers) == 1, (family, key, writers)


def test_a_partition_speaks_for_itself_alone(machine):
    for (family, key), writers in machine.writers.items():
        if family == "impacts":
            assert len({partition for partition, _, _ in writers}) == len(writers), key
    assert {where for writers in machine.writers.values() for where, _, _ in writers} == set(
        range(PARTITIONS)
    )


# What the rows say of each other


def test_every_table_has_a_row_and_a_writer():
    assert {spec.name for spec in TABLES} == {row.table for row in KEPT}
    assert {spec.name for spec in TABLES} == {table for row in ROWS for table in row.writes}


@every_row
def test_a_row_publishes_through_the_tables_that_it_writes(row):
    spoken = {family for kept in KEPT if kept.table in row.writes for family in kept.publishes}
    assert row.publishes <= spoken


@every_agent
def test_an_agent_writes_the_table_that_it_is_there_for(row):
    assert row.home in row.writes


def test_every_family_that_comes_in_has_one_reader():
    readers = [row.reads for row in AGENTS] + [FORECASTER.reads]
    assert len(readers) == len(set(readers))
    assert set(readers) == {
        family.name for family in FAMILIES.values() if family.direction in ("in", "internal")
    }


def test_every_family_that_goes_out_or_round_is_published_and_no_other_is():
    published = {family for row in (*ROWS, FORECASTER) for family in row.publishes}
    expected = {family.name for family in FAMILIES.values() if family.direction != "in"}
    # An order answers alerts as people do.
    assert published | {DEADLETTERS} == expected | {"acks"}


def test_every_family_but_five_comes_from_the_records_of_one_table():
    tables = {}
    for row in KEPT:
        for family in row.publishes:
            tables.setdefault(family, set()).add(row.table)
    # Many kinds of records can be disrupted and have alerts, goods come by shipments and by transfers, and what a delivery
    # took is told by the shipment, and by the items that had planned it. Containers are replenished, too.
    shared = {family for family, found in tables.items() if len(found) > 1}
    assert shared == {"disruptions", "lines", "board", "deliveries", "replenishment"}


def test_a_view_reads_a_compacted_topic_whose_writer_is_known():
    compact = {spec.family for spec in TOPICS if spec.compact}
    for view in VIEWS:
        assert view.reads in compact
        assert any(view.reads in row.publishes for row in ROWS)


def test_a_row_is_worded_for_people():
    rows = (*AGENTS, *VIEWS, *TIMERS, FORECASTER, *KEPT)
    for row in rows:
        sentence = row.keeps if isinstance(row, Kept) else row.does
        assert sentence.endswith("."), sentence
        assert len(sentence) <= 100, sentence
