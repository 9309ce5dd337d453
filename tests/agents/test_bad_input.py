"""Each row of docs/bad-input.md that an agent answers for."""

import pytest
from msgspec.structs import replace
from support.batches import PARTITIONS, Bench

from andon.agents.acks import ack_agent
from andon.agents.delays import delay_agent
from andon.agents.items import item_agent
from andon.agents.lines import line_agent
from andon.agents.sales import sale_agent
from andon.agents.shipments import forget_old, shipment_agent
from andon.agents.stock import stock_agent
from andon.planning.book.memory import BLOCK
from andon.schemas.acks import Ack
from andon.schemas.common import decode, encode, utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import LineUpdate, ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement
from andon.streams.deadletters import KEPT_BYTES
from andon.streams.producer import partition_of

DAY = 86400.0
NOW = 20_000 * DAY
POS = "andon.pos.v1"
ITEMS = "andon.items.v1"


def sale(name="e", *, at=NOW, location="S", sku="A", quantity=1):
    event = Sale(event_id=name, occurred_at=utc(at), location=location, sku=sku, quantity=quantity)
    return encode(event)


def item(**fields):
    sources = (Source(supplier="X", lead_time_days=3),)
    return Item(location="S", sku="A", updated_at=utc(NOW), sources=sources, **fields)


def movement(kind, quantity, *, at=NOW, name="m"):
    event = StockMovement(
        event_id=name, occurred_at=utc(at), location="S", sku="A", kind=kind, quantity=quantity
    )
    return encode(event)


def a_key_of(partition):
    """Return a sku whose key belongs to a partition."""
    return next(
        f"K{number}"
        for number in range(1000)
        if partition_of(f"S/K{number}".encode(), PARTITIONS) == partition
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"words", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"event_id":', "not_json"),
        (b'{"quantity": NaN}', "not_json"),
        (b"[]", "invalid"),
        (b'{"event_id":"e"}', "invalid"),
        (b"", "empty"),
        (None, "empty"),
        (sale(at=0.0), "absurd_time"),
        (sale(at=NOW + 2 * DAY), "absurd_time"),
        (b'{"pad":"' + b"x" * 10_000_000 + b'"}', "too_large"),
    ],
)
def test_what_cannot_be_processed_is_a_dead_letter_and_the_next_record_is_applied(value, reason):
    bench = Bench()
    agent = sale_agent(bench.context)
    good = bench.record(POS, sale("good"), timestamp=NOW)
    bench.apply(agent, bench.record(POS, value, timestamp=NOW), good)
    assert bench.dead_letters() == [(value and value[:KEPT_BYTES], reason)]
    assert bench.outcomes() == {"rejected": 1, "applied": 1, "unknown_item": 1}
    assert bench.shard.tables["books"]["S/A"].sold == 1


def test_a_dead_letter_says_where_it_came_from():
    bench = Bench()
    bench.apply(sale_agent(bench.context), bench.record(POS, b"x" * 2_000_000, timestamp=NOW))
    headers = dict(bench.effects.outgoing[0].headers)
    assert headers["__streams.errors.topic"] == POS.encode()
    assert headers["__streams.errors.offset"] == b"0"
    assert headers["andon-truncated"] == b"2000000"


def test_a_producers_header_does_not_speak_for_a_dead_letter():
    """A letter that says it is a note, or cut, would be hidden from the list or never be put back."""
    bench = Bench()
    theirs = (("andon-put-back", None), ("andon-truncated", b"7"), ("traceparent", None))
    bench.apply(
        sale_agent(bench.context), bench.record(POS, b"words", timestamp=NOW, headers=theirs)
    )
    names = [name for name, _ in bench.effects.outgoing[0].headers]
    assert "traceparent" in names
    assert not {"andon-put-back", "andon-truncated"} & set(names)


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_date_at_the_end_of_the_calendar_stops_nobody(year):
    bench = Bench()
    value = sale().replace(utc(NOW).isoformat().replace("+00:00", "Z").encode(), year.encode())
    assert year.encode() in value
    bench.apply(sale_agent(bench.context), bench.record(POS, value, timestamp=NOW))
    assert [reason for _, reason in bench.dead_letters()] == ["absurd_time"]


@pytest.mark.parametrize("key", [None, b"wrong"])
def test_a_wrong_or_missing_key_in_the_right_partition_is_simply_applied(key):
    bench = Bench()
    bench.apply(sale_agent(bench.context), bench.record(POS, sale(), key, timestamp=NOW))
    assert bench.outcomes()["applied"] == 1


