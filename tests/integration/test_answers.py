"""A buyer's day on a real broker and worker, by command line alone: see what is open, answer it, and see it close."""

import json

import pytest
from support.workers import WorkerProcess, send, state, until

from andon.cli import main
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.schemas.stock import StockMovement

pytestmark = pytest.mark.integration

START = 20_000 * 86400.0


@pytest.fixture
def andon(topics, capfd, monkeypatch):
    """Runs a command against the broker; returns its exit code, its output and what it told the user."""
    monkeypatch.setenv("COLUMNS", "300")

    def run(*arguments):
        where = ["--broker", topics.broker, "--prefix", topics.prefix]
        capfd.readouterr()  # what the broker has said
        code = main.code_of([*where, *arguments])
        return code, *capfd.readouterr()

    return run


def shop(settings):
    for sku in ("A", "B", "C"):
        sources = (Source(supplier="ACME", lead_time_days=4.0),)
        at = {"location": "S", "sku": sku}
        item = Item(**at, updated_at=utc(START), sources=sources, expected_daily_demand=10.0)
        count = StockMovement(
            **at, event_id=f"c{sku}", occurred_at=utc(START), kind="count", quantity=5
        )
        send(settings, [("items", item), ("stock", count)])


def board(andon):
    lines = andon("alerts", "--open", "--kind", "replenish", "--json")[1].splitlines()
    return {one["alert_id"]: one["answer"] for one in map(json.loads, lines)}


def test_what_is_open_is_answered_by_its_id_and_who_was_first_is_told(topics, andon, tmp_path):
    with WorkerProcess(topics) as worker:
        shop(topics)
        until(lambda: len(board(andon)) == 3, "three alerts are on the board")

        code, out, _ = andon("ack", "replenish:S/A:1", "--by", "lena", "--json")
        assert code == 0
        told = json.loads(out)
        assert (told["action"], told["shown"], told["open"]) == ("acknowledged", True, True)
        assert board(andon)["replenish:S/A:1"]["by"] == "lena"
        # Once more is once, and somebody else is told.
        assert andon("ack", "replenish:S/A:1", "--by", "lena")[0] == 0
        code, _, told = andon("snooze", "replenish:S/A:1", "2d", "--by", "max")
        assert code == 1
        assert "acknowledged by lena" in told
        assert "--again" in told
        assert andon("snooze", "replenish:S/A:1", "2d", "--by", "max", "--again")[0] == 0
        assert board(andon)["replenish:S/A:1"]["by"] == "max"
        assert "snoozed until 2024-10-06 00:00 by max" in andon("alerts", "--open")[1]

        code, out, _ = andon("order", "replenish:S/B:1", "--quantity", "300", "--by", "lena")
        assert code == 0
        assert ": approved from" in out
        assert "300 B for S" in out
        (given,) = json.loads(andon("orders", "--open", "--json")[1].strip().join("[]"))
        assert (given["approved_by"], given["ready"]) == ("lena", True)
        assert "replenish:S/B:1" not in board(andon)
        assert andon("order", "replenish:S/B:1", "--quantity", "300", "--by", "max")[0] == 1
        until(lambda: state(topics, "books")["S/B"].on_order == 300, "it is ordered once")
        out_of = ("connect", "out", "csv", str(tmp_path), "--once", "--hold", "0")
        for _ in range(2):
            assert andon(*out_of)[0] == 0
        (file,) = tmp_path.iterdir()
        assert f"{given['order_id']},1,order,ACME,S,B,300" in file.read_text(encoding="utf-8")
        until(lambda: '"state":"sent"' in andon("orders", "--json")[1].replace(" ", ""), "sent")
        assert andon("orders", "cancel", given["order_id"], "--by", "lena")[0] == 0
        assert andon(*out_of)[0] == 0
        assert len(list(tmp_path.iterdir())) == 2, "the supplier is told that it is off"
        until(lambda: state(topics, "books")["S/B"].on_order == 0, "it is off")
        assert andon("orders", "confirm", given["order_id"])[0] == 1

        code, _, told = andon("reject", "replenish:S/X:1", "--reason", "off")
        assert code == 1
        assert "is not open; near it are" in told
        assert andon("reject", "replenish:S/C:1", "--reason", "off", "--by", "lena")[0] == 0
        assert board(andon)["replenish:S/C:1"]["comment"] == "off"
        before = board(andon)
        worker.kill()
    with WorkerProcess(topics):
        assert board(andon) == before, "a restart changes nothing"
    code, _, told = andon("ack", "replenish:S/C:1", "--by", "max", "--again", "--no-wait")
    assert code == 0
