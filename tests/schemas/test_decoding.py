"""What decoding accepts and refuses, family by family, and that every refusal names the field."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert
from andon.schemas.boms import Bom
from andon.schemas.common import Record, decode, encode, item_key, split_item_key
from andon.schemas.delays import DelayEvent
from andon.schemas.examples import EXAMPLES
from andon.schemas.families import FAMILIES
from andon.schemas.items import Item
from andon.schemas.kanban import CardEvent, Loop
from andon.schemas.locations import Place
from andon.schemas.orders import OrderEvent
from andon.schemas.pos import Sale
from andon.schemas.production import ProductionEvent
from andon.schemas.shipments import ShipmentEvent
from andon.schemas.stock import StockMovement
from andon.schemas.suppliers import Supplier

TIME = "2026-03-02T09:14:07+01:00"
SMALLEST: dict[type[Record], dict[str, Any]] = {
    Sale: {
        "event_id": "e-1",
        "occurred_at": TIME,
        "location": "store-3",
        "sku": "TEA-01",
        "quantity": 2,
    },
    StockMovement: {
        "event_id": "e-1",
        "occurred_at": TIME,
        "location": "store-3",
        "sku": "TEA-01",
        "kind": "count",
        "quantity": 38,
    },
    ShipmentEvent: {
        "event_id": "e-1",
        "occurred_at": TIME,
        "shipment_id": "PO-7001",
        "status": "ordered",
    },
    DelayEvent: {
        "event_id": "e-1",
        "occurred_at": TIME,
        "delay_id": "strike",
        "scope": {"type": "carrier", "id": "NORDFREIGHT"},
    },
    Item: {
        "location": "store-3",
        "sku": "TEA-01",
        "updated_at": TIME,
        "sources": [{"supplier": "ACME", "lead_time_days": 5}],
    },
    Supplier: {"supplier": "ACME", "updated_at": TIME},
    Place: {"location": "store-3", "updated_at": TIME},
    Bom: {
        "location": "plant",
        "sku": "LAMP",
        "updated_at": TIME,
        "components": [{"sku": "BOLT"}],
    },
    ProductionEvent: {
        "event_id": "e-1",
        "occurred_at": TIME,
        "order_id": "P-88",
        "location": "plant",
        "line": "L1",
        "sku": "LAMP",
        "status": "started",
    },
    Loop: {
        "location": "ward-3",
        "sku": "GLOVES-M",
        "updated_at": TIME,
        "container": 100,
        "cards": 4,
    },
    CardEvent: {
        "event_id": "e-1",
        "occurred_at": TIME,
        "location": "ward-3",
        "sku": "GLOVES-M",
        "card": "G-2",
        "status": "pulled",
    },
    Ack: {
        "event_id": "e-1",
        "occurred_at": TIME,
        "alert_id": "replenish:store-3/TEA-01:1",
        "action": "acknowledged",
    },
    OrderEvent: {
        "event_id": "e-1",
        "occurred_at": TIME,
        "order_id": "PO-7001",
        "status": "approved",
    },
}
INPUTS = list(SMALLEST)
MISSING = [(kind, field) for kind, fields in SMALLEST.items() for field in fields]
SALE = json.dumps(SMALLEST[Sale]).encode()


def value(kind: type[Record], /, **changes: Any) -> bytes:
    """The smallest valid value of a kind, with changes."""
    return json.dumps(SMALLEST[kind] | changes).encode()


def test_every_input_family_is_tried() -> None:
    """A new input family must be added to the tables here."""
    assert set(INPUTS) == {f.record for f in FAMILIES.values() if f.direction == "in"}


@pytest.mark.parametrize("kind", INPUTS)
def test_the_required_fields_are_enough(kind: type[Record]) -> None:
    """Everything else has a default, so that an older writer is understood."""
    assert isinstance(decode(value(kind), kind), kind)


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="empty value"),
        pytest.param(b"  \n", id="only blanks"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"hello", id="words"),
        pytest.param(b"\x00\x00\x00\x00\x07", id="another serializer's bytes"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b"<sale/>", id="XML"),
        pytest.param(b"{'event_id': 'e'}", id="single quotes"),
        pytest.param(b"NaN", id="NaN alone"),
    ],
)
def test_what_is_not_json_is_no_validation_error(kind: type[Record], text: bytes) -> None:
    """The two are told apart: the dead letter's reason is `not_json`."""
    with pytest.raises(msgspec.DecodeError) as caught:
        decode(text, kind)
    assert not isinstance(caught.value, msgspec.ValidationError)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SALE[:-1] + b',"unit_price":NaN}', id="NaN"),
        pytest.param(SALE[:-1] + b',"unit_price":Infinity}', id="infinity"),
        pytest.param(SALE[:-1] + b',"unit_price":-Infinity}', id="negative infinity"),
        pytest.param(SALE[:-1] + b',"unknown":NaN}', id="NaN in an unknown field"),
        pytest.param(SALE + SALE, id="two values in one record"),
        pytest.param(SALE.replace(b"e-1", b"\\ud800"), id="half a surrogate pair"),
    ],
)
def test_nearly_json_is_not_json(text: bytes) -> None:
    """NaN and infinities are no JSON wherever they stand, so no figure can be poisoned by one."""
    with pytest.raises(msgspec.DecodeError) as caught:
        decode(text, Sale)
    assert not isinstance(caught.value, msgspec.ValidationError)


