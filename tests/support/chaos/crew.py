"""The workers of a chaos run: started, watched, started anew when they end by themselves, and ended."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from kafka.errors import KafkaError
from support.chaos import worker as entry
from support.chaos.outcome import Outcome
from support.workers import WorkerProcess, committed

from andon.streams.settings import Settings

_POLL = 0.1
#: Within this time of any blow the workers must commit again.
RECOVERY_SECONDS = 120.0
GRACE_SECONDS = 30.0


class ChaosWorker(WorkerProcess):
    """A worker with a journal, and a fault if one is wanted."""

    command = (str(Path(entry.__file__)), "worker")

    def __init__(self, settings: Settings, journal: Path, fault: str = "") -> None:
        extra = {entry.JOURNAL: str(journal)}
        if fault:
            extra[entry.FAULT] = fault
        super().__init__(settings, **extra)


class Crew:
    """The workers that run now."""

    def __init__(self, settings: Settings, folder: Path, outcome: Outcome, fault: str) -> None:
        self.settings = settings
        self.journal = folder / "journal"
        self.workers: list[ChaosWorker] = []
        self.patience = RECOVERY_SECONDS
        self._log: IO[bytes] = (folder / "workers.log").open("ab")
        self._outcome = outcome
        self._fault = fault

    def start(self) -> ChaosWorker:
        """Start one more, and do not wait for it."""
        one = ChaosWorker(self.settings, self.journal, self._fault)
        one.log = self._log
        self.workers.append(one.start(wait=False))
        return one

    def alone(self, fault: str = "") -> subprocess.Popen[bytes]:
        """Start one that is not watched, because it is to end by itself."""
        one = ChaosWorker(self.settings, self.journal, fault or self._fault)
        one.log = self._log
        process = one.start(wait=False).process
        assert process is not None
        return process

    def kill(self, one: ChaosWorker) -> None:
        """SIGKILL one."""
        assert one.process is not None
        self._outcome.blows["workers killed"] += 1
        os.kill(one.process.pid, signal.SIGKILL)
        one.process.wait()

    def kill_all(self) -> int:
        """SIGKILL all, and return how many there were."""
        for one in self.workers:
            self.kill(one)
        count = len(self.workers)
        self.workers.clear()
        return count

    def stop(self, one: ChaosWorker) -> None:
        """SIGTERM one, and note how long it took to end and whether it ended well."""
        assert one.process is not None
        self.workers.remove(one)
        running = one.page("/health") is not None  # before that nobody listens to signals yet
        began = time.monotonic()
        one.process.terminate()
        one.process.wait(GRACE_SECONDS)
        took = time.monotonic() - began
        self._outcome.slowest_stop = max(self._outcome.slowest_stop, took)
        if running and one.process.returncode:
            text = f"a worker that was stopped ended with {one.process.returncode}"
            self._outcome.faults.append(text)

    def rest(self, seconds: float) -> None:
        """Wait and watch."""
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            self.supervise()
            time.sleep(_POLL)

    def supervise(self) -> None:
        """Start workers anew that ended by themselves, as whoever runs them would, and note it."""
        for one in list(self.workers):
            assert one.process is not None
            code = one.process.poll()
            if code is not None:
                self._outcome.ended_by_themselves.append(code)
                self.workers.remove(one)
                self.start()

    def until(self, condition: Callable[[], Any], what: str, patience: float | None = None) -> None:
        """Watch until something holds; fail if it does not in time."""
        patience = self.patience if patience is None else patience
        if not self.within(patience, condition):
            raise AssertionError(f"not within {patience:.0f} s: {what}")

    def within(self, patience: float, condition: Callable[[], Any]) -> bool:
        """Watch until something holds, for so many seconds at most, and return whether it does."""
        ends_at = time.monotonic() + patience
        while True:
            try:
                if condition():
                    return True
            except (KafkaError, OSError):
                pass  # a broker is away; what is asked is asked again
            if time.monotonic() > ends_at:
                return False
            self.supervise()
            time.sleep(_POLL)

    def progress(self) -> int:
        """Return how much of the sales is committed."""
        while True:
            try:
                return sum(committed(self.settings, ("pos",)).values())
            except (KafkaError, OSError):
                time.sleep(_POLL)

    def end_all(self) -> None:
        """End them well, or at any rate."""
        for one in self.workers:
            assert one.process is not None
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGCONT)
                one.process.terminate()
        for one in self.workers:
            assert one.process is not None
            try:
                one.process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                one.process.kill()
        self.workers.clear()
