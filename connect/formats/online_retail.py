"""UCI Online Retail: invoice lines of a UK gift wholesaler, its returns, its stock corrections and its postage.

Which row is what:

- a code that is no article (postage, bank charges, samples, vouchers, ...) is skipped as `non_stock`;
- an invoice that begins with C is a cancellation: its lines are returns;
- a line at no price and for no customer is a `stock_correction`, no demand, and skipped, if its quantity is negative
  ("damages", "thrown away") or if it names no article but gives a note ("found", "adjustment") or nothing;
- every other line with a positive quantity is a sale, gifts to customers included;
- what is left cannot be (no number, no date, quantity 0, a negative price, a return outside a cancellation).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from andon.connect.formats.rows import Bad, BadRow, Published, Row, Skipped, csv_rows
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID, TableOptions
from andon.schemas.common import Record, utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale

LOCATION = "uk-warehouse"
_ZONE = ZoneInfo("Europe/London")
_COLUMNS = (
    ("InvoiceNo", "Invoice"),
    ("StockCode",),
    ("Description",),
    ("Quantity",),
    ("InvoiceDate",),
    ("UnitPrice", "Price"),
    ("CustomerID", "Customer ID"),
)
#: Articles have five digits and perhaps letters; a few of the web shop begin with DCGS, and PADS are cushion pads.
_ARTICLE = re.compile(r"^(\d{5}[A-Z]*|DCGS\w+|PADS)$")
_NO_ARTICLE = re.compile(
    r"^(POST|DOT|M|C2|D|S|B|BANK CHARGES|AMAZONFEE|CRUK|GIFT_\w+|TEST\w*|ADJUST\w*|SP\d+|GIFT)$"
)
_MOST = 1_000_000_000


def read(
    source: InputFile,
    *,
    location: str | None = None,
    with_items: bool = False,
    options: TableOptions = UNSAID,
) -> Iterator[Row]:
    """Yield what becomes of each row; see the head of this module.

    Args:
        source: the file.
        location: where the sales are booked; default `uk-warehouse`.
        with_items: whether an article's first sale brings planning master data with it.
        options: what is said of how the file is written.

    Raises:
        FormatError: the file is no Online Retail file.
    """
    place = location or LOCATION
    known: set[str] = set()
    for line, cells, wanted in csv_rows(source, _COLUMNS, "Online Retail", options):
        try:
            row = _row(line, wanted, place)
        except BadRow as error:
            yield Bad(line, error.reason, f"line {line}: {error}", ",".join(cells), "pos")
            continue
        if with_items and isinstance(row, Published) and row.outcome == "sale":
            _, at, sale = row.records[0]
            if isinstance(sale, Sale) and sale.sku not in known:
                known.add(sale.sku)
                description = wanted[2].strip() if wanted else ""
                item = ("items", at, _item(sale, at, description))
                row = Published(line, row.outcome, (item, *row.records), row.units)
        yield row


def _row(line: int, wanted: tuple[str, ...] | None, location: str) -> Row:
    if wanted is None:
        raise BadRow("columns", "not as many columns as the first line has")
    invoice, code, description, quantity_text, date_text, price_text, customer = wanted
    sku = code.strip().upper()
    if _ARTICLE.match(sku) is None:
        if _NO_ARTICLE.match(sku):
            return Skipped(line, "non_stock")
        raise BadRow("stock_code", f"StockCode: {code!r} is neither an article nor a known charge")
    quantity, price = _quantity(quantity_text), _price(price_text)
    at, occurred_at = _instant(date_text)
    cancelled = invoice[:1] in ("C", "c")
    if not cancelled and price == 0 and not customer and (quantity < 0 or _is_note(description)):
        return Skipped(line, "stock_correction")
    if cancelled and quantity > 0:
        raise BadRow("quantity", f"Quantity: cancellation {invoice} cannot sell {quantity}")
    if not cancelled and quantity < 0:
        raise BadRow("quantity", f"Quantity: {quantity} on {invoice}, which is no cancellation")
    units = abs(quantity)
    sale = Sale(
        event_id=f"online-retail-{line}",
        occurred_at=occurred_at,
        location=location,
        sku=sku,
        quantity=units,
        kind="return" if cancelled else "sale",
        unit_price=price,
        transaction_id=invoice or None,
    )
    return Published(line, sale.kind, (("pos", at, sale),), units)


def _quantity(text: str) -> int:
    try:
        quantity = int(text)
    except ValueError:
        raise BadRow("quantity", f"Quantity: {text!r} is no whole number") from None
    if quantity == 0 or abs(quantity) > _MOST:
        raise BadRow("quantity", f"Quantity: {quantity} is nothing that can be sold")
    return quantity


def _price(text: str) -> float:
    try:
        price = float(text)
    except ValueError:
        raise BadRow("price", f"UnitPrice: {text!r} is no number") from None
    if not 0 <= price < 1e12:
        raise BadRow("price", f"UnitPrice: {text} cannot be a price")
    return price


def _is_note(description: str) -> bool:
    """Whether a description is a clerk's note: articles are named in capitals."""
    start = description.strip()[:2]
    return not (start[:1].isdigit() or start.isupper())


@lru_cache(maxsize=4096)
def _instant(text: str) -> tuple[float, datetime]:
    """Return the instant of a local time in London; the files on the net write it in two ways."""
    for form in ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M"):
        try:
            local = datetime.strptime(text.strip(), form).replace(tzinfo=_ZONE)
        except ValueError:
            continue
        instant = local.astimezone(UTC)
        return instant.timestamp(), instant
    raise BadRow("date", f"InvoiceDate: {text!r} is no date")


def _item(sale: Sale, at: float, description: str) -> Record:
    """Return master data that the file does not have: half the price as cost, two weeks as lead time."""
    price = sale.unit_price or 1.0
    return Item(
        location=sale.location,
        sku=sale.sku,
        updated_at=utc(at),
        description=description[:2000],
        currency="GBP",
        unit_cost=round(price / 2, 4),
        unit_price=price,
        order_cost=10.0,
        sources=(Source(supplier="WHOLESALE", lead_time_days=14.0, lead_time_sd_days=4.0),),
    )
