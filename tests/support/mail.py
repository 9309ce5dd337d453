"""A mail server that takes mails, and can be told what to answer instead."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from andon.connect.mail import MailServer, Security


class ReceivingServer(socketserver.ThreadingTCPServer):
    """Keeps the mails that it has taken."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[bytes] = []
        #: What it answers to a word (RCPT, DATA, and `.` for a mail's end) in place of what is usual: each once.
        self.answers: dict[str, list[bytes]] = {}
        #: What it offers beside itself, such as STARTTLS.
        self.offers: list[bytes] = []
        self.tls: ssl.SSLContext | None = None
        self.words: list[bytes] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def messages(self) -> list[EmailMessage]:
        """The mails that it has taken, read."""
        return [
            cast(EmailMessage, message_from_bytes(one, policy=policy.default)) for one in self.mails
        ]

    def given(self, security: Security = "none", user: str | None = None) -> MailServer:
        """Return it as its clients know it."""
        password = "pass-of-test" if user else None
        return MailServer("127.0.0.1", self.port, security, "us@shop.example", user, password)


class _Session(socketserver.StreamRequestHandler):
    server: ReceivingServer

    def handle(self) -> None:
        self._say(b"220 here")
        for line in self.rfile:
            word = line[:4].upper().decode().strip()
            self.server.words.append(line.strip())
            if word == "EHLO":
                told = [b"here", *self.server.offers]
                for one in told[:-1]:
                    self._say(b"250-" + one)
                self._say(b"250 " + told[-1])
            elif word == "STAR" and self.server.tls is not None:
                self._say(b"220 go on")
                try:
                    wrapped = self.server.tls.wrap_socket(self.request, server_side=True)
                except OSError:
                    return
                self.rfile, self.wfile = wrapped.makefile("rb"), wrapped.makefile("wb", 0)
                self._go_on()
                return
            elif not self._answer(word, line):
                return

    def _go_on(self) -> None:
        """Go on behind TLS."""
        for line in self.rfile:
            self.server.words.append(line.strip())
            if not self._answer(line[:4].upper().decode().strip(), line):
                return

    def _answer(self, word: str, line: bytes) -> bool:
        special = self.server.answers.get(word)
        if special:
            self._say(special.pop(0))
        elif word == "DATA":
            self._say(b"354 go on")
            text = b"".join(iter(self.rfile.readline, b".\r\n"))
            refusal = self.server.answers.get(".")
            if refusal:
                self._say(refusal.pop(0))
            else:
                self.server.mails.append(text)
                self._say(b"250 taken")
        elif word == "QUIT":
            self._say(b"221 bye")
            return False
        else:
            self._say(b"550 unknown" if word == "RCPT" and b"nobody" in line else b"250 well")
        return True

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def receiving() -> Iterator[ReceivingServer]:
    """Run a mail server."""
    with ReceivingServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
