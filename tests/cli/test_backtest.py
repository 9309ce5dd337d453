"""`andon backtest`: a file in, a comparison out; wrong files are told in a line."""

import csv
import gzip
import json
import os
import re
import shutil
import subprocess
from datetime import date, timedelta
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pytest
from matplotlib import pyplot as plt
from support.command import andon

from andon.streams.errors import UserError
from andon.studies.deliveries import read_lead_times
from andon.studies.files import Assumed, histories, read_items, read_sales

FIRST = date(2024, 1, 1)


def write_sales(path, *, days=150, items=4, columns=None, opened=open):
    names = columns or ("date", "location", "sku", "quantity", "price")
    with opened(path, "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for number in range(items):
            chance = np.random.default_rng(number)
            for day in range(days):
                units = int(chance.poisson(2 + 3 * number))
                place = f"store-{number % 2}"
                writer.writerow([FIRST + timedelta(day), place, f"N{number}", units, 2.5])
    return path


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    return write_sales(tmp_path_factory.mktemp("sales") / "sales.csv")


@pytest.fixture(scope="module")
def made(sales, tmp_path_factory):
    page = tmp_path_factory.mktemp("page") / "report.html"
    table = page.with_suffix(".csv")
    told = ("--json", "--html", str(page), "--csv", str(table), "--processes", "1")
    code, out, err = andon("backtest", str(sales), *told)
    assert code == 0, err
    return json.loads(out), page


def test_the_figures_are_a_table_too_and_the_page_links_to_the_same(made):
    report, page = made
    text = page.with_suffix(".csv").read_text()
    link = re.search(r"href='data:text/csv;charset=utf-8,([^']*)'", page.read_text())
    assert unquote(link[1]) == text
    rows = list(csv.DictReader(text.splitlines()))
    found = {
        (one["table"], one["group"], one["policy"], one["at"], one["figure"]): one for one in rows
    }
    assert len(found) == len(rows)
    for one in report["policies"]:
        row = found["policies", "", one["policy"], "", "cost"]
        assert float(row["value"]) == one["cost"]
        assert [float(row["low"]), float(row["high"])] == one["intervals"]["cost"]
        regret = found["policies", "", one["policy"], "", "regret"]
        assert regret["value"] == str(one["regret"]["value"])
    for one in report["equal_fill"]:
        row = found["equal_fill", "", one["policy"], str(one["fill_rate"]), "average_stock"]
        assert row["value"] == ("" if one["average_stock"] is None else str(one["average_stock"]))
    for policy, curve in report["curves"].items():
        for point in curve:
            row = found["curves", "", policy, str(point["setting"]), "fill_rate"]
            assert float(row["value"]) == point["fill_rate"]
    for cause, part in report["regret"].items():
        assert float(found["regret", cause, "andon", "", "cost"]["value"]) == part["value"]
    for place, policies in report["by_location"].items():
        row = found["by_location", place, "andon", "", "fill_rate"]
        assert float(row["value"]) == policies["andon"]["fill_rate"]


def test_a_report_compares_every_policy(made):
    report, _ = made
    assert report["items"] == 4
    names = [one["policy"] for one in report["policies"]]
    assert names[:2] == ["andon", "clairvoyant"]
    assert len(names) == 6
    clear = report["policies"][1]
    assert clear["fill_rate"] == 1
    assert all(one["cost"] >= clear["cost"] for one in report["policies"])
    assert {one["policy"] for one in report["equal_fill"]} == set(report["curves"])
    assert set(report["by_location"]) == {"store-0", "store-1"}
    groups = [one for by in report["by_location"].values() for one in by.values()]
    for one in report["policies"] + groups:
        for name, (low, high) in one["intervals"].items():
            assert low - 1e-9 <= one[name] <= high + 1e-9


def test_the_regret_is_the_sum_of_its_parts(made):
    regret = made[0]["regret"]
    parts = sum(
        regret[name]["value"]
        for name in ("service_class", "constraints", "lead_time", "forecast", "policy")
    )
    assert regret["total"]["value"] == pytest.approx(parts)
    andon_, clear = made[0]["policies"][:2]
    assert regret["total"]["value"] == pytest.approx(andon_["cost"] - clear["cost"])
    assert regret["total"]["low"] <= regret["total"]["value"] <= regret["total"]["high"]


def test_the_same_seed_says_the_same_and_the_number_of_processes_does_not_matter(sales):
    outs = [
        andon(
            "backtest", str(sales), "--json", "--quick", "--processes", str(count), "--seed", seed
        )
        for count, seed in ((1, "3"), (2, "3"), (1, "4"))
    ]
    assert outs[0][1] == outs[1][1]
    assert outs[0][1] != outs[2][1]


def test_more_seeds_are_the_mean_of_more_chances(sales):
    def asked(*options):
        code, out, err = andon(
            "backtest", str(sales), "--json", "--quick", "--processes", "1", *options
        )
        assert code == 0, err
        return json.loads(out)["policies"][0]

    one, other = asked("--seed", "1"), asked("--seed", "2")
    both = asked("--seeds", "2")
    assert one["average_stock"] != other["average_stock"]
    for name in ("average_stock", "cost", "orders"):
        assert both[name] == pytest.approx((one[name] + other[name]) / 2)


def test_the_table_is_for_people(sales):
    code, out, _ = andon("backtest", str(sales), "--quick", "--processes", "1")
    assert code == 0
    assert "4 items, 2024-01-01 to 2024-05-29" in out
    assert "left out" not in out
    assert re.search(r"andon +9\d\.\d\d% \(\d+\.\d\d to \d+\.\d\d%\)", out)


def test_what_is_left_out_is_said_with_its_reason(tmp_path):
    path = write_sales(tmp_path / "s.csv")
    with path.open("a") as file:
        file.write(f"{FIRST + timedelta(140)},store-0,NEW,3,2.5\n")
    code, out, err = andon(
        "backtest", str(path), "--quick", "--processes", "1", "--most-items", "3"
    )
    assert code == 0, err
    assert "3 items, " in out
    assert "; 1 items with too short a record; 1 that sell less left out" in out


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.figures, self.fetched, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "figure":
            self.figures.append(given["id"])
        self.fetched += [v for k, v in given.items() if k in ("src", "data") and v]
        if tag == "link":
            self.fetched += [given["href"]] if not given["href"].startswith("data:") else []


def test_the_page_is_one_file_with_its_plots(made):
    page = _Page()
    page.feed(made[1].read_text())
    assert page.figures[0] == "frontier"
    assert sum(name.startswith("stock-") for name in page.figures) >= 2
    assert sum(name.startswith("forecast-") for name in page.figures) >= 2
    assert page.tags.count("svg") == len(page.figures)
    assert page.fetched == []
    assert "script" not in page.tags
    told = r"Money is in EUR\. Andon costs [\d,]+ a year, the cheapest rival"
    assert re.search(told, made[1].read_text())


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


def browse(page, folder, height=4000):
    """Open a page in a browser; return what stands in its console, its document, and a picture of it."""
    picture = folder / "page.png"
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--user-data-dir={folder}",
            "--enable-logging=stderr",
            "--virtual-time-budget=5000",
            "--force-prefers-color-scheme=light",
            f"--window-size=1200,{height}",
            f"--screenshot={picture}",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "HOME": str(folder)},
        check=True,
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return console, done.stdout, plt.imread(picture)


