"""`andon connect out`: sends approved purchase orders to their suppliers, each once."""

import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from kafka.errors import KafkaError

from andon.cli.support.mail_server import (
    PasswordFile,
    Secured,
    Sender,
    Server,
    User,
    mail_server,
)
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stderr, stdout
from andon.cli.support.secret_file import read_secret
from andon.cli.support.stopping import Stop
from andon.connect.edi.envelopes import Party
from andon.connect.out import forms
from andon.connect.out.channels import (
    Channel,
    Folder,
    Hook,
    Mail,
    NotSent,
)
from andon.connect.out.forms import Form, Parties
from andon.connect.out.outbox import Outbox
from andon.streams.admin import BrokerUnavailable
from andon.streams.clients import consumer, present, publish
from andon.streams.errors import UserError
from andon.streams.order_feed import FAMILY
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

_EVENTS: Final = "orders.events"
_POLL_MS: Final = 200

app = typer.Typer(
    no_args_is_help=True, help="Send approved purchase orders to their suppliers, each once."
)

Suppliers = Annotated[
    list[str] | None, typer.Option("--supplier", help="Only orders of this supplier; repeatable.")
]
Name = Annotated[
    str | None,
    typer.Option(
        "--name", help="What this way out is called: each sends an order once by its name."
    ),
]
Hold = Annotated[
    float, typer.Option("--hold", min=0, help="Seconds in which an order can be taken back.")
]
Every = Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two tries.")]
Once = Annotated[
    bool,
    typer.Option("--once", help="Send what is due, and end; the exit code is 1 if some was not."),
]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The folder that the files go to.")]
Us = Annotated[str, typer.Option("--sender", help="Our identity, as the partner knows it.")]
Them = Annotated[str, typer.Option("--receiver", help="The partner's identity.")]
OurKind = Annotated[str, typer.Option("--sender-qualifier", help="What kind of identity ours is.")]
TheirKind = Annotated[
    str, typer.Option("--receiver-qualifier", help="What kind of identity the partner's is.")
]
IsTest = Annotated[bool, typer.Option("--test", help="Mark the interchanges as tests.")]