def test_bytes_that_are_no_text_are_refused() -> None:
    """The error is a ValueError like all others here."""
    with pytest.raises(UnicodeDecodeError):
        decode(SALE.replace(b"e-1", b"\xff\xfe"), Sale)


@pytest.mark.parametrize("depth", [100_000, 400_000])
@pytest.mark.parametrize("closed", [True, False])
def test_deep_nesting_ends_in_an_error_not_in_a_crash(depth: int, closed: bool) -> None:
    """A few hundred thousand brackets fit into a record."""
    nested = b"[" * depth + (b"]" * depth if closed else b"")
    with pytest.raises(RecursionError):
        decode(SALE[:-1] + b',"unknown":' + nested + b"}", Sale)


@pytest.mark.parametrize(("kind", "field"), MISSING)
def test_a_missing_field_is_named(kind: type[Record], field: str) -> None:
    """No field that is required has a silent default."""
    fields = {name: part for name, part in SMALLEST[kind].items() if name != field}
    with pytest.raises(msgspec.ValidationError, match=rf"missing required field `{field}`"):
        decode(json.dumps(fields).encode(), kind)


@pytest.mark.parametrize(("kind", "field"), MISSING)
@pytest.mark.parametrize(
    "wrong", [None, True, [[]], {"a": 1}], ids=["null", "true", "list", "object"]
)
def test_a_field_of_the_wrong_type_is_named(kind: type[Record], field: str, wrong: Any) -> None:
    """Nothing is converted: `true` is no quantity and `null` no name."""
    with pytest.raises(msgspec.ValidationError, match=rf"\$\.{field}"):
        decode(value(kind, **{field: wrong}), kind)


@pytest.mark.parametrize("text", [b"null", b"[]", b"3", b'"sale"', b"true"])
def test_json_that_is_no_object_is_refused(text: bytes) -> None:
    """It is JSON, so it is invalid rather than not JSON."""
    with pytest.raises(msgspec.ValidationError, match="Expected `object`"):
        decode(text, Sale)


@pytest.mark.parametrize(
    ("kind", "changes", "named"),
    [
        (Sale, {"quantity": 0}, "quantity"),
        (Sale, {"quantity": -3}, "quantity"),
        (Sale, {"quantity": 1.5}, "quantity"),
        (Sale, {"quantity": 2.0}, "quantity"),
        (Sale, {"quantity": "2"}, "quantity"),
        (Sale, {"quantity": 1_000_000_001}, "quantity"),
        (Sale, {"quantity": 10**400}, "quantity"),
        (Sale, {"unit_price": -0.01}, "unit_price"),
        (Sale, {"kind": "theft"}, "kind"),
        (Sale, {"event_id": ""}, "event_id"),
        (Sale, {"event_id": "e" * 257}, "event_id"),
        (Sale, {"location": "store/3"}, "location"),
        (Sale, {"location": "s" * 65}, "location"),
        (Sale, {"sku": ""}, "sku"),
        (StockMovement, {"quantity": -1}, "quantity"),
        (StockMovement, {"kind": "spoilage", "quantity": -1}, "quantity"),
        (StockMovement, {"kind": "adjustment", "quantity": -1_000_000_001}, "quantity"),
        (ShipmentEvent, {"status": "lost"}, "status"),
        (
            ShipmentEvent,
            {"lines": [{"location": "a", "sku": "b", "quantity": -1}]},
            "lines[0].quantity",
        ),
        (
            ShipmentEvent,
            {"lines": [{"location": "a", "sku": "b", "received": -1}]},
            "lines[0].received",
        ),
        (ShipmentEvent, {"lines": [{"location": "a"}]}, "sku"),
        (DelayEvent, {"scope": {"type": "planet", "id": "Earth"}}, "scope.type"),
        (DelayEvent, {"delay_hours": 9000}, "delay_hours"),
        (DelayEvent, {"delay_hours": -9000}, "delay_hours"),
        (DelayEvent, {"expected_at": TIME}, "expected_at"),
        (
            DelayEvent,
            {"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"},
            "ends_at",
        ),
        (DelayEvent, {"severity": 1.01}, "severity"),
        (Item, {"sources": []}, "sources"),
        (Item, {"sources": [{"supplier": "ACME", "lead_time_days": -1}]}, "lead_time_days"),
        (Item, {"sources": [{"supplier": "ACME"}]}, "lead_time_days"),
        (Item, {"service_level": 1}, "service_level"),
        (Item, {"currency": "euro"}, "currency"),
        (Item, {"pack_size": 0}, "pack_size"),
        (Item, {"shelf_life_days": 0}, "shelf_life_days"),
        (Item, {"unit_cost": -1}, "unit_cost"),
        (Item, {"service_class": "urgent"}, "service_class"),
        (Ack, {"action": "snoozed"}, "snooze_until"),
        (Ack, {"action": "ignored"}, "action"),
        (Ack, {"action": "ordered", "quantity": 0}, "quantity"),
    ],
)
def test_a_value_out_of_bounds_is_named(
    kind: type[Record], changes: dict[str, Any], named: str
) -> None:
    """The text of the error is what the producer gets to read in the dead letter."""
    with pytest.raises(msgspec.ValidationError) as caught:
        decode(value(kind, **changes), kind)
    assert named in str(caught.value)


