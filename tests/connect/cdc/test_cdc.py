"""Changes of a table, as Debezium tells them, become sales, corrections and counts; what cannot be is a dead letter."""

import json
from collections import Counter
from types import SimpleNamespace

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from support.command import andon
from support.imports import sent
from support.workers import read

from andon.connect.cdc.changes import Changes
from andon.connect.cdc.envelope import change_of
from andon.connect.cdc.rows import Rows
from andon.connect.imports.mapping import Mapping
from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.topic.reading import outgoing
from andon.streams.security import kafka_python_config
from andon.streams.settings import load_settings

COLUMNS = {"sku": "item", "quantity": "qty", "occurred_at": "sold", "location": "shop"}
SALES = Mapping(kind="sales", columns=COLUMNS)
STOCK = Mapping(kind="stock", columns={"sku": "item", "quantity": "qty", "location": "shop"})
ROW = {"id": 7, "item": "TEA", "shop": "S1", "qty": 2, "sold": "2026-03-04T09:00:00Z"}
KEY = b'{"id": 7}'
AT = 1_772_615_000_000


def record(op="c", before=None, after=None, key=KEY, **more):
    value = {"before": before, "after": after, "op": op, "ts_ms": AT, **more}
    return SimpleNamespace(topic="shop.sales", partition=0, offset=5, timestamp=AT, headers=(), key=key, value=json.dumps(value).encode())  # fmt: skip


def events(*records, mapping=SALES):
    """Return the events of records, as plain values; there must be no dead letters."""
    counts = Counter()
    found = outgoing(load_settings(), Changes(Rows("shop.sales", mapping)), records, counts)
    assert not counts["refused"], [dict(one.headers) for one in found]
    return [json.loads(one.value) for one in found]


def refused(one, mapping=SALES):
    counts = Counter()
    [letter] = outgoing(load_settings(), Changes(Rows("shop.sales", mapping)), [one], counts)
    assert (letter.topic, counts["refused"]) == ("andon.deadletters.v1", 1)
    return dict(letter.headers)["__streams.errors.message"].decode()


def without(values, *names):
    return {name: value for name, value in values.items() if name not in names}


def test_a_new_row_is_a_sale_whether_it_is_told_live_or_in_a_snapshot():
    [live] = events(record(after=ROW))
    [again] = events(record("r", after=ROW))
    assert live == again
    assert without(live, "event_id") == {"occurred_at": "2026-03-04T09:00:00Z", "location": "S1", "sku": "TEA", "quantity": 2}  # fmt: skip
    assert live["event_id"].startswith("cdc:shop.sales:id=7:")


def test_changes_of_a_row_correct_one_another_and_a_deletion_takes_it_back():
    second, third = {**ROW, "qty": 3}, {**ROW, "qty": 5}
    first, then, last, gone = events(
        record(after=ROW),
        record("u", ROW, second),
        record("u", second, third),
        record("d", third),
    )
    assert [one["quantity"] for one in (first, then, last, gone)] == [2, 3, 5, 0]
    assert [one.get("corrects") for one in (first, then, last, gone)] == [
        None,
        first["event_id"],
        then["event_id"],
        last["event_id"],
    ]