def pixels(picture, colour):
    """How many pixels of a picture have this colour, as #rrggbb."""
    wanted = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return int((abs(picture[:, :, :3] - wanted).max(axis=2) < 0.02).sum())


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_a_browser_opens_the_page_without_complaint(made, tmp_path):
    console, document, picture = browse(made[1], tmp_path)
    assert console == []
    assert all(title in document for title in ("Service against stock", "By location"))
    assert document.count("<svg") == made[1].read_text().count("<svg") >= 5
    # What is in the document is also painted: curves, stock, orders, receipts and the fan have colours of their own.
    for colour in ("#0072b2", "#d55e00", "#009e73", "#a6cbe5"):
        assert pixels(picture, colour) > 500, colour


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_the_browser_does_tell_of_a_page_that_is_broken(tmp_path):
    page = tmp_path / "broken.html"
    page.write_text("<img src='missing.png'><script>undefinedFunction()</script>")
    console, _, picture = browse(page, tmp_path, height=400)
    assert any("undefinedFunction" in line for line in console)
    assert pixels(picture, "#0072b2") == 0


def test_a_gzipped_file_with_the_columns_of_m5_is_read(tmp_path):
    columns = ("date", "store_id", "item_id", "sales", "sell_price")
    path = write_sales(tmp_path / "m5.csv.gz", columns=columns, items=2, opened=gzip.open)
    sales = read_sales(path, "sales", "all")
    found = histories(sales, {}, {}, Assumed(lead_time_days=5))
    assert [one.key for one in found] == ["store-0/N0", "store-1/N1"]
    assert found[0].item.unit_cost == pytest.approx(1.5)
    assert found[0].lead_time.mean_days == pytest.approx(5)


