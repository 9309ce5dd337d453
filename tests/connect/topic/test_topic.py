"""Records of one's own topics become events by a mapping, however they are written; what cannot be read is a dead letter."""

import asyncio
import contextlib
import io
import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import fastavro
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaAdminClient, KafkaProducer
from support.command import andon
from support.imports import sent
from support.registry import FakeRegistry, framed
from support.workers import read

from andon.connect.cdc.changes import Changes
from andon.connect.cdc.rows import Rows
from andon.connect.imports.mapping import Mapping
from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.topic.avro import AvroReader
from andon.connect.topic.forms import Framed, PlainAvro, PlainJson
from andon.connect.topic.reading import _prepared, outgoing
from andon.connect.topic.records import Records
from andon.connect.topic.registry import Registry, RegistryAway
from andon.streams.errors import UserError
from andon.streams.security import kafka_python_config
from andon.streams.settings import load_settings

AT = 1_772_615_000_000
COLUMNS = {"sku": "item", "quantity": "qty", "occurred_at": "sold", "location": "shop", "unit_price": "price"}  # fmt: skip
SALES = Mapping(kind="sales", columns=COLUMNS)
ROW = {"item": "TEA", "shop": "S1", "qty": 2, "sold": "2026-03-04T09:00:00Z", "price": 2.5}
SALE = {"occurred_at": "2026-03-04T09:00:00Z", "location": "S1", "sku": "TEA", "quantity": 2, "unit_price": 2.5}  # fmt: skip
MOMENT = datetime(2026, 3, 4, 9, tzinfo=UTC)

DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
AVRO_FIELDS = [
    {"name": "item", "type": "string"},
    {"name": "shop", "type": "string"},
    {"name": "qty", "type": "int"},
    {"name": "sold", "type": MILLIS},
    {"name": "price", "type": ["null", DECIMAL], "default": None},
]


def schema(*fields, name="Receipt"):
    return {"type": "record", "name": name, "namespace": "shop", "fields": list(fields or AVRO_FIELDS)}  # fmt: skip


def avro(written, value):
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(written), value)
    return stream.getvalue()


def record(value, key=None, offset=5, partition=0, timestamp=AT):
    content = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
    return SimpleNamespace(topic="shop.receipts", partition=partition, offset=offset, timestamp=timestamp, headers=(), key=key, value=content)  # fmt: skip


def made(records, mapping=SALES, form=None):
    """Return the events and the dead letters of records."""
    counts = Counter()
    maker = Records("shop.receipts", mapping, form or PlainJson())
    maker.prepare(records)
    found = outgoing(load_settings(), maker, records, counts)
    letters = [one for one in found if one.topic == "andon.deadletters.v1"]
    assert len(letters) == counts["refused"]
    return [json.loads(one.value) for one in found if one not in letters], letters


def events(*records, **said):
    found, letters = made(records, **said)
    assert not letters, [dict(one.headers) for one in letters]
    return found


def refused(*records, **said):
    found, letters = made(records, **said)
    assert not found
    return [dict(one.headers)["__streams.errors.message"].decode() for one in letters]


def without_id(event):
    return {name: value for name, value in event.items() if name != "event_id"}


@pytest.fixture
def registry():
    with FakeRegistry() as found:
        found.add(1, schema())
        yield found


def form(registry, as_read=None):
    return Framed(Registry(registry.url), as_read)


# What a record says


def test_a_record_is_an_event_named_by_its_place_whenever_it_is_read():
    [one] = events(record(ROW))
    [again] = events(record({**ROW, "more": 1}))
    [other] = events(record(ROW, offset=6))
    [anew] = events(record(ROW, timestamp=AT + 1))
    assert without_id(one) == SALE
    assert one["event_id"] == again["event_id"] == f"topic:shop.receipts:0:5:{AT}"
    assert len({one["event_id"], other["event_id"], anew["event_id"]}) == 3


