"""`andon connect folder`: what is put down is imported once, and put away with what became of it."""

import json
import os
from datetime import UTC, datetime

import pytest
from support.command import andon
from support.edi import x12
from support.imports import sent

from andon.connect import taking
from andon.connect.folder import Inbox
from andon.connect.tables.errors import FormatError
from andon.streams.settings import load_settings

SALES = "date,store,sku,quantity\n2026-03-04,S,A,2\n2026-03-04,S,B,0.5\n"


@pytest.fixture
def inbox(tmp_path):
    return Inbox(tmp_path / "inbox")


def put(inbox, name, text, at=1000):
    path = inbox.folder / name
    path.write_text(text)
    os.utime(path, (at, at))
    return path


def test_files_that_are_being_written_wait(inbox):
    put(inbox, "sales/old.csv", SALES, at=100)
    put(inbox, "sales/new.csv", SALES, at=995)
    for name in ("sales/.hidden", "sales/half.csv.part", "sales/~$open.xlsx", "sales/mapping.toml"):
        put(inbox, name, "", at=0)
    assert [one.name for one in inbox.waiting(1000, 10)] == ["sales/old.csv"]
    assert [one.name for one in inbox.waiting(1005, 10)] == ["sales/old.csv", "sales/new.csv"]


def test_what_describes_items_comes_before_what_is_sold_of_them(inbox):
    for kind in ("sales", "orders", "items", "stock"):
        put(inbox, f"{kind}/f.csv", "")
    assert [one.kind for one in inbox.waiting(2000, 0)] == ["items", "stock", "sales", "orders"]


def test_a_name_that_is_there_already_gets_a_number(inbox):
    names = []
    for _ in range(3):
        put(inbox, "sales/f.csv", SALES)
        [file] = inbox.waiting(2000, 0)
        target = inbox.place_for(file, failed=False)
        inbox.put_away(file, {"rows": 2}, target)
        names.append(target.name)
    assert names == ["f.csv", "f-2.csv", "f-3.csv"]
    assert json.loads((inbox.folder / "sales/processed/f-2.csv.json").read_text()) == {"rows": 2}
    assert inbox.waiting(2000, 0) == []


def test_a_dry_run_shows_what_would_come_of_files_and_leaves_them(inbox):
    put(inbox, "sales/s.csv", SALES)
    put(inbox, "sales/none.csv", "a,b\n1,2\n")
    order = x12("850", "BEG*00*SA*P-7**20260305", "N1*ST*Shop*92*S", "PO1*1*24*EA***IN*A")
    put(inbox, "edi/order.x12", order)
    put(inbox, "edi/broken.x12", "ISA*nothing")
    before = sorted(path for path in inbox.folder.rglob("*") if path.is_file())
    run = ("--broker", "127.0.0.1:1", "connect", "folder", str(inbox.folder), "--dry-run")
    code, out, err = andon(*run)
    assert code == 1, err
    for part in ("s.csv: 2 rows, 1 read, 1 refused; 1 events", "no whole number", "none.csv: would fail", "850 0001: accepted", "P-7"):  # fmt: skip
        assert part in out, out
    code, out, _ = andon(*run, "--json")
    accounts = [json.loads(line) for line in out.splitlines()]
    assert [one["file"] for one in accounts] == ["none.csv", "s.csv", "broken.x12", "order.x12"]
    assert code == 1
    assert sorted(path for path in inbox.folder.rglob("*") if path.is_file()) == before
    (inbox.folder / "sales/none.csv").unlink()
    (inbox.folder / "edi/broken.x12").unlink()
    assert andon(*run)[0] == 0
    code, _, err = andon("connect", "folder", str(inbox.folder / "nowhere"), "--dry-run")
    assert (code, "there is no folder" in err) == (1, True)


def test_two_processes_do_not_share_a_folder(inbox):
    with (
        inbox.alone(),
        pytest.raises(FormatError, match="another process"),
        Inbox(inbox.folder).alone(),
    ):
        pass


def test_a_mapping_may_take_the_time_of_the_file(inbox):
    put(inbox, "stock/s.csv", "sku,on hand\nA,3\n", at=1_770_000_000)
    put(inbox, "stock/mapping.toml", 'at = "file"\nlocations = ["S"]\n')
    [file] = inbox.waiting(2e9, 0)
    mapping = file.mapping()
    assert (mapping.at, mapping.locations, mapping.kind) == (
        "2026-02-02T02:40:00+00:00",
        ("S",),
        "stock",
    )


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = andon("connect", "folder", str(tmp_path / "file"), "--once")
    assert code == 1
    assert "cannot make the folders" in err


