"""The files of a backtest: sales a day or an event a row, and, if there are any, items and past shipments.

Sales are tables (CSV of any dialect or Excel, gzipped or not) whose columns are recognised as `andon import sales` does, and
`in_stock` and `promotion` if known; or events as JSON lines. Returns on the day of a sale are taken off it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

import msgspec
import numpy as np

from andon.connect.formats import canonical, online_retail
from andon.connect.formats.rows import Bad, Published, Row
from andon.connect.imports.codes import check_code
from andon.connect.imports.events import Skip
from andon.connect.imports.grain import Said, refusal, to_spread
from andon.connect.imports.names import names_of
from andon.connect.imports.outcomes import check_status, is_cancelled, kind_of
from andon.connect.imports.recognise import recognise
from andon.connect.tables.columns import Columns, Kind
from andon.connect.tables.errors import BadRow
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID, TableOptions
from andon.connect.tables.table import Line, Table, is_json
from andon.planning.backtest.history import History
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source, Stage
from andon.schemas.pos import Sale
from andon.streams.errors import UserError
from andon.studies.deliveries import LeadTimes, Taken
from andon.studies.records import records
from andon.studies.sales import EPOCH, Sales

SalesFormat = Literal["sales", "online-retail"]
_DAY: Final = 86400.0
#: What msgspec says of a fraction in an event.
_FRACTION_OF_JSON: Final = "got `float` - at `$.quantity`"
_MOST_UNITS: Final = 1_000_000_000
_FIELDS: Final = (
    *("sku", "location", "occurred_at", "quantity", "unit_price", "in_stock", "kind", "cancelled"),
    *("promotion", "status"),
)
_NEEDED: Final = ("occurred_at", "sku", "quantity")
_KINDS: Final[dict[str, Kind]] = {
    "occurred_at": "date",
    "quantity": "number",
    "unit_price": "number",
}
#: What each kind of sale is worth as demand.
_SIGNS: Final = {"sale": 1, "backorder": 1, "return": -1, "backorder_cancelled": -1}
_TRUE: Final = {"1", "true", "yes", "y", "t", "1.0"}
_FALSE: Final = {"0", "false", "no", "n", "f", "0.0"}
#: What a column of promotions says of a day without one; all else names one.
_NOT_PROMOTED: Final = {*_FALSE, "", "none", "-"}
#: Of the price, where nobody says what an item costs.
COST_SHARE: Final = 0.6


def read_sales(
    path: Path,
    form: SalesFormat,
    location: str,
    options: TableOptions = UNSAID,
    grain: Said | None = None,
) -> Sales:
    """Return what a file of sales holds; `location` is that of rows which name none.

    Args:
        path: the file.
        form: how it is written.
        location: of rows that name none.
        options: what is said of how the table is written.
        grain: of what its rows are said to be; those of a week or month are spread over its days.

    Raises:
        UserError: the file is not of this form, holds no sale or fractions of a unit, or its rows are of no days and nobody said so.
    """
    sales = Sales()
    with InputFile(path) as source:
        rows = (
            _events(online_retail.read(source, options=options), sales)
            if form == "online-retail"
            else _plain(source, sales, location, options)
        )
        for key, day, quantity, price, in_stock, is_promoted in rows:
            sales.rows += 1
            sales.sold[key][day] += quantity
            if price is not None and price > 0:
                sales.prices[key] = price
            if not in_stock:
                sales.out_of_stock[key].add(day)
            if is_promoted:
                sales.promoted[key].add(day)
    if sales.fractions:
        more = len(sales.fractions) - 1
        msg = (
            f"{path}: {sales.fractions[0]}{f', and {more} more rows have such' if more else ''}: sales are counted in whole units. "
            "Multiply the quantities of such items by a unit of measure (1000 for kilograms in grams), in all their files alike, "
            "and divide their prices and costs by it"
        )
        raise UserError(msg)
    if not sales.sold:
        bad = ", ".join(f"{count} x {what}" for what, count in sales.bad.most_common(3))
        msg = f"{path}: no sale in it{f' ({bad})' if bad else ''}"
        raise UserError(msg)
    wrong = refusal(sales.grain, grain)
    if wrong is not None:
        msg = f"{path}: {wrong}"
        raise UserError(msg)
    whole = to_spread(grain)
    if whole is not None:
        sales.spread(whole)
    return sales


_Read = tuple[tuple[str, str], int, int, float | None, bool, bool]


def _plain(
    source: InputFile, sales: Sales, location: str, options: TableOptions
) -> Iterator[_Read]:
    if is_json(source):
        yield from _events(canonical.read(source, location=location), sales)
        return
    table = Table(source, options)
    found = recognise("sales", table.head, _FIELDS, {}).places
    lacking = [name for name in _NEEDED if name not in found]
    if lacking:
        known = ", ".join(
            f"{name} (such as {', '.join(names_of('sales', name)[1:5])})" for name in lacking
        )
        head = ", ".join(filter(None, table.head)) or "nothing"
        msg = f"{source.name}: this is no table of sales: no column is known as {known}; its first line has {head}"
        raise UserError(msg)
    columns = Columns(table, found, _KINDS)
    sales.understood = {**table.understood, **columns.understood}
    for line in table:
        try:
            if line.fault is not None:
                raise BadRow(*line.fault)
            row = _row(columns, line, location, sales)
        except _Fraction as error:
            sales.fractions.append(f"line {line.number}: {error}")
        except ValueError as error:
            sales.bad[str(error)[:60]] += 1
        except Skip:
            continue
        else:
            yield row


def _row(columns: Columns, line: Line, location: str, sales: Sales) -> _Read:
    """Return what a row says."""
    sku, price = columns.text(line, "sku"), columns.number(line, "unit_price")
    day, sold = columns.moment(line, "occurred_at"), columns.number(line, "quantity")
    if day is None or sold is None or sku is None:
        lacks = {"day": day, "quantity": sold, "sku": sku}
        raise BadRow("missing", f"{', '.join(n for n, v in lacks.items() if v is None)} missing")
    check_code(sku, "sku", columns.head("sku"))
    cancelled, status = columns.text(line, "cancelled"), columns.text(line, "status")
    if cancelled is not None and is_cancelled(cancelled):
        raise Skip("cancelled")
    quantity = _quantity(sold)
    # Programs that know no days write midnight.
    sales.has_times = sales.has_times or (day.has_time and day.at.time() != time(0))
    if status is not None:
        check_status(status, columns.head("status"), quantity)
    kind = kind_of(columns.text(line, "kind"), quantity, columns.head("kind"))
    return (
        (columns.text(line, "location") or location, sku),
        _day(day.at),
        -abs(quantity) if kind == "return" else quantity,
        float(price) if price is not None else None,
        _flag(columns.text(line, "in_stock") or ""),
        (columns.text(line, "promotion") or "").strip().lower() not in _NOT_PROMOTED,
    )


def _events(rows: Iterable[Row], sales: Sales) -> Iterator[_Read]:
    """Yield the sales among events; other families are not looked at."""
    sales.has_times = True
    for row in rows:
        if not isinstance(row, Published):
            if isinstance(row, Bad) and row.text.endswith(_FRACTION_OF_JSON):
                sales.fractions.append(f"line {row.line}: quantity: no whole number of units")
            else:
                sales.bad[row.reason] += 1
            continue
        for _, at, sale in row.records:
            if isinstance(sale, Sale) and sale.kind in _SIGNS:
                sold = _SIGNS[sale.kind] * sale.quantity
                key, is_promoted = (sale.location, sale.sku), sale.promotion is not None
                yield key, int(at // _DAY), sold, sale.unit_price, True, is_promoted


def _day(moment: datetime) -> int:
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.toordinal() - EPOCH


class _Fraction(ValueError):
    """A quantity that is no whole number of units."""


def _quantity(number: Decimal) -> int:
    if number != number.to_integral_value():
        msg = f"quantity: {number} is no whole number of units"
        raise _Fraction(msg)
    if abs(number) > _MOST_UNITS:
        msg = f"quantity: {number} is more than can be sold"
        raise ValueError(msg)
    return int(number)


def _flag(text: str) -> bool:
    low = text.lower()
    if low in _FALSE:
        return False
    if low and low not in _TRUE:
        msg = f"in_stock: {text!r} is neither true nor false"
        raise ValueError(msg)
    return True


@dataclass(frozen=True)
class Assumed:
    """What is taken of an item that no file describes."""

    lead_time_days: float = 7.0
    lead_time_sd_days: float | None = None
    order_cost: float = 0.0
    service_class: Literal["lean", "balanced", "critical"] = "balanced"
    pack_size: int = 1
    minimum_order: int = 1
    holding_cost_rate: float = 0.25
    stage: Stage = "live"


def histories(
    sales: Sales,
    items: dict[tuple[str, str], Item],
    orders: dict[str, list[Taken]],
    assumed: Assumed,
) -> list[History]:
    """Return the histories of all items of the sales, from each one's first sale to the last day of the record."""
    last = max(max(days) for days in sales.sold.values())
    made = []
    for key in sorted(sales.sold):
        by_day = sales.sold[key]
        first = min((day for day, units in by_day.items() if units > 0), default=None)
        if first is None:
            continue
        sold = np.zeros(last - first + 1, dtype=np.int64)
        for day, units in by_day.items():
            if day >= first:
                sold[day - first] = max(units, 0)
        in_stock = None
        if sales.out_of_stock.get(key):
            in_stock = np.ones(len(sold), dtype=np.bool_)
            for day in sales.out_of_stock[key]:
                if day >= first:
                    in_stock[day - first] = by_day[day] > 0
        item = items.get(key) or items.get(("", key[1]))
        item = _item(key, sales.prices.get(key), assumed) if item is None else _placed(item, key[0])
        promoted = tuple(sorted(day for day in sales.promoted.get(key, ()) if day >= first))
        made.append(History(item, first, sold, prior(0.0), in_stock, promoted=promoted))
    lead_times = LeadTimes(orders, [one.item for one in made])
    return [replace(one, lead_time=lead_times.of(one.item)) for one in made]


