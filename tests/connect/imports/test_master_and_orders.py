"""Items, suppliers, locations and open orders become master data and shipments."""

import pytest
from support.imports import events, refused, surveyed

from andon.connect.imports.mapping import Mapping, load_mapping, save_mapping
from andon.connect.tables.errors import FormatError
from andon.connect.tables.options import options_of


def test_an_item_is_described_once_for_each_location():
    text = "Item Code;Name;Lieferant;Lieferzeit;EK-Preis;VE;Waehrung\n007;Tea;ACME;5;1,20;6;usd\n"
    found = events("items", text, locations=("S", "T"))
    assert [one["location"] for one in found] == ["S", "T"]
    assert found[0] == {
        "location": "S",
        "sku": "007",
        "updated_at": "2026-11-29T08:00:00Z",
        "sources": [{"supplier": "ACME", "lead_time_days": 5.0}],
        "description": "Tea",
        "currency": "USD",
        "unit_cost": 1.2,
        "pack_size": 6,
    }


def test_what_no_column_says_of_an_item_may_be_said():
    text = "sku,cost,active\nA,1.5,no\nB,,yes\n"
    with pytest.raises(FormatError, match="--set supplier=VALUE"):
        surveyed("items", text, locations=("S",))
    said = {"supplier": "ACME", "lead_time_days": "7"}
    first, second = events("items", text, locations=("S",), set=said)
    assert (first["active"], first["unit_cost"]) == (False, 1.5)
    assert "active" not in second
    assert second["sources"] == [{"supplier": "ACME", "lead_time_days": 7.0}]


def test_suppliers_and_locations_have_their_calendars():
    text = "Lieferant;Bestelltage;Bestellschluss;Zeitzone;geschlossen\nACME;Mo,Mi-Fr;14:30 Uhr;Europe/Berlin;24.12.2026, 25.12.2026\n"
    assert list(refused("suppliers", text)) == ["invalid"]
    [found] = events("suppliers", text.replace(" Uhr", ""))
    assert found["order_weekdays"] == ["MON", "WED", "THU", "FRI"]
    assert (found["order_cutoff"], found["time_zone"]) == ("14:30", "Europe/Berlin")
    assert found["closed"] == ["2026-12-24", "2026-12-25"]
    text = "Code,Name,Receiving days\nS,Main street,sat-mon\n"
    [found] = events("locations", text, time_zone="Europe/Berlin")
    assert (found["location"], found["name"], found["time_zone"]) == (
        "S",
        "Main street",
        "Europe/Berlin",
    )
    assert found["receiving_weekdays"] == ["MON", "SAT", "SUN"]


ORDERS = (
    "PO;Supplier;Store;SKU;Ordered;Received;Order date;Expected;Status\n"
    "P1;ACME;S;A;24;0;01.03.2026;09.03.2026;open\n"
    "P1;ACME;S;B;12;5;01.03.2026;09.03.2026;open\n"
    "P2;NORD;S;A;6;;02.03.2026;;cancelled\n"
    "P3;NORD;S;A;6;;02.03.2026;;done\n"
    "P4;NORD;S;A;6;;02.03.2026;;draft\n"
)


def test_the_rows_of_an_order_are_one_event_and_what_came_is_another():
    made, found = surveyed("orders", ORDERS)
    assert (made.rows, made.read, made.events) == (5, 4, 6)
    told = {(one["shipment_id"], one["status"]): one for one, _ in found}
    assert set(told) == {
        ("P1", "ordered"),
        ("P1", "partly_received"),
        ("P2", "ordered"),
        ("P2", "cancelled"),
        ("P3", "ordered"),
        ("P3", "received"),
    }
    assert told["P1", "ordered"]["supplier"] == "ACME"
    assert [(line["sku"], line["quantity"]) for line in told["P1", "ordered"]["lines"]] == [
        ("A", 24),
        ("B", 12),
    ]
    assert told["P1", "ordered"]["lines"][0]["expected_at"] == "2026-03-09T23:59:59Z"
    [came] = told["P1", "partly_received"]["lines"]
    assert (came["sku"], came["received"]) == ("B", 5)
    assert told["P3", "received"]["lines"][0]["received"] == 6
    assert list(made.skipped) == ["no order yet"]
    times = [told["P1", status]["occurred_at"] for status in ("ordered", "partly_received")]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("P1;ACME;S;A;24;0;01.03.2026;;open", "twice"),
        ("P9;ACME;S;A;24;0;01.03.2026;;lost", "status"),
        ("P9;ACME;S;A;-4;0;01.03.2026;;open", "negative"),
        ("P9;ACME;S/1;A;4;0;01.03.2026;;open", "invalid"),
        (";ACME;S;A;4;0;01.03.2026;;open", "missing PO"),
        ("P9;ACME;S;A;4;0;01.03.2026;01.03.3000;open", "invalid"),
    ],
)
def test_a_row_of_orders_that_cannot_be_is_refused(row, name):
    found = refused("orders", ORDERS + row + "\n")
    assert [key.startswith(name) for key in found] == [True]
    assert next(iter(found.values()))[0] == [7]


def test_orders_without_a_date_are_of_the_time_that_is_said():
    text = "PO,SKU,Qty\nP1,A,4\n"
    with pytest.raises(FormatError, match="--at"):
        surveyed("orders", text, locations=("S",))
    [found] = events("orders", text, locations=("S",), at="2026-03-01")
    assert found["ordered_at"] == "2026-03-01T12:00:00Z"


def test_a_large_order_is_told_in_parts():
    rows = "".join(f"P1,A{number},1,2026-03-01\n" for number in range(1200))
    found = events("orders", f"PO,SKU,Qty,Order date\n{rows}", locations=("S",))
    assert [len(one["lines"]) for one in found] == [500, 500, 200]


def test_a_mapping_is_said_once_and_read_back(tmp_path):
    text = "Wann;Wo;Was;Wieviel\n04/03/2026;S;A;1.500\n"
    said = {
        "columns": {"occurred_at": "Wann", "location": "Wo", "sku": "Was", "quantity": "Wieviel"},
        "date_format": "day-first",
        "decimal": ",",
        "units": {"kg": 1000.0},
        "time_zone": "Europe/Berlin",
    }
    made, _ = surveyed("sales", text, **said)
    save_mapping(tmp_path / "m.toml", made.mapping)
    loaded = load_mapping(tmp_path / "m.toml", "sales")
    assert loaded == made.mapping
    assert loaded.table == options_of(delimiter=";", decimal=",", date_format="day-first")
    with pytest.raises(FormatError, match="of sales, not of stock"):
        load_mapping(tmp_path / "m.toml", "stock")


@pytest.mark.parametrize("text", ["= 1", "colour = 1", 'kind = "sales"\nscale = "x"'])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text):
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(FormatError, match="no mapping"):
        load_mapping(tmp_path / "m.toml", "sales")
    with pytest.raises(FormatError, match="cannot read"):
        load_mapping(tmp_path / "none.toml", "sales")


def test_names_with_any_sign_survive_a_mapping(tmp_path):
    odd = Mapping(kind="sales", columns={"sku": 'a"b\\c\x7f\n=é'}, set={"location": "#1 [x]"})
    save_mapping(tmp_path / "m.toml", odd)
    assert load_mapping(tmp_path / "m.toml", "sales") == odd
