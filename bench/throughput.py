"""The whole worker next to Flink, Kafka Streams, others and the limit, on the same sales and the same broker, in one run.

Run: python bench/throughput.py [--repeat 3] [--sales 1000000] [--items 10000] [--partitions 8] [--broker host:port] [--json]
         [--only "Kafka Streams" Flink]  leave out the other peers   [--latency-seconds 0] [--no-busy]  leave out the rest
     python bench/throughput.py --scale     how cost grows with items and workers, and what recovery takes
     python bench/throughput.py --paths 3   the compiled, the fast and the clear path (ANDON_CLEAR_PATH), so many times in turn
"""

import argparse
import json
import statistics
import subprocess
import sys
from typing import Any

from comparison import (
    ANDON,
    KAFKA_STREAMS,
    MORNING,
    PYTHON_ALONE,
    busy_name,
    differences_table,
    judge,
    latency_table,
    medians,
    throughput_table,
)
from latency import MORNING_SECONDS, busy_loops, latency
from measured import andon, broker_of, console, prepare, rate, settings_of
from peer import PEERS, LeftOutError, Peer
from rich.console import Console
from scale import judge_scale, scale
from verdict import tell

from andon.agents.compiled_sales import plain_sales
from andon.streams.settings import Settings

ANDON_DIFFERS = (
    "every event applied once however often it comes; closes days, forecasts, decides on stock, dates and costs; "
    "changed books to the broker every 500 ms"
)


def andon_as(settings: Settings, count: int, *, compiled: bool) -> dict[str, float]:
    """Time a worker with the compiled loop or without it."""
    return andon(settings.model_copy(update={"compiled_path": compiled}), count)


def measure_peer(
    peer: Peer, settings: Settings, count: int, left_out: dict[str, str]
) -> dict[str, float] | None:
    """Measure a peer, or note and say why it is left out."""
    if peer.name in left_out:
        return None
    try:
        return peer.measure(settings, count)
    except LeftOutError as reason:
        left_out[peer.name] = str(reason)
    except (RuntimeError, subprocess.TimeoutExpired) as wrong:
        # The others are measured all the same, and nobody is told of by some of his turns.
        console.print(str(wrong), markup=False)
        left_out[peer.name] = "it failed"
    console.print(f"  left out: {left_out[peer.name]}")
    return None


def compare(options: argparse.Namespace, bootstrap: str) -> dict[str, Any]:
    """Measure ours and the peers on the same sales, in turn and so many times, then how late alerts are."""
    peers = [peer for peer in PEERS if any(word in peer.name for word in options.only)]
    turns: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in peers[:1]}
    turns |= {ANDON: [], PYTHON_ALONE: []} | {peer.name: [] for peer in peers[1:]}
    left_out: dict[str, str] = {}
    for turn in range(options.repeat):
        console.print(f"turn {turn + 1} of {options.repeat}")
        settings = settings_of(bootstrap, f"turn{turn}", options.partitions)
        prepare(settings, options.items, options.sales)
        for name, results in turns.items():
            console.print(f"measuring {name} ...")
            if name == PYTHON_ALONE:
                if not plain_sales():
                    left_out[name] = "the loop is not built here, so that the other row is this one"
                    continue
                alone = settings_of(bootstrap, f"alone{turn}", options.partitions)
                prepare(alone, options.items, options.sales)
                result: dict[str, float] | None = andon_as(alone, options.sales, compiled=False)
            elif name == ANDON:
                result = andon_as(settings, options.sales, compiled=True)
            else:
                peer = next(peer for peer in peers if peer.name == name)
                result = measure_peer(peer, settings, options.sales, left_out)
            if result is not None:
                results.append(result)
                console.print(f"  {rate(result):,.0f} sales/s")
    for name in left_out:
        turns[name].clear()
    differs = {ANDON: ANDON_DIFFERS} | {peer.name: peer.differs for peer in peers}
    found: dict[str, Any] = {"turns": turns, "left_out": left_out, "differs": differs}
    pace = options.pace or medians(turns[ANDON])["rate"] / 2
    found["latency"] = late(options, bootstrap, pace)
    return found


