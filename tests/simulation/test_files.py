"""The simulated network as files: untidy, and understood to the row."""

from datetime import UTC, datetime

import pytest
from support.command import andon
from support.imports import surveyed

from andon.simulation.files import write_files

UNTIL = datetime(2026, 3, 2, 6, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    counts = write_files(folder, seed=1, until=UNTIL, days=20, locations=3, items=20)
    return folder, counts


def read(made, kind, name, **said):
    folder, counts = made
    survey, events = surveyed(kind, (folder / name).read_bytes(), **said)
    assert survey.rows == counts[name]
    return survey, [event for event, _ in events]


def test_sales_are_understood_but_for_the_rows_that_cannot_be(made):
    survey, events = read(made, "sales", "sales.csv", time_zone="Europe/Berlin")
    assert survey.understood["dates"] == "day-first"
    assert {name.split()[0] for name in survey.refused} == {"missing", "total"}
    refused = sum(group.count for group in survey.refused.values())
    assert 1 < refused < survey.rows / 50
    assert len(events) == survey.rows - refused
    assert {"sale", "return"} == {event.get("kind", "sale") for event in events}
    assert all(len(event["sku"]) == 5 for event in events)
    assert survey.stopped is None


def test_items_stock_and_orders_fit_the_sales(made):
    _, sales = read(made, "sales", "sales.csv")
    items, described = read(made, "items", "items.csv")
    counted, counts = read(made, "stock", "stock.txt", at="2026-03-02T06:00Z")
    ordered, orders = read(made, "orders", "orders.csv")
    assert items.refused == counted.refused == ordered.refused == {}
    keys = {(item["location"], item["sku"]) for item in described}
    assert len(keys) == 60
    assert {(count["location"], count["sku"]) for count in counts} == keys
    assert {(sale["location"], sale["sku"]) for sale in sales} <= keys
    assert {(line["location"], line["sku"]) for order in orders for line in order["lines"]} <= keys
    assert set(ordered.skipped) <= {"no order yet"}


def test_a_seed_writes_the_same_files_again(made, tmp_path):
    folder, counts = made
    again = write_files(tmp_path, seed=1, until=UNTIL, days=20, locations=3, items=20)
    assert again == counts
    for name in counts:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_command_needs_no_broker(tmp_path):
    options = ("--locations", "1", "--items", "3", "--start", "2026-01-01", "--json")
    code, out, err = andon("simulate", "--as-files", str(tmp_path / "made"), *options)
    assert code == 0, err
    assert "sales.csv" in out
    code, out, err = andon(
        "import", "stock", str(tmp_path / "made" / "stock.txt"), "--at", "2026-03-02", "--dry-run"
    )
    assert code == 0, err
    assert "3 events" in out
