"""`andon forecaster`: fits the shapes that workers ask for until it is told to stop."""

import asyncio
import contextlib
import signal
from typing import Annotated

import prometheus_client
import typer

from andon.cli.support.options import LogFormat, LogLevel, connected, logging_as
from andon.streams.errors import UserError
from andon.streams.logs import set_up_logs
from andon.streams.settings import Settings


@connected
def forecaster(
    processes: Annotated[
        int | None, typer.Option(min=1, help="How many fits at once (ANDON_FORECASTER_PROCESSES).")
    ] = None,
    cpu_share: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1,
            help="Share of its time a process computes (ANDON_FORECASTER_CPU_SHARE).",
        ),
    ] = None,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    *,
    settings: Settings,
) -> None:
    """Fit shapes of demand with Prophet, as workers ask for them, until SIGTERM or Ctrl-C.

    Start as many as are needed: they share the requests. Without any, forecasts go on with what they have. Serves its metrics on
    ANDON_METRICS_HOST and ANDON_FORECASTER_METRICS_PORT.

    Examples:

        andon forecaster --broker kafka-1:9092

        ANDON_FORECASTER_METRICS_PORT=9119 andon forecaster --processes 4 --cpu-share 0.5
    """
    # Its machinery takes a second to load, which no other command should pay.
    from andon.agents.forecaster import Forecaster, ForecasterMetrics  # noqa: PLC0415

    settings = logging_as(settings, log_level, log_format)
    changed: dict[str, object] = {}
    if processes is not None:
        changed["forecaster_processes"] = processes
    if cpu_share is not None:
        changed["forecaster_cpu_share"] = cpu_share
    settings = settings.model_copy(update=changed)
    set_up_logs(settings)
    metrics = ForecasterMetrics()
    if settings.forecaster_metrics_port:
        try:
            prometheus_client.start_http_server(
                settings.forecaster_metrics_port, settings.metrics_host, metrics.registry
            )
        except OSError as error:
            msg = (
                f"{settings.metrics_host}:{settings.forecaster_metrics_port}: {error.strerror}: "
                "set ANDON_FORECASTER_METRICS_PORT to another port, or to 0 for none"
            )
            raise UserError(msg) from error

    async def serve() -> None:
        fitting = asyncio.ensure_future(Forecaster(settings, metrics).run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, fitting.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await fitting

    asyncio.run(serve())
