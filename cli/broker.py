"""`andon broker`: the embedded broker alone, to try out one's own data on."""

from pathlib import Path
from typing import Annotated

import typer

from andon.cli.support.options import connected
from andon.cli.support.output import stdout
from andon.cli.support.stopping import Stop
from andon.streams.embedded import EmbeddedBroker
from andon.streams.errors import UserError
from andon.streams.settings import Settings

_TICK_SECONDS = 0.5
_HERE = ("127.0.0.1", "localhost")


@connected
def broker(
    data_dir: Annotated[
        Path | None, typer.Option(help="Where it keeps its data; else ANDON_DATA_DIR, or ./.andon.")
    ] = None,
    *,
    settings: Settings,
) -> None:
    """Run the embedded broker until Ctrl-C, where ANDON_BROKER says: 127.0.0.1:9092 unless told.

    It is for trying out and for tests, never for real stock: what it has acknowledged it writes to disk a moment later.

    Examples:

        andon broker

        andon broker --broker 127.0.0.1:19092 --data-dir /tmp/andon
    """
    host, _, port = settings.broker.rpartition(":")
    if host not in _HERE:
        msg = f"--broker {settings.broker}: the embedded broker listens on this machine only, such as 127.0.0.1:9092"
        raise UserError(msg)
    running = EmbeddedBroker((data_dir or settings.data_dir) / "broker", int(port))
    with Stop() as stop, running:
        stdout().print(f"Broker at {running.bootstrap}. Ctrl-C ends it.")
        while not stop.wait(_TICK_SECONDS):
            if not running.is_alive:
                msg = f"the embedded broker died: {running.said or 'it said nothing'}"
                raise UserError(msg)