@pytest.mark.parametrize("name", ["promotion", "Promo", "onpromotion", "On Promotion"])
def test_a_column_of_promotions_says_which_days_are_promoted(tmp_path, name):
    path = tmp_path / "s.csv"
    path.write_text(
        f"date,sku,quantity,{name}\n2024-01-01,A,5,0\n2024-01-02,A,9,1\n2024-01-03,A,8,spring sale\n"
        "2024-01-04,A,4,\n2024-01-05,A,0,true\n2024-01-06,A,1,false\n2024-01-07,A,1,none\n"
    )
    sales = read_sales(path, "sales", "shop")
    (one,) = histories(sales, {}, {}, Assumed())
    assert [day - one.first_day for day in one.promoted] == [1, 2, 4]
    assert [(first - one.first_day, last - one.first_day) for first, last, _ in one.promotions] == [
        (1, 2),
        (4, 4),
    ]


def test_returns_are_taken_off_their_day_and_days_out_of_stock_are_marked(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "timestamp,sku,quantity,in_stock\n2024-01-01T09:00:00Z,A,5,1\n2024-01-01T17:00:00Z,A,-2,1\n"
        "2024-01-02,A,0,0\n2024-01-03,A,4,yes\n2024-01-04,A,-9,\n2024-01-05,A,1.0,true\n"
        "2024-01-06,A,much,1\n2024-01-06,A,1,maybe\nx,A,1,1\n2024-01-06,A\n"
    )
    sales = read_sales(path, "sales", "shop")
    (one,) = histories(sales, {}, {}, Assumed())
    assert one.key == "shop/A"
    assert one.sold.tolist() == [3, 0, 4, 0, 1]
    assert one.in_stock.tolist() == [True, False, True, True, True]
    assert sum(sales.bad.values()) == 4


def test_items_and_past_orders_say_how_an_item_is_bought(tmp_path):
    path = write_sales(tmp_path / "s.csv", items=2)
    items = tmp_path / "items.csv"
    items.write_text(
        "sku,location,unit_cost,pack_size,supplier,lead_time_days,service_class\n"
        "N0,,2.0,6,ACME,4,lean\nN1,store-1,3.0,,SLOW,10,critical\n"
    )
    orders = tmp_path / "orders.csv"
    orders.write_text("supplier,ordered_at,received_at\n" + "SLOW,2023-01-01,2023-01-21\n" * 40)
    found = histories(
        read_sales(path, "sales", "all"), read_items(items), read_lead_times(orders), Assumed()
    )
    assert [one.item.location for one in found] == ["store-0", "store-1"]
    assert [one.item.pack_size for one in found] == [6, 1]
    assert [one.item.service_class for one in found] == ["lean", "critical"]
    assert found[0].lead_time.mean_days == pytest.approx(4)
    assert found[1].lead_time.mean_days == pytest.approx(19, abs=1.2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "this is no table of sales"),
        ("date,sku,quantity\n", "no sale in it"),
        ("date,sku,quantity\n2024-01-01,A,3\n", "none with a record long enough"),
    ],
)
def test_a_file_that_cannot_be_is_explained_in_a_line(tmp_path, text, said):
    path = tmp_path / "s.csv"
    path.write_text(text)
    code, _, err = andon("backtest", str(path))
    assert code == 1
    assert said in " ".join(err.split())


def german(rows):
    """Return sales as a German Excel writes them."""
    lines = ["Datum;Filiale;Artikelnummer;Menge;Preis"]
    for row in rows[1:]:
        on, *rest, price = row.split(",")
        year, month, day = on.split("-")
        lines.append(";".join([f"{day}.{month}.{year}", *rest, price.replace(".", ",")]))
    return "\r\n".join(lines)


