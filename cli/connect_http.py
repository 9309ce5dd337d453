"""`andon connect http`: events and shops' orders by HTTP."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from andon.cli.support.options import connected
from andon.cli.support.output import stderr, stdout
from andon.cli.support.secret_file import read_secret
from andon.cli.support.stopping import stop_event
from andon.connect.api.events import INPUTS
from andon.connect.api.serve import serve
from andon.connect.api.shops import SHOPS
from andon.connect.edi.terms import Terms
from andon.connect.imports.mapping import Mapping, load_mapping
from andon.streams.admin import TopicAdmin
from andon.streams.errors import UserError
from andon.streams.settings import Settings
from andon.streams.sockets import is_loopback
from andon.streams.topics import topic_name

#: The variable that holds the token, if no file does.
TOKEN: Final = "ANDON_HTTP_TOKEN"  # noqa: S105 - its name, not its value
_LEAST: Final = 16


@connected
def http(
    host: Annotated[
        str, typer.Option(help="Where to listen; elsewhere than on loopback with a token only.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes any free port.")
    ] = 9190,
    name: Annotated[
        list[str] | None,
        typer.Option(help="A host name that it may be asked by, beside its address; repeat it."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"Holds the token of requests; else {TOKEN}."),
    ] = None,
    shop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FILE",
            help=f"A shop ({' or '.join(SHOPS)}) and the file with the secret of its webhooks; repeat it.",
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Says what the shops' skus and places are called here."),
    ] = None,
    *,
    settings: Settings,
) -> None:
    """Take events at POST /v1/FAMILY, and shops' orders at POST /hooks/SHOP, until Ctrl-C.

    The answer to events is 202 with what became of each, once Kafka has them. /openapi.json says what they hold. A shop's
    webhooks have to be signed with its secret.

    Examples:

        andon connect http

        andon connect http --host 0.0.0.0 --name andon.shop --token-file token --shop shopify=secret --mapping shop.toml
    """
    token = read_secret(token_file) if token_file is not None else os.environ.get(TOKEN) or None
    if token is not None and len(token) < _LEAST:
        msg = f"the token is too short to be safe: make it {_LEAST} signs or longer"
        raise UserError(msg)
    if token is None and not is_loopback(host):
        msg = f"without a token it listens on loopback alone, not on {host}: give --token-file, or {TOKEN}"
        raise UserError(msg)
    secrets = dict(_shop(one) for one in shop or [])
    terms = Terms(load_mapping(mapping, "http") if mapping is not None else Mapping())
    _check_topics(settings)
    if not is_loopback(host):
        text = (
            f"andon connect http listens on {host} without TLS: put a proxy that speaks it between"
        )
        stderr().print(text, style="yellow", soft_wrap=True)
    asyncio.run(_run(settings, host, port, name or [], token, secrets, terms))


async def _run(
    settings: Settings,
    host: str,
    port: int,
    names: list[str],
    token: str | None,
    secrets: dict[str, str],
    terms: Terms,
) -> None:
    def announce(address: str) -> None:
        stdout().print(f"Post events to {address}/v1/FAMILY . Ctrl-C ends it.", soft_wrap=True)

    await serve(
        settings,
        host=host,
        port=port,
        names=names,
        token=token,
        secrets=secrets,
        terms=terms,
        announce=announce,
        stop=stop_event(),
    )


def _shop(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if not equals or name not in SHOPS:
        msg = f"--shop {text}: expected NAME=FILE, of {', '.join(SHOPS)}"
        raise UserError(msg)
    return name, read_secret(Path(file))


def _check_topics(settings: Settings) -> None:
    with TopicAdmin(settings) as admin:
        there = admin.existing()
    for family in (*INPUTS, "deadletters"):
        topic = topic_name(settings, family)
        if topic not in there:
            msg = f"topic {topic} is missing: run `andon topics create`"
            raise UserError(msg)
