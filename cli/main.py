"""`andon`: the command line. Each command has a module of its own; this one names them and answers for their errors."""

import importlib.metadata
import io
import os
import sys
from typing import Annotated

import typer

from andon.cli import (
    alerts,
    answer,
    backtest,
    basket,
    broker,
    connect,
    console,
    deadletters,
    doctor,
    drill,
    forecast,
    forecaster,
    imports,
    item,
    order,
    orders,
    place,
    readiness,
    rehearse,
    replay,
    schemas,
    send,
    simulate,
    sink,
    state,
    topics,
    tour,
    up,
    whatif,
    worker,
)
from andon.cli.support.errors import explain
from andon.cli.support.options import Broker, Config, Prefix
from andon.cli.support.output import stderr

TRACEBACK_VARIABLE = "ANDON_TRACEBACK"
_INTERRUPTED = 130
_INTERNAL_ERROR = 70

app = typer.Typer(
    name="andon",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up.up)
app.command()(worker.worker)
app.command()(broker.broker)
app.command()(forecaster.forecaster)
app.command()(simulate.simulate)
app.command()(replay.replay)
app.command()(send.send)
app.command("import")(imports.import_)
app.command()(alerts.alerts)
app.command()(answer.ack)
app.command()(answer.snooze)
app.command()(order.order)
app.command()(answer.reject)
app.command()(basket.basket)
app.command()(item.item)
app.command()(forecast.forecast)
app.command()(drill.drill)
app.command()(doctor.doctor)
app.command()(backtest.backtest)
app.command()(whatif.whatif)
app.command()(place.place)
app.command()(readiness.readiness)
app.command()(rehearse.rehearse)
app.command()(tour.tour)
app.add_typer(orders.app, name="orders")
app.add_typer(console.app, name="console")
app.add_typer(connect.app, name="connect")
app.add_typer(sink.app, name="sink")
app.add_typer(topics.app, name="topics")
app.add_typer(state.app, name="state")
app.add_typer(deadletters.app, name="deadletters")
app.add_typer(schemas.app, name="schemas")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"andon {importlib.metadata.version('andon')}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    broker: Broker = None,
    prefix: Prefix = None,
    config: Config = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """The signal board of a supply network: sales and shipments in, dated and costed alerts out, in real time.

    Try it: [bold]andon up[/] brings its own broker and a simulated network. Connect it:
    [bold]andon topics create --broker kafka:9092[/], then [bold]andon worker --broker kafka:9092[/].
    """
    del version
    ctx.obj = {"broker": broker, "prefix": prefix, "config": config}


def run(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code: 0 is well, 1 an error that was explained, 2 a wrong usage, 130 Ctrl-C."""
    sys.exit(code_of(arguments))


def code_of(arguments: list[str] | None) -> int:
    """Run the command and return its exit code, after telling the user of any error in a line or a few."""
    _write_anything()
    try:
        app(args=arguments, prog_name="andon")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _tell(error)
    return 0


def _write_anything() -> None:
    """Let no character end a command: what the terminal's encoding lacks (cp1252, ASCII) is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _tell(error: Exception) -> int:
    text = explain(error)
    if os.environ.get(TRACEBACK_VARIABLE):
        raise error
    if text is None:
        kind = type(error).__name__
        text = f"internal error, {kind}: {error} ({TRACEBACK_VARIABLE}=1 shows where)"
        code = _INTERNAL_ERROR
    else:
        code = 1
    stderr().print(f"andon: {text}", style="red", markup=False, soft_wrap=True)
    return code


if __name__ == "__main__":
    run()