def test_columns_that_name_an_event_name_it_wherever_it_stands():
    said = Mapping(kind="sales", columns={**COLUMNS, "event_id": "receipt, line"})
    [one] = events(record({**ROW, "receipt": "A/1", "line": 2}), mapping=said)
    [again] = events(record({**ROW, "receipt": "A/1", "line": 2}, offset=9), mapping=said)
    [other] = events(record({**ROW, "receipt": "A", "line": "1/2"}), mapping=said)
    assert one == again
    assert one["event_id"] == "topic:shop.receipts:A\\/1/2" != other["event_id"]
    assert "names no event" in refused(record({**ROW, "receipt": None, "line": 2}), mapping=said)[0]


def test_a_record_that_corrects_another_names_its_event():
    said = Mapping(kind="sales", columns={**COLUMNS, "event_id": "id", "corrects": "instead_of"})
    first, second, gone = events(
        record({**ROW, "id": 1}),
        record({**ROW, "id": 2, "qty": 3, "instead_of": 1}),
        record({**ROW, "id": 3, "qty": 0, "instead_of": 2}),
        mapping=said,
    )
    assert "corrects" not in first
    assert (second["corrects"], second["quantity"]) == (first["event_id"], 3)
    assert (gone["corrects"], gone["quantity"]) == (second["event_id"], 0)


def test_a_receipt_with_lines_is_an_event_a_line():
    columns = {"sku": "lines.item", "quantity": "lines.n", "occurred_at": "head.at", "location": "head.shop", "transaction_id": "head.no"}  # fmt: skip
    said = Mapping(kind="sales", columns=columns, set={"rows": "lines"})
    receipt = {"head": {"at": "2026-03-04T09:00:00Z", "shop": "S1", "no": "R7"}, "lines": [{"item": "TEA", "n": 2}, {"item": "CUP", "n": -1}]}  # fmt: skip
    tea, cup = events(record(receipt), mapping=said)
    assert (tea["sku"], tea["quantity"], tea["transaction_id"]) == ("TEA", 2, "R7")
    assert (cup["sku"], cup["quantity"], cup["kind"]) == ("CUP", 1, "return")
    assert tea["event_id"] != cup["event_id"]
    assert events(record({**receipt, "lines": []}), mapping=said) == []
    for lines in ("TEA", None, [1]):
        assert "no list of rows" in refused(record({**receipt, "lines": lines}), mapping=said)[0]
    assert "no such list" in refused(record({"head": receipt["head"]}), mapping=said)[0]


def test_a_count_may_have_its_item_in_the_key_and_its_time_in_the_record():
    said = Mapping(kind="stock", columns={"sku": "@key", "quantity": "n"}, locations=("S1",))
    [found] = events(record({"n": 7}, key=b"TEA"), mapping=said)
    assert without_id(found) == {"occurred_at": "2026-03-04T09:03:20Z", "location": "S1", "sku": "TEA", "kind": "count", "quantity": 7}  # fmt: skip
    timed = Mapping(kind="stock", columns={**said.columns, "occurred_at": "@timestamp"}, locations=("S1",))  # fmt: skip
    assert events(record({"n": 7}, key=b"TEA"), mapping=timed) == [found]
    assert "no number of an article" in refused(record({"n": 7}), mapping=said)[0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"", "the value"),
        (b"{no", "the value"),
        (b"\xff\xfe", "the value"),
        (b"[1]", "no object"),
        (b"[" * 9000, "the value"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "levels"),
        ({**ROW, "qty": 0.5}, "whole number"),
        ({**ROW, "qty": None}, "nothing there"),
        ({**ROW, "item": ["TEA"]}, "no code"),
        ({**ROW, "price": "NaN"}, "unit_price"),
        ({"item": "TEA", "qty": 1, "shop": "S1"}, "no such column"),
        ({**ROW, "shop": ""}, "location"),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter_with_its_bytes(value, message):
    poison = record(value)
    found, [letter] = made([poison])
    assert (found, letter.value) == ([], poison.value)
    assert message in dict(letter.headers)["__streams.errors.message"].decode()


