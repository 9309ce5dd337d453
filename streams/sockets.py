"""Listening on a port of which anybody may ask anything: connections are few, and what asks nothing is let go."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Container
from typing import Any

from aiohttp import web

from andon.streams.errors import UserError

#: Answers a request.
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: So many connections at once; those beyond are closed before they are read.
MOST_CONNECTIONS = 64
#: A connection that has not asked anything in this time is closed, and one that is kept open and asks nothing more.
READ_SECONDS = 10.0


class _Refusal(asyncio.Protocol):
    """Answers nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close."""
        transport.close()


class BoundedSite(web.TCPSite):
    """A site that keeps few connections, and none that says nothing.

    Args:
        runner: of the application, set up.
        host: where to listen.
        port: where to listen, 0 for any free one.
        most: so many connections at once.
        seconds: within which a connection must have asked something.
    """

    def __init__(
        self,
        runner: web.AppRunner,
        host: str,
        port: int,
        *,
        most: int = MOST_CONNECTIONS,
        seconds: float = READ_SECONDS,
    ) -> None:
        super().__init__(runner, host, port)
        self._most = most
        self._seconds = seconds

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is taken.
        """
        await web.BaseSite.start(self)
        loop, server = asyncio.get_running_loop(), self._runner.server
        if server is None:
            msg = "runner: expected one that is set up"
            raise RuntimeError(msg)

        def accept() -> asyncio.Protocol:
            if len(server.connections) >= self._most:
                return _Refusal()
            connection = server()
            _silent.add(connection)
            loop.call_later(self._seconds, _let_go, connection)
            return connection

        self._server = await loop.create_server(accept, self._host, self._port)
        self._bound_port = self._server.sockets[0].getsockname()[1]


async def listen(runner: web.AppRunner, host: str, port: int, most: int) -> str:
    """Listen, and return the address as people type it.

    Args:
        runner: of the application, set up.
        host: where to listen.
        port: where to listen, 0 for any free one.
        most: so many connections at once.

    Raises:
        UserError: the address is taken.
    """
    try:
        await BoundedSite(runner, host, port, most=most).start()
    except OSError as error:
        msg = f"cannot listen on {host}:{port} ({error.strerror}): name another with --port, or 0 for any free one"
        raise UserError(msg) from error
    bound = runner.addresses[0]
    name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
    return f"http://{name}:{bound[1]}"


#: The connections that have not asked anything yet; none is here for longer than it is given.
_silent: set[Any] = set()


@web.middleware
async def note_that_it_asked(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take note that a connection has asked something, so that it is not let go."""
    _silent.discard(request.protocol)
    return await handler(request)


def _let_go(connection: Any) -> None:
    """Close a connection that has not asked anything yet."""
    if connection in _silent:
        _silent.discard(connection)
        if connection.transport is not None:
            connection.transport.abort()


def is_known(name: str, names: Container[str]) -> bool:
    """Return whether a host may be asked by a name: one of its own, `localhost`, or an address."""
    return name == "localhost" or name in names or is_address(name)


def name_in(host: str) -> str:
    """Return the name in a Host header, without its port and brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def is_address(name: str) -> bool:
    """Return whether a name is an IP address, which nobody can have be another host's."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether what listens on a host is reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
