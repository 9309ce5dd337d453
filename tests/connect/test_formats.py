from datetime import UTC, datetime

import msgspec
import pytest
from support.sources import source_of

from andon.connect.formats import FORMATS, format_of, read
from andon.connect.formats.rows import Bad, FormatError, Published, Skipped
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import survey
from andon.schemas.pos import Sale

RETAIL_HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
SCMS_HEAD = (
    "ID,PO / SO #,Country,Shipment Mode,PQ First Sent to Client Date,PO Sent to Vendor Date,"
    "Scheduled Delivery Date,Delivered to Client Date,Vendor,Item Description,Line Item Quantity\n"
)


def rows(text, format, **more):
    options = {"location": None, "with_items": False, **more}
    with source_of(text) as source:
        return list(read(source, format, **options))


def retail(line, **more):
    return rows(RETAIL_HEAD + line + "\n", "online-retail", **more)


@pytest.mark.parametrize(
    ("line", "kind", "quantity"),
    [
        ("536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,UK", "sale", 6),
        ("536365,85123a,HEART,6,12/1/2010 8:26,2.55,,UK", "sale", 6),
        ("C536379,22423,CAKESTAND,-2,2010-12-01 09:41:00,27.5,14527.0,UK", "return", 2),
        ("537197,22841,TIN,1,2010-12-05 14:02:00,0.0,12647.0,UK", "sale", 1),
        ("536544,21773,ROSE BATHROOM,1,2010-12-01 14:32:00,0.0,,UK", "sale", 1),
        ("541,DCGS0003,BOXED GLASS ASHTRAY,1,2011-01-20 14:32:00,2.51,,UK", "sale", 1),
    ],
)
def test_invoice_lines_become_sales_and_returns(line, kind, quantity):
    [row] = retail(line)
    assert isinstance(row, Published)
    (family, at, sale) = row.records[0]
    assert (family, sale.kind, sale.quantity, row.units) == ("pos", kind, quantity, quantity)
    assert sale.location == "uk-warehouse"
    assert sale.at == at


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.0,12583.0,France", "non_stock"),
        ("C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,UK", "non_stock"),
        ("A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,UK", "non_stock"),
        ("555524,m,Manual,1,2011-06-05 11:37:00,1.0,,UK", "non_stock"),
        ("536589,21777,,-10,2010-12-01 16:50:00,0.0,,UK", "stock_correction"),
        ("537,22222,damages,-5,2010-12-01 16:50:00,0.0,,UK", "stock_correction"),
        ("536414,22139,,56,2010-12-01 11:52:00,0.0,,UK", "stock_correction"),
        ("540,22222,found,5,2010-12-01 11:52:00,0.0,,UK", "stock_correction"),
    ],
)
def test_charges_and_stock_corrections_are_skipped_with_a_reason(line, reason):
    assert retail(line) == [Skipped(2, reason)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("536365,85123A,HEART,six,2010-12-01 08:26:00,2.55,,UK", "quantity"),
        ("536365,85123A,HEART,0,2010-12-01 08:26:00,2.55,,UK", "quantity"),
        ("536365,85123A,HEART,-6,2010-12-01 08:26:00,2.55,17850.0,UK", "quantity"),
        ("C536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,UK", "quantity"),
        ("536365,85123A,HEART,99999999999,2010-12-01 08:26:00,2.55,,UK", "quantity"),
        ("536365,85123A,HEART,6,2010-13-01 08:26:00,2.55,,UK", "date"),
        ("536365,85123A,HEART,6,2010-12-01 08:26:00,nan,,UK", "price"),
        ("536365,85123A,HEART,6,2010-12-01 08:26:00,-1,,UK", "price"),
        ("536365,85123A,HEART,6,2010-12-01 08:26:00,,,UK", "price"),
        ("536365,what?,HEART,6,2010-12-01 08:26:00,1,,UK", "stock_code"),
        ("536365,85123A,HEART", "columns"),
    ],
)
def test_rows_that_cannot_be_are_bad_and_name_their_line(line, reason):
    good = "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,UK"
    _, row = retail(f"{good}\n{line}")
    assert isinstance(row, Bad)
    assert (row.line, row.reason) == (3, reason)
    assert row.text.startswith("line 3: ")
    assert row.raw == line