def test_a_record_in_the_wrong_partition_is_put_back_under_its_canonical_key():
    bench = Bench()
    other = a_key_of((bench.partition + 1) % PARTITIONS)
    bench.apply(sale_agent(bench.context), bench.record(POS, sale(sku=other), b"?", timestamp=NOW))
    back = bench.put_back()[0]
    assert (back.key, back.partition) == (
        f"S/{other}".encode(),
        (bench.partition + 1) % PARTITIONS,
    )
    assert dict(back.headers)["andon-origin"] == f"{bench.partition}:0".encode()
    assert bench.shard.tables["books"] == {}


def test_what_was_put_back_twice_is_applied_once():
    bench = Bench()
    agent = sale_agent(bench.context)
    for name in ("a", "b", "a", "b"):
        place = b"2:7" if name == "a" else b"2:8"
        record = bench.record(POS, sale(name), timestamp=NOW, headers=(("andon-origin", place),))
        bench.apply(agent, record)
    assert bench.shard.tables["books"]["S/A"].sold == 2
    assert bench.outcomes()["duplicate"] == 2


def test_what_was_put_back_into_a_wrong_partition_again_is_unroutable():
    bench = Bench()
    other = sale(sku=a_key_of((bench.partition + 1) % PARTITIONS))
    record = bench.record(POS, other, timestamp=NOW, headers=(("andon-origin", b"1:5"),))
    bench.apply(sale_agent(bench.context), record)
    assert [reason for _, reason in bench.dead_letters()] == ["unroutable"]


@pytest.mark.parametrize("forged", [b"junk", b"1:x", b"", None])
def test_a_forged_origin_is_no_origin(forged):
    bench = Bench()
    record = bench.record(POS, sale(), timestamp=NOW, headers=(("andon-origin", forged),))
    bench.apply(sale_agent(bench.context), record)
    assert bench.outcomes()["applied"] == 1


def test_an_unknown_item_has_a_book_and_no_alerts():
    bench = Bench()
    bench.apply(sale_agent(bench.context), bench.record(POS, sale(), timestamp=NOW))
    assert bench.outcomes()["unknown_item"] == 1
    assert bench.shard.pending_outboxes == {}


def test_a_delay_that_overtook_its_shipment_waits_for_it():
    bench = Bench(key="PO")
    report = DelayEvent(
        event_id="d",
        occurred_at=utc(NOW),
        delay_id="D",
        scope=Scope(type="shipment", id="PO"),
        delay_hours=48.0,
    )
    copied = (("andon-broadcast", b"1"), ("andon-origin", b"0:0"))
    bench.apply(
        delay_agent(bench.context),
        bench.record("andon.delays.v1", encode(report), b"D", timestamp=NOW, headers=copied),
    )
    ordered = ShipmentEvent(
        event_id="e",
        occurred_at=utc(NOW),
        shipment_id="PO",
        status="ordered",
        promised_at=utc(NOW + 3 * DAY),
        lines=(ShipmentLine(location="S", sku="A", quantity=4),),
    )
    bench.apply(
        shipment_agent(bench.context),
        bench.record("andon.shipments.v1", encode(ordered), b"PO", timestamp=NOW),
    )
    said = bench.shard.tables["shipments"]["PO"].outbox
    updates = [decode(one.body, LineUpdate) for one in said if one.family == "lines"]
    assert updates[-1].expected_at == utc(NOW + 5 * DAY)


def test_shipments_long_done_are_forgotten_and_open_ones_are_not():
    bench = Bench(key="PO")
    agent = shipment_agent(bench.context)
    for name, status in (("PO", "received"), ("PO2", "ordered")):
        event = ShipmentEvent(event_id=name, occurred_at=utc(NOW), shipment_id=name, status=status)
        bench.shard.get("shipments", name)
        bench.apply(agent, bench.record("andon.shipments.v1", encode(event), timestamp=NOW))
    for shipment in bench.shard.tables["shipments"].values():
        shipment.outbox.clear()
    bench.shard.get("partitions", "here").see(NOW + 31 * DAY)
    assert forget_old(bench.shard) == 1
    assert set(bench.shard.tables["shipments"]) == {"PO2"}


