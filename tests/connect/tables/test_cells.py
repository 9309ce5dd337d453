"""Numbers and dates as people write them; what could be two things is never guessed."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sources import source_of

from andon.connect.tables.columns import Columns
from andon.connect.tables.date_orders import order_of
from andon.connect.tables.dates import moment_of
from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.tables.numbers import number_of
from andon.connect.tables.options import options_of
from andon.connect.tables.table import Table

DAY, MONTH = "day-first", "month-first"


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("2", None, "2"),
        ("-2", None, "-2"),
        ("2-", None, "-2"),
        ("(2)", None, "-2"),
        ("+2", None, "2"),
        ("\u22122", None, "-2"),
        ("2.50", None, "2.50"),
        ("2,50", None, "2.50"),
        ("1.234,50", None, "1234.50"),
        ("1,234.50", None, "1234.50"),
        ("1.234.567", None, "1234567"),
        ("1 234,5", None, "1234.5"),
        ("1\u202f234", None, "1234"),
        ("1'234.5", None, "1234.5"),
        ("€ 2,50", None, "2.50"),
        ("2,50 EUR", None, "2.50"),
        ("$2.50", None, "2.50"),
        ("-$2.50", None, "-2.50"),
        ("0.125", None, "0.125"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1,234", ".", "1234"),
        (",5", ",", "0.5"),
        (2.5, None, "2.5"),
        (3, None, "3"),
    ],
)
def test_numbers_are_read_as_people_write_them(text, decimal, expected):
    assert number_of(text, decimal, "x") == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("1.234", None),
        ("", None),
        ("two", None),
        ("-", None),
        ("1,23", "."),
        ("1.23", ","),
        ("1,2,3", "."),
        ("12,34.5", None),
        ("1.5.2", "."),
        ("nan", None),
        ("inf", None),
        ("1_000", None),
        ("\uff12", None),
        (True, None),
    ],
)
def test_what_is_no_number_or_could_be_two_is_refused(text, decimal):
    with pytest.raises(BadRow):
        number_of(text, decimal, "x")


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    st.sampled_from([(",", "."), (".", ","), (",", " "), (".", "'"), (".", "")]),
)
def test_a_number_written_in_any_way_is_read_back(number, marks):
    decimal, thousands = marks
    text = f"{number:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    assert number_of(text, decimal, "x") == number


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2026-03-04", None, datetime(2026, 3, 4)),
        ("2026/3/4", None, datetime(2026, 3, 4)),
        ("20260304", None, datetime(2026, 3, 4)),
        ("04.03.2026", None, datetime(2026, 3, 4)),
        ("4.3.26 9:05", None, datetime(2026, 3, 4, 9, 5)),
        ("04/03/2026", DAY, datetime(2026, 3, 4)),
        ("03/04/2026", MONTH, datetime(2026, 3, 4)),
        ("3-4-26", MONTH, datetime(2026, 3, 4)),
        ("04/04/2026", None, datetime(2026, 4, 4)),
        ("3/4/2026 12:05 AM", MONTH, datetime(2026, 3, 4, 0, 5)),
        ("3/4/2026 1:05:06 p.m.", MONTH, datetime(2026, 3, 4, 13, 5, 6)),
        ("4 March 2026", None, datetime(2026, 3, 4)),
        ("Wed, 4 Mar 2026 10:00:00", None, datetime(2026, 3, 4, 10)),
        ("4. März 2026", None, datetime(2026, 3, 4)),
        ("4 août 2026", None, datetime(2026, 8, 4)),
        ("4 de marzo de 2026", None, datetime(2026, 3, 4)),
        ("04-Mar-26", None, datetime(2026, 3, 4)),
        ("Mar 4, 2026", None, datetime(2026, 3, 4)),
        ("2026-03-04T10:11:12.5Z", None, datetime(2026, 3, 4, 10, 11, 12, 500_000, UTC)),
        ("2026-03-04 10:11:12 UTC", None, datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)),
        ("2026-03-04 10:11:12 +0200", None, datetime(2026, 3, 4, 10, 11, 12, tzinfo=timezone(timedelta(hours=2)))),
        ("46085", None, datetime(2026, 3, 4)),
        (46085.5, None, datetime(2026, 3, 4, 12)),
        ("1772618400", None, datetime(2026, 3, 4, 10, tzinfo=UTC)),
        ("1772618400000", None, datetime(2026, 3, 4, 10, tzinfo=UTC)),
        ("04|03|2026", "%d|%m|%Y", datetime(2026, 3, 4)),
        (date(2026, 3, 4), None, datetime(2026, 3, 4)),
    ],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(text, form, expected):
    assert moment_of(text, form, "x").at == expected


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("03/04/2026", None),
        ("13/01/2026", MONTH),
        ("01/13/2026", DAY),
        ("31.02.2026", None),
        ("2026-13-01", None),
        ("soon", None),
        ("2026", None),
        ("4 Foo 2026", None),
        ("2026-03-04 25:00", None),
        ("3/4/2026 13:00 PM", MONTH),
        ("99999", None),
        ("", None),
        (True, None),
    ],
)
def test_what_is_no_date_or_could_be_two_is_refused(text, form):
    with pytest.raises(BadRow, match="x: "):
        moment_of(text, form, "x")


def test_one_date_decides_the_order_of_all():
    assert order_of(enumerate(["01/02/2026", "13/02/2026"]), "date") == DAY
    assert order_of(enumerate(["01/02/2026", "02/13/2026"]), "date") == MONTH
    assert order_of(enumerate(["2026-01-02", "01/01/2026", "1.2.2026"]), "date") is None


def test_dates_that_could_all_be_either_are_asked_for():
    with pytest.raises(FormatError, match="'01/02/2026' in line 7.*--date-format day-first"):
        order_of([(7, "01/02/2026"), (8, "02/03/2026")], "date")


def columns_of(text, **said):
    with source_of(text) as source:
        table = Table(source, options_of(**said))
        places = {name: place for place, name in enumerate(table.head)}
        columns = Columns(table, places, {"quantity": "number", "price": "number"})
        return [(columns.number(line, "quantity"), columns.number(line, "price")) for line in table]


def test_a_column_that_is_unclear_is_read_as_the_others_are():
    assert columns_of("quantity;price\n1.000;2,50\n") == [(1000, Decimal("2.50"))]
    assert columns_of("quantity;price\n1.000;2.50\n") == [(1, Decimal("2.50"))]


def test_thousands_or_decimals_are_asked_for():
    with pytest.raises(FormatError, match="'1.000' in line 2.*--decimal"):
        columns_of("quantity;price\n1.000;2\n")
    assert columns_of("quantity;price\n1.000;2\n", decimal=",") == [(1000, 2)]
    with pytest.raises(FormatError, match="decimal commas and decimal points"):
        columns_of("quantity;price\n1;2,50\n1;2.50\n")


def test_a_text_that_was_damaged_before_is_refused():
    with source_of("sku,x\nCAF\ufffd-1,1\nA,2\n") as source:
        table = Table(source, options_of(encoding="utf-8"))
        first, second = table
    assert first.fault[0] == "encoding"
    assert second.fault is None