def test_a_row_of_another_item_now_is_taken_back_there_and_sold_here():
    gone, sold = events(record("u", ROW, {**ROW, "item": "CUP"}))
    assert (gone["sku"], gone["quantity"], sold["sku"], sold["quantity"]) == ("TEA", 0, "CUP", 2)
    assert "corrects" in gone
    assert "corrects" not in sold


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (record(after={**ROW, "qty": -2}), [("return", 2)]),
        (record(after={**ROW, "qty": "2.000"}), [("sale", 2)]),
        (record(after={**ROW, "qty": 0}), []),
        (record("u", ROW, ROW), []),
        (record("u", {**ROW, "qty": 0}, ROW), [("sale", 2)]),
        (record("t"), []),
        (SimpleNamespace(key=KEY, value=None), []),
    ],
)  # fmt: skip
def test_what_rows_say(one, expected):
    assert [(found.get("kind", "sale"), found["quantity"]) for found in events(one)] == expected


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (record("x", after=ROW), "no op of Debezium's"),
        (record(), "after: missing"),
        (record("u", after=ROW), "REPLICA IDENTITY FULL"),
        (record("d"), "REPLICA IDENTITY FULL"),
        (record(after=ROW, key=None), "no key"),
        (record(after=ROW, ts_ms="x"), "ts_ms"),
        (record(after=[1]), "no row"),
        (record(after={**ROW, "qty": 0.5}), "whole number"),
        (record(after={**ROW, "qty": "AfQ="}), "decimal.handling.mode"),
        (record(after={**ROW, "qty": {"scale": 2, "value": "!"}}), "decimal.handling.mode"),
        (record(after={**ROW, "qty": {"scale": -1, "value": "AMg="}}), "decimal.handling.mode"),
        (record(after={**ROW, "qty": {"scale": 10**9, "value": "AMg="}}), "decimal.handling.mode"),
        (record(after={**ROW, "qty": None}), "qty: nothing there"),
        (record("d", {"id": 7, "item": "TEA", "shop": "S1", "qty": None, "sold": None}), "REPLICA IDENTITY FULL"),
        (record(after={**ROW, "item": "__debezium_unavailable_value"}), "REPLICA IDENTITY FULL"),
        (record(after='{"_id": 7}'), "tables are read, and no documents"),
        (record(after={**ROW, "item": 1.5}), "no code"),
        (record(after={**ROW, "item": None}), "no number of an article"),
        (record(after={**ROW, "shop": None}), "location"),
        (record(after={**ROW, "sold": "soon"}), "no date"),
        (record(after={**ROW, "sold": 1_772_615_000_000}), "time_unit"),
        (record(after=without(ROW, "sold")), "no such column"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_a_dead_letter(one, message):
    assert message in refused(one)


@pytest.mark.parametrize(
    "value", [b"{no", b"[1]", b'"x"', b"[" * 9000, b"\xff", b'{"schema": 1, "payload": 3}']
)
def test_what_is_no_envelope_is_refused(value):
    with pytest.raises(BadRow):
        change_of(KEY, value)


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("io.debezium.time.MicroTimestamp", 1_772_614_800_000_000, "2026-03-04T09:00:00Z"),
        ("io.debezium.time.Timestamp", 1_772_614_800_000, "2026-03-04T09:00:00Z"),
        ("io.debezium.time.Date", 20_516, "2026-03-04T12:00:00Z"),
    ],
)
def test_numbers_of_time_count_as_the_schema_says(kind, number, expected):
    fields = [{"field": "sold", "name": kind, "type": "int64"}]
    schema = {"fields": [{"field": "after", "fields": fields}]}
    payload = {"before": None, "after": {**ROW, "sold": number}, "op": "c", "ts_ms": AT}
    wrapped = record()
    wrapped.value = json.dumps({"schema": schema, "payload": payload}).encode()
    wrapped.key = json.dumps({"schema": {}, "payload": {"id": 7}}).encode()
    [found] = events(wrapped)
    assert found["occurred_at"] == expected


def of_schema(column, values, **described):
    """Return a record that brings the schema of one of its columns."""
    fields = [{"field": column, **described}]
    schema = {"fields": [{"field": "after", "fields": fields}]}
    payload = {"before": None, "after": {**ROW, **values}, "op": "c", "ts_ms": AT}
    wrapped = record()
    wrapped.value = json.dumps({"schema": schema, "payload": payload}).encode()
    return wrapped


@pytest.mark.parametrize(
    ("bytes_", "scale", "expected"),
    [("yA==", 0, -56), ("AMg=", 2, 2), ("AdTA", 4, 12), ("1234", 4, None), ("/zg=", 2, -2)],
)
def test_decimals_that_are_bytes_are_read_by_their_schema(bytes_, scale, expected):
    named = {"name": "org.apache.kafka.connect.data.Decimal", "parameters": {"scale": str(scale)}}
    one = of_schema("qty", {"qty": bytes_}, **named)
    if expected is None:
        assert "whole number" in refused(one)
        return
    [found] = events(one)
    assert (found["quantity"], found.get("kind", "sale")) == (abs(expected), "return" if expected < 0 else "sale")  # fmt: skip


