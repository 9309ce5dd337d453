"""`make chaos`: kill, stop, pause, add and remove workers and brokers for half an hour, and say what was lost.

Three nodes of Apache Kafka (Java and Maven are needed), real worker processes, a seeded schedule. It prints a report and
exits with 1 if a unit was lost or counted twice, an alert is missing or too many, a law of the alert stream was broken, or
the workers did not recover.
"""

import argparse
import shutil
import sys
import tempfile
import time
import uuid
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.apache import ApacheCluster
from support.chaos.run import ChaosRun

from andon.cli.support.duration import duration
from andon.streams.settings import load_settings

#: What would seldom be drawn happens once in every run, before anything is.
FIRST = (
    "workers killed before a commit",
    "workers killed after an alert",
    "brokers out of disk",
    "brokers paused",
    "brokers killed during a restore",
    "changelogs poisoned",
    "workers paused beyond their session",
    "all workers killed",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="time", default="30m", help="how long the chaos lasts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=400.0, help="events a second")
    parser.add_argument(
        "--patience", type=float, help="seconds until workers must commit again, on a busy machine"
    )
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="andon-chaos-"))
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    with ApacheCluster(folder / "kafka") as cluster:
        settings = load_settings(
            broker=cluster.bootstrap,
            prefix=f"chaos-{uuid.uuid4().hex[:6]}",
            partitions=6,
            replication_factor=3,
            min_insync_replicas=2,
            session_timeout_seconds=6,
            allowed_lateness_hours=0.0,
            duplicate_window=256,
        )
        outcome = ChaosRun(
            settings,
            folder,
            seed=given.seed,
            seconds=duration(given.time),
            plan=FIRST,
            rate=given.rate,
            nodes=cluster.nodes,
            under_replicated=cluster.under_replicated,
            rolling=True,
            patience=given.patience,
            pause=(1.0, 6.0),
            say=say,
        ).run()
    print()
    for name, figure in outcome.lines():
        print(f"{name:45} {figure}")
    if outcome.faults:
        print(f"what the workers said is in {folder}/workers.log", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
