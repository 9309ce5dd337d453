"""Workers and forecasters as processes of our own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from andon.cli.support.board import ready
from andon.cli.support.stopping import Stop
from andon.streams.embedded import dying_with_parent, free_port
from andon.streams.errors import UserError
from andon.streams.settings import Settings

_READY_SECONDS = 90.0
_STOP_SECONDS = 2.5
_TAIL_LINES = 15
_LOOPBACK = "127.0.0.1"
_CONSOLE_PORT = 9180


class Child:
    """Runs an `andon` command with its output in a file; a context manager."""

    def __init__(
        self,
        settings: Settings,
        log: Path,
        command: str,
        options: Sequence[str] = (),
        **environment: str,
    ) -> None:
        """Prepare.

        Args:
            settings: its broker and prefix; the rest it reads as we did.
            log: where its output goes.
            command: such as `worker`.
            options: that stand after it.
            environment: variables that are set beside ours.
        """
        self._log = log
        self._command = command
        self._options = options
        self._environment = {
            "ANDON_BROKER": settings.broker,
            "ANDON_PREFIX": settings.prefix,
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: float | None = None

    def start(self) -> None:
        """Start it, without waiting."""
        with self._log.open("wb") as output:
            # A session of its own: Ctrl-C in the terminal is for us, and we end the child in order.
            self._process = subprocess.Popen(
                dying_with_parent(
                    [sys.executable, "-m", "andon.cli.main", self._command, *self._options]
                ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._environment},
                start_new_session=True,
            )

    def check(self) -> None:
        """Do nothing while it lives.

        Raises:
            UserError: it has died; the text has the end of what it said.
        """
        if self._process is not None and self._process.poll() is not None:
            code = self._process.returncode
            how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
            msg = f"the {self._command} ended {how}; it said last:\n{self._tail()}\n{self._kept()}"
            raise UserError(msg)

    def ask_to_stop(self) -> None:
        """Ask it to end, without waiting."""
        if self._asked is None and self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._asked = time.monotonic()

    def stop(self) -> None:
        """Ask it to end, and insist when it does not: what it has not checkpointed is in the topics still."""
        self.ask_to_stop()
        process, self._process = self._process, None
        if process is None or self._asked is None:
            return
        try:
            process.wait(max(self._asked + _STOP_SECONDS - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _tail(self) -> str:
        lines = self._log.read_text("utf-8", "replace").splitlines()[-_TAIL_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "  (nothing)"

    def _kept(self) -> str:
        """Keep what it said, and return where: the folder it wrote to goes with us."""
        folder = Path(tempfile.mkdtemp(prefix="andon-"))
        return f"All of it is kept in {shutil.copy(self._log, folder / self._log.name)}."

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


class ForecasterProcess(Child):
    """Runs `andon forecaster` beside everything else: it takes what others leave, and serves metrics only if a port was named."""

    def __init__(self, settings: Settings, log: Path, cpu_share: float) -> None:
        asked = "forecaster_metrics_port" in settings.model_fields_set
        port = settings.forecaster_metrics_port if asked else 0
        super().__init__(
            settings,
            log,
            "forecaster",
            ANDON_FORECASTER_METRICS_PORT=str(port),
            ANDON_FORECASTER_CPU_SHARE=str(cpu_share),
        )


class WorkerProcess(Child):
    """Runs `andon worker` and knows where it serves its metrics."""

    def __init__(self, settings: Settings, log: Path) -> None:
        port = settings.metrics_port
        if not port or not _is_free(settings.metrics_host, port):
            port = free_port()
        super().__init__(
            settings,
            log,
            "worker",
            ANDON_METRICS_PORT=str(port),
            ANDON_CHECKPOINT_INTERVAL_SECONDS=str(settings.checkpoint_interval_seconds),
        )
        self.port = port
        self.address = f"http://{settings.metrics_host}:{port}"

    def wait_until_ready(self, stop: Stop) -> None:
        """Return when it consumes, or when a stop was asked for.

        Raises:
            UserError: it died, or was not ready in time.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while not ready(self.address):
            self.check()
            if time.monotonic() > deadline:
                msg = f"the worker was not ready after {_READY_SECONDS:.0f} s:\n{self._tail()}\n{self._kept()}"
                raise UserError(msg)
            if stop.wait(0.1):
                return


class ConsoleProcess(Child):
    """Runs `andon console` for a worker, and knows where it serves its pages."""

    def __init__(self, settings: Settings, log: Path, worker: WorkerProcess) -> None:
        port = _CONSOLE_PORT if _is_free(_LOOPBACK, _CONSOLE_PORT) else free_port()
        options = ("--host", _LOOPBACK, "--port", str(port), "--worker", worker.address)
        super().__init__(settings, log, "console", options)
        self.address = f"http://{_LOOPBACK}:{port}"


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