def test_decimals_that_bring_their_own_scale_are_read():
    [found] = events(record(after={**ROW, "qty": {"scale": 1, "value": "FA=="}}))
    assert found["quantity"] == 2


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("io.debezium.time.Timestamp", 1_772_614_800_000, "2026-03-04T08:00:00Z"),
        ("io.debezium.time.NanoTimestamp", 1_772_614_800_000_000_000, "2026-03-04T08:00:00Z"),
        ("io.debezium.time.Date", 20_516, "2026-03-04T11:00:00Z"),
    ],
)
def test_times_without_a_zone_are_those_of_the_tables_own(kind, number, expected):
    said = Mapping(kind="sales", columns=COLUMNS, time_zone="Europe/Berlin")
    [found] = events(of_schema("sold", {"sold": number}, name=kind, type="int64"), mapping=said)
    assert found["occurred_at"] == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("ms", "2026-03-04T09:00:00Z"), ("local-ms", "2026-03-04T08:00:00Z")],
)
def test_a_mapping_says_whether_numbers_of_time_have_a_zone(unit, expected):
    said = Mapping(kind="sales", columns=COLUMNS, time_zone="Europe/Berlin", set={"time_unit": unit})  # fmt: skip
    [found] = events(record(after={**ROW, "sold": 1_772_614_800_000}), mapping=said)
    assert found["occurred_at"] == expected


def test_a_column_that_is_added_later_makes_no_other_row_of_those_before():
    [first] = events(record(after=ROW))
    [then] = events(record("u", {**ROW, "note": None}, {**ROW, "note": None, "qty": 3}))
    assert then["corrects"] == first["event_id"]


def test_numbers_of_time_count_as_the_mapping_says():
    said = Mapping(kind="sales", columns=COLUMNS, set={"time_unit": "ms"})
    [found] = events(record(after={**ROW, "sold": 1_772_614_800_000}), mapping=said)
    assert found["occurred_at"] == "2026-03-04T09:00:00Z"


def test_each_state_of_stock_is_a_count_when_it_was_written():
    found = events(
        record("u", ROW, {**ROW, "qty": 9}, source={"ts_ms": AT - 1000}),
        record("d", ROW),
        mapping=STOCK,
    )
    assert [(one["kind"], one["quantity"], one["occurred_at"]) for one in found] == [("count", 9, "2026-03-04T09:03:19Z")]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (Mapping(kind="orders"), "kind: expected sales or stock"),
        (Mapping(kind="sales", columns={"sku": "item"}), "quantity: say which column"),
        (Mapping(kind="stock", columns={**STOCK.columns, "colour": "c"}), "colour: stock have no such field"),
        (Mapping(kind="sales", columns=COLUMNS, set={"time_unit": "years"}), "time_unit"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_told(said, message):
    with pytest.raises(FormatError, match=message):
        Rows("t", said)


def test_without_a_broker_it_says_so(tmp_path):
    mapping = tmp_path / "sales.toml"
    mapping.write_text('kind = "sales"\n[columns]\nsku = "item"\nquantity = "qty"\noccurred_at = "sold"\n')  # fmt: skip
    code, _, err = andon(
        "--broker", "127.0.0.1:1", "connect", "cdc", "t", "--mapping", str(mapping)
    )
    assert code == 1
    assert "127.0.0.1:1" in err
    code, _, err = andon("--broker", "127.0.0.1:1", "connect", "cdc", "t", "--mapping", "nowhere")
    assert (code, "cannot read nowhere" in err) == (1, True)


@pytest.mark.integration
def test_a_topic_is_read_from_where_it_was_left(topics, tmp_path):
    name = f"{topics.prefix}.shop.sales"
    mapping = tmp_path / "sales.toml"
    mapping.write_text('kind = "sales"\n[columns]\nsku = "item"\nquantity = "qty"\noccurred_at = "sold"\nlocation = "shop"\n')  # fmt: skip
    run = ("--broker", topics.broker, "--prefix", topics.prefix, "connect", "cdc", name, "--mapping", str(mapping), "--once", "--json")  # fmt: skip
    with KafkaAdminClient(**kafka_python_config(topics)) as admin:
        admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1}})
        admin.wait_for_topics([name])
    producer = KafkaProducer(**kafka_python_config(topics))
    try:
        for one in (record(after=ROW), record("x"), record("d", ROW)):
            producer.send(name, value=one.value, key=one.key).get(timeout=30)
        code, out, err = andon(*run)
        assert code == 0, err
        assert json.loads(out) == {"records": 3, "changes": 2, "events": 2, "refused": 1}
        producer.send(name, value=record(after={**ROW, "qty": 4}).value, key=b'{"id": 8}').get(
            timeout=30
        )
    finally:
        producer.close()
    code, out, err = andon(*run)
    assert json.loads(out) == {"records": 1, "changes": 1, "events": 1, "refused": 0}
    assert [one["quantity"] for one in sent(topics, "pos")] == [2, 0, 4]
    assert len(list(read(topics, "deadletters"))) == 1
