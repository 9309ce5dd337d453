"""The `andon` command: every expected error becomes one helpful line, never a traceback."""

import os
import sys
from importlib import metadata
from typing import Annotated

import typer
from kafka.errors import KafkaError

from andon.agents.worker import TopicsNotReady
from andon.cli import alerts, deadletters, item, replay, schemas, send, simulate, topics, up, worker
from andon.cli.state import Options, errors
from andon.streams.admin import BrokerUnavailable
from andon.streams.embedded import EmbeddedBrokerMissing
from andon.streams.settings import CONFIG_VARIABLE, SettingsError

app = typer.Typer(
    name="andon",
    help="Replenishment in the stream: sales, shipments and delays in, dated and costed alerts out.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.add_typer(topics.app, name="topics")
app.add_typer(deadletters.app, name="deadletters")
app.add_typer(schemas.app, name="schemas")
app.command("up")(up.up)
app.command("worker")(worker.worker)
app.command("simulate")(simulate.simulate)
app.command("replay")(replay.replay)
app.command("send")(send.send)
app.command("alerts")(alerts.alerts)
app.command("item")(item.item)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"andon {metadata.version('andon')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    broker: Annotated[
        str | None, typer.Option(help="Kafka servers, host:port[,host:port...]")
    ] = None,
    prefix: Annotated[str | None, typer.Option(help="first part of every topic's name")] = None,
    config: Annotated[str | None, typer.Option(help="a settings file (andon.toml)")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="show the version")
    ] = False,
) -> None:
    """Take the options that every command understands; each setting can also be an `ANDON_*` variable."""
    del version
    if config is not None:
        os.environ[CONFIG_VARIABLE] = config
    context.obj = Options({"broker": broker, "prefix": prefix})


def run() -> None:
    """Run the command line."""
    try:
        app(standalone_mode=True)
    except SettingsError as error:
        errors.print("[red]andon:[/red] these settings are wrong:")
        for line in str(error).splitlines():
            errors.print(f"  {line}", soft_wrap=True)
        sys.exit(2)
    except (BrokerUnavailable, EmbeddedBrokerMissing, TopicsNotReady) as error:
        errors.print(f"[red]andon:[/red] {error}", soft_wrap=True)
        sys.exit(3)
    except KafkaError as error:
        errors.print(f"[red]andon:[/red] Kafka refused: {error}", soft_wrap=True)
        sys.exit(3)
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        errors.print(f"[red]andon:[/red] {name}{error.strerror or error}", soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