def test_a_file_of_another_dialect_is_the_same_study(sales, tmp_path):
    told = ("--json", "--quick", "--processes", "1")
    path = tmp_path / "german.csv"
    path.write_bytes(german(sales.read_text().splitlines()).encode("utf-16"))
    code, out, err = andon("backtest", str(path), *told)
    assert code == 0, err
    assert json.loads(out) == json.loads(andon("backtest", str(sales), *told)[1])
    code, _, err = andon("backtest", str(path), *told, "--delimiter", ",")
    assert code == 1
    assert "this is no table of sales" in " ".join(err.split())


def test_events_are_the_same_study_as_the_table_that_they_were(sales, tmp_path):
    told = ("--json", "--quick", "--processes", "1")
    path = tmp_path / "events.jsonl"
    with path.open("w") as file:
        for number, row in enumerate(sales.read_text().splitlines()[1:]):
            on, location, sku, quantity, price = row.split(",")
            event = {
                "event_id": str(number),
                "occurred_at": f"{on}T12:00:00Z",
                "location": location,
                "sku": sku,
                "quantity": int(quantity),
                "unit_price": float(price),
            }
            if event["quantity"]:
                file.write(json.dumps(event) + "\n")
    code, out, err = andon("backtest", str(path), *told)
    assert code == 0, err
    from_table = json.loads(andon("backtest", str(sales), *told)[1])
    assert {**json.loads(out), "rows": 0} == {**from_table, "rows": 0}


def test_returns_and_cancelled_sales_are_told_by_their_columns(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "date,sku,quantity,type,cancelled at\n2024-01-01,A,5,sale,\n2024-01-01,A,2,refund,\n"
        "2024-01-02,A,9,cancelled,\n2024-01-02,A,9,sale,2024-01-03\n2024-01-03,A,1,gift,\n"
    )
    sales = read_sales(path, "sales", "shop")
    assert {day: units for by_day in sales.sold.values() for day, units in by_day.items()} == {
        19723: 3
    }
    assert sum(sales.bad.values()) == 1


def test_wrong_items_are_explained(tmp_path):
    path = tmp_path / "items.csv"
    path.write_text("sku,pack_size\nA,0\n")
    with pytest.raises(UserError, match="line 2.*pack_size"):
        read_items(path)
    path.write_text("supplier,ordered_at\nA,2024-01-01\n")
    with pytest.raises(UserError, match="line 2.*received_at"):
        read_lead_times(path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--html", "r.html", "--show", "x/y"), "x/y: not among the items"),
        (("--html", "missing/r.html"), "no file can be there"),
        (("--csv", "missing/r.csv"), "--csv missing/r.csv: no file can be there"),
        (("--html", "."), "no file can be there"),
    ],
)
def test_a_page_that_cannot_be_written_is_told_before_anything_is_simulated(
    sales, tmp_path, monkeypatch, options, said
):
    monkeypatch.chdir(tmp_path)
    code, out, err = andon("backtest", str(sales), "--processes", "1", *options)
    assert code == 1
    assert out == ""
    assert said in " ".join(err.split())
    assert list(tmp_path.iterdir()) == []


def test_readiness_prints_what_each_item_or_group_lacks(sales, tmp_path):
    orders, counts = tmp_path / "orders.csv", tmp_path / "counts.csv"
    orders.write_text("supplier,ordered_at,received_at\n" + "SUPPLIER,2024-01-01,2024-01-08\n" * 6)
    counts.write_text("location,sku,expected,counted\nstore-1,N1,40,40\nstore-1,N1,30,12\n")
    shared = ("readiness", str(sales), "--shipments", str(orders), "--counts", str(counts))
    code, out, err = andon(*shared, "--json", "--stage", "pilot")
    assert code == 0, err
    ladder = {row["name"]: row for row in json.loads(out)}
    assert set(ladder) == {"store-0/N0", "store-1/N1", "store-0/N2", "store-1/N3"}
    one = ladder["store-1/N1"]
    assert (one["stage"], one["next"], one["ready"]) == ("pilot", "live", False)
    assert "book right in 50% of counts, below 90%" in one["missing"]
    assert "0 of 2 counts made" in ladder["store-0/N0"]["missing"]
    assert not any("deliveries" in text for text in one["missing"])
    assert one["evidence"]["punctuality"] == 1
    code, out, _ = andon(*shared, "--by", "location")
    assert code == 0
    assert re.search(r"store-0 +2 +shadow +pilot", out)
    assert "shadow: 2, of which" in out
    came = sum(row["evidence"]["alerts_true"] for row in ladder.values())
    assert re.search(rf"stock-out alerts: {came} came true and \d+ did not", out)


