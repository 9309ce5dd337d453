"""Structured logs: console lines for people, JSON lines for machines; never a line an event, never a secret."""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from andon.streams.settings import Settings

_MINUTE_SECONDS: Final = 60.0
_MOST_A_MINUTE: Final = 20
_MOST_KINDS: Final = 1000

#: Libraries that speak at length of what our own lines say better; Faust on why a worker ended, above all.
_CHATTY = {
    "aiokafka": logging.ERROR,
    "kafka": logging.ERROR,
    "faust": logging.CRITICAL + 1,
    "mode": logging.CRITICAL + 1,
    "asyncio": logging.ERROR,
}


class Sparing(logging.Filter):
    """Lets at most `most` warnings or errors of one kind pass in a minute, and then one that says how many were left out.

    A kind is a logger and its text before anything is filled in, so that what fails with every event does not fill a disk.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most = most
        self._clock = clock
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line may pass; the first after a minute of too many says how many there were."""
        if record.levelno < logging.WARNING:
            return True
        kind, now = (record.name, str(record.msg)), self._clock()
        if len(self._seen) > _MOST_KINDS:
            self._seen.clear()
        began, count = self._seen.get(kind, (now, 0))
        if now - began >= _MINUTE_SECONDS:
            if count > self._most:
                record.msg = (
                    f"{record.getMessage()} ({count - self._most} more like this were left out)"
                )
                record.args = None
            began, count = now, 0
        self._seen[kind] = (began, count + 1)
        return count < self._most


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def set_up_logs(settings: Settings) -> None:
    """Send logs to standard error in the form and from the level that the settings ask for."""
    handler = logging.StreamHandler()
    if settings.log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    handler.addFilter(Sparing(_MOST_A_MINUTE))
    level = getattr(logging, settings.log_level.upper())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _CHATTY.items():
        logging.getLogger(name).setLevel(max(level, least) if level > logging.DEBUG else level)