def test_a_shipment_long_done_stays_done_when_its_news_come_again():
    """It is put away after a month and forgotten after years; then its news are too old to begin anything."""
    bench = Bench(key="PO")
    agent = shipment_agent(bench.context)
    lines = (ShipmentLine(location="S", sku="A", quantity=10),)

    def hear(days, name, status, **fields):
        at = NOW + days * DAY
        happened = {"1": NOW, "2": NOW + 60}.get(name, at)
        event = ShipmentEvent(
            event_id=name, occurred_at=utc(happened), shipment_id="PO", status=status, **fields
        )
        bench.apply(agent, bench.record("andon.shipments.v1", encode(event), timestamp=at))
        told = [one for one in bench.shard.tables["shipments"].values() for one in one.outbox]
        for shipment in bench.shard.tables["shipments"].values():
            shipment.outbox.clear()
        return [decode(one.body, LineUpdate) for one in told if one.family == "lines"]

    hear(0, "1", "ordered", lines=lines)
    (first,) = hear(0, "2", "received")
    bench.shard.get("partitions", "here").see(NOW + 31 * DAY)
    assert forget_old(bench.shard) == 1
    assert not bench.shard.tables["shipments"]
    assert hear(31, "1", "ordered", lines=lines) == []
    (corrected,) = hear(40, "3", "partly_received", lines=(replace(lines[0], received=8),))
    assert corrected.version > first.version
    assert (corrected.told, corrected.open_quantity) == (first.receipts, 2)
    hear(40, "4", "received")
    bench.shard.get("partitions", "here").see(NOW + 80 * DAY)
    assert forget_old(bench.shard) == 1
    bench.shard.take_dirty()
    bench.shard.take_dirty()
    bench.shard.take_dirty()
    bench.shard.pack(0)
    bench.shard.get("partitions", "here").see(NOW + 1_200 * DAY)
    assert forget_old(bench.shard) == 1
    assert hear(1_200, "1", "ordered", lines=lines) == []
    assert not bench.shard.tables["shipments"]


def test_a_retired_item_keeps_no_alert_open():
    bench = Bench()
    agent = item_agent(bench.context)
    bench.apply(agent, bench.record("andon.items.v1", encode(item()), timestamp=NOW))
    counted = bench.record("andon.stock.v1", movement("count", 0), timestamp=NOW)
    bench.apply(stock_agent(bench.context), counted)
    book = bench.shard.tables["books"]["S/A"]
    assert book.alerts
    bench.apply(agent, bench.record("andon.items.v1", b"", timestamp=NOW))
    assert book.alerts == {}
    assert book.outbox[-1].type.endswith(".resolved")


def test_an_empty_record_on_items_ends_the_items_planning_and_keeps_its_book():
    bench = Bench()
    agent = item_agent(bench.context)
    topic = "andon.items.v1"
    bench.apply(agent, bench.record(topic, encode(item()), timestamp=NOW))
    assert bench.shard.tables["books"]["S/A"].item is not None
    bench.apply(agent, bench.record(topic, b"", timestamp=NOW))
    assert bench.shard.tables["books"]["S/A"].item is None
    bench.apply(agent, bench.record(topic, b"", None, timestamp=NOW))
    assert [reason for _, reason in bench.dead_letters()] == ["empty"]


def test_a_field_of_master_data_that_nobody_reads_is_counted_and_named_once(caplog):
    bench = Bench()
    agent = item_agent(bench.context)
    topic = "andon.items.v1"
    value = encode(item())[:-1] + b',"order_days":["Mon"],"never_read":1}'
    bench.apply(agent, *(bench.record(topic, value, timestamp=NOW) for _ in range(3)))
    assert bench.shard.tables["books"]["S/A"].item is not None
    assert bench.dead_letters() == []
    counted = bench.context.metrics.registry.get_sample_value(
        "andon_unknown_fields_total", {"topic": topic}
    )
    assert counted == 6
    told = [one.getMessage() for one in caplog.records]
    assert told == [f"{topic}: no such field, and so ignored: order_days, never_read"]


def test_a_record_that_is_delivered_again_is_applied_once():
    """By its offset: what the book remembers of its events' names is full of later ones by then."""
    bench = Bench(duplicate_window=1)
    agent = sale_agent(bench.context)
    records = [bench.record(POS, sale(f"e{n}", quantity=5), timestamp=NOW) for n in range(100)]
    for record in (*records, records[0]):
        bench.apply(agent, record)
    assert bench.shard.tables["books"]["S/A"].sold == 500
    assert bench.outcomes()["duplicate"] == 1


