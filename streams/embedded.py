"""The embedded broker: a small binary that speaks the Kafka protocol, for trying out and for tests, never for real stock.

It is the package `noida-db` (extra `andon[embedded]`). Real installations use Apache Kafka; every command takes `--broker`.
What version 0.2.3 was seen to do with aiokafka 0.14 and kafka-python 3.0.12:

- Works: topic configuration (created, described, altered, enforced, an unknown one refused), 1,000 partitions, headers,
  timestamps and lookup by time, compaction, idempotent producers with record batches, transactions (abort,
  read_committed, fencing of an older producer), rebalances when members join and leave, commits of a stale generation
  refused, lag and `delete_records` by the admin client. SIGTERM and start again: everything is there.
- Differs: replication factor 1 only; an unknown topic is made on first use; records of at most `max.message.bytes`.
- **Acknowledged is not durable.** It keeps all in memory and rewrites one `kafka.json` (four times the data) some tenths
  of a second after a change, later the more it holds. `kill -9` loses what was acknowledged since, and an idempotent
  producer that outlives it never recovers. Loss of a broker can be tested on Apache Kafka only.
- **A reader of committed records** was seen to miss one of two committed transactions between aborted ones.
- **A member that was killed is never evicted**, whatever its session timeout: others do not get its partitions, and a
  sole new member waits for it for good, until an admin client removes it from the group.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from importlib import util
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from andon.streams.admin import BrokerUnavailable, answers
from andon.streams.errors import UserError

# Runs between fork and the broker itself. A `preexec_fn` would do the same inside a fork of a process
# with threads, which can deadlock.
_DIE_WITH_PARENT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent died first")
os.execv(sys.argv[2], sys.argv[2:])
"""


class EmbeddedBrokerMissing(UserError, RuntimeError):
    """The embedded broker is not installed."""


def _binary() -> str:
    spec = util.find_spec("noida_db")
    if spec is not None and spec.submodule_search_locations:
        path = Path(next(iter(spec.submodule_search_locations))) / "noida-db"
        if path.is_file():
            return str(path)
    found = shutil.which("noida-db")
    if found is None:
        msg = (
            "the embedded broker is not installed: `pip install 'andon[embedded]'`, "
            "or name a Kafka of your own with --broker host:port"
        )
        raise EmbeddedBrokerMissing(msg)
    return found


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def dying_with_parent(command: Sequence[str]) -> list[str]:
    """Return a command, an absolute path first, that on Linux is killed when the thread that runs it ends."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]


class BrokerProcess(ABC):
    """A broker in a process of our own that keeps its port and data over restarts; a context manager.

    It has a process group of its own, so that a Ctrl-C in the terminal does not stop it before its clients have
    said goodbye. On Linux it dies with the *thread* that started it: start it from one that lives as long.
    """

    kind = "process"
    start_seconds = 20.0
    stop_seconds = 5.0

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=20)
        self._listener: threading.Thread | None = None

    @property
    def bootstrap(self) -> str:
        """Where it listens, `host:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Its process, or None while it is stopped."""
        return self._process.pid if self._process else None

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        """The last lines of what it said."""
        return "\n".join(self._said)

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return what to run, an absolute path first."""

    def start(self) -> None:
        """Start it and return when it answers; one that runs already is left alone.

        Raises:
            EmbeddedBrokerMissing: it is not installed.
            BrokerUnavailable: the port is taken, or it died, or did not answer; the text holds what it said.
        """
        if self._process is not None and self._process.poll() is None:
            return
        self.launch()
        self.await_answer()

    def launch(self) -> None:
        """Start it without waiting until it answers.

        Raises:
            EmbeddedBrokerMissing: it is not installed.
            BrokerUnavailable: the port is taken.
        """
        command = self.command()
        self._port_is_free()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._said.clear()
        self._process = process = subprocess.Popen(
            dying_with_parent(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(process.stdout,), daemon=True)
        self._listener.start()

    def await_answer(self) -> None:
        """Return when what was launched answers.

        Raises:
            BrokerUnavailable: it died, or did not answer; the text holds what it said.
        """
        process, listener = self._process, self._listener
        if process is None or listener is None:
            msg = f"the {self.kind} broker on port {self.port} was not launched"
            raise RuntimeError(msg)
        deadline = time.monotonic() + self.start_seconds
        while not answers(self.bootstrap):
            died = process.poll() is not None
            if died or time.monotonic() > deadline:
                self.kill()
                listener.join(1)
                reason = f"exit code {process.returncode}" if died else "no answer in time"
                said = "\n".join(self._said) or "it said nothing"
                msg = f"the {self.kind} broker did not start on port {self.port} ({reason}): {said}"
                raise BrokerUnavailable(msg)
            time.sleep(0.02)

    def _port_is_free(self) -> None:
        with socket.socket() as probe:
            # A port whose last connections still linger (TIME_WAIT) is free enough for a restart.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                msg = f"port {self.port} is taken by another program: choose another ({error.strerror})"
                raise BrokerUnavailable(msg) from error

    def _listen(self, pipe: IO[str] | None) -> None:
        for line in pipe or ():
            if "GLIBC_" not in line:
                self._said.append(line.rstrip())

    def stop(self) -> None:
        """Ask it to stop, and insist after a while."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it; what it had on disk survives."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, how)
        try:
            process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def restart(self) -> None:
        """Stop it and start it again on the same port and data."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class EmbeddedBroker(BrokerProcess):
    """The embedded broker, with its data in a folder."""

    kind = "embedded"

    def command(self) -> Sequence[str]:
        """Return what to run.

        Raises:
            EmbeddedBrokerMissing: it is not installed.
        """
        listen = ["--kafka-port", str(self.port), "--host", "127.0.0.1"]
        return [_binary(), "start", "--only", "kafka", *listen, "--data-dir", str(self.data_dir)]
