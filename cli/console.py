"""`andon console`: the work queue in a browser, and who may use it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from andon.cli import console_user
from andon.cli.answer import login
from andon.cli.support.drills import drills
from andon.cli.support.options import (
    Broker,
    Config,
    LogFormat,
    LogLevel,
    Prefix,
    logging_as,
    settings_of,
)
from andon.cli.support.output import stderr, stdout
from andon.cli.support.stopping import stop_event
from andon.console.accounts import Accounts
from andon.console.desk import FAMILIES
from andon.console.people import Proxy, networks_of
from andon.console.serve import serve
from andon.streams.admin import TopicAdmin
from andon.streams.errors import UserError
from andon.streams.garbage import collect_rarely
from andon.streams.logs import set_up_logs
from andon.streams.settings import Settings
from andon.streams.sockets import is_loopback
from andon.streams.topics import topic_name

if TYPE_CHECKING:
    from andon.console.oidc import Terms

app = typer.Typer(invoke_without_command=True)
app.add_typer(console_user.app, name="user")


@app.callback()
def console(
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option(help="Where to listen; elsewhere than on loopback with accounts only.")
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
            help="A worker's address, as http://host:9108, that is asked for books, at all addresses of the name; repeat it."
        ),
    ] = None,
    accounts: console_user.AccountsFile = None,
    session_hours: Annotated[
        float, typer.Option(min=0.1, max=720, help="How long a sign-in lasts.")
    ] = 12.0,
    proxy_header: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The header in which a proxy says who asks, such as X-Forwarded-User.",
        ),
    ] = None,
    proxy_from: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS", help="The proxy's address or network, which alone is believed."
        ),
    ] = None,
    oidc_issuer: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The provider of OpenID Connect that says who somebody is."
        ),
    ] = None,
    oidc_client: Annotated[
        str, typer.Option(metavar="ID", help="As what the provider knows the console.")
    ] = "",
    oidc_secret: Annotated[
        str | None,
        typer.Option(
            envvar="ANDON_CONSOLE_OIDC_SECRET",
            metavar="SECRET",
            help="The client's secret, if it has one; better in the environment.",
        ),
    ] = None,
    oidc_role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GROUP=ROLE",
            help="What a group may do: a role, or supplier:NAME; repeat it.",
        ),
    ] = None,
    oidc_groups: Annotated[
        str, typer.Option(metavar="CLAIM", help="The claim that has somebody's groups.")
    ] = "groups",
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    broker: Broker = None,
    prefix: Prefix = None,
    config: Config = None,
) -> None:
    """Show what is open in a browser, ranked by what waiting costs, and take answers. Ctrl-C ends it.

    It reads the board and the items, keeps nothing, and writes nothing but answers; several may run side by side. Without
    accounts it listens on loopback alone, and whoever reaches it answers.

    Examples:

        andon console --broker kafka:9092 --worker http://127.0.0.1:9108

        andon console --accounts accounts.json user add lena --role buyer

        andon console --accounts accounts.json --host 0.0.0.0 --name console.shop

        andon console --oidc-issuer https://id.shop --oidc-client andon --oidc-role purchasing=buyer --name console.shop
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = {**(ctx.obj or {}), "accounts": accounts}
        return
    settings = settings_of(ctx, broker=broker, prefix=prefix, config=config)
    set_up_logs(logging_as(settings, log_level, log_format))
    collect_rarely()
    workers = [_address(one) for one in worker or []]
    oidc = _oidc(oidc_issuer, oidc_client, oidc_secret, oidc_role or [], oidc_groups)
    known = None if oidc is not None and accounts is None else _accounts(accounts, host)
    proxy = _proxy(proxy_header, proxy_from or [], known)
    _check_topics(settings)
    asyncio.run(_run(settings, host, port, name or [], workers, known, proxy, oidc, session_hours))


async def _run(
    settings: Settings,
    host: str,
    port: int,
    names: list[str],
    workers: list[str],
    accounts: Accounts | None,
    proxy: Proxy | None,
    oidc: "Terms | None",
    session_hours: float,
) -> None:
    def announce(address: str) -> None:
        stdout().print(f"The console is on {address} . Ctrl-C ends it.", soft_wrap=True)

    await serve(
        settings,
        host=host,
        port=port,
        names=names,
        workers=workers,
        login=login(),
        accounts=accounts,
        proxy=proxy,
        oidc=oidc,
        session_seconds=session_hours * 3600.0,
        announce=announce,
        stop=stop_event(),
        drill=drills(settings),
    )


def _accounts(path: Path | None, host: str) -> Accounts | None:
    """Return the accounts, None where whoever reaches the console may use it.

    Raises:
        UserError: there are none, and it would listen where others reach it.
    """
    if path is None:
        if not is_loopback(host):
            msg = (
                f"without accounts the console listens on loopback alone, not on {host}: make one with "
                "`andon console --accounts FILE user add NAME --role ROLE`, and start it with --accounts FILE"
            )
            raise UserError(msg)
        text = "There are no accounts (--accounts): whoever works on this machine can answer in any name."
        stderr().print(text, style="yellow", soft_wrap=True)
        return None
    accounts = Accounts(path)
    if not accounts.all():
        msg = f"{path} has no accounts: make one with `andon console user add NAME --role ROLE`"
        raise UserError(msg)
    if not is_loopback(host):
        text = f"andon console listens on {host} without TLS: put a proxy that speaks it between, or passwords can be read on the way"
        stderr().print(text, style="yellow", soft_wrap=True)
    return accounts


def _proxy(header: str | None, networks: list[str], accounts: Accounts | None) -> Proxy | None:
    """Return the proxy that says who asks.

    Raises:
        UserError: what is said of it is not whole, or makes no sense.
    """
    if header is None and not networks:
        return None
    if header is None or not networks:
        msg = "--proxy-header and --proxy-from go together: what the proxy says, and where it is"
        raise UserError(msg)
    if accounts is None:
        msg = "--proxy-header needs --accounts: they say what each may do"
        raise UserError(msg)
    try:
        return Proxy(header, networks_of(networks))
    except ValueError as error:
        msg = f"--proxy-from: expected an address or a network such as 10.0.0.0/24: {error}"
        raise UserError(msg) from error


def _oidc(
    issuer: str | None, client: str, secret: str | None, roles: list[str], groups: str
) -> "Terms | None":
    """Return what was agreed with a provider of OpenID Connect.

    Raises:
        UserError: it is not whole, makes no sense, or what checks its tokens is not installed.
    """
    if issuer is None:
        if client or roles:
            msg = "--oidc-client and --oidc-role need --oidc-issuer: who says who somebody is"
            raise UserError(msg)
        return None
    try:
        from andon.console.oidc import terms_of  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        msg = "--oidc-issuer needs what checks tokens: pip install 'andon[oidc]'"
        raise UserError(msg) from error
    return terms_of(issuer, client, secret, roles, groups)


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
    for family in FAMILIES:
        name = topic_name(settings, family)
        if name not in there:
            msg = f"topic {name} is missing: run `andon topics create`"
            raise UserError(msg)
