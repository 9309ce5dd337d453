"""A mail server as the commands are told of it; a password comes from a file or the environment alone."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from andon.cli.support.secret_file import read_secret
from andon.connect.mail import SECURITIES, MailServer
from andon.streams.errors import UserError

_PASSWORD: Final = "ANDON_MAIL_PASSWORD"  # noqa: S105 - where it is found

Server = Annotated[str, typer.Argument(metavar="HOST:PORT", help="The mail server.")]
Sender = Annotated[str, typer.Option("--from", help="Who writes.")]
Secured = Annotated[str, typer.Option("--security", help="starttls, tls or none.")]
User = Annotated[str | None, typer.Option("--user", help="Who signs in there.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help=f"File with the password; else {_PASSWORD} has it."),
]


def mail_server(
    server: str, sender: str, security: str, user: str | None, password_file: Path | None
) -> MailServer:
    """Return the mail server that is asked for.

    Raises:
        UserError: something of it is wrong.
    """
    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal():
        msg = f"HOST:PORT: expected such as smtp.example:587, got {server!r}"
        raise UserError(msg)
    secured = next((one for one in SECURITIES if one == security), None)
    if secured is None:
        msg = f"--security: expected starttls, tls or none, got {security!r}"
        raise UserError(msg)
    password = os.environ.get(_PASSWORD) if password_file is None else read_secret(password_file)
    given = MailServer(host.strip("[]"), int(port), secured, sender, user, password)
    try:
        given.check()
    except ValueError as error:
        msg = f"--user: {error}"
        raise UserError(msg) from error
    return given
