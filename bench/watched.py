"""A worker process whose progress, CPU time and memory the benchmarks watch."""

import os
import sys
import time
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.workers import WorkerProcess

from andon.streams.settings import Settings

_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 1800.0


class WatchedWorker(WorkerProcess):
    """A worker of some settings; as a context manager it does not wait until it is ready."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, ANDON_LOG_LEVEL="warning")

    def __enter__(self) -> Self:
        return self.start(wait=False)

    def __exit__(self, *_: object) -> None:
        self.stop()

    def applied(self, topic: str) -> float:
        """Return how many events of a topic were applied."""
        return self.metric("andon_events_total", topic=topic, outcome="applied")

    def wait(self, what: str, condition: object) -> float:
        """Wait until `condition()` holds and return the time; RuntimeError if the worker ends before, or never does."""
        deadline = time.perf_counter() + _PATIENCE_SECONDS
        while time.perf_counter() < deadline:
            if condition():  # type: ignore[operator]
                return time.perf_counter()
            if self.process is None or self.process.poll() is not None:
                msg = f"the worker ended before {what}"
                raise RuntimeError(msg)
            time.sleep(_POLL_SECONDS)
        msg = f"not within {_PATIENCE_SECONDS:.0f} s: {what}"
        raise RuntimeError(msg)

    def time_until(self, topic: str, events: int) -> tuple[float, float]:
        """Return when the first and the last of a topic's events were seen to be applied."""
        begin = self.wait(f"an event of {topic}", lambda: self.applied(topic) > 0)
        end = self.wait(f"{events} events of {topic}", lambda: self.applied(topic) >= events)
        return begin, end

    def usage(self) -> tuple[float, float]:
        """Return CPU seconds used so far and peak resident memory in MB."""
        with open(f"/proc/{self._pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        ticks = os.sysconf("SC_CLK_TCK")
        return (int(fields[11]) + int(fields[12])) / ticks, self._memory_mb("VmHWM")

    def resident_mb(self) -> float:
        """Return the resident memory now, in MB."""
        return self._memory_mb("VmRSS")

    @property
    def _pid(self) -> int:
        if self.process is None:
            msg = "the worker was not started"
            raise RuntimeError(msg)
        return self.process.pid

    def _memory_mb(self, name: str) -> float:
        with open(f"/proc/{self._pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name)) / 1024
