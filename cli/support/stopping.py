"""Ctrl-C and SIGTERM as a request to end well."""

import asyncio
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Stop:
    """While entered, SIGINT and SIGTERM end the waiting instead of the process; a second one ends the process."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._before: dict[int, Any] = {}

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether to stop."""
        return self._asked.wait(seconds)

    @property
    def asked(self) -> bool:
        """Whether to stop."""
        return self._asked.is_set()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._asked.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._asked.set()

    def __enter__(self) -> Self:
        # Only the main thread may set handlers; elsewhere whoever runs us sees to signals.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def stop_event() -> asyncio.Event:
    """Return what SIGINT and SIGTERM set in the running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    return stop
