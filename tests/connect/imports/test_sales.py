"""Tables of sales and stock as people have them become the events that were meant, or are refused with their line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.imports import events, refused, surveyed
from support.sources import source_of
from support.workbooks import write_workbook

from andon.connect.imports.mapping import Mapping
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import survey
from andon.connect.tables.errors import FormatError

SALE = {"location": "S", "sku": "007", "quantity": 2, "occurred_at": "2026-03-04T12:00:00Z"}


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("date,store,sku,quantity", "2026-03-04,S,007,2"),
        ("Datum;Filiale;Artikelnummer;Menge", "04.03.2026;S;007;2,0"),
        ("Date de vente;Magasin;Référence;Quantité", "04/03/2026;S;007;2"),
        ("Fecha;Tienda;Código;Cantidad", "04-03-2026;S;007;2"),
        ("Data;Negozio;Codice articolo;Quantità", "04.03.2026;S;007;2"),
        ("Datum;Winkel;Artikelnummer;Aantal", "04.03.2026;S;007;2"),
        ("Data;Magazzino;Articolo;Qtà", "4 marzo 2026;S;007;2"),
        ("Verkoopdatum;Filiaal;Artikelcode;Hoeveelheid", "4 mrt 2026;S;007;2"),
        ("DATE\tSTORE\tSKU\tQTY", "04 Mar 2026\tS\t007\t2"),
        ("Posting Date,Warehouse,Item Code,Qty", "2026-03-04,S,007,2"),
        ("Buchungsdatum;Werk;Material;Menge;Basismengeneinheit", "04.03.2026;S;007;2,000;ST"),
        ("BUDAT|WERKS|MATNR|MENGE|MEINS", "20260304|S|007|2.00|EA"),
        ("Date,Location,SKU,Qty,Item,Gross Sales,Type", "2026-03-04,S,007,2,Tea,$9.00,Physical"),
        ("Order Date,Store,SKU,Quantity,Item Cost,Order Status", "2026-03-04,S,007,2,,completed"),
    ],
)
def test_columns_are_recognised_by_the_names_people_use(head, row):
    said = {} if "/" not in row and "04-03" not in row else {"date_format": "day-first"}
    decimal = {"decimal": ","} if "2,000" in row else {}
    assert events("sales", f"{head}\n{row}\n", **said, **decimal) == [SALE]


def test_identities_keep_their_accents_zeros_and_case():
    text = "date,store,sku,quantity\n2026-03-04,S,CAFÉ-1,1\n2026-03-04,S,CAFÈ-1,1\n2026-03-04,S,café-1,1\n2026-03-04,S,0042,1\n"
    assert [one["sku"] for one in events("sales", text)] == ["CAFÉ-1", "CAFÈ-1", "café-1", "0042"]


@pytest.mark.parametrize(
    ("row", "name", "said"),
    [
        ("2026-03-04,S,A,2.5", "fraction quantity", "--scale 1000"),
        ("2026-03-04,S,A,many", "number quantity", "no number"),
        ("2026-03-04,S,,2", "missing sku", "nothing there"),
        ("2026-03-04,S,A,", "missing quantity", "nothing there"),
        (",S,A,2", "missing date", "nothing there"),
        ("2026-02-30,S,A,2", "date date", "no date"),
        ("2026-03-04,S,4711.0,2", "code sku", "as text"),
        ("2026-03-04,S,4.00638E+12,2", "code sku", "as text"),
        ("2026-03-04,S,#N/A,2", "code sku", "error of a spreadsheet"),
        ("2026-03-04,#BEZUG!,A,2", "code store", "error of a spreadsheet"),
        ("2026-03-04,S,Gesamt:,2", "total sku", "sum of other rows"),
        ("2026-03-04,Grand Total,A,2", "total store", "sum of other rows"),
        ("2026-03-04,S/1,A,2", "code store", "has a slash"),
        ("2026-03-04,S,A,9999999999", "number quantity", "more than can be"),
        ("2026-03-04,S,A", "columns", "not as many columns"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_line(row, name, said):
    text = f"date,store,sku,quantity\n2026-03-04,S,B,1\n{row}\n{row}\n2026-03-04,S,B,1\n"
    found = refused("sales", text)
    assert list(found) == [name]
    assert found[name][0] == [3, 4]
    assert said in found[name][1]


def test_returns_cancelled_sales_and_nothing_are_told_apart():
    text = (
        "date,store,sku,quantity,type,cancelled at\n"
        "2026-03-04,S,A,-2,,\n2026-03-04,S,A,3,Retoure,\n2026-03-04,S,A,3,Verkauf,\n"
        "2026-03-04,S,A,3,,2026-03-05\n2026-03-04,S,A,0,,\n2026-03-04,S,A,3,gift,\n"
    )
    made, found = surveyed("sales", text)
    assert [(one.get("kind", "sale"), one["quantity"]) for one, _ in found] == [
        ("return", 2),
        ("return", 3),
        ("sale", 3),
    ]
    assert {name: group.lines for name, group in made.skipped.items()} == {
        "cancelled": [5],
        "nothing sold": [6],
    }
    assert [group.lines for group in made.refused.values()] == [[7]]


def test_a_basket_has_several_lines_under_one_head():
    text = (
        "Name,Created at,Location,Lineitem sku,Lineitem quantity,Lineitem price\n"
        "#1,2026-10-01 09:50:26 +0200,Main,A,2,3.5\n#1,,,B,1,5\n#2,2026-10-02 09:00:00 +0200,,C,1,5\n"
    )
    assert events("sales", text, locations=("web",)) == [
        {"location": "Main", "sku": "A", "quantity": 2, "occurred_at": "2026-10-01T07:50:26Z", "unit_price": 3.5, "transaction_id": "#1"},
        {"location": "Main", "sku": "B", "quantity": 1, "occurred_at": "2026-10-01T07:50:26Z", "unit_price": 5.0, "transaction_id": "#1"},
        {"location": "web", "sku": "C", "quantity": 1, "occurred_at": "2026-10-02T07:00:00Z", "unit_price": 5.0, "transaction_id": "#2"},
    ]  # fmt: skip


def test_a_head_that_stands_once_is_that_of_the_lines_below():
    text = (
        "Order Reference,Order Date,Order Lines/Product/Internal Reference,Order Lines/Quantity\n"
        "SO1,2026-10-01 09:00:00,A,2\n,,B,1\nSO2,2026-10-02 09:00:00,A,1\n"
    )
    found = events("sales", text, locations=("S",))
    assert [(one["transaction_id"], one["sku"]) for one in found] == [
        ("SO1", "A"),
        ("SO1", "B"),
        ("SO2", "A"),
    ]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-04 09:00:00+01", "2026-03-04T08:00:00Z"),
        ("2026-03-04T09:00:00.123456-05", "2026-03-04T14:00:00.123456Z"),
        ("2026-03-04 09:00 GMT+01:00", "2026-03-04T08:00:00Z"),
        ("04.03.2026 09:05 Uhr", "2026-03-04T09:05:00Z"),
        ("14/03/2026 9:05 p. m.", "2026-03-14T21:05:00Z"),
        ("14/03/2026 09:05 a. m.", "2026-03-14T09:05:00Z"),
    ],
)
def test_times_are_read_as_programs_write_them(text, at):
    [found] = events("sales", f"date;store;sku;quantity\n{text};S;A;1\n")
    assert found["occurred_at"] == at


@pytest.mark.parametrize("beside", [0.25, "0600", "060000", 600, 60000, "6:00"])
def test_a_time_beside_a_date_may_be_a_part_of_a_day_or_digits_alone(beside, tmp_path):
    rows = [["date", "time", "store", "sku", "quantity"], [46085, beside, "S", "A", 1]]
    content = write_workbook(tmp_path / "a.xlsx", {"Sales": rows}).read_bytes()
    pytest.importorskip("python_calamine", reason="needs the extra andon[excel]")
    [found] = events("sales", content)
    assert found["occurred_at"] == "2026-03-04T06:00:00Z"


def test_a_column_of_time_zones_is_that_of_the_times_beside_it():
    text = (
        "Date,Time,Time Zone,Location,SKU,Qty\n2026-03-04,14:05:10,Eastern Time (US & Canada),S,A,1\n"
        "2026-03-04,14:05:10,Europe/Berlin,S,A,1\n2026-03-04,14:05:10,,S,A,1\n"
    )
    found = events("sales", text, time_zone="Asia/Tokyo")
    assert [one["occurred_at"] for one in found] == [
        "2026-03-04T05:05:10Z",
        "2026-03-04T13:05:10Z",
        "2026-03-04T19:05:10Z",
    ]


def test_what_was_sold_is_no_stock():
    text = "sku,store,sold,anzahl\nA,S,5,100\n"
    assert events("stock", text, at="2026-03-04")[0]["quantity"] == 100


def test_times_are_those_of_the_zone_and_a_time_may_stand_beside_its_date():
    text = "date,time,store,sku,quantity\n2026-07-04,14:05,S,A,1\n2026-01-04,2:05 PM,S,A,1\n"
    found = events("sales", text, time_zone="Europe/Berlin")
    assert [one["occurred_at"] for one in found] == ["2026-01-04T13:05:00Z", "2026-07-04T12:05:00Z"]


def test_units_of_measure_have_factors_and_unknown_ones_are_asked_for():
    text = "date,store,sku,quantity,uom\n2026-03-04,S,A,1.5,kg\n2026-03-04,S,B,2,Case\n2026-03-04,S,C,3,EA\n"
    found = events("sales", text, units={"KG": 1000, "case": 12})
    assert [one["quantity"] for one in found] == [1500, 24, 3]
    assert "--unit kg=FACTOR" in refused("sales", text)["unit uom"][1]
    assert [one["quantity"] for one in events("sales", text.replace(",uom", ",x"), scale=2)] == [
        3,
        4,
        6,
    ]


def test_identities_are_called_here_as_a_map_says(tmp_path):
    (tmp_path / "skus.csv").write_text("gtin;sku\n4006381333931;TEA\n")
    (tmp_path / "places.toml").write_text('"4012345000009" = "store-1"\n')
    said = {"maps": {"sku": str(tmp_path / "skus.csv"), "location": str(tmp_path / "places.toml")}}
    text = "date,store,ean,quantity\n2026-03-04,4012345000009,4006381333931,1\n2026-03-04,4012345000009,1,1\n"
    made, [(event, _)] = surveyed("sales", text, **said)
    assert (event["location"], event["sku"]) == ("store-1", "TEA")
    assert [(name, group.lines) for name, group in made.refused.items()] == [("unknown ean", [3])]


WEEKS = "".join(f"2026-{m:02}-{d:02},S,A,70\n" for m, d in [(1, 5), (1, 12), (1, 19), (1, 26)])
MONTHS = "".join(f"2026-{month:02}-01,S,A,300\n" for month in range(1, 7))
DAYS = "".join(f"2026-01-{day:02},S,A,10\n" for day in range(1, 20))


MIDNIGHTS = WEEKS.replace(",S,", " 00:00:00,S,")
RECEIPTS = MIDNIGHTS + "2026-01-28 17:31:00,S,A,2\n"


@pytest.mark.parametrize(
    ("rows", "grain"),
    [
        (WEEKS, "week"),
        (MONTHS, "month"),
        (DAYS, None),
        (MIDNIGHTS, "week"),
        (RECEIPTS, None),
    ],
)
def test_weeks_and_months_are_not_taken_for_days(rows, grain):
    text = f"date,store,sku,quantity\n{rows}"
    made, _ = surveyed("sales", text)
    assert (made.stopped is not None) == (grain is not None)
    assert grain is None or f"one for each {grain}" in made.stopped
    assert surveyed("sales", text, grain="day")[0].stopped is None


@pytest.mark.parametrize(
    ("text", "said", "message"),
    [
        ("a,b\n1,2\n", {}, "known as sku.*--column sku=NAME"),
        ("sku,quantity\nA,2\n", {}, "known as occurred_at"),
        ("date,sku,quantity\n2026-03-04,A,2\n", {}, "--location NAME"),
        ("date,store,sku,quantity\n", {"columns": {"sku": "nothing"}}, "no column of that name"),
        ("date,store,sku,quantity\n", {"columns": {"colour": "sku"}}, "no such field"),
        ("date,store,sku,quantity\n", {"set": {"colour": "red"}}, "no such field"),
        ("date,store,sku,sku,quantity\n", {}, "two columns are called 'sku'"),
        ("date,store,sku,quantity\n", {"time_zone": "Mars/Base"}, "--time-zone"),
        ("date,store,sku,quantity\n", {"units": {"kg": -1.0}}, "factor"),
        ("date,store,sku,quantity\n", {"maps": {"sku": "nowhere.toml"}}, "--map sku"),
        ('{"sku": "A"}\n', {}, "JSON lines"),
    ],
)
def test_a_table_that_is_not_understood_is_refused_with_what_to_say(text, said, message):
    with pytest.raises(FormatError, match=message):
        surveyed("sales", text, **said)


ROW = st.tuples(
    st.integers(1, 28), st.sampled_from("AB"), st.integers(1, 2), st.sampled_from(["", "R1", "R2"])
)


def table_of(rows, delimiter=","):
    lines = [
        f"2026-03-{day:02}{delimiter}S{delimiter}{sku}{delimiter}{n}{delimiter}{receipt}"
        for day, sku, n, receipt in rows
    ]
    return (
        delimiter.join(["date", "store", "sku", "quantity", "receipt"])
        + "\n"
        + "\n".join(lines)
        + "\n"
    )


@given(st.lists(ROW, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_same_rows_have_the_same_names_in_any_file(rows, chance):
    _, first = surveyed("sales", table_of(rows), grain="day")
    mixed = list(rows)
    chance.shuffle(mixed)
    _, second = surveyed("sales", table_of(mixed, ";"), grain="day")
    names = [event["event_id"] for event, _ in first]
    assert len(set(names)) == len(rows)
    assert sorted(names) == sorted(event["event_id"] for event, _ in second)


@given(st.lists(ROW, min_size=1, max_size=8), st.lists(ROW, max_size=4))
def test_what_was_imported_before_is_not_sent_again(rows, more):
    _, first = surveyed("sales", table_of(rows), grain="day")
    taken = [(one.name, one.content) for _, one in first]
    _, again = surveyed("sales", table_of(rows + more), taken=taken, grain="day")
    assert len(again) == len(more)


def test_a_receipt_s_line_names_its_row():
    text = "date,store,sku,quantity,receipt,line\n2026-03-04,S,A,1,R,1\n2026-03-04,S,A,1,R,2\n2026-03-04,S,A,1,R,2\n2026-03-04,S,A,9,R,1\n"
    made, found = surveyed("sales", text)
    assert len(found) == 2
    assert {name: group.lines for name, group in made.skipped.items()} == {
        "stands there twice": [4]
    }
    assert [group.lines for group in made.refused.values()] == [[5]]


def test_events_are_sent_in_the_order_of_time():
    text = "date,store,sku,quantity\n2026-03-06,S,A,1\n2026-03-04,S,A,2\n2026-03-05,S,A,3\n"
    assert [one["quantity"] for one in events("sales", text)] == [2, 3, 1]


def test_stock_is_counted_at_the_end_of_a_day_or_at_the_time_that_is_said():
    text = "Bestand;Artikel;Stichtag\n40;A;04.03.2026\n"
    [found] = events("stock", text, locations=("S",), time_zone="Europe/Berlin")
    assert found == {
        "location": "S", "sku": "A", "kind": "count", "quantity": 40, "occurred_at": "2026-03-04T22:59:59Z"
    }  # fmt: skip
    text = "On hand,SKU,Warehouse\n40,A,S\n"
    with pytest.raises(FormatError, match="--at 2026"):
        surveyed("stock", text)
    [found] = events("stock", text, at="2026-03-04T06:00Z")
    assert found["occurred_at"] == "2026-03-04T06:00:00Z"


def test_a_code_that_stands_twice_is_in_doubt_unless_areas_tell_it_apart():
    text = "sku,on hand,bin\nA,40,front\nA,10,back\nB,3,front\n"
    said = {"locations": ("S",), "at": "2026-03-04T06:00Z"}
    assert [one["area"] for one in events("stock", text, **said)] == ["front", "back", "front"]
    made, found = surveyed("stock", text, columns={"area": ""}, **said)
    assert [event["sku"] for event, _ in found] == ["B"]
    assert sorted(made.refused["twice"].lines) == [2, 3]
    assert "--column area=NAME" in made.refused["twice"].example


def test_less_than_nothing_is_no_count():
    said = {"locations": ("S",), "at": "2026-03-04T06:00Z"}
    assert list(refused("stock", "sku,on hand\nA,-3\n", **said)) == ["negative"]


def test_codes_that_are_numbers_in_a_workbook_are_taken_as_they_are_and_said(tmp_path):
    pytest.importorskip("python_calamine", reason="needs the extra andon[excel]")
    rows = [
        ["date", "sku", "quantity"],
        [46085, 4711.0, 2],
        [46085, "007", 1.5],
        [46085, 1e16, 1],
        [46085, 4.5, 1],
    ]
    path = write_workbook(tmp_path / "s.xlsx", {"Sales": rows})
    with source_of(path.read_bytes()) as file, Spool() as spool:
        made = survey(file, Mapping(kind="sales", locations=("S",)), spool, now=None)
    assert [one["sku"] for one in made.preview] == ["4711"]
    assert {name: group.lines for name, group in made.refused.items()} == {
        "fraction quantity": [3],
        "code sku": [4, 5],
    }
    assert any("zeros" in note for note in made.notes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        ("2026-03-04,A,2\n2026-03-05,A,2\n", "'2026-03-04' is no name of a column"),
        ("Artikel;Datum;Menge\n", None),
    ],
)
def test_a_first_line_that_names_no_columns_is_said(content, said):
    if said is None:
        made, _ = surveyed("sales", content, locations=("S",))
        assert made.refused == {}
    else:
        with pytest.raises(FormatError, match=said):
            surveyed("sales", content, locations=("S",))


@pytest.mark.parametrize("name", ["Month", "Woche", "Mois", "Semana"])
def test_a_table_by_weeks_or_months_is_read_and_told_to_be_none_of_days(name):
    days = [f"2025-{month:02}-01,A,10" for month in range(1, 13)]
    made, _ = surveyed("sales", "\n".join([f"{name},SKU,Qty", *days]), locations=("S",))
    assert "month" in made.stopped
