"""`andon console`: the work queue in a browser."""

import asyncio
import signal
from typing import Annotated
from urllib.parse import urlsplit

import typer

from andon.cli.answer import login
from andon.cli.support.options import LogFormat, LogLevel, connected, logging_as
from andon.cli.support.output import stderr, stdout
from andon.console.serve import serve
from andon.streams.admin import TopicAdmin
from andon.streams.errors import UserError
from andon.streams.garbage import collect_rarely
from andon.streams.logs import set_up_logs
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@connected
def console(
    host: Annotated[
        str, typer.Option(help="Where to listen. There is no login: whoever reaches it answers.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes any free port.")
    ] = 9180,
    name: Annotated[
        list[str] | None,
        typer.Option(help="A host name that it may be asked by, beside its address; repeat it."),
    ] = None,
    worker: Annotated[
        list[str] | None,
        typer.Option(
            help="A worker's address, as http://host:9108, that is asked for books; repeat it."
        ),
    ] = None,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    *,
    settings: Settings,
) -> None:
    """Show what is open in a browser, ranked by what waiting costs, and take answers. Ctrl-C ends it.

    It reads the board and the items, keeps nothing, and writes nothing but answers; several may run side by side.

    Examples:

        andon console --broker kafka:9092 --worker http://127.0.0.1:9108
    """
    set_up_logs(logging_as(settings, log_level, log_format))
    collect_rarely()
    workers = [_address(one) for one in worker or []]
    _check_topics(settings)
    if host not in _LOOPBACK:
        text = f"andon console listens on {host} without a login: let only those reach it who may answer alerts"
        stderr().print(text, style="yellow", soft_wrap=True)
    asyncio.run(_run(settings, host, port, name or [], workers))


async def _run(
    settings: Settings, host: str, port: int, names: list[str], workers: list[str]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)

    def announce(address: str) -> None:
        stdout().print(f"The console is on {address} . Ctrl-C ends it.", soft_wrap=True)

    await serve(
        settings,
        host=host,
        port=port,
        names=names,
        workers=workers,
        login=login(),
        announce=announce,
        stop=stop,
    )


def _address(text: str) -> str:
    """Return a worker's address.

    Raises:
        UserError: it is none.
    """
    parts = urlsplit(text)
    try:
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.path not in ("", "/") or parts.query or parts.fragment:
        msg = f"--worker {text}: expected an address such as http://127.0.0.1:9108"
        raise UserError(msg)
    return text.rstrip("/")


def _check_topics(settings: Settings) -> None:
    """Say at once what is missing, as reading would only wait for it.

    Raises:
        BrokerUnavailable: no broker answers.
        UserError: a topic is missing.
    """
    with TopicAdmin(settings) as admin:
        there = admin.existing()
    for family in ("board", "items", "deadletters", "acks"):
        name = topic_name(settings, family)
        if name not in there:
            msg = f"topic {name} is missing: run `andon topics create`"
            raise UserError(msg)
