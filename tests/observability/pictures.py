"""Run the demo with a Prometheus beside it, and draw the dashboards: `make pictures`, three minutes.

It runs on Apache Kafka where Java and Maven are, because the embedded broker's delays would be all there is to see.

Run: python tests/observability/pictures.py [--seconds 150]
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support.apache import ApacheKafka, available  # noqa: E402
from support.monitoring import AlertmanagerServer, PrometheusServer  # noqa: E402
from support.receiver import WebhookReceiver  # noqa: E402

from andon.streams.embedded import EmbeddedBroker, free_port  # noqa: E402

#: Simulated seconds a second: a day in three.
SPEED = "28800"


@contextlib.contextmanager
def running(broker: Any) -> Iterator[None]:
    broker.start()
    try:
        yield
    finally:
        broker.kill()


def main(seconds: float) -> None:
    port, forecaster_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as made, WebhookReceiver() as webhook:
        folder = Path(made)
        broker = (ApacheKafka if available() else EmbeddedBroker)(folder / "broker")
        with (
            running(broker),
            AlertmanagerServer(folder / "alertmanager", webhook.url) as alertmanager,
            PrometheusServer(
                folder / "prometheus", port, forecaster_port, alertmanager
            ) as prometheus,
        ):
            demo = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "andon.cli.main",
                    "--broker",
                    broker.bootstrap,
                    "up",
                    "--speed",
                    SPEED,
                ],
                env={
                    **os.environ,
                    "ANDON_METRICS_PORT": str(port),
                    "ANDON_FORECASTER_METRICS_PORT": str(forecaster_port),
                },
                stdout=subprocess.DEVNULL,
            )
            try:
                time.sleep(seconds)
                minutes = str(seconds / 60)
                subprocess.run(
                    [
                        sys.executable,
                        ROOT / "grafana/source/render.py",
                        prometheus.url,
                        ROOT / "docs/images",
                        "--minutes",
                        minutes,
                    ],
                    check=True,
                )
            finally:
                demo.terminate()
                demo.wait(30)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=150)
    main(parser.parse_args().seconds)
