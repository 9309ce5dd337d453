"""A watched folder with large files: rows a second, and the memory of the process that takes them.

    python bench/connect.py [--rows 1000000] [--broker HOST:PORT]

A table of sales with receipts and lines, and an 852 with sales and counts of many items, are put into a folder; `andon connect folder
--once` takes each, in a process of its own, and again, when all is known. The table is taken at a quarter of its rows first: what the
process holds must not grow with it (by more than a quarter; the names of all that was ever imported are on disk).
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from andon.streams.admin import TopicAdmin
from andon.streams.embedded import EmbeddedBroker
from andon.streams.settings import load_settings

MOST_GROWTH = 1.25
SEGMENTS = 100_000


def table(path, rows):
    """Write sales of receipts with three lines each, a few seconds apart."""
    with path.open("w") as file:
        file.write("date,store,receipt,line,sku,quantity,price\n")
        for row in range(rows):
            second = row // 3 * 20
            day, rest = divmod(second, 86_400)
            at = f"2026-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
            file.write(
                f"{at},S{row % 20},{row // 3},{row % 3},A{row * 7 % 5000},{1 + row % 4},2.50\n"
            )


def activity(path, segments):
    """Write an 852 of so many segments, with a sale and a count of each item."""
    items = segments // 3
    with path.open("w") as file:
        file.write(
            "ISA*00*          *00*          *ZZ*SHOP           *ZZ*US             *260305*0100*U*00401*000000007*0*P*>~\n"
        )
        file.write(
            "GS*PD*SHOP*US*20260305*0100*7*X*004010~\nST*852*0001~\nXQ*H*20260304~\nN1*ST*Shop*92*S1~\n"
        )
        for item in range(items):
            file.write(f"LIN*{item}*IN*B{item}~\nZA*QS*{1 + item % 9}*EA~\nZA*QA*{item % 99}*EA~\n")
        file.write(f"SE*{items * 3 + 4}*0001~\nGE*1*7~\nIEA*1*000000007~\n")


def take(broker, prefix, inbox):
    """Take what is in the folder in a process of its own; return its account, seconds and peak megabytes."""
    code = "import resource, sys; from andon.cli.main import code_of; c = code_of(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(c)"
    started = time.perf_counter()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            "--broker",
            broker,
            "--prefix",
            prefix,
            "connect",
            "folder",
            str(inbox),
            "--once",
            "--settled",
            "0",
            "--json",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("ANDON_")},
    )
    seconds = time.perf_counter() - started
    return json.loads(done.stdout), seconds, int(done.stderr.split()[-1]) / 1024


def measure(broker, rows):
    """Yield what was taken: a name, the account, seconds and peak megabytes."""
    prefix = f"bench-{os.getpid()}"
    with TopicAdmin(load_settings(broker=broker, prefix=prefix)) as admin:
        admin.create()
    with tempfile.TemporaryDirectory() as folder:
        inbox = Path(folder)
        for name, kind, size, write in (
            ("a quarter of the table", "sales", rows // 4, table),
            ("the table", "sales", rows, table),
            ("the table again", "sales", rows, table),
            ("an 852", "edi", SEGMENTS, activity),
        ):
            (inbox / kind).mkdir(exist_ok=True)
            write(inbox / kind / "file", size)
            yield (name, *take(broker, prefix, inbox))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--broker", help="a Kafka of your own instead of the embedded one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        address = asked.broker
        if address is None:
            broker = EmbeddedBroker(Path(folder))
            broker.start()
            stack.callback(broker.stop)
            address = broker.bootstrap
        peaks = []
        for name, account, seconds, peak in measure(address, asked.rows):
            peaks.append(peak)
            print(
                f"{name}: {account['rows']:,} rows in {seconds:.1f} s, {account['rows'] / seconds:,.0f} a second, "
                f"{account['sent']:,} events sent, {account['imported_before']:,} known; peak {peak:.0f} MB",
                flush=True,
            )
    growth = peaks[1] / peaks[0]
    print(f"four times the rows took {growth:.2f} times the memory")
    sys.exit(growth > MOST_GROWTH)


if __name__ == "__main__":
    main()