def test_invoice_dates_are_london_time():
    [row] = retail("536365,85123A,HEART,6,2011-07-01 08:26:00,2.55,17850.0,UK")
    assert row.records[0][2].occurred_at == datetime(2011, 7, 1, 7, 26, tzinfo=UTC)


def test_master_data_come_with_the_first_sale_of_an_article_only():
    line = "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,UK"
    first, second = retail(f"{line}\n{line}", with_items=True)
    assert [family for family, _, _ in first.records] == ["items", "pos"]
    assert [family for family, _, _ in second.records] == ["pos"]


def test_a_location_can_be_given():
    [row] = retail("536365,85123A,H,6,2010-12-01 08:26:00,2.55,1.0,UK", location="leeds")
    assert row.records[0][2].location == "leeds"


def scms(line):
    return rows(SCMS_HEAD + line + "\n", "scms")


def test_a_delivery_in_time_is_ordered_and_received():
    [row] = scms(
        "7,SCMS-1,Haiti,Air,Pre-PQ Process,2008-01-02,2008-02-01,2008-02-01,ACME,Test kit,19"
    )
    (_, _, ordered), (_, _, received) = row.records
    assert (ordered.status, ordered.supplier, ordered.lane, ordered.mode) == (
        "ordered",
        "ACME",
        "Haiti",
        "Air",
    )
    assert ordered.ordered_at is not None
    assert (received.status, received.lines[0].received) == ("received", 19)
    assert received.occurred_at <= ordered.promised_at


def test_a_late_delivery_is_reported_on_the_promised_day_without_an_end():
    [row] = scms("7,SCMS-1,Haiti,Air,,2-Jan-08,1-Feb-08,9-Feb-08,ACME,Test kit,19")
    family, _, delay = row.records[1]
    assert family == "delays"
    assert delay.scope.id == row.records[0][2].shipment_id
    assert (delay.delay_hours, delay.expected_at) == (None, None)
    assert delay.occurred_at.date().isoformat() == "2008-02-01"


@pytest.mark.parametrize("sent", ["Date Not Captured", "N/A - From RDC", ""])
def test_a_row_without_an_order_date_is_confirmed_and_teaches_no_lead_time(sent):
    [row] = scms(f"7,SCMS-1,Haiti,N/A,Pre-PQ Process,{sent},2008-02-01,2008-02-01,ACME,Kit,19")
    first = row.records[0][2]
    assert (first.status, first.ordered_at, first.mode) == ("confirmed", None, None)
    assert first.occurred_at < row.records[-1][2].occurred_at


def test_mangled_names_are_mended():
    [row] = scms(
        "7,SCMS-1,C\u00c3\u00b4te d'Ivoire,Air,,2008-01-02,2008-02-01,2008-02-01,ACME,Kit,19"
    )
    assert row.records[0][2].lines[0].location == "Côte d'Ivoire"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("7,S,Haiti,Air,,2008-03-02,2008-02-01,2008-02-01,ACME,Kit,19", "dates"),
        ("7,S,Haiti,Air,,2008-01-02,2008-02-01,Date Not Captured,ACME,Kit,19", "date"),
        ("7,S,Haiti,Air,,soon,2008-02-01,2008-02-01,ACME,Kit,19", "date"),
        ("7,S,Haiti,Air,,2008-01-02,2008-02-01,2008-02-01,ACME,Kit,0", "quantity"),
        ("7,S,Haiti,Air,,2008-01-02,2008-02-01,2008-02-01,ACME,Kit,many", "quantity"),
        ("7,S,,Air,,2008-01-02,2008-02-01,2008-02-01,ACME,Kit,9", "country"),
        ("7,S,Haiti,Air,,2008-01-02,2008-02-01,2008-02-01,ACME,,9", "item"),
        (",S,Haiti,Air,,2008-01-02,2008-02-01,2008-02-01,ACME,Kit,9", "id"),
        ("7,S,Haiti", "columns"),
    ],
)
def test_deliveries_that_cannot_be_are_bad(line, reason):
    [row] = scms(line)
    assert isinstance(row, Bad)
    assert (row.line, row.reason) == (2, reason)


