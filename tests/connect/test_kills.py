"""A watched folder whose process is killed again and again: nothing is lost, and nothing is there twice."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from support.edi import x12
from support.imports import sent

from andon.connect.folder import Inbox

pytestmark = [pytest.mark.integration, pytest.mark.slow]

FILES = 16
ROWS = 23


def fill(inbox):
    """Put files down, and return what each topic must hold, counted by what it says."""
    sales, counts, orders = Counter(), Counter(), Counter()
    for file in range(FILES):
        rows = ["date,store,sku,quantity"]
        for row in range(ROWS):
            # Every third row says what the one before it says: it is a sale of its own.
            sku, quantity = f"A{row - row % 3 // 2}", 1 + file
            rows.append(f"2026-03-{1 + file:02d},S,{sku},{quantity}")
            sales[f"2026-03-{1 + file:02d}", sku, quantity] += 1
        (inbox.folder / f"sales/{file}.csv").write_text("\n".join(rows) + "\n")
        lines = [f"PO1*{row}*{row}*EA***IN*A{row}" for row in range(1, 4)]
        order = x12("850", f"BEG*00*SA*P-{file}**20260305", "N1*ST*Shop*92*S", *lines)
        (inbox.folder / f"edi/{file}.x12").write_text(order)
        orders[f"P-{file}"] += 1
        activity = [part for row in range(5) for part in (f"LIN*{row}*IN*B{row}", f"ZA*QS*{1 + row}*EA", f"ZA*QA*{9 + row}*EA")]  # fmt: skip
        day = f"202603{1 + file:02d}"
        (inbox.folder / f"edi/{file}.852").write_text(x12("852", f"XQ*H*{day}", "N1*ST*Shop*92*S", *activity))  # fmt: skip
        for row in range(5):
            sales[f"2026-03-{1 + file:02d}", f"B{row}", 1 + row] += 1
            counts[f"2026-03-{1 + file:02d}", f"B{row}", 9 + row] += 1
    return sales, counts, orders


def told(events):
    return Counter((one["occurred_at"][:10], one["sku"], one["quantity"]) for one in events)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_process_that_is_killed_loses_nothing_and_says_nothing_twice(topics, tmp_path, seed):
    inbox = Inbox(tmp_path / "inbox")
    sales, counts, orders = fill(inbox)
    environment = {name: value for name, value in os.environ.items() if name[:6] != "ANDON_"}
    script = Path(__file__).parents[1] / "support/folder_that_dies.py"
    run = subprocess.run(
        [sys.executable, script, topics.broker, topics.prefix, str(inbox.folder), str(seed)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    killed = int(run.stdout.splitlines()[-1])
    assert killed >= 30
    assert told(sent(topics, "pos")) == sales
    assert told(sent(topics, "stock")) == counts
    assert Counter(one["shipment_id"] for one in sent(topics, "shipments")) == orders
    assert len(list((inbox.folder / "edi/processed").glob("*.json"))) == 2 * FILES
    assert len(list((inbox.folder / "edi/out").glob("*.997.edi"))) == 2 * FILES
