"""Mail servers: a mail is taken whole, or it is said why not, and whether another time may do."""

import logging
import smtplib
import ssl
from collections.abc import Iterable
from email.message import EmailMessage
from typing import Final, Literal, NamedTuple, get_args

logger = logging.getLogger("andon.mail")

_TIMEOUT_SECONDS: Final = 20.0
#: From this code on an answer of a mail server is for good (RFC 5321, 4.2.1).
_FOR_GOOD: Final = 500
Security = Literal["starttls", "tls", "none"]
SECURITIES: Final[tuple[Security, ...]] = get_args(Security)
#: Where a password goes over no wire.
_HERE: Final = ("localhost", "127.0.0.1", "::1")


class MailServer(NamedTuple):
    """A mail server: where, how secured, and who sends."""

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = None

    def check(self) -> None:
        """Raise ValueError if a password would go to it in clear text, or somebody signs in without one."""
        if self.user is not None and not self.password:
            msg = "who signs in needs a password: give it in a file"
            raise ValueError(msg)
        if self.user is not None and self.security == "none" and self.host not in _HERE:
            msg = "a password is sent only where starttls or tls hides it"
            raise ValueError(msg)


class NotDelivered(Exception):
    """A mail was not taken.

    Args:
        text: what the server, or the network, says.
        later: it may be taken another time.
        of_server: the server refuses us, whatever the mail.
    """

    def __init__(self, text: str, *, later: bool, of_server: bool = False) -> None:
        super().__init__(text)
        self.later = later
        self.of_server = of_server


def deliver(server: MailServer, message: EmailMessage) -> None:
    """Hand over a mail, and return when the server has taken it.

    Certificates are checked. Of several recipients it is enough that one is taken; who is not is logged.

    Raises:
        NotDelivered: it was not taken.
    """
    where = f"{server.host}:{server.port}"
    try:
        client = _connected(server)
        try:
            left_out = client.send_message(message)
        except BaseException:
            client.close()
            raise
        _leave(client)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        text = f"{_named(error.recipients)} refused by {where}: {_said(error.recipients.values())}"
        raise NotDelivered(text, later=any(code < _FOR_GOOD for code in codes)) from error
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as error:
        later = error.smtp_code < _FOR_GOOD
        raise NotDelivered(f"{where}: {_text(error)}", later=later, of_server=True) from error
    except smtplib.SMTPDataError as error:
        later = error.smtp_code < _FOR_GOOD
        raise NotDelivered(f"{where}: {_text(error)}", later=later) from error
    except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
        # It lacks STARTTLS or signing in, or a name cannot be said to it.
        raise NotDelivered(f"{where}: {error}", later=False, of_server=True) from error
    except ssl.SSLCertVerificationError as error:
        text = f"{where}: its certificate is not trusted: {error.verify_message}"
        raise NotDelivered(text, later=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{where}: {error or type(error).__name__}", later=True) from error
    if left_out:
        logger.warning("not taken for %s: %s", _named(left_out), _said(left_out.values()))


def _connected(given: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if given.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            given.host, given.port, timeout=_TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(given.host, given.port, timeout=_TIMEOUT_SECONDS)
    try:
        if given.security == "starttls":
            server.starttls(context=context)
        if given.user is not None:
            server.login(given.user, given.password or "")
    except BaseException:
        server.close()
        raise
    return server


def _leave(client: smtplib.SMTP) -> None:
    """Say good-bye: the mail is taken, whatever comes of that."""
    try:
        client.quit()
    except (smtplib.SMTPException, OSError):
        client.close()


def _text(error: smtplib.SMTPResponseException) -> str:
    return _said([(error.smtp_code, error.smtp_error)])


def _said(answers: Iterable[tuple[int, bytes | str]]) -> str:
    texts = (
        f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
        for code, said in answers
    )
    return "; ".join(dict.fromkeys(texts))


def _named(recipients: Iterable[str]) -> str:
    return ", ".join(sorted(recipients))
