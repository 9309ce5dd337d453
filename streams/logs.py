"""Structured logs: console lines for people, JSON lines for machines; never a line an event, never a secret."""

import json
import logging
from datetime import UTC, datetime

from andon.streams.settings import Settings

#: Libraries that speak at length of what our own lines say better; Faust on why a worker ended, above all.
_CHATTY = {
    "aiokafka": logging.ERROR,
    "kafka": logging.ERROR,
    "faust": logging.CRITICAL + 1,
    "mode": logging.CRITICAL + 1,
    "asyncio": logging.ERROR,
}


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
    level = getattr(logging, settings.log_level.upper())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _CHATTY.items():
        logging.getLogger(name).setLevel(max(level, least) if level > logging.DEBUG else level)
