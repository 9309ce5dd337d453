"""docs/start.md, step by step: from a company's own files to running books, on the embedded broker."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.workers import PATIENCE, all_committed, until

from andon.streams.admin import answers
from andon.streams.embedded import free_port
from andon.streams.settings import load_settings

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PAGE = (Path(__file__).parents[2] / "docs" / "start.md").read_text(encoding="utf-8")
STEPS, _, _ = PAGE.partition("## On your Kafka")
FIRST = date(2025, 12, 1)


def heads():
    """Return the head of each table that the page shows."""
    return [block.splitlines()[0] for block in re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)]


def files():
    """Return the files: three months of two items, as the page says that they are written."""
    sales, items, stock, orders, locations = heads()
    rows = []
    for day in range(90):
        on = FIRST + timedelta(day)
        for number, (code, units) in enumerate((("0815", 2 + day % 3), ("4711", 1 + day % 2))):
            receipt = 1000 + 2 * day + number
            rows.append(f"{receipt};{on:%d.%m.%Y} 09:{14 + number};store-1;{code};{units};4,50")
    return {
        "sales.csv": [sales, *rows],
        "items.csv": [
            items,
            "0815;Earl Grey;ACME;5;2,10;4,50;6",
            "4711;Darjeeling;ACME;5;2,80;5,90;12",
        ],
        "stock.csv": [stock, "0815;store-1;14", "4711;store-1;20"],
        "orders.csv": [orders, "4500012;ACME;store-1;4711;48;0;27.02.2026;06.03.2026"],
        "locations.csv": [locations, "store-1;High Street;Europe/Berlin;Mon Tue Wed Thu Fri"],
    }


def steps():
    """Return the commands of the page before it comes to Kafka, each as its words."""
    blocks = re.findall(r"```sh\n(.*?)```", STEPS, re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [words[1:] for words in lines if words and words[0] == "andon"]


@pytest.fixture
def shell(tmp_path):
    """Runs `andon` in a folder with the files; what runs on is ended with the test, the last first."""
    for name, lines in files().items():
        (tmp_path / name).write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    environment = {
        **os.environ,
        "ANDON_BROKER": f"127.0.0.1:{free_port()}",
        "ANDON_METRICS_PORT": str(free_port()),
    }
    running = []

    def run(words, *, wait=True):
        command = [sys.executable, "-m", "andon.cli.main", *words]
        started = subprocess.Popen(
            command, cwd=tmp_path, env=environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if wait else None,
        )  # fmt: skip
        if not wait:
            running.append(started)
            return None
        out, _ = started.communicate(timeout=PATIENCE)
        assert started.returncode == 0, words
        return out

    def goes_on():
        assert [one.poll() for one in running] == [None] * len(running)
        return True

    run.environment, run.goes_on = environment, goes_on
    yield run
    for one in reversed(running):
        one.send_signal(signal.SIGTERM)
        try:
            one.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            one.kill()


def test_the_page_shows_the_files_and_has_its_steps():
    assert [head.count(";") for head in heads()] == [5, 6, 2, 7, 3]
    assert [words[0] for words in steps()] == [
        *("broker", "topics", "worker"),
        *("import",) * 6,
        *("item", "alerts", "import"),
    ]


def test_the_steps_lead_from_files_to_books(shell):
    settings = load_settings(broker=shell.environment["ANDON_BROKER"])
    said = {}
    for number, words in enumerate(steps()):
        if words[0] in ("broker", "worker"):
            shell(words, wait=False)
            if words[0] == "broker":
                until(lambda: shell.goes_on() and answers(settings.broker), "the broker answers")
            continue
        if words[0] == "item":
            for family in ("locations", "items", "pos", "stock", "shipments", "lines"):
                until(
                    lambda family=family: all_committed(settings, family),
                    f"{family} is in the books",
                )
        said[number, words[0]] = shell(words)
    shown = [text for (_, name), text in said.items() if name == "import"]
    assert "note: times" in shown[0]
    assert [text.splitlines()[-1] for text in shown[1:]] == [
        "1 events sent.",
        "2 events sent.",
        "180 events sent.",
        "1 events sent.",
        "2 events sent.",
        "0 events sent.",
    ]
    book = json.loads(shell(["item", "store-1/4711", "--json"]))
    assert (book["on_hand"], book["on_order"]) == (20, 48)
    [item] = [text for (_, name), text in said.items() if name == "item"]
    [alerts] = [text for (_, name), text in said.items() if name == "alerts"]
    assert "0815" in item
    assert "UTC" not in item, "the time zone of the location is known"
    assert "Earl Grey" in alerts
    assert "ACME" in alerts