@app.command("csv")
@connected
def csv(
    directory: Directory,
    suppliers: Suppliers = None,
    name: Name = None,
    hold: Hold = 10.0,
    every: Every = 5.0,
    once: Once = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Write each order, and its cancellation, as a CSV file into a folder.

    Examples:

        andon connect out csv /srv/andon/orders

        andon connect out csv orders --once --hold 0
    """
    outbox = Outbox(name or "csv", suppliers or (), hold)
    _run(settings, outbox, Folder(directory), forms.as_csv, every, once=once, as_json=as_json)


@app.command("x12")
@connected
def x12(
    directory: Directory,
    sender: Us,
    receiver: Them,
    suppliers: Suppliers = None,
    sender_qualifier: OurKind = "ZZ",
    receiver_qualifier: TheirKind = "ZZ",
    version: Annotated[str, typer.Option("--version", help="Of X12.")] = "004010",
    test: IsTest = False,
    name: Name = None,
    hold: Hold = 10.0,
    every: Every = 5.0,
    once: Once = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Write each order as an X12 850, and its cancellation as an 860, into a folder.

    Examples:

        andon connect out x12 edi/out --sender ANDON --receiver ACME --supplier ACME
    """
    us, them = Party(sender, sender_qualifier), Party(receiver, receiver_qualifier)
    form = partial(forms.as_x12, parties=Parties(us, them, version, test))
    outbox = Outbox(name or "x12", suppliers or (), hold)
    _run(settings, outbox, Folder(directory), form, every, once=once, as_json=as_json)


@app.command("edifact")
@connected
def edifact(
    directory: Directory,
    sender: Us,
    receiver: Them,
    suppliers: Suppliers = None,
    sender_qualifier: OurKind = "14",
    receiver_qualifier: TheirKind = "14",
    version: Annotated[str, typer.Option("--version", help="Of the messages.")] = "D:96A:UN",
    test: IsTest = False,
    name: Name = None,
    hold: Hold = 10.0,
    every: Every = 5.0,
    once: Once = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Write each order as EDIFACT ORDERS, and its cancellation as ORDCHG, into a folder.

    Examples:

        andon connect out edifact edi/out --sender 4000001000005 --receiver 4000002000002
    """
    us, them = Party(sender, sender_qualifier), Party(receiver, receiver_qualifier)
    form = partial(forms.as_edifact, parties=Parties(us, them, version, test))
    outbox = Outbox(name or "edifact", suppliers or (), hold)
    _run(settings, outbox, Folder(directory), form, every, once=once, as_json=as_json)


@app.command("webhook")
@connected
def webhook(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to, as https://host/path.")],
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="File with a token for `Authorization: Bearer`."),
    ] = None,
    suppliers: Suppliers = None,
    name: Name = None,
    hold: Hold = 10.0,
    every: Every = 5.0,
    once: Once = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Post each order, and its cancellation, as JSON; its `id` is the same if it is sent twice.

    Examples:

        andon connect out webhook https://erp.example/orders --token-file /run/secrets/erp
    """
    token = None if token_file is None else read_secret(token_file)
    outbox = Outbox(name or "webhook", suppliers or (), hold)

    def channel(wait: Callable[[float], bool]) -> Channel:
        # One try at a time where nobody is to wait.
        return Hook(url, token, (lambda _: True) if once else wait)

    _run(settings, outbox, channel, forms.as_json, every, once=once, as_json=as_json)


@app.command("mail")
@connected
def mail(
    server: Server,
    sender: Sender,
    to: Annotated[
        str | None, typer.Option("--to", help="Where orders go whose supplier has no address.")
    ] = None,
    addresses: Annotated[
        Path | None,
        typer.Option(
            "--addresses", help='TOML of suppliers\' addresses: ACME = "orders@acme.example".'
        ),
    ] = None,
    security: Secured = "starttls",
    user: User = None,
    password_file: PasswordFile = None,
    suppliers: Suppliers = None,
    name: Name = None,
    hold: Hold = 10.0,
    every: Every = 5.0,
    once: Once = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Mail each order, and its cancellation, to its supplier, in words and as a table.

    Examples:

        andon connect out mail smtp.example:587 --from buying@shop.example --addresses suppliers.toml
    """
    if addresses is None and to is None:
        msg = "nobody has an address: give --addresses, or --to for all"
        raise UserError(msg)
    given = mail_server(server, sender, security, user, password_file)
    outbox = Outbox(name or "mail", suppliers or (), hold)
    channel = Mail(given, {} if addresses is None else _addresses(addresses), to)
    _run(settings, outbox, channel, forms.as_csv, every, once=once, as_json=as_json)


def _addresses(path: Path) -> dict[str, str]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path}: {error}"
        raise UserError(msg) from error
    wrong = next((name for name, value in told.items() if not isinstance(value, str)), None)
    if wrong is not None:
        msg = f"{path}: {wrong}: expected an address"
        raise UserError(msg)
    return told


def _run(
    settings: Settings,
    outbox: Outbox,
    channel: Channel | Callable[[Callable[[float], bool]], Channel],
    form: Form,
    every: float,
    *,
    once: bool,
    as_json: bool,
) -> None:
    """Send what is due again and again, until Ctrl-C, or once."""
    client = consumer(settings, (FAMILY, _EVENTS), from_start=True)
    orders = topic_name(settings, FAMILY)
    passed_over: set[tuple[str, int]] = set()
    try:
        with Stop() as stop:
            way = channel(stop.wait) if callable(channel) else channel
            for record in present(client):
                (outbox.take if record.topic == orders else outbox.take_event)(record)
            while not stop.asked:
                failed = _send_due(settings, outbox, way, form, passed_over, as_json=as_json)
                if once:
                    if failed:
                        raise typer.Exit(1)
                    return
                if stop.wait(every if failed else _POLL_MS / 1000):
                    return
                for records in client.poll(timeout_ms=_POLL_MS).values():
                    for record in records:
                        if record.topic == orders:
                            outbox.take(record)
    finally:
        client.close()


def _send_due(
    settings: Settings,
    outbox: Outbox,
    way: Channel,
    form: Form,
    passed_over: set[tuple[str, int]],
    *,
    as_json: bool,
) -> int:
    """Send what is due; return how many could not be sent. What is refused for good is told once, and tried by the next run."""
    # What went out is said before anything else goes out: a restart would send it once more.
    failed = _say(settings, outbox)
    if failed:
        return failed
    for order, revision in outbox.due(time.time()):
        if (order.order_id, revision) in passed_over:
            continue
        try:
            document = form(order, revision)
            way.send(document, order, revision)
        except ValueError as error:
            passed_over.add((order.order_id, revision))
            failed += 1
            stderr().print(f"{order.order_id}: {error}", soft_wrap=True, markup=False)
            continue
        except NotSent as error:
            failed += 1
            if not error.later:
                passed_over.add((order.order_id, revision))
            stderr().print(f"not sent: {error}", soft_wrap=True, markup=False)
            continue
        outbox.unsaid.append(outbox.sent(order, revision, document.name, datetime.now(UTC)))
        if as_json:
            print_json(
                {"order_id": order.order_id, "revision": revision, "document": document.name}
            )
        else:
            stdout().print(f"{document.name} is out", soft_wrap=True, markup=False)
        unsaid = _say(settings, outbox)
        if unsaid:
            return failed + unsaid
    return failed


def _say(settings: Settings, outbox: Outbox) -> int:
    """Say what went out, and return how much of it could not be said; that is said the next time."""
    while outbox.unsaid:
        event = outbox.unsaid[0]
        try:
            publish(settings, _EVENTS, [event])
        except (BrokerUnavailable, KafkaError) as error:
            text = f"{event.order_id} went out, and that could not be said yet: {error}"
            stderr().print(text, soft_wrap=True, markup=False)
            break
        outbox.unsaid.pop(0)
    return len(outbox.unsaid)