@pytest.mark.parametrize("number", [b"1e999", b"-1e999"])
def test_a_number_beyond_floats_is_no_infinity(number: bytes) -> None:
    """It is valid JSON, but nothing that can be reckoned with."""
    with pytest.raises(msgspec.ValidationError, match=r"\$\.unit_price"):
        decode(SALE[:-1] + b',"unit_price":' + number + b"}", Sale)


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize(
    "time",
    [
        pytest.param("2026-03-02T09:14:07", id="no offset"),
        pytest.param("2026-03-02", id="a date"),
        pytest.param("2026-02-30T09:14:07Z", id="no such day"),
        pytest.param("02.03.2026 09:14", id="local custom"),
        pytest.param("", id="nothing"),
        pytest.param(1772438047, id="a number"),
    ],
)
def test_a_time_must_be_rfc_3339_with_an_offset(kind: type[Record], time: Any) -> None:
    """A naive time would be an hour or more off, silently."""
    field = "updated_at" if kind in (Item, Supplier, Place, Bom, Loop) else "occurred_at"
    with pytest.raises(msgspec.ValidationError, match=rf"\$\.{field}"):
        decode(value(kind, **{field: time}), kind)


@pytest.mark.parametrize(
    "time", ["2026-03-02T08:14:07Z", "2026-03-02T09:14:07+01:00", "2026-03-02T03:14:07.000-05:00"]
)
def test_the_offset_does_not_change_the_instant(time: str) -> None:
    """The same instant, wherever the clock hangs."""
    sale = decode(value(Sale, occurred_at=time), Sale)
    assert sale.occurred_at == datetime(2026, 3, 2, 8, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize("time", ["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_an_absurd_time_is_decoded(time: str) -> None:
    """The contract knows no clock; whoever knows the record's own time judges it."""
    assert decode(value(Sale, occurred_at=time), Sale).occurred_at == datetime.fromisoformat(time)


@pytest.mark.parametrize("kind", INPUTS)
def test_unknown_fields_are_ignored(kind: type[Record]) -> None:
    """However they look, and whatever they hold."""
    extra = {"weather": "rain", "nested": {"deep": [1, {"er": None}]}, "huge": 10**400}
    assert decode(value(kind, **extra), kind) == decode(value(kind), kind)


class NewerSale(Sale, frozen=True, kw_only=True, omit_defaults=True):
    """A sale as a later version may write it: with more optional fields."""

    channel: str | None = None
    loyalty_points: int = 0


def test_an_older_reader_survives_a_newer_writer() -> None:
    """It reads what it knows."""
    fields = msgspec.to_builtins(EXAMPLES["pos"])
    newer = msgspec.convert(fields | {"channel": "web", "loyalty_points": 9}, NewerSale)
    assert b"loyalty_points" in encode(newer)
    assert decode(encode(newer), Sale) == EXAMPLES["pos"]


def test_a_newer_reader_survives_an_older_writer() -> None:
    """What the older writer does not know has its default."""
    assert decode(encode(EXAMPLES["pos"]), NewerSale).loyalty_points == 0


def test_what_has_its_default_is_not_written() -> None:
    """Records stay small, and a default may be given a meaning only once."""
    assert b"kind" not in encode(EXAMPLES["pos"])


def test_a_record_cannot_be_changed() -> None:
    """State keeps records; nothing may change them under it."""
    with pytest.raises(AttributeError):
        decode(SALE, Sale).quantity = 3  # type: ignore[misc]


def test_alerts_do_not_share_their_figures() -> None:
    """The default of a dictionary is a new one for each."""
    fields = msgspec.to_builtins(EXAMPLES["replenishment"])
    del fields["numbers"]
    first, second = (msgspec.convert(fields, Alert) for _ in range(2))
    assert first.numbers == {}
    assert first.numbers is not second.numbers


def test_an_item_key_is_location_and_sku() -> None:
    """An item's code may hold slashes, a location's may not."""
    assert split_item_key(item_key("store-3", "TEA/01")) == ("store-3", "TEA/01")


@pytest.mark.parametrize("key", ["", "store-3", "/TEA-01", "store-3/"])
def test_what_is_no_item_key_is_refused(key: str) -> None:
    """The message shows what was found."""
    with pytest.raises(ValueError, match="^key: expected `location/sku`"):
        split_item_key(key)