def late(options: argparse.Namespace, bootstrap: str, pace: float) -> dict[str, dict[str, float]]:
    """Return how late alerts are at one pace: ours and Kafka Streams', alone and beside busy loops, and ours in the morning."""
    if not options.latency_seconds:
        return {}
    streams = next(peer for peer in PEERS if peer.name == KAFKA_STREAMS)
    found: dict[str, dict[str, float]] = {}

    def measure(row: str, peer: Peer | None = None, morning: float = 0.0) -> None:
        console.print(f"measuring how late an alert is: {row}, {pace:,.0f} sales a second")
        fresh = settings_of(bootstrap, f"late{len(found)}", options.partitions)
        seconds = options.latency_seconds
        try:
            found[row] = latency(fresh, options.items, pace, seconds, peer=peer, morning=morning)
        except LeftOutError as reason:
            console.print(f"  left out: {reason}")
        except RuntimeError as wrong:
            # What does not keep up has no figure, which is a missed target and no end of the others.
            console.print(f"  [red]failed[/]: {wrong}", markup=True)
        else:
            console.print(f"  p99 {found[row]['p99_ms']:,.0f} ms")

    measure(ANDON)
    measure(KAFKA_STREAMS, streams)
    if options.busy:
        with busy_loops():
            measure(busy_name(ANDON))
            measure(busy_name(KAFKA_STREAMS), streams)
    measure(MORNING, morning=MORNING_SECONDS)
    return found


def show(found: dict[str, Any], where: str, out: Console) -> bool:
    """Print the tables as docs/performance.md has them, and the verdict; return whether all targets are met."""
    repeated = max(len(results) for results in found["turns"].values())
    out.print(f"one process each, on {where}; medians of {repeated} interleaved turns\n")
    tables = [
        throughput_table(found["turns"], found["left_out"]),
        differences_table(found["differs"]),
    ]
    if found["latency"]:
        tables.append(latency_table(found["latency"]))
    for text in tables:
        out.print(text + "\n", markup=False, highlight=False, soft_wrap=True)
    return tell(judge(found), out)


def paths(options: argparse.Namespace, bootstrap: str, out: Console) -> list[dict[str, Any]]:
    """Print what the fast copies bring: the same sales on each path, in turn."""
    names = ("compiled", "fast", "clear") if plain_sales() else ("fast", "clear")
    rows = []
    for turn in range(options.paths):
        for name in names:
            settings = settings_of(bootstrap, f"{name}{turn}", options.partitions)
            settings = settings.model_copy(
                update={"clear_path": name == "clear", "compiled_path": name == "compiled"}
            )
            prepare(settings, options.items, options.sales)
            result: dict[str, Any] = andon(settings, options.sales)
            rows.append(result | {"path": name})
            out.print(
                f"{name:>8} path: {rate(result):>9,.0f} events/s, "
                f"CPU {result['cpu_seconds'] / result['events'] * 1e6:5.1f} s per million"
            )
    median = {
        name: statistics.median(rate(row) for row in rows if row["path"] == name) for name in names
    }
    for name in names[:-1]:
        times = median[name] / median["clear"]
        out.print(
            f"the {name} path is {times:.2f} times as fast as the clear one (medians of {options.paths})"
        )
    return rows


def main() -> int:
    """Run the benchmark; 1 if a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sales", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--repeat", type=int, default=3, metavar="TURNS")
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="WORD", help="peers whose name has a word"
    )
    parser.add_argument("--latency-seconds", type=float, default=30.0, help="0 leaves it out")
    parser.add_argument(
        "--pace",
        type=float,
        metavar="SALES_A_SECOND",
        help="at which latency is measured; half of ours if none is said",
    )
    parser.add_argument(
        "--busy",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="latency beside busy loops, too",
    )
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--paths", type=int, default=0, metavar="TURNS")
    parser.add_argument(
        "--item-counts", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000]
    )
    parser.add_argument("--worker-counts", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--broker", help="a Kafka of your own")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    out = Console(stderr=options.json, width=160)
    with broker_of(options.broker) as (bootstrap, where):
        if options.scale:
            rows = scale(options, bootstrap, out)
            if options.json:
                print(json.dumps(rows))
            return 0 if judge_scale(rows, out) else 1
        if options.paths:
            rows = paths(options, bootstrap, out)
            if options.json:
                print(json.dumps(rows))
            return 0
        found = compare(options, bootstrap)
        met = show(found, where, out)
        if options.json:
            print(json.dumps(found))
        return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