@pytest.mark.integration
def test_files_are_imported_once_and_put_away_with_their_account(topics, inbox):
    where = ("--broker", topics.broker, "--prefix", topics.prefix, "connect", "folder")
    run = (*where, str(inbox.folder), "--once", "--settled", "0")
    put(inbox, "sales/march.csv", SALES)
    counted = put(inbox, "stock/s.csv", "sku,on hand\nA,3\n")
    os.utime(counted, (1_772_600_000, 1_772_600_000))
    put(inbox, "stock/mapping.toml", 'at = "file"\nlocations = ["S"]\n')
    put(inbox, "sales/unclear.csv", "date,store,sku,quantity\n03/04/2026,S,A,2\n")
    put(inbox, "orders/none.csv", "PO,SKU,Qty,Store,Order date\nP1,,2,S,2026-03-01\n")
    code, out, err = andon(*run)
    assert code == 1, err
    assert "sales/march.csv: 2 rows, 1 read, 1 refused; 1 events sent, 0 were there before" in out
    assert "--date-format day-first" in " ".join(out.split())
    told = json.loads((inbox.folder / "sales/processed/march.csv.json").read_text())
    assert told["refused"]["fraction quantity"]["lines"] == [3]
    for name in ("sales/failed/unclear.csv", "orders/failed/none.csv", "stock/processed/s.csv"):
        assert (inbox.folder / name).is_file()
        assert (inbox.folder / f"{name}.json").is_file()
    # Put down again under another name, as if the process had died before it moved the file.
    put(inbox, "sales/again.csv", SALES)
    code, out, err = andon(*run, "--json")
    assert code == 0, err
    assert (json.loads(out)["sent"], json.loads(out)["imported_before"]) == (0, 1)
    assert len(sent(topics, "pos")) == 1
    assert [one["quantity"] for one in sent(topics, "stock")] == [3]
    told = {one["file"]: one for one in sent(topics, "files")}
    assert told["unclear.csv"]["failed"].startswith("column 'date'")
    assert told["march.csv"]["reasons"][0]["lines"] == [3]
    assert (told["s.csv"]["read"], told["s.csv"]["sent"]) == (1, 1)


@pytest.mark.integration
def test_edi_is_read_acknowledged_and_put_away(topics, inbox):
    where = ("--broker", topics.broker, "--prefix", topics.prefix, "connect", "folder")
    run = (*where, str(inbox.folder), "--once", "--settled", "0")
    order = x12("850", "BEG*00*SA*P-1**20260305", "PO1*1*24*EA***IN*A", group="PO")
    put(inbox, "edi/mapping-THEM.toml", 'locations = ["S1"]\n')
    put(inbox, "edi/order.x12", order)
    put(inbox, "edi/refused.x12", order.replace("*24*", "*2.5*"))
    put(inbox, "edi/answer.x12", x12("997", "AK1*PO*201", "AK2*850*0001", "AK5*R*5"))
    put(inbox, "edi/none.x12", "sku,quantity\nA,2\n")
    code, out, err = andon(*run)
    assert code == 1, err
    assert "edi/order.x12: 8 segments, 2 read, 0 refused; 1 events sent, 0 were there before" in out
    assert "the partner refuses 850 201/0001 (AK5 R/5)" in out
    assert "X12 begins with ISA" in out
    for name in ("processed/order.x12", "processed/answer.x12", "failed/refused.x12", "failed/none.x12"):  # fmt: skip
        assert (inbox.folder / "edi" / name).is_file()
        assert (inbox.folder / "edi" / f"{name}.json").is_file()
    out_folder = inbox.folder / "edi/out"
    [good, bad] = sorted(out_folder.iterdir())
    assert (good.name[:6], bad.name[:8]) == ("order-", "refused-")
    assert "AK5*A~" in good.read_text()
    assert "AK5*R*5~" in bad.read_text()
    put(inbox, "edi/order.x12", order)
    code, out, err = andon(*run, "--json")
    assert (json.loads(out)["sent"], json.loads(out)["imported_before"]) == (0, 1)
    assert [one["lines"] for one in sent(topics, "shipments")] == [
        [{"location": "S1", "sku": "A", "quantity": 24}]
    ]


def test_a_file_that_is_written_to_meanwhile_stays(inbox, monkeypatch):
    path = put(inbox, "sales/march.csv", SALES)
    [file] = inbox.waiting(2000, 0)

    def written_to(*_):
        path.write_text(SALES + SALES)
        return {"sent": 0}

    monkeypatch.setattr(taking, "_table", written_to)
    assert taking.take(load_settings(), inbox, file, datetime.now(UTC)) is None
    assert path.is_file()


def test_without_a_broker_the_files_stay_where_they_are(inbox):
    path = put(inbox, "sales/march.csv", SALES)
    run = (
        "--broker",
        "127.0.0.1:1",
        "connect",
        "folder",
        str(inbox.folder),
        "--once",
        "--settled",
        "0",
    )
    code, _, err = andon(*run)
    assert code == 1
    assert "127.0.0.1:1" in err
    assert path.is_file()