def test_a_tombstone_and_a_quantity_of_nothing_say_nothing():
    assert events(record(None), record({**ROW, "qty": 0})) == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (Mapping(kind="orders"), "kind: expected sales or stock"),
        (Mapping(kind="sales", columns={"sku": "item"}), "quantity: say which column"),
        (Mapping(kind="sales", columns={**COLUMNS, "corrects": "c"}), "corrects"),
        (Mapping(kind="stock", columns={"sku": "a", "quantity": "b", "event_id": "i", "corrects": "c"}), "corrects"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_told(said, message):
    with pytest.raises(FormatError, match=message):
        Records("t", said, PlainJson())


# Avro


def test_avro_says_what_its_logical_types_mean(registry):
    value = {**ROW, "sold": MOMENT, "price": Decimal("2.50")}
    [found] = events(record(framed(1, avro(schema(), value))), form=form(registry))
    assert without_id(found) == SALE
    [free] = events(record(framed(1, avro(schema(), {**value, "price": None}))), form=form(registry))  # fmt: skip
    assert "unit_price" not in free


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (MILLIS, MOMENT, "2026-03-04T09:00:00Z"),
        ({"type": "long", "logicalType": "timestamp-micros"}, MOMENT, "2026-03-04T09:00:00Z"),
        ({"type": "long", "logicalType": "local-timestamp-millis"}, MOMENT.replace(tzinfo=None), "2026-03-04T08:00:00Z"),
        ({"type": "int", "logicalType": "date"}, date(2026, 3, 4), "2026-03-04T11:00:00Z"),
        (["null", MILLIS], MOMENT, "2026-03-04T09:00:00Z"),
        ({"type": "long", "connect.name": "io.debezium.time.MicroTimestamp"}, 1_772_614_800_000_000, "2026-03-04T09:00:00Z"),
        (["null", {"type": "int", "connect.name": "io.debezium.time.Date"}], 20_516, "2026-03-04T11:00:00Z"),
        ("string", "2026-03-04T10:00:00", "2026-03-04T09:00:00Z"),
    ],
)  # fmt: skip
def test_times_of_avro_are_times(kind, value, expected):
    fields = [*AVRO_FIELDS[:3], {"name": "sold", "type": kind}]
    written = schema(*fields)
    reader = PlainAvro(AvroReader(json.dumps(written)))
    zoned = Mapping(kind="sales", columns=COLUMNS, time_zone="Europe/Berlin")
    [found] = events(record(avro(written, {**ROW, "sold": value})), mapping=zoned, form=reader)
    assert found["occurred_at"] == expected


def test_a_number_of_time_that_nobody_explains_is_asked_for():
    written = schema(*AVRO_FIELDS[:3], {"name": "sold", "type": "long"})
    value = record(avro(written, {**ROW, "sold": AT}))
    reader = PlainAvro(AvroReader(json.dumps(written)))
    assert "time_unit" in refused(value, form=reader)[0]


def test_each_record_is_read_by_the_schema_that_it_was_written_with(registry):
    newer = schema({"name": "colour", "type": "string"}, *AVRO_FIELDS, {"name": "late", "type": ["null", "int"], "default": None})  # fmt: skip
    registry.add(2, newer)
    value = {**ROW, "sold": MOMENT, "price": None}
    mixed = [
        record(framed(1, avro(schema(), value)), offset=1),
        record(framed(2, avro(newer, {**value, "colour": "red", "qty": 5})), offset=2),
        record(framed(1, avro(schema(), {**value, "qty": 7})), offset=3),
    ]
    assert [one["quantity"] for one in events(*mixed, form=form(registry))] == [2, 5, 7]
    assert registry.asked == ["/schemas/ids/1", "/schemas/ids/2"]


def test_a_schema_as_which_values_are_read_gives_defaults_and_old_names(registry):
    older = schema({"name": "article", "type": "string"}, *AVRO_FIELDS[2:])
    registry.add(2, older)
    wanted = schema(
        {"name": "item", "type": "string", "aliases": ["article"]},
        {"name": "shop", "type": "string", "default": "MAIN"},
        {"name": "qty", "type": "long"},
        *AVRO_FIELDS[3:],
    )
    as_read = AvroReader(json.dumps(wanted))
    old = {"article": "TEA", "qty": 4, "sold": MOMENT, "price": None}
    told = events(
        record(framed(2, avro(older, old))),
        record(framed(1, avro(schema(), {**ROW, "sold": MOMENT, "price": None}))),
        form=form(registry, as_read),
    )
    assert [(one["location"], one["quantity"]) for one in told] == [("MAIN", 4), ("S1", 2)]


