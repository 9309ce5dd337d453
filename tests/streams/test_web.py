"""The worker's HTTP side asked by anybody: by a foreign name, in a bad form, very slowly, or very often."""

import asyncio
import contextlib
from types import SimpleNamespace

import pytest
from aiohttp import web

from andon.streams import sockets
from andon.streams.web import WebServer


async def book(_):
    return web.json_response({"on_hand": 7})


class Served:
    """A server of one page, on loopback."""

    def __init__(self, **options):
        metrics = SimpleNamespace(exposition=lambda: b"andon_up 1\n")
        engine = SimpleNamespace(ready=False, metrics=metrics)
        self.web = WebServer(engine, "127.0.0.1", 0, {"/books/{key}": book}, **options)

    async def __aenter__(self):
        await self.web.start()
        self.port = int(self.web.address.rpartition(":")[2])
        return self

    async def __aexit__(self, *_):
        await self.web.stop()

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, text):
        reader, writer = await self.connect()
        writer.write(text)
        status = await reader.readline()
        writer.close()
        return int(status.split()[1]) if status else None


def request(path, host):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("127.0.0.1:9108", "/books/a", 200),
        ("localhost", "/books/a", 200),
        ("[::1]:9108", "/books/a", 200),
        ("worker-1:9108", "/books/a", 200),
        ("WORKER-1", "/books/a", 200),
        ("evil.example", "/books/a", 403),
        ("127.0.0.1.evil.example", "/books/a", 403),
        ("", "/books/a", 403),
        # What holds nobody's business is for any name, such as that of a service in a scrape.
        ("andon.example", "/metrics", 200),
        ("andon.example", "/health", 200),
    ],
)
def test_pages_are_shown_to_who_asks_by_one_of_the_workers_names(host, path, status):
    async def go():
        async with Served(names=("worker-1",)) as served:
            return await served.ask(request(path, host))

    assert asyncio.run(go()) == status


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01 a greeting of TLS\r\n\r\n",
        b"GET /books/a HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"b" * 20_000 + b"\r\n\r\n",
        b"POST /books/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_malformed_or_not_there_is_the_askers_fault(text):
    async def go():
        async with Served() as served:
            return await served.ask(text)

    assert 400 <= asyncio.run(go()) < 500


def test_a_connection_that_asks_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(
        sockets.BoundedSite.__init__, "__kwdefaults__", {"most": 64, "seconds": 0.05}
    )

    async def go():
        async with Served() as served:
            reader, writer = await served.connect()
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: loc")
            with contextlib.suppress(ConnectionResetError):
                assert not await reader.read()
            return await served.ask(request("/metrics", "localhost"))

    assert asyncio.run(go()) == 200


def test_connections_beyond_the_most_are_closed_and_room_is_made_again(monkeypatch):
    monkeypatch.setattr(
        sockets.BoundedSite.__init__, "__kwdefaults__", {"most": 3, "seconds": 60.0}
    )

    async def go():
        async with Served() as served:
            kept = []
            for _ in range(3):
                reader, writer = await served.connect()
                writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert b"200" in await reader.readline()
                kept.append(writer)
            reader, _ = await served.connect()
            assert await reader.read() == b""
            kept.pop().close()
            while True:
                status = await served.ask(request("/metrics", "localhost"))
                if status is not None:
                    return status
                await asyncio.sleep(0)

    assert asyncio.run(go()) == 200
