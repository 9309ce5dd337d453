"""Handing over a mail: once it is taken it is out, who cannot be trusted gets none, and what fails says for how long."""

import ssl
from email.message import EmailMessage

import pytest
from support.certificate import CERTIFICATE
from support.mail import receiving

from andon.connect.mail import MailServer, NotDelivered, deliver


@pytest.fixture
def server():
    with receiving() as running:
        yield running


@pytest.fixture
def certificate(tmp_path):
    file = tmp_path / "server.pem"
    file.write_text(CERTIFICATE, encoding="utf-8")
    return file


def secured(server, certificate):
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(certificate)
    server.offers = [b"STARTTLS"]
    return server.given("starttls", "anna")._replace(host="localhost")


def mail(*to):
    message = EmailMessage()
    message["From"], message["To"] = "us@shop.example", ", ".join(to or ("anna@shop.example",))
    message.set_content("Tea runs out.")
    return message


def refused(given):
    with pytest.raises(NotDelivered) as error:
        deliver(given, mail())
    return error.value


@pytest.mark.parametrize(
    ("word", "answer", "later", "of_server"),
    [
        ("MAIL", b"451 busy", True, True),
        ("MAIL", b"550 not you", False, True),
        ("RCPT", b"450 greylisted", True, False),
        ("RCPT", b"550 nobody", False, False),
        ("DATA", b"421 going down", True, False),
        ("DATA", b"554 not this", False, False),
        (".", b"452 full", True, False),
        (".", b"552 too big", False, False),
    ],
)
def test_what_is_refused_for_now_is_tried_later_and_what_is_refused_for_good_is_not(
    server, word, answer, later, of_server
):
    server.answers[word] = [answer]
    error = refused(server.given())
    assert (error.later, error.of_server) == (later, of_server)
    assert answer.decode()[4:] in str(error)
    assert server.mails == []


@pytest.mark.parametrize("goodbye", [b"221 bye", b"421 going down", b"500 what", b"nonsense"])
def test_a_mail_that_is_taken_is_out_whatever_the_good_bye(server, goodbye):
    server.answers["QUIT"] = [goodbye]
    deliver(server.given(), mail())
    assert len(server.mails) == 1


def test_of_several_recipients_those_are_told_who_can_be(server, caplog):
    deliver(server.given(), mail("anna@shop.example", "nobody@shop.example"))
    assert len(server.mails) == 1
    assert "not taken for nobody@shop.example: 550 unknown" in caplog.text


def test_a_server_whose_certificate_nobody_trusts_gets_neither_mail_nor_password(
    server, certificate
):
    error = refused(secured(server, certificate))
    assert "its certificate is not trusted" in str(error)
    assert server.words[-1] == b"STARTTLS"


def test_a_server_that_is_trusted_gets_the_mail_behind_tls(server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    deliver(secured(server, certificate)._replace(user=None), mail())
    assert len(server.mails) == 1


def test_a_certificate_of_another_name_is_not_trusted(server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(certificate)
    server.offers = [b"STARTTLS"]
    assert "its certificate is not trusted" in str(refused(server.given("starttls")))


def test_a_server_that_offers_no_tls_gets_nothing_where_it_is_asked_for(server):
    error = refused(server.given("starttls"))
    assert (error.later, error.of_server) == (False, True)
    assert server.mails == []


def test_where_nobody_listens_it_is_tried_later():
    assert refused(MailServer("127.0.0.1", 9, "none", "us@shop.example")).later


@pytest.mark.parametrize(
    ("host", "security", "user", "password", "wrong"),
    [
        ("smtp.example", "none", None, None, None),
        ("smtp.example", "starttls", "anna", "x", None),
        ("localhost", "none", "anna", "x", None),
        ("smtp.example", "none", "anna", "x", "starttls or tls"),
        ("smtp.example", "tls", "anna", None, "needs a password"),
    ],
)
def test_a_password_goes_over_no_wire_in_clear_text(host, security, user, password, wrong):
    given = MailServer(host, 25, security, "us@shop.example", user, password)
    if wrong is None:
        given.check()
        return
    with pytest.raises(ValueError, match=wrong):
        given.check()
