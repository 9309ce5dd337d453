"""When a warehouse takes orders: what is told under its name like a supplier's, else its own clock and closed days."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.planning.supply.order_calendar import calendar_of
from andon.schemas.items import Item, Source
from andon.schemas.locations import Place
from andon.schemas.suppliers import Supplier

TOLD = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = Source(from_location="dc", lead_time_days=1.0)
TERMS = Supplier(
    supplier="dc", updated_at=TOLD, order_cutoff="12:00", order_weekdays=("MON", "THU")
)


def test_a_warehouse_takes_orders_by_its_terms():
    calendar = calendar_of(SOURCE, TERMS, None, Place(location="dc", updated_at=TOLD))
    # 2 March 2026 is a Monday.
    window = calendar.window(datetime(2026, 3, 2, 13, tzinfo=UTC).timestamp())
    assert window.cutoff == datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp()


def test_without_terms_its_own_closed_days_count():
    sender = Place(location="dc", updated_at=TOLD, closed=(TOLD.date() + timedelta(days=1),))
    calendar = calendar_of(SOURCE, None, None, sender)
    window = calendar.window(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp())
    assert window.opens == datetime(2026, 3, 3, tzinfo=UTC).timestamp()
    assert calendar_of(SOURCE, None, None, Place(location="dc", updated_at=TOLD)) is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [({}, "^supplier: "), ({"supplier": "ACME", "from_location": "dc"}, "^from_location: ")],
)
def test_a_source_is_a_supplier_or_a_location(fields, message):
    with pytest.raises(ValueError, match=message):
        Source(lead_time_days=1.0, **fields)


def test_no_location_is_its_own_source():
    with pytest.raises(ValueError, match="^sources: dc cannot be its own source"):
        Item(location="dc", sku="tea", updated_at=TOLD, sources=(SOURCE,))
