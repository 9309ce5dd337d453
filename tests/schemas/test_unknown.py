"""Fields that no schema has are found wherever they stand."""

import pytest

from andon.schemas.items import Item
from andon.schemas.pos import Sale
from andon.schemas.shipments import ShipmentEvent
from andon.schemas.unknown import unknown_fields


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Item, {"location": "S", "sku": "A", "sources": [{"supplier": "ACME"}]}, ()),
        (Item, {"sku": "A", "order_days": ["Mon"]}, ("order_days",)),
        (
            Item,
            {"sources": [{"supplier": "A", "minimum": 3}, {"minimum": 4, "cut_off": "12:00"}]},
            ("sources.minimum", "sources.cut_off"),
        ),
        (
            Item,
            {"promotions": [{"starts_on": "2026-01-01", "channel": "web"}]},
            ("promotions.channel",),
        ),
        (Item, {"sources": None, "promotions": {"channel": 1}}, ("promotions.channel",)),
        (Sale, {"quantity": 1, "till": 4}, ("till",)),
        (ShipmentEvent, {"lines": [{"sku": "A", "batch": "x"}]}, ("lines.batch",)),
        (Item, ["no object"], ()),
    ],
)
def test_what_no_field_takes_is_named_by_its_path(kind, value, expected):
    assert unknown_fields(kind, value) == expected


def test_of_very_many_some_are_named():
    assert len(unknown_fields(Item, {f"x{number}": 1 for number in range(1000)})) == 16
