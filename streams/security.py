"""One set of security settings, in the words of each client."""

import ssl
from typing import Any

from faust import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT
from yarl import URL

from andon.streams.settings import Settings


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """Return the TLS context that the settings ask for, or None without TLS.

    Raises:
        OSError: a certificate file cannot be read.
    """
    if not settings.security_protocol.endswith("SSL"):
        return None
    context = ssl.create_default_context(cafile=settings.ssl_ca_file)
    context.check_hostname = settings.ssl_check_hostname
    if settings.ssl_cert_file is not None:
        password = settings.ssl_key_password
        context.load_cert_chain(
            settings.ssl_cert_file,
            settings.ssl_key_file,
            password.get_secret_value() if password else "",  # None would ask at the terminal
        )
    return context


def _common(settings: Settings) -> dict[str, Any]:
    config: dict[str, Any] = {
        "bootstrap_servers": settings.servers,
        "security_protocol": settings.security_protocol,
    }
    context = ssl_context(settings)
    if context is not None:
        config["ssl_context"] = context
    if settings.sasl_mechanism is not None and settings.sasl_password is not None:
        config["sasl_mechanism"] = settings.sasl_mechanism
        config["sasl_plain_username"] = settings.sasl_username
        config["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return config


def kafka_python_config(settings: Settings) -> dict[str, Any]:
    """Return the connection settings for kafka-python's clients."""
    return _common(settings)


def aiokafka_config(settings: Settings) -> dict[str, Any]:
    """Return the connection settings for aiokafka's clients."""
    return _common(settings)


def faust_credentials(settings: Settings) -> tuple[CredentialsT | None, ssl.SSLContext | None]:
    """Return Faust's credentials and TLS context.

    Faust takes SASL without a context for SASL_PLAINTEXT, so the context always goes with it.
    """
    context = ssl_context(settings)
    if settings.sasl_mechanism is not None and settings.sasl_password is not None:
        return (
            SASLCredentials(
                username=settings.sasl_username,
                password=settings.sasl_password.get_secret_value(),
                mechanism=settings.sasl_mechanism,
                ssl_context=context,
            ),
            context,
        )
    if context is not None:
        return SSLCredentials(context), context
    return None, None


def faust_broker_urls(settings: Settings) -> list[URL]:
    """Return the servers as Faust's URLs, which never hold a secret: Faust prints them."""
    return [URL(f"kafka://{server}") for server in settings.servers]
