"""Which worker is asked: each that a name stands for, and no other."""

import asyncio
import socket

import aiohttp
import pytest
from aiohttp import web

from andon.console.workers import HttpWorkers, addresses_of


async def served(port, rows, host):
    """Serve one worker's page of a supplier and of an item; return its runner."""

    async def supplier(_):
        return web.json_response({"rows": rows, "now": 1.0})

    async def item(_):
        return web.json_response({"rows": rows}, status=200 if "mine" in rows else 421)

    app = web.Application()
    app.router.add_get("/suppliers/{name}", supplier)
    app.router.add_get("/books/{location}/{sku}", item)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


def test_a_name_of_several_workers_is_asked_at_each_of_its_addresses():
    async def told():
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = one.getsockname()[1]
        runners = [
            await served(port, rows, host)
            for rows, host in ((["a"], "127.0.0.1"), (["mine"], "127.0.0.2"))
        ]

        async def resolve(host, _):
            if host == "nobody":
                raise socket.gaierror
            return ["127.0.0.1", "127.0.0.2", "127.0.0.3"] if host == "workers" else [host]

        try:
            async with aiohttp.ClientSession() as session:
                names = [f"http://{name}:{port}" for name in ("workers", "127.0.0.1", "nobody")]
                asked = HttpWorkers(session, names, resolve=resolve)
                return await asked.of_all("suppliers", "ACME"), await asked.of_item(
                    "books", "S", "A"
                )
        finally:
            for runner in runners:
                await runner.cleanup()

    everything, item = asyncio.run(told())
    assert everything["rows"] == ["a", "mine"]
    assert everything["error"] == "2 of 4 workers did not say all they know"
    assert item["rows"] == ["mine"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("localhost", ["127.0.0.1"]), ("127.0.0.7", ["127.0.0.7"]), ("::1", ["::1"])],
)
def test_a_worker_that_has_two_addresses_is_one(name, expected):
    assert asyncio.run(addresses_of(name, 9108)) == expected
