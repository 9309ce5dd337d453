"""What bench/throughput.py says of the peers: medians, tables, verdicts, and why one is left out."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module", autouse=True)
def _paths():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        yield


@pytest.fixture(scope="module")
def peer():
    return importlib.import_module("peer")


@pytest.fixture(scope="module")
def comparison():
    return importlib.import_module("comparison")


def result(rate, cpu, *, warm_cpu=None, busy=1.0):
    """A million sales at a rate, with so many processor seconds (or busy for a part of the time)."""
    seconds = 1e6 / rate
    cpu = cpu or seconds * busy
    return {
        "events": 1e6,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "warm_events": 5e5,
        "warm_seconds": seconds / 2,
        "warm_cpu_seconds": (warm_cpu or cpu) / 2,
        "peak_mb": 300.0,
    }


def late(p99):
    return {"events_per_second": 9e4, "p50_ms": 9, "p99_ms": p99, "p999_ms": 2 * p99, "alerts": 5}


def cells(markdown):
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in markdown.splitlines()]


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ((), "no java and no mvn on this machine"),
        (("java",), "no mvn on this machine"),
        (("mvn",), "no java on this machine"),
    ],
)
def test_the_peers_in_java_are_left_out_with_a_reason_where_java_or_maven_is_missing(
    peer, monkeypatch, there, reason
):
    monkeypatch.setattr(peer.shutil, "which", lambda tool: tool if tool in there else None)
    for one in (*peer.KAFKA_STREAMS, *peer.FLINK):
        with pytest.raises(peer.LeftOutError, match=f"^{reason}$"):
            one.command()


def test_what_maven_or_pip_refuses_is_left_out_with_the_last_they_said(peer, monkeypatch, tmp_path):
    def refuse(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "much\nno such version\n")

    monkeypatch.setattr(peer, "BUILD", tmp_path)
    monkeypatch.setattr(peer.shutil, "which", lambda tool: tool)
    monkeypatch.setattr(peer.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(peer.subprocess, "run", refuse)
    for command in (peer.build_jvm, peer.script("quix", "quixstreams==0")):
        with pytest.raises(peer.LeftOutError, match=r"no such version$"):
            command()


def test_whoever_is_judged_by_name_is_among_the_peers(peer, comparison):
    names = {one.name for one in peer.PEERS}
    judged = {"LIMIT", "FLINK", "KAFKA_STREAMS", "QUIX", "STOCK_FAUST"}
    assert {getattr(comparison, name) for name in judged} <= names
    assert len({one.alerts for one in peer.PEERS}) == len(peer.PEERS)


def test_the_table_has_a_row_for_each_peer_and_says_why_one_is_left_out(peer, comparison):
    turns = {one.name: [result(1e5, 9.0)] for one in peer.PEERS} | {comparison.FLINK: []}
    turns[comparison.ANDON] = [result(2e5, 5.0), result(3e5, 4.0), result(1e5, 9.0)]
    left_out = {comparison.FLINK: "no java on this machine"}
    rows = cells(comparison.throughput_table(turns, left_out))
    assert {len(row) for row in rows} == {6}
    found = {row[0]: row[1:] for row in rows[2:]}
    assert len(found) == len(turns)
    assert found["**Andon**"] == ["200,000", "200,000", "5.0", "5.0", "300"]
    assert found[comparison.FLINK] == ["left out: no java on this machine", "", "", "", ""]


def test_what_differs_between_the_jobs_fits_into_the_cells_of_the_documents(peer, comparison):
    rows = cells(comparison.differences_table({one.name: one.differs for one in peer.PEERS}))
    assert all(len(row) == 2 and row[1] and max(map(len, row)) <= 220 for row in rows)


def test_latencies_stand_in_a_table_of_their_own(comparison):
    rows = cells(comparison.latency_table({comparison.MORNING: late(250.4)}))
    assert rows[2] == [comparison.MORNING, "90,000 sales/s", "9 ms", "250 ms", "501 ms", "5"]


GOOD = {
    "Andon": [result(300_000, 3.0)],
    "the limit": [result(800_000, None, busy=0.9)],
    "Flink 2.2, exactly once": [result(280_000, 6.5, warm_cpu=5.1)],
    "Kafka Streams 4.4, exactly once": [result(180_000, 9.3, warm_cpu=6.2)],
    "Quix Streams 3.28": [result(90_000, 11.6)],
    "stock Faust 0.15": [result(3_000, 300.0)],
}
GOOD_LATENCIES = {
    "Andon": late(90),
    "Kafka Streams 4.4, exactly once": late(120),
    "Andon, beside a busy loop a core": late(500),
    "Kafka Streams 4.4, exactly once, beside a busy loop a core": late(290),
    "Andon, first minute of a day": late(299),
}


@pytest.mark.parametrize(
    ("turns", "latencies", "missed"),
    [
        ({}, {}, 0),
        ({"Flink 2.2, exactly once": [result(310_000, 6.5, warm_cpu=5.1)]}, {}, 1),
        ({"Flink 2.2, exactly once": [result(280_000, 6.5, warm_cpu=4.9)]}, {}, 1),
        ({"Kafka Streams 4.4, exactly once": [result(180_000, 9.3, warm_cpu=4.9)]}, {}, 1),
        ({"the limit": [result(900_000, None, busy=0.9)]}, {}, 1),
        ({"the limit": [result(800_000, None, busy=0.7)]}, {}, 1),
        ({"Quix Streams 3.28": [result(90_000, 7.0)]}, {}, 1),
        ({"stock Faust 0.15": [result(30_000, 30.0)]}, {}, 1),
        ({}, {"Andon": late(110)}, 1),
        ({}, {"Andon": late(130)}, 2),
        ({}, {"Andon, beside a busy loop a core": late(600)}, 1),
        ({}, {"Andon, first minute of a day": late(300)}, 1),
    ],
)
def test_each_target_is_judged_by_its_own_figures(comparison, turns, latencies, missed):
    met = comparison.judge({"turns": GOOD | turns, "latency": GOOD_LATENCIES | latencies})
    assert len(met) == 11
    assert list(met.values()).count(False) == missed


def test_a_target_without_its_peer_is_not_judged(comparison):
    alone = {"Andon": GOOD["Andon"], "Flink 2.2, exactly once": []}
    assert comparison.judge({"turns": alone, "latency": {}}) == {}


def test_a_ratio_is_the_median_of_its_turns(comparison):
    turns = {
        "Andon": [result(100, 1), result(200, 1), result(900, 1)],
        "the limit": [result(100, 1), result(100, 1), result(1000, 1)],
    }
    assert comparison.times(turns, "rate", "the limit") == pytest.approx(1.0)


def test_a_peer_counts_from_its_first_event_and_tells_its_second_half_apart():
    script = "from progress import Progress\np = Progress(10)\nwhile True: p.saw()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=BENCH / "peers",
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert (found["events"], found["warm_events"]) == (9, 5)
    assert found["seconds"] >= found["warm_seconds"] >= 0
