"""How throughput, memory and recovery change with the number of items and of workers: throughput.py --scale."""

import argparse
import time
from typing import Any

from measured import andon, prepare, rate, settings_of
from rich.console import Console
from verdict import tell
from watched import WatchedWorker

MILLION = 1_000_000
MOST_KILOBYTES = 1.5
MOST_RECOVERY_SECONDS = 60.0


def scale(options: argparse.Namespace, bootstrap: str, out: Console) -> list[dict[str, Any]]:
    """Print how throughput, memory and recovery change with the number of items and of workers."""
    rows = []
    for items in options.item_counts:
        settings = settings_of(bootstrap, f"items{items}", options.partitions)
        taken_in = prepare(settings, items, options.sales)
        for workers in options.worker_counts if items == options.items else (1,):
            if workers != 1:
                settings = settings_of(bootstrap, f"workers{workers}", options.partitions)
                prepare(settings, items, options.sales)
            result: dict[str, Any] = andon(settings, options.sales, workers)
            with WatchedWorker(settings) as worker:
                began = time.perf_counter()
                result["restart_seconds"] = worker.wait("it was ready", worker.ready) - began
                result["idle_mb"] = worker.resident_mb()
            result |= {"items": items, "workers": workers, "master_data_seconds": taken_in}
            rows.append(result)
            out.print(
                f"{items:>9,} items, {workers} worker{'s' if workers > 1 else ' '}: {rate(result):>9,.0f} events/s, "
                f"CPU {result['cpu_seconds'] / result['events'] * 1e6:5.1f} s per million, peak {result['peak_mb']:6.0f} MB, "
                f"restarted in {result['restart_seconds']:.1f} s with {result['idle_mb']:.0f} MB; "
                f"items and counts taken in at {2 * items / taken_in:,.0f}/s"
            )
    return rows


def judge_scale(rows: list[dict[str, Any]], out: Console) -> bool:
    """Print what an item more costs, from the fewest items to the most, and the verdict; return whether both targets are met."""
    alone = sorted((row for row in rows if row["workers"] == 1), key=lambda row: row["items"])
    few, many = alone[0], alone[-1]
    more = many["items"] - few["items"]
    if more <= 0:
        return True
    kilobytes = (many["idle_mb"] - few["idle_mb"]) * 1024 / more
    seconds = (many["restart_seconds"] - few["restart_seconds"]) * MILLION / more
    met = {
        f"memory at rest, {kilobytes:.2f} KB an item-location, under {MOST_KILOBYTES:g} KB": (
            kilobytes < MOST_KILOBYTES
        ),
        f"recovery, {seconds:.0f} s a million keys, under {MOST_RECOVERY_SECONDS:g} s": (
            seconds < MOST_RECOVERY_SECONDS
        ),
    }
    if many["items"] < MILLION:
        out.print(f"(drawn on from {many['items']:,} items)")
    return tell(met, out)
