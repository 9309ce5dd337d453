"""A year of real invoices through the whole worker: every row accounted for, every unit in a book."""

import json
import subprocess
import sys

import pytest
from support.data import data_file
from support.workers import WorkerProcess, state, until_committed

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_the_online_retail_file_is_in_the_books_to_the_unit(topics):
    path = data_file("online_retail/online_retail.csv.gz")
    command = [sys.executable, "-m", "andon.cli.main", "--broker", topics.broker]
    command += ["--prefix", topics.prefix, "replay", str(path), "--format", "online-retail"]
    with WorkerProcess(topics, ANDON_CHECKPOINT_INTERVAL_SECONDS="20") as worker:
        told = subprocess.run([*command, "--json"], capture_output=True, check=True, text=True)
        account = json.loads(told.stdout)
        until_committed(topics, "pos", what="all is committed", patience=1200)
        assert worker.stop() == 0
    parts = ("sales", "returns", "skipped", "dead_letters")
    assert sum(account[part] for part in parts) == account["rows"] == 541_909
    books = state(topics, "books").values()
    assert sum(book.sold for book in books) == account["units_sold"] == 5_594_162
    assert sum(book.returned for book in books) == account["units_returned"] == 272_030
