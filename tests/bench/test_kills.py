"""What goes out is killed a few times, and the judges of bench/kills.py see what is lost and what is there twice."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCH = Path(__file__).parents[2] / "bench"
KILLS = 4


@pytest.fixture(scope="module")
def outgoing():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        yield importlib.import_module("kills_outgoing")


@pytest.fixture(scope="module")
def digests():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        yield importlib.import_module("kills_digests")


@pytest.mark.integration
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["out webhook", "out mail", "sink webhook", "sink alertmanager", "sink mail"]
)
def test_what_goes_out_is_killed_and_nothing_is_lost_or_there_twice(name):
    environment = {key: value for key, value in os.environ.items() if key[:6] != "ANDON_"}
    run = subprocess.run(
        [sys.executable, BENCH / "kills.py", "--kills", str(KILLS), "--only", name],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    cells = [cell.strip() for cell in run.stdout.splitlines()[-1].strip("|").split("|")]
    assert cells[0] == f"`{name}`"
    assert int(cells[2]) >= KILLS
    assert cells[3:5] == ["0", "0"]


@pytest.mark.parametrize(
    ("taken", "notes", "expected"),
    [
        ([("A", "1"), ("B", "2")], [("A", "a"), ("B", "b")], (0, 0, 0)),
        ([("A", "1"), ("A", "1"), ("B", "2")], [("A", "a"), ("B", "b")], (0, 0, 1)),
        ([("A", "1"), ("A", "3"), ("B", "2")], [("A", "a"), ("B", "b")], (0, 1, 0)),
        ([("A", "1")], [("A", "a"), ("B", "b")], (1, 0, 0)),
        ([("A", "1"), ("B", "2")], [("B", "b")], (1, 0, 0)),
        ([("A", "1"), ("B", "2"), ("C", "3")], [("A", "a"), ("B", "b")], (0, 1, 0)),
    ],
)
def test_orders_that_are_lost_or_there_twice_are_seen(outgoing, taken, notes, expected):
    assert outgoing.judged_orders(["A", "B"], taken, notes) == expected


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (["A:1", "A:2", "B:1"], (0, 0, 0)),
        (["A:1", "A:2", "A:1", "A:2", "B:1"], (0, 0, 2)),
        (["A:1", "B:1"], (1, 0, 0)),
        (["A:2", "A:1", "B:1"], (0, 1, 0)),
        (["A:1", "A:2", "B:1", "C:1"], (0, 1, 0)),
    ],
)
def test_changes_that_are_lost_or_out_of_order_are_seen(outgoing, taken, expected):
    assert outgoing.judged_changes(["A:1", "A:2", "B:1"], taken) == expected


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([("1", "A"), ("2", "AB")], (0, 0, 0)),
        ([("1", "A"), ("1", "A"), ("2", "AB")], (0, 0, 1)),
        ([("1", "A")], (1, 0, 0)),
        ([("1", "A"), ("2", "AB"), ("3", "AB")], (0, 1, 0)),
        ([("1", "A"), ("2", "B"), ("3", "AB")], (0, 1, 0)),
    ],
)
def test_digests_that_are_lost_or_there_twice_are_seen(digests, taken, expected):
    told = [(one, frozenset(names)) for one, names in taken]
    assert digests.judged_digests([frozenset("A"), frozenset("AB")], told) == expected


ENDS = {"fires": "2026-03-02T09:04:00+00:00", "over": "2026-03-02T08:59:00+00:00"}


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (["A warning fires", "B warning fires", "B warning over"], (0, 0, 0)),
        (["A warning fires", "A warning fires", "B warning over"], (0, 0, 1)),
        (["B warning over"], (1, 0, 0)),
        (["A warning fires"], (1, 0, 0)),
        (["A warning fires", "B warning fires"], (1, 0, 0)),
        (["A warning over", "B warning over"], (1, 0, 0)),
        (["A critical fires", "A warning fires", "B warning over"], (0, 1, 0)),
    ],
)
def test_alerts_that_fire_and_should_not_or_the_other_way_are_seen(outgoing, taken, expected):
    last = [
        SimpleNamespace(sku="A", status="opened", severity="warning"),
        SimpleNamespace(sku="B", status="resolved", severity="warning"),
    ]
    posted = []
    for text in taken:
        sku, severity, state = text.split()
        labels = {"sku": sku, "severity": severity}
        posted.append({"labels": labels, "endsAt": ENDS[state], "taken_at": "2026-03-02T09:00:00+00:00"})  # fmt: skip
    assert outgoing.judged_alerts(last, posted) == expected