def test_a_sale_of_a_closed_day_corrects_the_stock_and_is_late():
    bench = Bench(allowed_lateness_hours=0.0)
    agent = sale_agent(bench.context)
    for number, days in enumerate((0, 1, 2)):
        value = sale(f"e{number}", at=NOW + days * DAY)
        bench.apply(agent, bench.record(POS, value, timestamp=NOW + days * DAY))
    late = sale("late", at=NOW + 60, quantity=3)
    bench.apply(agent, bench.record(POS, late, timestamp=NOW + 2 * DAY))
    book = bench.shard.tables["books"]["S/A"]
    assert (book.sold, book.on_hand, book.late_events) == (6, -6, 1)
    assert bench.outcomes()["late"] == 1


def test_a_count_from_the_past_is_stale():
    bench = Bench()
    agent = stock_agent(bench.context)
    topic = "andon.stock.v1"
    bench.apply(agent, bench.record(topic, movement("count", 9, name="new"), timestamp=NOW))
    old = movement("count", 99, at=NOW - DAY, name="old")
    bench.apply(agent, bench.record(topic, old, timestamp=NOW))
    assert bench.shard.tables["books"]["S/A"].on_hand == 9
    assert bench.outcomes()["stale"] == 1


def test_a_second_count_of_one_moment_is_a_dead_letter_that_says_why():
    bench = Bench()
    agent = stock_agent(bench.context)
    for name, quantity in (("shop", 9), ("back", 5)):
        value = movement("count", quantity, name=name)
        bench.apply(agent, bench.record("andon.stock.v1", value, timestamp=NOW))
    assert bench.shard.tables["books"]["S/A"].on_hand == 9
    assert [reason for _, reason in bench.dead_letters()] == ["conflict"]
    assert bench.outcomes()["conflict"] == 1


def test_a_till_that_sends_its_day_again_is_recognised_beyond_what_a_book_holds_itself():
    bench = Bench()
    agent = sale_agent(bench.context)
    sales = [sale(f"t{number}", at=NOW + number) for number in range(700)]
    for _ in range(2):
        bench.apply(agent, *(bench.record(POS, one, timestamp=NOW + 700) for one in sales))
    assert bench.shard.tables["books"]["S/A"].sold == 700
    assert bench.outcomes()["duplicate"] == 700
    assert len(bench.shard.tables["memories"]) == 1 + (700 - 45) // BLOCK