def test_schemas_that_a_schema_names_are_fetched_before_it(registry):
    place = {"type": "record", "name": "Place", "namespace": "shop", "fields": [{"name": "code", "type": "string"}]}  # fmt: skip
    head = {"type": "record", "name": "Head", "namespace": "shop", "fields": [{"name": "place", "type": "shop.Place"}]}  # fmt: skip
    whole = schema(*(AVRO_FIELDS[0], *AVRO_FIELDS[2:4]), {"name": "head", "type": "shop.Head"})
    registry.add(10, place)
    registry.add(11, head, references=[("shop.Place", "place/value", 3)])
    registry.add(12, whole, references=[("shop.Head", "head", 1)])
    registry.subjects = {("place/value", 3): 10, ("head", 1): 11}
    known = {}
    for one in (place, head):
        fastavro.parse_schema(one, named_schemas=known)
    stream = io.BytesIO()
    parsed = fastavro.parse_schema(whole, named_schemas=known)
    value = {"item": "TEA", "qty": 2, "sold": MOMENT, "head": {"place": {"code": "S7"}}}
    fastavro.schemaless_writer(stream, parsed, value)
    columns = {"sku": "item", "quantity": "qty", "occurred_at": "sold", "location": "head.place.code"}  # fmt: skip
    said = Mapping(kind="sales", columns=columns)
    [found] = events(record(framed(12, stream.getvalue())), mapping=said, form=form(registry))
    assert found["location"] == "S7"
    assert "/subjects/place%2Fvalue/versions/3" in registry.asked


POISON = framed(1, avro(schema(), {**ROW, "sold": MOMENT, "price": None}))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (POISON[:-2], "schema says"),
        (POISON + b"\0", "left over"),
        (framed(1, b""), "schema says"),
        (framed(1, b"\xff" * 40), "schema says"),
        (framed(99, b"x"), "schema 99: schema 99 is not in the registry"),
        (b'{"item": "TEA"}', "framing"),
        (b"\0\0", "framing"),
        (b"", "framing"),
    ],
)
def test_poison_is_a_dead_letter_and_stops_nothing(registry, value, message):
    found, [letter] = made([record(value), record(POISON, offset=6)], form=form(registry))
    assert [one["sku"] for one in found] == ["TEA"]
    assert message in dict(letter.headers)["__streams.errors.message"].decode()


@given(st.binary(max_size=60))
def test_no_bytes_of_a_schema_end_it(body):
    reader = AvroReader(json.dumps(schema()))
    with contextlib.suppress(BadRow):
        assert isinstance(reader.read(body), dict)


