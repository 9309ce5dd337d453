"""`andon sink mail`: a digest of what is open, for a buyer who reads mail."""

import hashlib
import re
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from andon.cli.support.alert_options import AtLeast, Kinds, severities_of
from andon.cli.support.duration import duration
from andon.cli.support.mail_server import (
    PasswordFile,
    Secured,
    Sender,
    Server,
    User,
    mail_server,
)
from andon.cli.support.options import LogFormat, LogLevel, connected, logging_as
from andon.cli.support.output import stdout
from andon.cli.support.stopping import Stop
from andon.connect.sinks.digest import Digest, Wanted, mail_of
from andon.connect.sinks.mailing import Mailbox, Mailer, Told
from andon.connect.sinks.times import Every, Times, TimesOfDay
from andon.schemas.alerts import Alert
from andon.schemas.calendars import zone_of
from andon.streams.board_feed import FAMILY
from andon.streams.clients import consumer
from andon.streams.errors import UserError
from andon.streams.logs import set_up_logs
from andon.streams.settings import Settings

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_LEAST_PAUSE: Final = 60.0


@connected
def mail(
    server: Server,
    sender: Sender,
    to: Annotated[list[str], typer.Option("--to", help="Who is told; repeatable.")],
    at: Annotated[
        list[str] | None, typer.Option("--at", help="A time of day, such as 07:00; repeatable.")
    ] = None,
    zone: Annotated[
        str, typer.Option("--time-zone", help="Whose times of day, such as Europe/Berlin.")
    ] = "UTC",
    every: Annotated[
        float | None,
        typer.Option(parser=duration, metavar="TIME", help="Or so often, such as 4h."),
    ] = None,
    locations: Annotated[
        list[str] | None, typer.Option("--location", help="Only of this location; repeatable.")
    ] = None,
    suppliers: Annotated[
        list[str] | None, typer.Option("--supplier", help="Only of this supplier; repeatable.")
    ] = None,
    kind: Kinds = None,
    severity: AtLeast = "info",
    console: Annotated[
        str, typer.Option("--console", help="Address of the console, which each alert links to.")
    ] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="So many alerts are listed.")] = 100,
    security: Secured = "starttls",
    user: User = None,
    password_file: PasswordFile = None,
    once: Annotated[
        bool, typer.Option("--once", help="Send one now, if there is anything to tell, and end.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent now, and end.")
    ] = False,
    group: Annotated[
        str | None, typer.Option(help="Its name: what was told is remembered under it.")
    ] = None,
    alive_file: Annotated[
        Path | None, typer.Option(help="Touched at every step, for a health check.")
    ] = None,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    *,
    settings: Settings,
) -> None:
    """Mail a buyer what is open and unanswered, the most money at stake first, at times of day or every so often.

    Nothing is sent while nothing is open; that nothing is open any more is said once. What is told twice after a crash
    has the same Message-ID.

    Examples:

        andon sink mail smtp.example:587 --from andon@shop.example --to anna@shop.example --at 07:00 --time-zone Europe/Berlin

        andon sink mail smtp.example:465 --security tls --from andon@shop.example --to anna@shop.example --supplier ACME --once

        andon sink mail smtp.example:587 --from andon@shop.example --to anna@shop.example --dry-run
    """
    severe = severities_of(kind, severity)
    wanted = Wanted(
        frozenset(locations or ()),
        frozenset(suppliers or ()),
        frozenset(kind or ()),
        frozenset(severe),
    )
    if console and not console.startswith(("http://", "https://")):
        msg = f"--console: expected http:// or https://, got {console!r}"
        raise UserError(msg)
    clock_zone = _zone(zone)
    times = None if once or dry_run else _times(at, every, clock_zone)
    given = mail_server(server, sender, security, user, password_file)
    name = group or f"{settings.prefix}-sink-mail-{_digest(to, wanted)}"

    def write(alerts: tuple[Alert, ...], told: Told, now: datetime) -> EmailMessage:
        digest = Digest(alerts, told.at, clock_zone, console.rstrip("/"), most)
        return mail_of(digest, sender, to, f"{name} {told.mails}", now)

    try:
        write((), Told(), datetime.now(UTC))
    except ValueError as error:
        msg = f"--from or --to is no address: {error}"
        raise UserError(msg) from error
    set_up_logs(logging_as(settings, log_level, log_format))
    with Stop() as stop:
        client = consumer(settings, (FAMILY,), from_start=True, group=name)
        try:
            # One try where nobody is to wait.
            send = Mailbox(given, (lambda _: True) if once else stop.wait)
            mailer = Mailer(client, wanted, write, send, lambda: datetime.now(UTC))
            if dry_run:
                _show(mailer.letter())
                return
            if times is None:
                if not mailer.tell():
                    raise typer.Exit(1)
                return
            while not stop.asked:
                if alive_file is not None:
                    alive_file.touch()
                mailer.step(times)
        finally:
            client.close()


def _times(at: list[str] | None, every: float | None, zone: ZoneInfo) -> Times:
    if bool(at) == (every is not None):
        msg = "say when: either --at and a time of day, or --every and a time, or --once"
        raise UserError(msg)
    if every is not None:
        if every < _LEAST_PAUSE:
            msg = "--every: expected at least 1m"
            raise UserError(msg)
        return Every(timedelta(seconds=every))
    wrong = next((one for one in at or () if not _TIME.fullmatch(one)), None)
    if wrong is not None:
        msg = f"--at: expected a time of day such as 07:00, got {wrong!r}"
        raise UserError(msg)
    return TimesOfDay(tuple(time.fromisoformat(one) for one in at or ()), zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_of(name)
    except ValueError as error:
        msg = f"--time-zone: {error}"
        raise UserError(msg) from error


def _digest(to: list[str], wanted: Wanted) -> str:
    """Return what tells one buyer's digests from another's."""
    parts = [sorted(to), *(sorted(one) for one in wanted)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _show(message: EmailMessage | None) -> None:
    if message is None:
        stdout().print("There is nothing to tell.")
        return
    text = message.get_body(("plain",))
    content = "" if text is None else text.get_content()
    head = "\n".join(f"{name}: {message[name]}" for name in ("To", "Subject", "Message-ID"))
    stdout().print(f"{head}\n\n{content}", soft_wrap=True, markup=False, highlight=False, end="")
