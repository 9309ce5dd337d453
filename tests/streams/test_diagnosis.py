"""Whoever cannot connect is told which of the usual reasons it is."""

import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
from support.certificate import CERTIFICATE

from andon.streams.admin import BrokerUnavailable, TopicAdmin
from andon.streams.diagnosis import why_unreachable
from andon.streams.settings import load_settings

LOGIN = {
    "sasl_mechanism": "PLAIN",
    "sasl_username": "andon",
    "sasl_password": "not this one",
}


@contextmanager
def listening(context=None):
    """A server that takes connections, shakes hands if it speaks TLS, and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve():
        while True:
            connection, _ = server.accept()
            if ended.is_set():
                return
            try:
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
            except OSError:
                pass
            finally:
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"localhost:{server.getsockname()[1]}"
    finally:
        ended.set()
        socket.create_connection(server.getsockname()).close()
        thread.join()
        server.close()


@pytest.fixture
def tls(tmp_path):
    """A context of a server with a certificate that nobody trusts, and its file."""
    file = tmp_path / "server.pem"
    file.write_text(CERTIFICATE, encoding="utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


def test_an_untrusted_certificate_is_said_as_that_and_a_trusted_one_is_not(tls):
    context, file = tls
    with listening(context) as broker:
        text = why_unreachable(load_settings(broker=broker, security_protocol="SSL"))
        assert "is not trusted" in text
        assert "ANDON_SSL_CA_FILE" in text
        trusting = load_settings(broker=broker, security_protocol="SSL", ssl_ca_file=file)
        assert "no Kafka broker answers" in why_unreachable(trusting)


def test_a_login_that_is_refused_is_said_as_that_without_the_password(tls):
    context, file = tls
    secured = {"security_protocol": "SASL_SSL", "ssl_ca_file": file, **LOGIN}
    with listening(context) as broker:
        text = why_unreachable(load_settings(broker=broker, **secured))
    assert "does not let 'andon' in by PLAIN" in text
    assert LOGIN["sasl_password"] not in text


def test_a_port_that_speaks_no_tls_is_said_as_that():
    with listening() as broker:
        text = why_unreachable(load_settings(broker=broker, security_protocol="SSL"))
    assert "no TLS connection comes about" in text


def test_where_nobody_is_no_broker_answers():
    with listening() as broker:
        pass
    settings = load_settings(broker=broker, security_protocol="SASL_PLAINTEXT", **LOGIN)
    assert why_unreachable(settings).startswith(f"no Kafka broker answers at {broker}")


def test_a_command_says_it_too(tls):
    context, _ = tls
    with listening(context) as broker:
        settings = load_settings(broker=broker, security_protocol="SSL")
        with pytest.raises(BrokerUnavailable, match="is not trusted"):
            TopicAdmin(settings)