def test_wrong_counts_are_explained(sales, tmp_path):
    counts = tmp_path / "counts.csv"
    counts.write_text("location,sku,expected\nstore-1,N1,40\n")
    code, _, err = andon("readiness", str(sales), "--counts", str(counts))
    assert code == 1
    assert "line 2" in err


def test_a_longer_lead_time_needs_more_stock_and_a_critical_class_serves_more(sales):
    def asked(*options):
        code, out, err = andon("whatif", str(sales), "--json", "--processes", "1", *options)
        assert code == 0, err
        return json.loads(out)

    slower = asked("--to-lead-time", "21")
    assert slower["average_stock"]["difference"]["low"] > 0
    safer = asked("--to-class", "critical")
    assert safer["fill_rate"]["after"] > safer["fill_rate"]["before"]
    assert safer["fill_rate"]["before"] == slower["fill_rate"]["before"]
    more = asked("--demand-factor", "2", "--price-factor", "0.9", "--to-unit-cost", "1")
    assert more["average_stock"]["after"] > 1.3 * more["average_stock"]["before"]


def test_another_supplier_must_be_a_source_of_the_item(sales, tmp_path):
    items = tmp_path / "items.jsonl"
    items.write_text(
        "".join(
            json.dumps(
                {
                    "sku": f"N{number}",
                    "sources": [
                        {"supplier": "ACME", "lead_time_days": 10},
                        {"supplier": "FAST", "lead_time_days": 2, "unit_cost": 3.0},
                    ],
                }
            )
            + "\n"
            for number in range(4)
        )
    )
    options = ("whatif", str(sales), "--items", str(items), "--processes", "1")
    code, out, err = andon(*options, "--to-supplier", "FAST", "--json")
    assert code == 0, err
    assert json.loads(out)["average_stock"]["difference"]["high"] < 0
    code, _, err = andon(*options, "--to-supplier", "NONE")
    assert code == 1
    assert "no source 'NONE', only ACME, FAST" in err
    code, out, _ = andon(*options, "--to-supplier", "FAST")
    assert "as it might be" in out
    assert "supplier FAST" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [((), "nothing is changed"), (("--to-service-level", "1.5"), "between 0 and 1")],
)
def test_a_what_if_that_cannot_be_is_explained(sales, options, said):
    code, _, err = andon("whatif", str(sales), *options)
    assert code == 1
    assert said in err


def test_a_snapshot_compares_what_is_aimed_at_without_living_through_the_sales(sales):
    options = ("whatif", str(sales), "--snapshot", "--to-class", "critical")
    code, out, err = andon(*options, "--json")
    assert code == 0, err
    made = json.loads(out)
    assert made["service_level"]["before"] == pytest.approx(0.97)
    assert made["service_level"]["after"] > made["service_level"]["before"]
    assert made["reorder_point"]["difference"]["low"] > 0
    assert made["daily_demand"]["before"] == made["daily_demand"]["after"] > 20
    code, out, _ = andon(*options)
    assert code == 0
    assert re.search(r"reorder point +\d+ +\d+ +\+\d+ \(", out)


def test_a_horizon_ends_the_simulation_and_what_comes_after_is_not_known(sales, tmp_path):
    shorter = write_sales(tmp_path / "shorter.csv", days=115)
    rest = ("--json", "--quick", "--processes", "1", "--warm-up", "60", "--settle", "0")
    code, out, err = andon("backtest", str(sales), "--horizon", "55", *rest)
    assert code == 0, err
    alone = json.loads(andon("backtest", str(shorter), *rest)[1])
    assert {**json.loads(out), "rows": 0} == {**alone, "rows": 0}
    code, _, err = andon("backtest", str(sales), "--horizon", "5", *rest)
    assert code == 1
    assert "none with a record long enough" in " ".join(err.split())