NODE = {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"]}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no Avro"),
        ('{"type": "record"}', "no Avro"),
        ('{"type": "unheard-of"}', "no Avro"),
        (json.dumps(NODE), "names itself"),
        (json.dumps(schema({"name": "a", "type": {"type": "map", "values": NODE}})), "names itself"),
        (json.dumps(schema({"name": "a", "type": {"type": "array", "items": "null"}})), "nothings"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_read_or_has_no_end_is_refused(registry, text, message):
    registry.add(3, text)
    assert message in refused(record(framed(3, b"\2" * 100_000)), form=form(registry))[0]


def test_a_schema_that_is_there_later_is_found_later(registry):
    reading = form(registry)
    value = record(framed(5, avro(schema(), {**ROW, "sold": MOMENT, "price": None})))
    assert "not in the registry" in refused(value, form=reading)[0]
    registry.add(5, schema())
    assert len(events(value, form=reading)) == 1


# JSON Schema and Protobuf


def test_framed_json_is_json_after_the_number(registry):
    registry.add(4, {"type": "object"}, "JSON")
    [found] = events(record(framed(4, json.dumps(ROW).encode())), form=form(registry))
    assert without_id(found) == SALE
    assert "the value" in refused(record(framed(4, b"{")), form=form(registry))[0]


def test_another_kind_of_schema_is_told(registry):
    registry.add(4, "thrift", "THRIFT")
    assert "THRIFT is not read" in refused(record(framed(4, b"x")), form=form(registry))[0]


def proto():
    """Return the descriptors of a file with a message in another, and of one that it imports."""
    field = descriptor_pb2.FieldDescriptorProto
    money = descriptor_pb2.FileDescriptorProto(name="confluent/type/decimal.proto", package="confluent.type", syntax="proto3")  # fmt: skip
    decimal = money.message_type.add(name="Decimal")
    decimal.field.add(name="value", number=1, type=field.TYPE_BYTES, label=1)
    decimal.field.add(name="precision", number=2, type=field.TYPE_UINT32, label=1)
    decimal.field.add(name="scale", number=3, type=field.TYPE_INT32, label=1)
    file = descriptor_pb2.FileDescriptorProto(name="default", package="shop", syntax="proto3", dependency=["google/protobuf/timestamp.proto", "google/protobuf/wrappers.proto", money.name])  # fmt: skip
    file.message_type.add(name="Other")
    receipt = file.message_type.add(name="Outer").nested_type.add(name="Receipt")
    kind = file.enum_type.add(name="Shop")
    kind.value.add(name="S0", number=0)
    kind.value.add(name="S1", number=1)
    receipt.field.add(name="item", number=1, type=field.TYPE_STRING, label=1)
    receipt.field.add(name="qty", number=2, type=field.TYPE_INT32, label=1)
    receipt.field.add(name="sold", number=3, type=field.TYPE_MESSAGE, type_name=".google.protobuf.Timestamp", label=1)  # fmt: skip
    receipt.field.add(name="shop", number=4, type=field.TYPE_ENUM, type_name=".shop.Shop", label=1)
    receipt.field.add(name="price", number=5, type=field.TYPE_MESSAGE, type_name=".confluent.type.Decimal", label=1)  # fmt: skip
    receipt.field.add(name="note", number=6, type=field.TYPE_MESSAGE, type_name=".google.protobuf.StringValue", label=1)  # fmt: skip
    receipt.field.add(name="tags", number=7, type=field.TYPE_STRING, label=3)
    return file, money


def receipt_kind():
    file, money = proto()
    pool = descriptor_pool.DescriptorPool()
    for one in (timestamp_pb2.DESCRIPTOR.serialized_pb, __import__("google.protobuf.wrappers_pb2", fromlist=["x"]).DESCRIPTOR.serialized_pb, money.SerializeToString(), file.SerializeToString()):  # fmt: skip
        pool.AddSerializedFile(one)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Outer.Receipt"))


#: Two indexes, the second message of the file and the first within it, as zigzag numbers.
INDEXES = bytes((4, 2, 0))


@pytest.fixture
def proto_registry(registry):
    file, money = proto()
    registry.add(20, money.SerializeToString(), "PROTOBUF")
    registry.subjects["decimals", 2] = 20
    registry.add(21, file.SerializeToString(), "PROTOBUF", [("confluent/type/decimal.proto", "decimals", 2)])  # fmt: skip
    return registry


def message(**fields):
    kind = receipt_kind()
    found = kind(item="TEA", qty=2, shop=1, tags=["a"], **fields)
    found.sold.FromDatetime(MOMENT)
    found.price.value, found.price.scale = (250).to_bytes(2, "big", signed=True), 2
    return found


def test_protobuf_is_read_by_the_descriptor_of_the_registry(proto_registry):
    value = framed(21, INDEXES + message().SerializeToString())
    [found] = events(record(value), form=form(proto_registry))
    assert without_id(found) == SALE


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "no end"),
        (b"\x80\x80\x80\x80\x80\x80", "no end"),
        (b"\x01", "no number of message indexes"),
        (b"\x02\x01", "no index"),
        (b"\x02\x0e", "no message"),
        (INDEXES + b"\xff\xff", "schema says"),
        (INDEXES + b"\x0a\x02\xff\xff", "schema says"),
    ],
)
def test_what_is_no_message_is_a_dead_letter(proto_registry, body, text):
    assert text in refused(record(framed(21, body)), form=form(proto_registry))[0]


