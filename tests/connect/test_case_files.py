"""Files as people have them are read to the row, or refused with what to say."""

import pytest
from support.cases import case_file

from andon.connect.formats import read
from andon.connect.formats.rows import FormatError, Published
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import options_of
from andon.studies.files import read_sales


def outcomes(name, **said):
    with InputFile(case_file(name)) as file:
        rows = list(read(file, "canonical", None, with_items=False, options=options_of(**said)))
    return [
        [(family, record.sku, record.quantity) for family, _, record in row.records]
        if isinstance(row, Published)
        else row.text
        for row in rows
    ]


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("bom.csv", {}, [[("pos", "TEA", 2)], [("pos", "TEA", 3)]]),
        ("semicolon.csv", {}, [[("pos", "TEA", 2)], [("pos", "TEA", 3)]]),
        ("float_quantity.csv", {}, [[("pos", "TEA", 2)], [("pos", "TEA", 3)]]),
        ("windows1252.csv", {"encoding": "cp1252"}, [[("pos", "CAFÉ-1", 2)], [("pos", "CAFÈ-1", 3)]]),
    ],
)  # fmt: skip
def test_events_as_tables(name, said, expected):
    assert outcomes(name, **said) == expected


def test_a_mark_at_the_beginning_hides_no_column():
    first, second, third = outcomes("bom_family_first.csv")
    assert (first, second) == ([("stock", "TEA", 40)], [("pos", "TEA", 2)])
    assert "kind" in third


@pytest.mark.parametrize("name", ["windows1252.csv", "german_excel.csv"])
def test_what_is_no_utf8_is_asked_for(name):
    with pytest.raises(FormatError, match="CAFÉ-.*--encoding cp1252"):
        outcomes(name)


def test_sales_of_a_german_excel():
    said = options_of(encoding="cp1252")
    sales = read_sales(case_file("german_excel.csv"), "sales", "all", said)
    assert set(sales.sold) == {("Köln", "CAFÉ-0"), ("Köln", "CAFÉ-1")}
    assert (sales.rows, sum(sales.bad.values())) == (90, 0)
    assert set(sales.prices.values()) == {2.5}


def test_sales_with_the_day_first():
    sales = read_sales(case_file("dayfirst.csv"), "sales", "all")
    assert sum(sales.bad.values()) == 0
    days = sorted({day for by_day in sales.sold.values() for day in by_day})
    assert len(days) == sales.rows
