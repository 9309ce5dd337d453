"""Rows of sales and of stock."""

from datetime import time
from typing import Any, Final

from andon.connect.imports.events import (
    UNNAMED,
    Made,
    Skip,
    content_digest,
    digest,
    made,
    record_of,
)
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.moves import sold_by
from andon.connect.imports.outcomes import check_status, is_cancelled, kind_of
from andon.connect.imports.values import Values
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow
from andon.schemas.common import item_key
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement

_MOST_DAYS: Final = 10_000
_MIDNIGHT: Final = time(0)


class Days:
    """The days of the sales of a table that say no time of day (proleptic ordinals), as far as a few thousand."""

    def __init__(self) -> None:
        self._days: set[int] = set()
        self._midnights: set[int] = set()
        self._has_times = False

    def see(self, moment: Moment) -> None:
        """Note a day."""
        if moment.has_time and moment.at.time() != _MIDNIGHT:
            self._has_times = True
            return
        days = self._midnights if moment.has_time else self._days
        if len(days) < _MOST_DAYS:
            days.add(moment.at.toordinal())

    @property
    def days(self) -> set[int]:
        """The days; midnight is no time of day where no row says another."""
        return self._days if self._has_times else self._days | self._midnights


def place_of(values: Values, mapping: Mapping) -> str:
    """Return the location of a row, or the one that the user names for those that name none.

    Raises:
        BadRow: nobody names one.
    """
    found = values.code("location")
    if found is not None:
        return found
    if len(mapping.locations) != 1:
        raise BadRow(
            "missing", "location: nothing there; say --location NAME for rows that name none"
        )
    return mapping.locations[0]


def sale(values: Values, mapping: Mapping, kept: Days) -> list[Made]:
    """Return the event of a row of sales; a negative quantity is a return.

    Raises:
        BadRow: the row cannot be.
        Skip: it was cancelled, or nothing was sold.
    """
    cancelled = values.text("cancelled")
    if cancelled is not None and is_cancelled(cancelled):
        raise Skip("cancelled")
    sku, moment, quantity = (
        values.code("sku"),
        values.moment("occurred_at"),
        values.units("quantity"),
    )
    if sku is None:
        raise values.missing("sku")
    if moment is None:
        raise values.missing("occurred_at")
    if quantity is None:
        raise values.missing("quantity")
    mover, sign = sold_by(values)
    quantity *= sign
    status = values.text("status")
    if status is not None:
        check_status(status, values.head("status"), quantity)
    kind = kind_of(values.text("kind"), quantity, values.head("kind"))
    if quantity == 0:
        raise Skip("nothing sold")
    price, location = values.number("unit_price"), mover or place_of(values, mapping)
    if price is not None and price < 0 < quantity and kind == "sale":
        raise BadRow(
            "price",
            f"{values.head('unit_price')}: {price} for units that were sold: a return has a quantity below 0 or a kind that says so",
        )
    receipt, line, till = (values.text(name) for name in ("transaction_id", "line", "till"))
    at = values.believed(values.at(moment), "occurred_at")
    said = (kind, sku, abs(quantity), None if price is None else price.normalize(), at.isoformat())
    # A receipt's number begins anew each day in some shops.
    document = (location, till, receipt, moment.at.date() if receipt else None)
    kept.see(moment)
    numbered = receipt is not None and line is not None
    sold = record_of(
        Sale,
        {
            "event_id": UNNAMED,
            "occurred_at": at,
            "location": location,
            "sku": sku,
            "quantity": abs(quantity),
            "kind": kind,
            "unit_price": None if price is None else abs(float(price)),
            "transaction_id": receipt,
        },
    )
    identity = digest("sale", *document, line) if numbered else digest("sale", *document, *said)
    return [
        made(
            "pos",
            sold,
            item_key(location, sku),
            identity,
            content_digest(*said) if numbered else b"",
        )
    ]


def count(values: Values, mapping: Mapping, kept: Any) -> list[Made]:
    """Return the event of a row of stock: a count; a day without a time is meant at its end.

    Raises:
        BadRow: the row cannot be.
    """
    del kept
    sku, quantity = values.code("sku"), values.units("quantity")
    if sku is None:
        raise values.missing("sku")
    if quantity is None:
        raise values.missing("quantity")
    location, area = place_of(values, mapping), values.text("area")
    at = values.instant("occurred_at", end_of_day=True)
    if at is None:
        raise values.missing("occurred_at")
    values.believed(at, "occurred_at")
    if quantity < 0:
        raise BadRow(
            "negative", f"{quantity} on hand: no count finds less than nothing; count the item"
        )
    counted = record_of(
        StockMovement,
        {
            "event_id": UNNAMED,
            "occurred_at": at,
            "location": location,
            "sku": sku,
            "kind": "count",
            "quantity": quantity,
            "area": area,
        },
    )
    identity = digest("count", location, sku, area, at.isoformat())
    return [made("stock", counted, item_key(location, sku), identity, content_digest(quantity))]