def test_a_decimal_without_bounds_and_a_time_that_is_none_are_refused(proto_registry):
    large = message()
    large.price.scale = -(2**31)
    late = message()
    late.sold.seconds = 2**60
    bodies = [INDEXES + one.SerializeToString() for one in (large, late)]
    told = refused(*(record(framed(21, body)) for body in bodies), form=form(proto_registry))
    assert "scale" in told[0]
    assert "no date" in told[1]


def test_a_schema_that_is_no_descriptor_is_refused(registry):
    registry.add(22, b"\xff\xff", "PROTOBUF")
    assert "no Protobuf" in refused(record(framed(22, b"\0")), form=form(registry))[0]


# Debezium's envelope, framed


def test_changes_may_be_avro_with_their_keys_and_times(registry):
    fields = [*AVRO_FIELDS[:3], {"name": "sold", "type": {"type": "long", "connect.name": "io.debezium.time.MicroTimestamp"}}]  # fmt: skip
    value = schema(*fields, name="Value")
    envelope = schema({"name": "before", "type": ["null", value]}, {"name": "after", "type": ["null", "shop.Value"]}, {"name": "op", "type": "string"}, {"name": "ts_ms", "type": "long"}, name="Envelope")  # fmt: skip
    key = schema({"name": "id", "type": "long"}, name="Key")
    registry.add(7, envelope)
    registry.add(8, key)
    row = {"item": "TEA", "shop": "S1", "qty": 2, "sold": 1_772_614_800_000_000}
    changes = [("c", None, row), ("u", row, {**row, "qty": 3}), ("d", {**row, "qty": 3}, None)]
    records = [
        record(
            framed(7, avro(envelope, {"op": op, "before": before, "after": after, "ts_ms": AT})),
            key=framed(8, avro(key, {"id": 7})),
        )
        for op, before, after in changes
    ]
    columns = {name: column for name, column in COLUMNS.items() if name != "unit_price"}
    maker = Changes(Rows("t", Mapping(kind="sales", columns=columns)), form(registry))
    maker.prepare(records)
    counts = Counter()
    found = [json.loads(one.value) for one in outgoing(load_settings(), maker, records, counts)]
    assert [one["quantity"] for one in found] == [2, 3, 0]
    assert found[1]["corrects"] == found[0]["event_id"]
    assert found[0]["event_id"].startswith("cdc:t:id=7:")
    assert found[0]["occurred_at"] == "2026-03-04T09:00:00Z"
    assert maker.events(record(None, key=records[0].key)) is None
    with pytest.raises(BadRow, match="framing"):
        maker.events(record(records[0].value, key=b"{}"))


# The registry


@pytest.mark.parametrize("url", ["registry:8081", "ftp://x", "http://", "http://me:secret@x"])
def test_an_address_that_cannot_be_is_told_without_its_secret(url):
    with pytest.raises(UserError, match="--registry") as error:
        Registry(url)
    assert "secret" not in str(error.value).replace("--registry-auth", "")


@pytest.mark.parametrize(
    ("secret", "sent_as"),
    [("me:pass", "Basic bWU6cGFzcw=="), ("abcdef", "Bearer abcdef"), (None, None)],
)
def test_credentials_go_along(registry, secret, sent_as):
    Registry(registry.url, secret).schema(1)
    assert registry.authorization == [sent_as]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 405])
def test_a_wrong_address_or_wrong_credentials_end_it_and_go_nowhere_else(registry, status):
    registry.answers = [status]
    with pytest.raises(UserError, match=str(status)) as error:
        Registry(registry.url, "me:pass").schema(1)
    assert not isinstance(error.value, RegistryAway)
    assert len(registry.asked) == 1


def test_what_is_no_registry_is_told(registry):
    registry.schemas[1] = ("AVRO", "x", ())
    registry.answer = lambda _: (200, b"<html>")
    with pytest.raises(UserError, match="with something else"):
        Registry(registry.url).schema(1)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_may_be_better_later_is_away(registry, status):
    registry.answers = [status]
    asked = Registry(registry.url)
    with pytest.raises(RegistryAway, match=str(status)):
        asked.schema(1)
    assert asked.schema(1).kind == "AVRO"
    with pytest.raises(RegistryAway):
        Registry("http://127.0.0.1:1").schema(1)


