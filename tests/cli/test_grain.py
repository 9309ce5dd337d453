"""Rows that are no days, fractions of a unit, and orders that did not come yet: refused, spread or counted, never taken for more."""

import json
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.command import andon

from andon.connect.formats import FORMATS, read
from andon.connect.formats.rows import FormatError, Published
from andon.connect.imports.grain import spread
from andon.connect.tables.input_file import InputFile
from andon.streams.errors import UserError
from andon.studies.deliveries import BEFORE, OPEN, Taken, read_lead_times
from andon.studies.files import Assumed, histories, read_sales

MONDAY = date(2024, 1, 1)
DAYS = [MONDAY + timedelta(number) for number in range(120)]
WEEKS = [MONDAY + timedelta(7 * number) for number in range(60)]
SUNDAYS = [day + timedelta(6) for day in WEEKS]
FIRSTS = [date(2024 + number // 12, number % 12 + 1, 1) for number in range(24)]
LASTS = [day - timedelta(1) for day in FIRSTS[1:]]
QUARTERS = FIRSTS[::3]


def table(path, days, *, units=lambda number: 10 + number % 5, form="{}", items=("A",)):
    rows = [
        f"{form.format(day)},S,{sku},{units(number)}\n"
        for number, day in enumerate(days)
        for sku in items
    ]
    path.write_text("date,store,sku,quantity\n" + "".join(rows))
    return path


COMMANDS = {
    "backtest": ("--quick", "--processes", "1"),
    "whatif": ("--demand-factor", "2", "--snapshot"),
    "readiness": (),
    "replay": (),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("days", "form", "said", "sentence"),
    [
        (WEEKS, "{}", (), "one for each week, not for each day.*say --grain week to spread"),
        (SUNDAYS, "{}", (), "one for each week.*if they are of one day each, say --grain day"),
        (WEEKS, "{} 00:00:00", (), "one for each week"),
        (FIRSTS, "{}", (), "one for each month, not for each day.*say --grain month to spread"),
        (LASTS, "{}", (), "one for each month"),
        (LASTS, "{}T00:00:00Z", (), "one for each month"),
        (QUARTERS, "{}", (), "one for each quarter or year.*Export sales by day, week or month"),
        (FIRSTS, "{}", ("--grain", "week"), "month, not for each week.*Say --grain month"),
        (WEEKS, "{}", ("--grain", "month"), "week, not for each month.*Say --grain week"),
    ],
)  # fmt: skip
def test_rows_that_are_no_days_are_refused_with_what_to_do(
    tmp_path, command, days, form, said, sentence
):
    path = table(tmp_path / "s.csv", days, form=form, items=("A", "B"))
    code, out, err = andon(command, str(path), *COMMANDS[command], *said)
    text = " ".join(err.split())
    assert (code, out) == (1, "")
    assert re.search(sentence, text), text


@pytest.mark.parametrize("command", [one for one in COMMANDS if one != "replay"])
@pytest.mark.parametrize(("days", "grain"), [(WEEKS, "week"), (LASTS, "month")])
def test_a_study_of_weeks_or_months_says_that_they_were_spread(tmp_path, command, days, grain):
    path = table(tmp_path / "s.csv", days, units=lambda number: 70 + number % 5)
    code, _, err = andon(command, str(path), *COMMANDS[command], "--grain", grain)
    text = " ".join(err.split())
    assert code == 0, err
    assert f"each row is taken for a {grain}: its units are spread evenly over all days" in text


def test_a_backtest_says_of_what_its_rows_were_and_which_orders_it_skipped(tmp_path):
    path = table(tmp_path / "s.csv", WEEKS)
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "supplier,ordered_at,received_at\nSUPPLIER,2024-01-01,2024-01-08\nSUPPLIER,2024-02-01,\n"
    )
    told = (str(path), "--grain", "week", "--shipments", str(orders), *COMMANDS["backtest"])
    page = tmp_path / "page.html"
    code, out, err = andon("backtest", *told, "--json", "--html", str(page))
    assert code == 0, err
    assert "The sales are of a week each, spread evenly over its days" in page.read_text()
    made = json.loads(out)
    assert (made["rows_of"], made["orders_skipped"]) == ("week", {OPEN: 1})
    assert "skipped: 1 open orders" in " ".join(err.split())
    assert "rows of a week, spread evenly over its days" in andon("backtest", *told)[1]


@pytest.mark.parametrize("command", [one for one in COMMANDS if one != "replay"])
def test_rows_that_are_days_whatever_they_look_like_are_taken_for_days(tmp_path, command):
    path = table(tmp_path / "s.csv", WEEKS, units=lambda number: 70 + number % 5)
    code, _, err = andon(command, str(path), *COMMANDS[command], "--grain", "day")
    assert code == 0, err
    assert "spread" not in err


@given(st.integers(-5000, 5000), st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.sampled_from(["week", "month"]))  # fmt: skip
def test_what_is_spread_is_all_there_in_even_whole_parts(units, day, grain):
    parts = spread(units, day.toordinal(), grain)
    days = [date.fromordinal(one) for one, _ in parts]
    sizes = [abs(part) for _, part in parts]
    assert sum(part for _, part in parts) == units
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] - sizes[-1] <= 1
    assert day in days
    assert days == [days[0] + timedelta(number) for number in range(len(days))]
    if grain == "week":
        assert (days[0].weekday(), len(days)) == (0, 7)
    else:
        assert days[0].day == 1
        assert (days[-1] + timedelta(1)).day == 1
        assert {one.month for one in days} == {day.month}


