"""Why no Kafka client gets through: nobody there, an untrusted certificate, no TLS, or a login that is refused.

The clients try one server after the other and say in the end that there is none; what they met is only in their logs.
"""

import contextlib
import socket
import ssl
from typing import Final

from andon.streams.security import ssl_context
from andon.streams.settings import Settings

_PATIENCE_SECONDS: Final = 3.0


def why_unreachable(settings: Settings) -> str:
    """Return why no broker could be talked to, and what to do about it."""
    return _why_no_client_gets_in(settings) or (
        f"no Kafka broker answers at {settings.broker}: start one, name another with --broker host:port, "
        "or run `andon up`, which brings its own"
    )


def _why_no_client_gets_in(settings: Settings) -> str | None:
    """Return what is wrong with the security settings, as far as a handshake with each server shows; None if nobody is there."""
    found: list[str] = []
    for server in settings.servers:
        host, _, port = server.rpartition(":")
        with contextlib.suppress(OSError):
            found.append(_shake_hands(settings, host.strip("[]"), int(port)))
    return next((text for text in found if text), None)


def _shake_hands(settings: Settings, host: str, port: int) -> str:
    """Return what is wrong with a server that answers, or nothing.

    Raises:
        OSError: nobody answers.
    """
    where = f"{host}:{port}"
    context = ssl_context(settings)
    with socket.create_connection((host, port), timeout=_PATIENCE_SECONDS) as connection:
        if context is not None:
            try:
                with context.wrap_socket(connection, server_hostname=host):
                    pass
            except ssl.SSLCertVerificationError as error:
                return (
                    f"the certificate of {where} is not trusted ({error.verify_message}): "
                    "ANDON_SSL_CA_FILE names the authority that signed it"
                )
            except (ssl.SSLError, OSError) as error:
                reason = getattr(error, "reason", None) or error
                return (
                    f"{where} answers, but no TLS connection comes about ({reason}): "
                    "is ANDON_SECURITY_PROTOCOL right for this port?"
                )
    if settings.sasl_mechanism is None:
        return ""
    return (
        f"{where} answers, but does not let {settings.sasl_username!r} in by {settings.sasl_mechanism}: "
        "are ANDON_SASL_USERNAME, ANDON_SASL_PASSWORD and ANDON_SASL_MECHANISM right?"
    )
