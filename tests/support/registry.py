"""A schema registry of a few schemas, which can be away, and framed values."""

import base64
import json
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


def framed(number, body):
    return b"\0" + struct.pack(">I", number) + body


class FakeRegistry:
    """Answers as a registry does; a context manager."""

    def __init__(self):
        #: By number: kind, text, references. Of Protobuf the text is a descriptor's bytes.
        self.schemas = {}
        #: Numbers of subjects' versions.
        self.subjects = {}
        #: Every path asked for, with its query.
        self.asked = []
        self.authorization = []
        #: Statuses to answer with, one after the other; then what is right.
        self.answers = []
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                registry.asked.append(self.path)
                registry.authorization.append(self.headers.get("Authorization"))
                status, told = registry.answer(self.path)
                body = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def answer(self, path):
        if self.answers:
            return self.answers.pop(0), b"<html>not here</html>"
        split = urlsplit(path)
        kind, *rest = split.path.strip("/").split("/")
        if kind == "schemas":
            number = int(rest[1])
        else:
            number = self.subjects.get((unquote(rest[0]), int(rest[2])))
        if number not in self.schemas:
            return 404, {"error_code": 40403, "message": f"Schema {number} not found"}
        form, text, references = self.schemas[number]
        if isinstance(text, bytes):
            serialized = "format=serialized" in split.query
            text = base64.b64encode(text).decode() if serialized else "// as text"
        told = {"schema": text}
        if form != "AVRO":
            told["schemaType"] = form
        if references:
            told["references"] = [
                {"name": name, "subject": subject, "version": version}
                for name, subject, version in references
            ]
        return 200, told

    def add(self, number, schema, kind="AVRO", references=()):
        text = schema if isinstance(schema, (bytes, str)) else json.dumps(schema)
        self.schemas[number] = (kind, text, references)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
