"""`andon import`: shows what it understood, asks, sends, and adds nothing the second time."""

import json

import pytest
from support.cases import case_file
from support.command import andon
from support.imports import sent
from support.workers import WorkerProcess, all_committed, state, until

from andon.cli.imports import NOT_SENT

SALES = (
    "Datum;Filiale;Artikel;Menge;Preis;Farbe\n"
    "03.03.2026;S;A;2;3,50;rot\n04.03.2026;S;A;1;3,50;\n04.03.2026;S;B;0,5;3,50;\n"
)


@pytest.fixture
def sales(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text(SALES)
    return path


def test_what_was_understood_is_shown_for_people(sales):
    code, out, err = andon("import", "sales", str(sales), "--dry-run")
    assert code == 0, err
    for text in (
        "CSV, utf-8, ; between cells, head in line 1, decimal mark ,",
        "occurred_at  Datum",
        "not used: Farbe",
        "2026-03-03T12:00:00Z  S         A    2         3.5",
        "refused: fraction Menge",
        "--scale 1000",
        "2 events",
        "note: times without an offset are taken as UTC",
    ):
        assert text in out, text


def test_who_has_named_a_time_zone_is_not_told_how_to(sales):
    code, out, err = andon(
        "import", "sales", str(sales), "--dry-run", "--time-zone", "Europe/Berlin"
    )
    assert code == 0, err
    assert "times without an offset are taken as Europe/Berlin" in out
    assert "names another" not in out


def test_everything_is_there_for_scripts(sales):
    code, out, err = andon("import", "sales", str(sales), "--dry-run", "--json", "--scale", "2")
    assert code == 0, err
    told = json.loads(out)
    assert (told["rows"], told["read"], told["events"], told["sent"]) == (3, 3, 3, None)
    assert told["balanced"] is True
    assert told["columns"]["sku"] == "Artikel"
    assert told["understood"]["decimal"] == ","
    assert told["preview"][0]["quantity"] == 4


def test_a_mapping_is_saved_and_said_again(sales, tmp_path):
    kept = tmp_path / "m.toml"
    said = ("--column", "occurred_at=Datum", "--unit", "kg=1000", "--location", "S")
    code, _, err = andon(
        "import", "sales", str(sales), "--dry-run", *said, "--save-mapping", str(kept)
    )
    assert code == 0, err
    assert 'occurred_at = "Datum"' in kept.read_text()
    other = tmp_path / "march.csv"
    other.write_text(SALES.replace("0,5", "7").replace("3,50", "1.000"))
    code, out, err = andon(
        "import", "sales", str(other), "--dry-run", "--json", "--mapping", str(kept)
    )
    assert code == 0, err
    assert json.loads(out)["preview"][0]["unit_price"] == 1000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--column", "sku"), "expected NAME=VALUE"),
        (("--unit", "kg=many"), "--unit"),
        (("--delimiter", ","), "known as sku"),
        (("--mapping", "none.toml"), "cannot read none.toml"),
        (("--location", "S", "--location", "T"), "one location each"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(sales, options, said):
    code, _, err = andon("import", "sales", str(sales), "--dry-run", *options)
    assert code == 1
    assert said in " ".join(err.split())


def test_a_file_that_is_not_there_is_told():
    code, _, err = andon("import", "sales", "nowhere.csv", "--dry-run")
    assert code == 1
    assert "cannot read nowhere.csv" in err


@pytest.mark.parametrize(
    ("name", "said", "rows"),
    [
        ("german_excel.csv", ("--encoding", "cp1252"), 90),
        ("dayfirst.csv", (), 200),
        ("shopify_orders.csv", ("--location", "web"), 57),
        ("semicolon.csv", (), 2),
        ("bom.csv", (), 2),
        ("windows1252.csv", ("--encoding", "cp1252"), 2),
        ("float_quantity.csv", (), 2),
    ],
)
def test_files_as_people_have_them_are_accounted_for(name, said, rows):
    code, out, err = andon("import", "sales", str(case_file(name)), "--dry-run", "--json", *said)
    assert code == 0, err
    told = json.loads(out)
    assert (told["rows"], told["balanced"], told["refused"]) == (rows, True, {})
    assert told["events"] == rows - sum(group["count"] for group in told["skipped"].values())


@pytest.mark.integration
def test_nothing_is_sent_before_somebody_says_yes_and_nothing_twice(topics, sales):
    where = ("--broker", topics.broker, "--prefix", topics.prefix, "import", "sales", str(sales))
    code, out, err = andon(*where)
    assert code == NOT_SENT
    assert "nothing was sent: --yes" in err
    assert sent(topics, "pos") == []
    code, out, err = andon(*where, "--yes")
    assert (code, "2 events sent." in out) == (0, True), err
    assert len(sent(topics, "pos")) == 2
    # The same rows in another file, and one more.
    again = sales.with_name("again.csv")
    again.write_text(SALES.replace("0,5", "7").replace("3,50", "3.5").replace(";", ","))
    code, out, err = andon(*where[:-1], str(again), "--yes", "--json")
    told = json.loads(out)
    assert code == 0, err
    assert (told["events"], told["imported_before"], told["sent"]) == (3, 2, 1)
    assert len(sent(topics, "pos")) == 3
    assert json.loads(andon(*where, "--json", "--yes")[1])["sent"] == 0


@pytest.mark.integration
def test_a_changed_line_of_a_receipt_is_refused_the_second_time(topics, tmp_path):
    path = tmp_path / "sales.csv"
    where = ("--broker", topics.broker, "--prefix", topics.prefix, "import", "sales", str(path))
    text = "date,store,sku,quantity,receipt,line\n2026-03-04,S,A,1,R,1\n2026-03-04,S,A,1,R,2\n"
    path.write_text(text)
    assert andon(*where, "--yes")[0] == 0
    path.write_text(text.replace("A,1,R,2", "A,5,R,2"))
    told = json.loads(andon(*where, "--yes", "--json")[1])
    assert (told["sent"], told["imported_before"], told["balanced"]) == (0, 1, True)
    assert told["refused"]["changed"]["lines"] == [3]


@pytest.mark.integration
def test_weeks_are_not_sent_as_days(topics, tmp_path):
    path = tmp_path / "weeks.csv"
    days = "".join(f"2026-01-{day:02},S,A,70\n" for day in (5, 12, 19, 26))
    path.write_text(f"date,store,sku,quantity\n{days}")
    where = ("--broker", topics.broker, "--prefix", topics.prefix, "import", "sales", str(path))
    code, _, err = andon(*where, "--yes")
    assert code == 1
    assert "one for each week" in " ".join(err.split())
    assert andon(*where, "--yes", "--grain", "day")[0] == 0
    assert len(sent(topics, "pos")) == 4


@pytest.mark.integration
def test_the_books_hold_what_the_files_say_however_often(topics, tmp_path):
    files = {
        "items": "sku,supplier,lead time,unit cost\nA,ACME,5,2\n007,ACME,5,2\n",
        "stock": "sku,on hand,counted at\nA,40,2026-03-02 06:00\n007,9,2026-03-02 06:00\n",
        "sales": "date,sku,quantity\n2026-03-03,A,2\n2026-03-03,007,1\n2026-03-03,A,2\n2026-03-04,A,-1\n",
        "orders": "PO,SKU,Qty,Received,Supplier,Order date,ETA\nP1,A,24,4,ACME,2026-03-01,2026-03-20\n",
    }
    where = ("--broker", topics.broker, "--prefix", topics.prefix, "import")
    with WorkerProcess(topics) as worker:
        for _ in range(2):
            for kind, text in files.items():
                path = tmp_path / f"{kind}.csv"
                path.write_text(text)
                code, _, err = andon(*where, kind, str(path), "--location", "S", "--yes")
                assert code == 0, err
        for family in ("items", "stock", "pos", "shipments"):
            until(lambda family=family: all_committed(topics, family), f"{family} is committed")
        assert worker.stop() == 0
    books = state(topics, "books")
    assert {key: (book.on_hand, book.on_order) for key, book in books.items()} == {
        "S/A": (37, 20),
        "S/007": (8, 0),
    }
    assert (books["S/A"].sold, books["S/A"].returned) == (4, 1)