def test_every_item_keeps_its_units_and_the_marks_of_a_week_are_those_of_its_days(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "date,sku,quantity,in_stock,promotion\n"
        "2024-01-01,A,10,1,0\n2024-01-01,B,1,1,0\n2024-01-08,A,0,0,0\n2024-01-15,A,14,1,spring\n"
        "2024-01-22,A,-7,1,0\n"
    )
    sales = read_sales(path, "sales", "shop", grain="week")
    one, other = histories(sales, {}, {}, Assumed())
    assert one.sold.tolist() == [2, 2, 2, 1, 1, 1, 1] + [0] * 7 + [2] * 7 + [0] * 7
    assert one.in_stock.tolist() == [True] * 7 + [False] * 7 + [True] * 14
    assert [day - one.first_day for day in one.promoted] == list(range(14, 21))
    assert (other.sold.sum(), len(other.sold)) == (1, 28)


def replayed(path, grain):
    with InputFile(path) as source:
        return list(read(source, "sales", None, with_items=False, grain=grain))


@pytest.mark.parametrize(("days", "grain"), [(SUNDAYS, "week"), (LASTS, "month"), (WEEKS, "day"), (DAYS, None)])  # fmt: skip
def test_a_replay_spreads_a_row_into_events_of_its_days(tmp_path, days, grain):
    path = table(tmp_path / "s.csv", days, items=("A", "B"))
    rows = replayed(path, grain)
    assert all(isinstance(row, Published) for row in rows)
    sales = [sale for row in rows for _, _, sale in row.records]
    assert [row.units for row in rows] == [
        sum(sale.quantity for _, _, sale in row.records) for row in rows
    ]
    assert len({sale.event_id for sale in sales}) == len(sales)
    assert sales == [sale for row in replayed(path, grain) for _, _, sale in row.records]
    assert all(sale.occurred_at.timestamp() == at for row in rows for _, at, sale in row.records)
    # The same file is the same days to a replay as to a study.
    by_day = Counter()
    for sale in sales:
        by_day[sale.sku, sale.occurred_at.toordinal()] += sale.quantity
    studied = read_sales(path, "sales", "all", grain=grain).sold
    epoch = date(1970, 1, 1).toordinal()
    assert dict(by_day) == {
        (sku, epoch + day): units
        for (_, sku), sold in studied.items()
        for day, units in sold.items()
        if units
    }


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"sales"}))
def test_only_a_table_of_sales_is_of_weeks(tmp_path, name):
    with InputFile(table(tmp_path / "s.csv", DAYS)) as source, pytest.raises(FormatError, match="--grain"):  # fmt: skip
        read(source, name, None, with_items=False, grain="week")


@pytest.mark.parametrize("quantity", ["0.5", "-2.25", "1e-3", "12.000001", "1234.5"])
def test_a_fraction_of_a_unit_is_refused_with_its_line_and_what_to_do(tmp_path, quantity):
    path = tmp_path / "s.csv"
    rows = f"2024-01-01,A,3\n2024-01-02,A,{quantity}\n2024-01-03,A,4.0\n2024-01-04,A,0.75\n"
    path.write_text(f"date,sku,quantity\n{rows}")
    said = r"line 3: quantity: .* no whole number of units, and 1 more rows .*Multiply .*unit of measure"
    with pytest.raises(UserError, match=said):
        read_sales(path, "sales", "shop")


def test_a_fraction_in_an_event_is_refused_too(tmp_path):
    path = tmp_path / "s.jsonl"
    event = {"occurred_at": "2024-01-01T10:00:00Z", "location": "S", "sku": "A"}
    quantities = (1, 2.0, 0.5, 1.5)
    lines = [
        json.dumps({**event, "event_id": str(number), "quantity": quantity})
        for number, quantity in enumerate(quantities)
    ]
    path.write_text("\n".join(lines))
    with pytest.raises(UserError, match="line 3: quantity.*and 1 more rows.*unit of measure"):
        read_sales(path, "sales", "shop")


def test_a_fraction_that_was_cancelled_is_of_no_account(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "date,sku,quantity,cancelled at\n2024-01-01,A,3,\n2024-01-02,A,0.5,2024-01-02\n"
    )
    assert read_sales(path, "sales", "shop").rows == 1


CSV, JSONL = "orders.csv", "orders.jsonl"
RECEIVED = (
    '{"supplier":"A","ordered_at":"2024-01-01","received_at":"2024-01-08"}\n'
    '{"supplier":"A","ordered_at":"2024-01-09","received_at":"2024-01-08"}\n'
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (CSV, "supplier,ordered_at,received_at\nA,2024-01-01,2024-01-08\nA,2024-02-01,\nA,2024-03-01,2024-02-01\n"),
        (CSV, "supplier;ordered_at;received_at\nA;01.03.2024;\nA;15.01.2024;22.01.2024\nA;20.02.2024;19.02.2024\n"),
        (JSONL, RECEIVED + '{"supplier":"A","ordered_at":"2024-01-01","received_at":null}\n'),
        (JSONL, '{"supplier":"A","ordered_at":"2024-01-02"}\n' + RECEIVED),
    ],
)  # fmt: skip
def test_an_open_order_is_counted_and_says_nothing(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    skipped = Counter()
    assert read_lead_times(path, skipped) == {"A": [Taken(7.0)]}
    assert skipped == {OPEN: 1, BEFORE: 1}


@pytest.mark.parametrize(
    "text",
    [
        "supplier,ordered_at\nA,2024-01-01\n",
        "supplier,ordered_at,received_at\nA,2024-01-01,\nA,2024-01-02,\n",
    ],
)
def test_orders_of_which_none_came_are_no_past_orders(tmp_path, text):
    path = tmp_path / "orders.csv"
    path.write_text(text)
    with pytest.raises(UserError, match="line 2: no received_at"):
        read_lead_times(path)
