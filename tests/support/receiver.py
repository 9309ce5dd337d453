"""A receiver of webhooks, whose answers can be chosen."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class WebhookReceiver:
    """Keeps what is posted to it; a context manager."""

    def __init__(self) -> None:
        self.posts: list[Any] = []
        self.headers: list[dict[str, str]] = []
        #: Statuses to answer with, one after the other; then 200.
        self.answers: list[int] = []
        #: Headers that go with every answer.
        self.answer_headers: dict[str, str] = {}
        #: What to answer to a body, instead.
        self.judge: Any = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = receiver.answers.pop(0) if receiver.answers else 200
                if receiver.judge is not None:
                    status = receiver.judge(body)
                if status == 200:
                    receiver.posts.append(body)
                    receiver.headers.append(dict(self.headers))
                self.send_response(status)
                for name, value in receiver.answer_headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def alerts(self) -> list[Any]:
        """Every alert in every post of Alertmanager's form."""
        return [alert for post in self.posts for alert in post["alerts"]]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