def test_references_in_a_circle_come_to_an_end(registry):
    registry.add(30, schema(), references=[("a", "a", 1)])
    registry.add(31, schema(), references=[("b", "b", 1)])
    registry.add(32, schema(), references=[("a", "a", 1)])
    registry.subjects = {("a", 1): 31, ("b", 1): 32}
    with pytest.raises(BadRow, match="no end"):
        Registry(registry.url).schema(30)


def test_while_the_registry_is_away_it_waits_and_then_goes_on(registry):
    registry.answers = [503, 503]
    maker = Records("shop.receipts", SALES, form(registry))
    records = [record(POISON)]
    assert asyncio.run(_prepared(maker, records, once=False, stopped=lambda: False))
    assert len(registry.asked) == 3
    registry.answers = [503]
    away = Records("shop.receipts", SALES, form(registry))
    assert not asyncio.run(_prepared(away, records, once=False, stopped=lambda: True))
    registry.answers = [503]
    with pytest.raises(RegistryAway):
        asyncio.run(_prepared(away, records, once=True, stopped=lambda: False))


def test_without_the_extra_it_says_what_to_install(monkeypatch, registry):
    monkeypatch.setitem(__import__("sys").modules, "fastavro", None)
    with pytest.raises(UserError, match=r"andon\[registry\]"):
        form(registry).prepare([POISON])


# The command


def mapping_file(tmp_path):
    path = tmp_path / "receipts.toml"
    columns = "\n".join(f'{field} = "{column}"' for field, column in COLUMNS.items())
    path.write_text(f'kind = "sales"\n[columns]\n{columns}\n')
    return path


def test_the_command_says_what_is_wrong(tmp_path):
    path = str(mapping_file(tmp_path))
    run = ("--broker", "127.0.0.1:1", "connect", "topic", "t", "--mapping", path)
    code, _, err = andon(*run)
    assert (code, "127.0.0.1:1" in err) == (1, True)
    code, _, err = andon(*run, "--registry", "nowhere")
    assert (code, "expected http://" in err) == (1, True)
    broken = tmp_path / "x.avsc"
    broken.write_text("{")
    code, _, err = andon(*run, "--schema", str(broken))
    assert (code, "no Avro" in err) == (1, True)


@pytest.mark.integration
def test_a_topic_is_read_by_its_registry_and_goes_on_where_it_was(topics, tmp_path, registry):
    name = f"{topics.prefix}.shop.receipts"
    secret = tmp_path / "secret"
    secret.write_text("me:pass\n")
    run = ("--broker", topics.broker, "--prefix", topics.prefix, "connect", "topic", name, "--mapping", str(mapping_file(tmp_path)), "--once", "--json", "--registry", registry.url, "--registry-auth", str(secret))  # fmt: skip
    with KafkaAdminClient(**kafka_python_config(topics)) as admin:
        admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1}})
        admin.wait_for_topics([name])
    value = {**ROW, "sold": MOMENT, "price": Decimal("2.50")}
    producer = KafkaProducer(**kafka_python_config(topics))
    try:
        for one in (framed(1, avro(schema(), value)), b"poison", framed(9, b"x"), None):
            producer.send(name, value=one, key=b"k").get(timeout=30)
        registry.answers = [503]
        code, _, err = andon(*run)
        assert (code, "503" in err) == (1, True), "nothing is lost while the registry is away"
        assert (sent(topics, "pos"), list(read(topics, "deadletters"))) == ([], [])
        code, out, err = andon(*run)
        assert code == 0, err
        assert json.loads(out) == {"records": 4, "events": 1, "refused": 2, "silent": 1}
        producer.send(name, value=framed(1, avro(schema(), {**value, "qty": 4})), key=b"k").get(timeout=30)  # fmt: skip
    finally:
        producer.close()
    code, out, err = andon(*run)
    assert json.loads(out) == {"records": 1, "events": 1, "refused": 0, "silent": 0}
    assert [one["quantity"] for one in sent(topics, "pos")] == [2, 4]
    assert len(list(read(topics, "deadletters"))) == 2
    assert registry.authorization[-1] == "Basic bWU6cGFzcw=="