def test_a_book_is_never_written_before_what_fell_out_of_it():
    bench = Bench()
    agent = sale_agent(bench.context)
    sales = [sale(f"t{number}", at=NOW + number) for number in range(700)]
    bench.apply(agent, *(bench.record(POS, one, timestamp=NOW + 700) for one in sales))
    blocks = [("memories", f"S/A\n{number}") for number in range(1 + (700 - 45) // BLOCK)]
    expected = [*blocks, ("books", "S/A")]
    writing = bench.shard.with_those_before([("books", "S/A")])
    assert writing[-len(expected) :] == expected
    dirty = [place for place in bench.shard.take_dirty() if place[0] != "partitions"]
    assert dirty[: len(expected)] == expected


def test_older_master_data_are_stale():
    bench = Bench()
    agent = item_agent(bench.context)
    older = encode(item(pack_size=7)).replace(b"2024-10-04", b"2024-10-03")
    for value in (encode(item()), older):
        bench.apply(agent, bench.record("andon.items.v1", value, timestamp=NOW))
    assert bench.outcomes()["stale"] == 1
    assert bench.shard.tables["books"]["S/A"].item.pack_size == 1


def test_a_receipt_of_a_line_never_ordered_goes_on_hand():
    bench = Bench()
    update = LineUpdate(
        shipment_id="PO",
        version=1,
        location="S",
        sku="A",
        occurred_at=utc(NOW),
        status="received",
        quantity=0,
        received=4,
        expected_at=utc(NOW),
    )
    bench.apply(
        line_agent(bench.context), bench.record("andon.lines.v1", encode(update), timestamp=NOW)
    )
    assert bench.shard.tables["books"]["S/A"].on_hand == 4
    assert bench.outcomes()["over_receipt"] == 1


def test_a_shipment_never_ordered_begins_with_its_first_news():
    bench = Bench(key="PO")
    event = ShipmentEvent(
        event_id="e",
        occurred_at=utc(NOW),
        shipment_id="PO",
        status="received",
        lines=(ShipmentLine(location="S", sku="A", received=4),),
    )
    bench.apply(
        shipment_agent(bench.context),
        bench.record("andon.shipments.v1", encode(event), b"PO", timestamp=NOW),
    )
    assert bench.shard.tables["shipments"]["PO"].lines == {"S/A": (0, 4)}


@pytest.mark.parametrize(
    ("alert_id", "outcome"),
    [("replenish:S/A:9", "unmatched"), ("nonsense", "rejected")],
)
def test_an_acknowledgement_of_nothing_known(alert_id, outcome):
    bench = Bench()
    ack = Ack(event_id="e", occurred_at=utc(NOW), alert_id=alert_id, action="acknowledged")
    bench.apply(ack_agent(bench.context), bench.record("andon.acks.v1", encode(ack), timestamp=NOW))
    assert bench.outcomes()[outcome] == 1


def test_a_delay_is_passed_on_to_every_partition_once():
    bench = Bench()
    agent = delay_agent(bench.context)
    event = DelayEvent(
        event_id="e", occurred_at=utc(NOW), delay_id="D", scope=Scope(type="lane", id="L")
    )
    bench.apply(agent, bench.record("andon.delays.v1", encode(event), b"?", timestamp=NOW))
    copies = bench.put_back()
    assert [copy.partition for copy in copies] == list(range(PARTITIONS))
    mine = copies[bench.partition]
    for _ in range(2):
        bench.apply(
            agent,
            bench.record(
                "andon.delays.v1", mine.value, mine.key, timestamp=NOW, headers=tuple(mine.headers)
            ),
        )
    assert len(bench.put_back()) == PARTITIONS
    assert bench.outcomes()["duplicate"] == 1


def test_a_partition_takes_so_many_disruptions_and_no_more_but_their_ends_always_count():
    """Its record would be larger than a broker takes."""
    bench = Bench()
    agent = delay_agent(bench.context)

    def report(number, status="active"):
        event = DelayEvent(
            event_id=f"{number}{status}",
            occurred_at=utc(NOW),
            delay_id=f"D{number}",
            scope=Scope(type="lane", id=f"L{number}"),
            status=status,
        )
        marks = (("andon-broadcast", b"1"),)
        return bench.record("andon.delays.v1", encode(event), b"?", timestamp=NOW, headers=marks)

    bench.apply(agent, *(report(number) for number in range(700)))
    refused = bench.dead_letters()
    assert refused
    assert {reason for _, reason in refused} == {"too_many"}
    known = bench.shard.tables["partitions"]["here"].disruptions
    assert len(known) == 700 - len(refused) > 300
    bench.apply(agent, report(0, "ended"))
    assert len(bench.dead_letters()) == len(refused)
    assert "D0" not in known


def test_an_event_that_makes_a_shipment_too_large_is_a_dead_letter_and_the_shipment_goes_on():
    """Its record would be larger than a broker takes: it is refused before anything of it is applied."""
    bench = Bench()
    agent = shipment_agent(bench.context)
    name = next(
        f"PO-{n}"
        for n in range(1000)
        if partition_of(f"PO-{n}".encode(), PARTITIONS) == bench.shard.partition
    )

    def ordered(event_id, first, last):
        lines = tuple(
            ShipmentLine(location="S", sku=f"A{n}", quantity=1) for n in range(first, last)
        )
        one = ShipmentEvent(
            event_id=event_id, occurred_at=utc(NOW), shipment_id=name, status="ordered", lines=lines
        )
        return bench.record("andon.shipments.v1", encode(one), timestamp=NOW)

    bench.apply(agent, ordered("a", 0, 900), ordered("b", 900, 1001), ordered("c", 900, 1000))
    assert [reason for _, reason in bench.dead_letters()] == ["too_large"]
    assert len(bench.shard.tables["shipments"][name].lines) == 1000


@pytest.mark.parametrize("comment", ["disruption: ask ACME", '"disruption:x"', "late_shipment:"])
def test_an_acknowledgement_is_told_by_its_alert_and_not_by_what_else_it_says(comment):
    bench = Bench()
    ack = Ack(
        event_id="a",
        occurred_at=utc(NOW),
        alert_id="replenish:S/A:1",
        action="ordered",
        quantity=7,
        comment=comment,
    )
    bench.apply(item_agent(bench.context), bench.record(ITEMS, encode(item()), timestamp=NOW))
    bench.apply(ack_agent(bench.context), bench.record("andon.acks.v1", encode(ack), timestamp=NOW))
    assert bench.dead_letters() == []
    assert bench.shard.tables["books"]["S/A"].reserved == 7
