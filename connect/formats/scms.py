"""USAID SCMS delivery history: purchase-order lines of health commodities, as shipments and their delays.

One row is one shipment. It is `ordered` on the day the order went to the vendor; where that day was not captured, or the
goods came from the programme's own warehouse, it is `confirmed` on the day of the quote or, at the latest, of the promise,
and no lead time can be learned from it. It is `received` on the day of delivery. A row delivered after its promise is
reported as delayed, with no known end, when the promised day is over: the file says no more than that.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from andon.connect.formats.rows import Bad, BadRow, Published, Row, csv_rows
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID, TableOptions
from andon.schemas.common import Record
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.items import Item, Source
from andon.schemas.shipments import ShipmentEvent, ShipmentLine

_COLUMNS = (
    ("ID", "id"),
    ("PO / SO #",),
    ("Country",),
    ("Shipment Mode",),
    ("PQ First Sent to Client Date",),
    ("PO Sent to Vendor Date",),
    ("Scheduled Delivery Date",),
    ("Delivered to Client Date",),
    ("Vendor",),
    ("Item Description",),
    ("Line Item Quantity",),
)
#: What stands in date columns where there is no date.
_NO_DATE = frozenset({"", "Date Not Captured", "Pre-PQ Process", "N/A - From RDC", "N/A"})
_DAY = timedelta(days=1)
_NOON = timedelta(hours=12)


def read(
    source: InputFile,
    *,
    location: str | None = None,
    with_items: bool = False,
    options: TableOptions = UNSAID,
) -> Iterator[Row]:
    """Yield what becomes of each row; the rows are not in the order of time.

    Args:
        source: the file.
        location: where the goods go; default the row's country.
        with_items: whether an item's first shipment brings planning master data with it.
        options: what is said of how the file is written.

    Raises:
        FormatError: the file is no SCMS file.
    """
    known: set[str] = set()
    for line, cells, wanted in csv_rows(source, _COLUMNS, "SCMS", options):
        try:
            if wanted is None:
                raise BadRow("columns", "not as many columns as the first line has")  # noqa: TRY301
            records = _records(wanted, location)
        except BadRow as error:
            yield Bad(line, error.reason, f"line {line}: {error}", ",".join(cells), "shipments")
            continue
        if with_items:
            records = _with_item(records, known)
        timed = tuple((family, at.timestamp(), record) for family, at, record in records)
        yield Published(line, "shipment", timed)


def _records(wanted: tuple[str, ...], location: str | None) -> list[tuple[str, datetime, Record]]:
    row, order, country, mode, quoted, sent, scheduled, delivered, vendor, item, quantity = wanted
    if not row.strip():
        raise BadRow("id", "ID: missing")
    shipment_id = f"{order.strip() or 'SCMS'}-{row.strip()}"
    line = _line(location or _unmangled(country), _unmangled(item), quantity)
    promised = _required("Scheduled Delivery Date", scheduled) + _DAY - timedelta(seconds=1)
    received = _required("Delivered to Client Date", delivered) + _NOON
    ordered = _date("PO Sent to Vendor Date", sent)
    known = ordered or _date("PQ First Sent to Client Date", quoted)
    if ordered is not None and ordered + _NOON > received:
        raise BadRow("dates", f"delivered on {received:%Y-%m-%d}, before it was ordered")
    known = min(known + _NOON if known else promised - _NOON, received - timedelta(hours=1))
    supplier, lane = vendor.strip()[:128] or None, _unmangled(country)[:128] or None
    way = None if mode.strip() in ("", "N/A") else mode.strip()
    records: list[tuple[str, datetime, Record]] = [
        (
            "shipments",
            known,
            ShipmentEvent(
                event_id=f"{shipment_id}-ordered",
                occurred_at=known,
                shipment_id=shipment_id,
                status="ordered" if ordered else "confirmed",
                supplier=supplier,
                lane=lane,
                mode=way,
                ordered_at=known if ordered else None,
                promised_at=promised,
                lines=(line,),
            ),
        )
    ]
    if received > promised:
        delay = DelayEvent(
            event_id=f"{shipment_id}-late",
            occurred_at=promised,
            delay_id=f"{shipment_id}-late",
            scope=Scope(type="shipment", id=shipment_id),
            reason="not delivered on the promised day",
        )
        records.append(("delays", promised, delay))
    arrival = ShipmentEvent(
        event_id=f"{shipment_id}-received",
        occurred_at=received,
        shipment_id=shipment_id,
        status="received",
        lines=(ShipmentLine(location=line.location, sku=line.sku, received=line.quantity),),
    )
    records.append(("shipments", received, arrival))
    return records


def _line(location: str, item: str, quantity_text: str) -> ShipmentLine:
    try:
        quantity = int(quantity_text)
    except ValueError:
        raise BadRow(
            "quantity", f"Line Item Quantity: {quantity_text!r} is no whole number"
        ) from None
    if not 0 < quantity <= 1_000_000_000:
        raise BadRow("quantity", f"Line Item Quantity: {quantity} cannot be shipped")
    place, sku = location.strip().replace("/", "-")[:64], item.strip()[:128]
    if not place:
        raise BadRow("country", "Country: missing")
    if not sku:
        raise BadRow("item", "Item Description: missing")
    return ShipmentLine(location=place, sku=sku, quantity=quantity)


def _required(column: str, text: str) -> datetime:
    date = _date(column, text)
    if date is None:
        raise BadRow("date", f"{column}: no date, but {text!r}")
    return date


def _date(column: str, text: str) -> datetime | None:
    """Return midnight UTC of a date as the copies on the net write it: 2006-06-02, 2-Jun-06 or 6/2/06."""
    text = text.strip()
    if text in _NO_DATE:
        return None
    for form in ("%Y-%m-%d", "%d-%b-%y", "%m/%d/%y", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise BadRow("date", f"{column}: {text!r} is no date")


def _unmangled(text: str) -> str:
    """Return a text whose UTF-8 was once read as Windows-1252 as it was meant."""
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def _with_item(
    records: list[tuple[str, datetime, Record]], known: set[str]
) -> list[tuple[str, datetime, Record]]:
    _, at, first = records[0]
    if not isinstance(first, ShipmentEvent):
        return records
    line = first.lines[0]
    key = f"{line.location}/{line.sku}"
    if key in known:
        return records
    known.add(key)
    item = Item(
        location=line.location,
        sku=line.sku,
        updated_at=at,
        currency="USD",
        sources=(Source(supplier=first.supplier or "unknown", lead_time_days=90.0),),
    )
    return [("items", at, item), *records]
