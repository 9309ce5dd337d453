"""`andon worker`: consume, decide, publish, until told to stop."""

import logging
import sys
from typing import Annotated

import typer

from andon.agents.worker import run
from andon.cli.state import settings_of
from andon.streams.logs import set_up_logs


def worker(
    context: typer.Context,
    metrics_port: Annotated[int | None, typer.Option(help="0 takes any free port")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error")] = None,
) -> None:
    """Run one worker; start as many as there are partitions, and they share the work.

    Examples:

        andon --broker kafka:9092 worker

        ANDON_METRICS_PORT=9109 andon worker --log-level info
    """
    settings = settings_of(context, metrics_port=metrics_port, log_level=log_level)
    set_up_logs(settings)
    code = run(settings)
    logging.shutdown()
    sys.exit(code)
