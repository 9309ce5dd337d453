"""What the benchmarks share: a worker process that can be watched."""

import os
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import TracebackType
from typing import Self

from andon.streams.embedded import free_port
from andon.streams.settings import Settings

_WORKER = "import sys; from andon.agents.worker import run; from andon.streams.settings import load_settings; sys.exit(run(load_settings()))"


class WorkerProcess:
    """A worker of these settings in a process of its own; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self.port = free_port()
        given = settings.model_dump(exclude_unset=True, mode="json")
        self._environment = {
            **os.environ,
            **{f"ANDON_{name.upper()}": str(value) for name, value in given.items()},
            "ANDON_METRICS_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen([sys.executable, "-c", _WORKER], env=self._environment)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def metrics(self) -> str:
        """Return what /metrics says, or nothing while the worker starts."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as page:
                return str(page.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if self._process is not None and self._process.poll() is not None:
                msg = f"the worker ended with code {self._process.returncode}"
                raise RuntimeError(msg) from None
            return ""

    def applied(self, topic: str) -> float:
        """Return how many events of a topic were applied."""
        total = 0.0
        for line in self.metrics().splitlines():
            if line.startswith("andon_events_total{") and f'topic="{topic}"' in line:
                outcome = line.split('outcome="', 1)[1].split('"', 1)[0]
                if outcome != "unknown_item":
                    total += float(line.rsplit(" ", 1)[1])
        return total

    def time_until(self, topic: str, events: int, patience: float = 600.0) -> tuple[float, float]:
        """Return when the first and the last of a topic's events were seen to be applied."""
        begin = None
        deadline = time.perf_counter() + patience
        while time.perf_counter() < deadline:
            seen = self.applied(topic)
            now = time.perf_counter()
            if seen and begin is None:
                begin = now
            if begin is not None and seen >= events:
                return begin, now
            time.sleep(0.02)
        msg = f"only {self.applied(topic):.0f} of {events} events were applied in {patience:.0f} s"
        raise TimeoutError(msg)

    def usage(self) -> tuple[float, float]:
        """Return CPU seconds used so far and peak resident memory in MB."""
        if self._process is None:
            return 0.0, 0.0
        pid = self._process.pid
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        ticks = os.sysconf("SC_CLK_TCK")
        with open(f"/proc/{pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        return (int(fields[11]) + int(fields[12])) / ticks, peak / 1024


def own_peak_mb() -> float:
    """Return this process's peak resident memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