SALE = '{"event_id":"1","occurred_at":"2026-01-01T00:00:00Z","location":"l","sku":"s","quantity":2}'


def test_json_lines_are_sales_unless_they_name_another_family():
    count = SALE.replace("{", '{"family":"stock","kind":"count",', 1)
    first, second = rows(f"{SALE}\n{count}\n", "canonical")
    assert (first.outcome, first.records[0][0]) == ("sale", "pos")
    assert (second.outcome, second.records[0][0]) == ("stock", "stock")


def test_csv_has_the_fields_as_columns_and_dots_for_nested_ones():
    text = (
        "family,event_id,occurred_at,location,sku,quantity,delay_id,scope.type,scope.id,unit_price\n"
        "pos,1,2026-01-01T00:00:00Z,l,s,2,,,,1.5\n"
        "delays,2,2026-01-01T00:00:00Z,,,,d,carrier,NORD,\n"
    )
    sale, delay = rows(text, "canonical")
    assert sale.records[0][2].unit_price == 1.5
    assert delay.records[0][2].scope.id == "NORD"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{oops", "not_json"),
        ("[1]", "invalid"),
        (SALE.replace('"quantity":2', '"quantity":-2'), "invalid"),
        (SALE.replace('"quantity":2', '"quantity":"2"'), "invalid"),
        (SALE.replace("{", '{"family":"nonsense",', 1), "family"),
        (SALE.replace("{", '{"family":"replenishment",', 1), "family"),
        ("{" + "[" * 100_000, "not_json"),
    ],
)
def test_json_lines_that_cannot_be_are_bad(line, reason):
    good, row = rows(f"{SALE}\n{line}\n", "canonical")
    assert isinstance(good, Published)
    assert isinstance(row, Bad)
    assert (row.line, row.reason) == (2, reason)


def test_a_location_fills_in_for_rows_that_name_none():
    text = SALE.replace('"location":"l",', "")
    [row] = rows(text, "canonical", location="here")
    assert row.records[0][2].location == "here"


@pytest.mark.parametrize("format", list(FORMATS))
@pytest.mark.parametrize("text", ["", "a,b,c\n1,2,3\n", "\x00\x01"])
def test_a_file_of_another_kind_is_refused(format, text):
    with pytest.raises(FormatError, match="this is no|it is empty"):
        rows(text, format)


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="format"):
        rows("", "excel")


TABLE = "Datum;Filiale;Artikel;Menge;Bon;Zeile\n04.03.2026;S;A;2;R;1\n04.03.2026;S;A;-1;R;2\n"


def test_sales_as_people_have_them_become_the_events_that_an_import_makes():
    sold, back = rows(TABLE, "sales")
    assert (sold.outcome, sold.units, back.outcome, back.units) == ("sale", 2, "return", 1)
    with source_of(TABLE) as file, Spool() as spool:
        survey(file, Mapping(kind="sales"), spool, now=None)
        imported = [msgspec.json.decode(one.value, type=Sale) for one in spool]
    assert [row.records[0][2] for row in (sold, back)] == imported


def test_rows_of_sales_that_cannot_be_are_bad_or_skipped():
    more = "04.03.2026;S;A;2;R;1\n04.03.2026;S;A;3;R;1\n04.03.2026;S;;3;R;4\n04.03.2026;S;A;0;R;5\n"
    *_, repeated, other, nameless, nothing = rows(TABLE + more, "sales")
    assert (repeated, nothing) == (Skipped(4, "stands there twice"), Skipped(7, "nothing sold"))
    assert [(row.line, row.reason) for row in (other, nameless)] == [(5, "twice"), (6, "missing")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(SALE, "canonical"), ("event_id,sku\n1,A\n", "canonical"), (TABLE, "sales")],
)
def test_a_format_that_nobody_names_is_told_by_the_file(text, expected):
    with source_of(text) as source:
        assert format_of(source) == expected
