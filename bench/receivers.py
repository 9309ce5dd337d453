"""Receivers that keep ids, each in a process of its own: a web server and a mail server, which note what they took before they answer.

Now and then they are not well: they refuse for the moment, or take something and go without an answer, so that the
sender cannot know. What they took stands in a journal, a line of JSON each.
"""

import email
import json
import os
import random
import socketserver
import threading
from datetime import UTC, datetime
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: Of how many requests one is refused for the moment, and of how many one is taken without an answer.
REFUSED, UNANSWERED = 9, 9


class Journal:
    """What a receiver took, in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.touch()

    def note(self, taken: object) -> None:
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps(taken) + "\n")

    def read(self) -> list:
        # A line that is just being written has no end yet.
        text = self._path.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


class _Moods:
    """Whether a receiver is well."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._lock = threading.Lock()

    def one_in(self, number: int) -> bool:
        with self._lock:
            return self._chance.randrange(number) == 0


def web_server(journal: Journal, chance: random.Random) -> tuple[str, int]:
    """Take what is posted; return the server's address and its process."""
    moods = _Moods(chance)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if moods.one_in(REFUSED):
                return self._answer(503)
            journal.note({"at": datetime.now(UTC).isoformat(), "body": body})
            if moods.one_in(UNANSWERED):
                self.close_connection = True
                return None
            return self._answer(200)

        def _answer(self, status):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    return f"http://127.0.0.1:{server.server_port}", _beside(server)


def mail_server(journal: Journal, chance: random.Random) -> tuple[str, int]:
    """Take mails; return the server's HOST:PORT and its process."""
    moods = _Moods(chance)

    class Session(socketserver.StreamRequestHandler):
        def handle(self):
            try:
                self._talk()
            except OSError:
                # Whoever called was killed.
                return

        def _talk(self):
            self.wfile.write(b"220 here\r\n")
            mail = None
            for text in self.rfile:
                if mail is not None and text != b".\r\n":
                    mail.append(text)
                elif mail is not None:
                    journal.note(_told(b"".join(mail)))
                    mail = None
                    if moods.one_in(UNANSWERED):
                        return
                    self.wfile.write(b"250 taken\r\n")
                elif text[:4].upper() == b"DATA":
                    mail = []
                    self.wfile.write(b"354 go on\r\n")
                elif text[:4].upper() == b"QUIT":
                    # Some servers have no good word for a goodbye.
                    self.wfile.write(b"421 closing\r\n" if moods.one_in(2) else b"221 bye\r\n")
                    return
                else:
                    busy = text[:4].upper() == b"RCPT" and moods.one_in(REFUSED)
                    self.wfile.write(b"450 try again later\r\n" if busy else b"250 well\r\n")

    socketserver.ThreadingTCPServer.daemon_threads = True
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
    return f"127.0.0.1:{server.server_address[1]}", _beside(server)


def _told(text: bytes) -> dict[str, str]:
    mail = email.message_from_bytes(text, policy=policy.default)
    body = mail.get_body(("plain",))
    return {
        "id": mail["Message-ID"],
        "order": mail["Subject"].removeprefix("Order "),
        "text": body.get_content() if body is not None else "",
    }


def _beside(server: socketserver.BaseServer) -> int:
    child = os.fork()
    if child == 0:
        server.serve_forever()
    server.server_close()
    return child
