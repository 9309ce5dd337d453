"""Whoever sends over HTTP: who is asked, who is believed, and what an answer that breaks off does."""

import re
import socketserver
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from support.certificate import CERTIFICATE
from support.receiver import WebhookReceiver

from andon.connect import http
from andon.connect.out import forms
from andon.connect.out.channels import Hook, Mail, MailServer, NotSent
from andon.connect.sinks.delivery import Post
from andon.connect.topic.registry import Registry, RegistryAway
from andon.schemas.orders import OrderedLine, PurchaseOrder
from andon.streams.errors import UserError

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LINE = OrderedLine(location="S", sku="A", quantity=5)
ORDER = PurchaseOrder(order_id="PO-7", state="approved", version=1, changed_at=AT, lines=(LINE,), ready=True, supplier="ACME", approved_at=AT)  # fmt: skip


def posts(url):
    if not Post(url, "s3cret", lambda _: True)([]):
        raise NotSent("not accepted")


def hooks(url):
    Hook(url, "s3cret", lambda _: True).send(forms.as_json(ORDER, 1), ORDER, 1)


def asks_registry(url):
    Registry(url, "s3cret").schema(1)


def mails(security):
    def send(url):
        host, port = url.rpartition("/")[2].split(":")
        server = MailServer(host, int(port), security, "us@shop.example", "us", "s3cret")
        Mail(server, {}, "all@acme.example").send(forms.as_csv(ORDER, 1), ORDER, 1)

    return send


#: All that go outside with a secret, save the console (tests/console/test_oidc.py).
WEB = [posts, hooks, asks_registry]
SENDERS = {**{one.__name__: one for one in WEB}, "tls": mails("tls"), "starttls": mails("starttls")}


def test_no_proxy_is_asked_for_a_worker_of_ours():
    handlers = {type(one).__name__ for one in http._DIRECT.handlers}
    assert "ProxyHandler" not in handlers or not any(
        one.proxies for one in http._DIRECT.handlers if type(one).__name__ == "ProxyHandler"
    )


@pytest.mark.parametrize("outside", [False, True])
def test_a_redirect_is_an_answer_and_followed_nowhere(outside):
    with WebhookReceiver() as receiver:
        receiver.answers = [302]
        receiver.answer_headers = {"Location": receiver.url}
        request = http.urllib.request.Request(receiver.url, b"{}", method="POST")
        with pytest.raises(http.urllib.request.HTTPError, match="302") as error:
            http.ask(request, timeout=10, outside=outside)
        error.value.close()
    assert receiver.posts == []


@pytest.mark.parametrize("send", WEB)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_secret_follows_a_redirect(send, status):
    heard, elsewhere = [], []
    with raw(heard, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as there:
        url = there if send is asks_registry else f"{there}/hook"
        head = f"HTTP/1.1 {status} Away\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n"
        with raw(elsewhere, head) as here, pytest.raises(UserError, match=f"answers {status}"):
            send(here)
    assert b"s3cret" in b"".join(elsewhere)
    assert heard == []


@contextmanager
def raw(heard, answer, context=None):
    """A server that notes what it hears, gives one answer, and hangs up; it greets a mail client, and may speak TLS."""

    class Session(socketserver.BaseRequestHandler):
        def handle(self):
            connection = self.request
            try:
                if context is not None and answer:
                    connection.sendall(b"220 here\r\n")
                    connection.recv(65536)
                    connection.sendall(b"250-here\r\n250 STARTTLS\r\n")
                    connection.recv(65536)
                    connection.sendall(b"220 go on\r\n")
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
                heard.append(connection.recv(65536))
                connection.sendall(answer.encode())
            except OSError:
                return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("name", SENDERS)
def test_nothing_is_said_to_who_shows_a_certificate_that_nobody_trusts(name, tmp_path, caplog):
    (tmp_path / "server.pem").write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    heard = []
    greets = "starttls" if name == "starttls" else ""
    with raw(heard, greets, context) as url, pytest.raises((NotSent, RegistryAway)) as error:
        SENDERS[name](url.replace("http://127.0.0.1", "https://localhost"))
    # A webhook only says that it was not accepted in time; why is in the log.
    assert re.search("certificate (verify failed|is not trusted)", f"{error.value} {caplog.text}")
    assert b"".join(heard) == b""


@pytest.mark.parametrize("send", WEB)
@pytest.mark.parametrize(
    "answer",
    [
        "",
        "HTTP/1.1 503 Away\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhalf",
        "HTTP/1.1 503 Away\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n",
        "HTTP/1.1 503 Away\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 503 Away\r\n\r\n",
        "no HTTP\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_one_to_try_again_after(send, answer):
    with raw([], answer) as url, pytest.raises((NotSent, RegistryAway)) as error:
        send(url)
    assert getattr(error.value, "later", True)
