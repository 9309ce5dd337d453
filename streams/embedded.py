"""The embedded broker: a small binary that speaks the Kafka protocol, for trying out and for tests, never for real stock.

It is the package `noida-db` (extra `andon[embedded]`). Real installations use Apache Kafka; every command takes `--broker`.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from importlib import util
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from andon.streams.admin import BrokerUnavailable, answers

_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1


class EmbeddedBrokerMissing(RuntimeError):
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


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class EmbeddedBroker:
    """A broker process of our own, with its data in a folder; a context manager."""

    kind = "embedded"

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=20)

    @property
    def bootstrap(self) -> str:
        """Where it listens, `host:port`."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and return when it answers.

        Raises:
            EmbeddedBrokerMissing: it is not installed.
            BrokerUnavailable: it died or did not answer; the text holds what it said.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        command = [_binary(), "start", "--only", "kafka", "--kafka-port", str(self.port)]
        command += ["--data-dir", str(self.data_dir), "--host", "127.0.0.1"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call, and no thread of ours holds a lock it needs
        )
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        deadline = time.monotonic() + _START_SECONDS
        while not answers(self.bootstrap):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                said = "\n".join(self._said)
                msg = f"the embedded broker did not start on port {self.port}:\n{said}"
                raise BrokerUnavailable(msg)
            time.sleep(0.05)

    def _listen(self, pipe: IO[str] | None) -> None:
        for line in pipe or ():
            if "GLIBC_" not in line:
                self._said.append(line.rstrip())

    def stop(self) -> None:
        """Ask it to stop, and insist after five seconds."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it; its data survive."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, how)
        try:
            process.wait(_STOP_SECONDS)
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
