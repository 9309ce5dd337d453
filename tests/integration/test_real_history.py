"""A year of real invoices through the whole worker: every row accounted for, every unit in a book."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.workers import WorkerProcess, all_committed, state, until

DATA = Path(os.environ.get("ANDON_DATA", Path(__file__).parents[3] / "shared" / "data"))

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_the_online_retail_file_is_in_the_books_to_the_unit(topics):
    path = DATA / "online_retail" / "online_retail.csv.gz"
    if not path.is_file():
        pytest.skip(f"data file {path} is missing")
    command = [sys.executable, "-m", "andon.cli.main", "--broker", topics.broker]
    command += ["--prefix", topics.prefix, "replay", str(path), "--format", "online-retail"]
    with WorkerProcess(topics, ANDON_CHECKPOINT_INTERVAL_SECONDS="5") as worker:
        told = subprocess.run([*command, "--json"], capture_output=True, check=True, text=True)
        account = json.loads(told.stdout)
        until(lambda: all_committed(topics, "pos"), "all is committed", patience=300)
        assert worker.stop() == 0
    parts = ("sales", "returns", "skipped", "dead_letters")
    assert sum(account[part] for part in parts) == account["rows"] == 541_909
    books = state(topics, "books").values()
    assert sum(book.sold for book in books) == account["units_sold"] == 5_594_162
    assert sum(book.returned for book in books) == account["units_returned"] == 272_030
