"""Items, suppliers, locations and open orders become master data and shipments."""

import pytest
from support.imports import events, refused, surveyed

from andon.connect.imports.mapping import Mapping, load_mapping, save_mapping
from andon.connect.tables.errors import FormatError
from andon.connect.tables.options import options_of


@pytest.mark.parametrize("pack", ["VE", "VPE", "Verpackungseinheit"])
def test_an_item_is_described_once_for_each_location(pack):
    text = (
        f"Item Code;Name;Lieferant;Lieferzeit;EK-Preis;{pack};Waehrung\n007;Tea;ACME;5;1,20;6;usd\n"
    )
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


def test_a_supplier_has_its_minimum_its_freight_and_what_it_can_take():
    text = (
        "supplier;currency;mindestgewicht;minimum_order_units;free freight from;freight cost;capacity;capacity per\n"
        "Mill;usd;200;50;500;35;4000;month\n"
    )
    [told] = events("suppliers", text)
    assert told["currency"] == "USD"
    assert (told["minimum_order_weight"], told["minimum_order_units"]) == (200, 50)
    assert (told["free_freight_from"], told["freight_cost"]) == (500, 35)
    assert (told["capacity_units"], told["capacity_per"]) == (4000, "month")


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
        ("P9;ACME;S/1;A;4;0;01.03.2026;;open", "code Store"),
        (";ACME;S;A;4;0;01.03.2026;;open", "missing PO"),
        ("P9;ACME;S;A;4;0;01.03.2026;01.03.3000;open", "invalid"),
    ],
)
def test_a_row_of_orders_that_cannot_be_is_refused(row, name):
    found = refused("orders", ORDERS + row + "\n")
    assert [key.startswith(name) for key in found] == [True]
    assert next(iter(found.values()))[0] == [7]


@pytest.mark.parametrize(
    ("head", "row", "ordered", "came"),
    [
        ("Ordered,Outstanding", "100,40", 100, 60),
        ("Order Quantity,Still to be delivered (qty)", "100,100", 100, None),
        ("Bestellmenge,Gelieferte Menge,Offene Menge", "100,60,40", 100, 60),
        ("Ordered,Received,Remaining", "100,120,0", 100, 120),
        ("Open qty", "40", 40, None),
        ("Ordered,Received,Open qty", "100,60,50", None, "do not add up"),
        ("Ordered,Open qty", "100,101", None, "do not add up"),
    ],
)
def test_what_is_still_to_come_may_be_told_instead_of_what_has_come(head, row, ordered, came):
    text = f"PO,Store,SKU,Order date,{head}\nP1,S,A,2026-03-01,{row}\n"
    if ordered is None:
        assert came in refused("orders", text)["quantities"][1]
        return
    lines = [one["lines"][0] for one in events("orders", text)]
    assert lines[0]["quantity"] == ordered
    assert [one["received"] for one in lines[1:]] == ([] if came is None else [came])


def test_orders_as_sap_lists_them():
    text = (
        "Einkaufsbeleg;Position;Material;Werk;Bestellmenge;BME;Noch zu liefern (Menge);Belegdatum;Lieferdatum;Lieferant/Lieferwerk\n"
        "4500000001;00010;A;1000;100,000;ST;40,000;04.03.2026;00.00.0000;ACME\n"
    )
    ordered, came = events("orders", text, decimal=",")
    assert ordered["lines"] == [{"location": "1000", "sku": "A", "quantity": 100, "line": "00010"}]
    assert (ordered["supplier"], came["lines"][0]["received"]) == ("ACME", 60)


@pytest.mark.parametrize(
    ("head", "first", "second"),
    [
        (
            (
                "Order Reference,Vendor,Order Deadline,Expected Arrival,Order Lines/Product/Internal Reference,Order Lines/Quantity,"
                "Order Lines/Received Qty,Status"
            ),
            "P1,ACME,2026-03-04 09:00:00,2026-03-09 09:00:00,A,10,2,Purchase Order",
            ",,,,B,5,0,",
        ),
        (
            "Name,Supplier,Transaction Date,Status,Item Code (Items),Qty (Items),Received Qty (Items),Required By (Items)",
            "P1,ACME,2026-03-04,To Receive and Bill,A,10,2,2026-03-09",
            ",,,,B,5,0,2026-03-10",
        ),
    ],
)
def test_the_lines_below_the_head_of_an_order_are_its_own(head, first, second):
    ordered, came = events("orders", f"{head}\n{first}\n{second}\n", locations=("S",))
    assert (ordered["shipment_id"], ordered["supplier"]) == ("P1", "ACME")
    assert [(one["sku"], one["quantity"]) for one in ordered["lines"]] == [("A", 10), ("B", 5)]
    assert [(one["sku"], one["received"]) for one in came["lines"]] == [("A", 2)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("items", "sku,supplier,lead time\nA,X,5\nB,X,5\nB,X,5\nA,Y,7\n"),
        ("suppliers", "supplier,order days\nA,Mo\nB,Mo\nB,Mo\nA,Di\n"),
        ("locations", "location,name\nA,x\nB,x\nB,x\nA,y\n"),
    ],
)
def test_master_data_that_say_two_things_of_one_are_refused(kind, text):
    said = {"locations": ("S",)} if kind == "items" else {}
    made, found = surveyed(kind, text, **said)
    assert {reason: group.lines for reason, group in made.refused.items()} == {"twice": [5, 2]}
    assert {reason: group.lines for reason, group in made.skipped.items()} == {
        "stands there twice": [4]
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    ("head", "cells"),
    [("status", "archived,active"), ("Disabled", "1,0"), ("Aktiv", "nein,ja")],
)
def test_items_that_are_planned_no_more_say_so_in_their_own_words(head, cells):
    first, second = cells.split(",")
    text = f"sku,supplier,lead time,{head}\nA,X,5,{first}\nB,X,5,{second}\n"
    found = events("items", text, locations=("S",))
    assert [one.get("active", True) for one in found] == [False, True]


def test_a_service_level_may_be_told_in_percent():
    text = "sku,supplier,lead time,service level\nA,X,5,95%\nB,X,5,0.98\nC,X,5,95\n"
    made, found = surveyed("items", text, locations=("S",))
    assert [one["service_level"] for one, _ in found] == [0.95, 0.98]
    assert [group.lines for group in made.refused.values()] == [[4]]


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
