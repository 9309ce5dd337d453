import json
import os
import signal
import subprocess
import sys
import time

import pytest

from andon.cli.support.child import WorkerProcess
from andon.cli.support.stopping import Stop
from andon.streams.errors import UserError

pytestmark = pytest.mark.integration


def up(tmp_path, *arguments):
    environment = {name: value for name, value in os.environ.items() if name[:6] != "ANDON_"}
    return subprocess.Popen(
        [sys.executable, "-m", "andon.cli.main", "up", "--items", "20", *arguments],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_it_stops_by_itself_with_alerts_opened_and_resolved_and_a_disruption(tmp_path):
    process = up(tmp_path, "--for", "30s", "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    summary = json.loads(out)
    assert summary["alerts"]["replenish"]["opened"] > 0
    assert summary["alerts"]["replenish"]["resolved"] > 0
    assert summary["alerts"]["disruption"]["opened"] > 0
    assert summary["alerts"]["stockout_risk"]["opened"] > 0
    assert summary["orders"] > 0
    assert summary["dead_letters"] == 0
    assert summary["fill_rate"] > 0.8
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_within_five_seconds(tmp_path, how):
    process = up(tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Broker ")
    asked = time.monotonic()
    process.send_signal(how)
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - asked < 5
    assert process.returncode == 0, err
    assert "orders placed" in out


def test_a_worker_that_dies_is_told_with_what_it_said_last(settings, tmp_path):
    # No topics: the worker refuses to start.
    with (
        WorkerProcess(settings, tmp_path / "worker.log") as worker,
        pytest.raises(UserError, match=r"(?s)exit code 1.*andon topics create"),
    ):
        worker.wait_until_ready(Stop())
