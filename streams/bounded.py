"""A Faust worker that ends in bounded time: without a broker, a last checkpoint and leaving the group would wait for ever."""

import logging
import os
import sys
import threading
from typing import Any, NoReturn

import faust

logger = logging.getLogger("andon.worker")


def end_at_once(code: int) -> NoReturn:
    """End the process with an exit code, and leave its memory to the system: freeing many books one by one takes seconds."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


class BoundedWorker(faust.Worker):
    """Ends as it is when it cannot end well in time.

    Args:
        shutdown_seconds: so long it may take to end well.
        args: as of Faust's own worker.
        kwargs: as of Faust's own worker.
    """

    def __init__(self, *args: Any, shutdown_seconds: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It draws while it starts, and shows the cursor again wherever output goes: in logs, and in what scripts read.
        self.spinner = None
        self._shutdown_seconds = shutdown_seconds

    async def stop(self) -> None:
        """Stop, and be gone after a while, however that goes."""
        last = threading.Timer(self._shutdown_seconds, self._give_up)
        last.daemon = True
        last.start()
        await super().stop()

    def _give_up(self) -> None:
        logger.error(
            "the worker could not end well within %g s, as when no broker answers, and ends as it is; "
            "what is not committed will be read again, and nothing is lost",
            self._shutdown_seconds,
        )
        end_at_once(1)