def _item(key: tuple[str, str], price: float | None, assumed: Assumed) -> Item:
    source = Source(
        supplier="SUPPLIER",
        lead_time_days=assumed.lead_time_days,
        lead_time_sd_days=assumed.lead_time_sd_days,
    )
    return Item(
        location=key[0],
        sku=key[1],
        updated_at=utc(0.0),
        sources=(source,),
        unit_cost=round(price * COST_SHARE, 4) if price else 1.0,
        unit_price=price,
        order_cost=assumed.order_cost,
        service_class=assumed.service_class,
        pack_size=assumed.pack_size,
        minimum_order=assumed.minimum_order,
        holding_cost_rate=assumed.holding_cost_rate,
        stage=assumed.stage,
    )


def _placed(item: Item, location: str) -> Item:
    return item if item.location == location else msgspec.structs.replace(item, location=location)


_SOURCE_FIELDS: Final = ("supplier", "lead_time_days", "lead_time_sd_days", "lane", "carrier")


def read_items(path: Path) -> dict[tuple[str, str], Item]:
    """Return items by (location, sku); a row without a location is of every location.

    JSON lines hold items as events.md describes them, CSV one column a field, with `supplier`, `lead_time_days` and
    `lead_time_sd_days` of the one source.

    Raises:
        UserError: a row is wrong; the message names its line and field.
    """
    found = {}
    for line, fields in records(path):
        if "sources" not in fields:
            source = {name: fields.pop(name) for name in _SOURCE_FIELDS if name in fields}
            fields["sources"] = [{"supplier": "SUPPLIER", **source}]
        place = fields.get("location", "")
        full = {"updated_at": "1970-01-01T00:00:00Z", **fields, "location": place or "any"}
        try:
            item = msgspec.convert(full, Item, strict=False)
        except msgspec.ValidationError as error:
            msg = f"{path}: line {line}: {error}"
            raise UserError(msg) from error
        found[place, item.sku] = item
    return found
