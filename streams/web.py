"""The worker's HTTP side: metrics, health, readiness, and whatever read-only pages the agents add; loopback by default."""

from collections.abc import Iterable

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from andon.streams.engine import Engine
from andon.streams.gauges import measure
from andon.streams.sockets import (
    READ_SECONDS,
    BoundedSite,
    Handler,
    is_known,
    name_in,
    note_that_it_asked,
)


class WebServer:
    """Serves /metrics, /health and /ready on one port, and the pages to whoever asks for this worker by one of its names.

    A browser that was led here by a name of somebody else's (DNS rebinding) is shown no page: nobody can have an address, or
    `localhost`, be another host's name.
    """

    def __init__(
        self,
        engine: Engine,
        host: str,
        port: int,
        pages: dict[str, Handler],
        names: Iterable[str] = (),
    ) -> None:
        self._engine = engine
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._pages = pages
        self._names = {name.lower() for name in (host, *names)}

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is taken; the message says which setting to change.
        """
        app = web.Application(middlewares=[note_that_it_asked])
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/health", self._health)
        app.router.add_get("/ready", self._ready)
        for path, handler in self._pages.items():
            app.router.add_get(path, self._guarded(handler))
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=READ_SECONDS)
        await runner.setup()
        try:
            await BoundedSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            msg = (
                f"cannot serve metrics on {self._host}:{self._port} ({error.strerror}): another worker may be there; "
                "set ANDON_METRICS_PORT to another port, or 0 for any free one"
            )
            raise OSError(error.errno, msg) from error
        self._runner = runner

    @property
    def address(self) -> str | None:
        """Where it listens, as `http://host:port`."""
        if self._runner is None or not self._runner.addresses:
            return None
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _guarded(self, handler: Handler) -> Handler:
        async def page(request: web.Request) -> web.StreamResponse:
            name = name_in(request.host)
            if not is_known(name, self._names):
                text = f"this worker is not known as {name!r}: name it in ANDON_METRICS_NAMES, or ask by its address"
                return web.json_response({"error": text}, status=403)
            return await handler(request)

        return page

    async def _metrics(self, _: web.Request) -> web.Response:
        if self._engine.ready:
            measure(self._engine)
        body = self._engine.metrics.exposition()
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        ready = self._engine.ready
        return web.json_response(
            {"status": "ready" if ready else "restoring"}, status=200 if ready else 503
        )
