"""`andon worker`: runs a worker until it is told to stop."""

from andon.cli.support.options import LogFormat, LogLevel, connected, logging_as
from andon.streams.settings import Settings


@connected
def worker(log_level: LogLevel = None, log_format: LogFormat = None, *, settings: Settings) -> None:
    """Run a worker until SIGTERM or Ctrl-C; start as many as there are partitions, and they share the work.

    Examples:

        andon worker --broker kafka-1:9092,kafka-2:9092

        ANDON_METRICS_PORT=9109 andon worker --log-level info
    """
    # Faust takes a second to load, which no other command should pay.
    from andon.agents.worker import run  # noqa: PLC0415
    from andon.streams.bounded import end_at_once  # noqa: PLC0415

    end_at_once(run(logging_as(settings, log_level, log_format)))
