"""`andon console` as a server: topics are read, pages are served, and workers are asked for books, until it is told to stop."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp import web

from andon.console.accounts import Accounts
from andon.console.app import Console
from andon.console.desk import Desk
from andon.console.drilling import Drill
from andon.console.guard import Guard
from andon.console.oidc_door import Knows, OidcDoor
from andon.console.people import People, Proxy
from andon.console.workers import HttpWorkers
from andon.streams.producer import Producer
from andon.streams.security import aiokafka_config
from andon.streams.settings import Settings
from andon.streams.sockets import READ_SECONDS, listen

if TYPE_CHECKING:
    from andon.console.oidc import Terms

#: Each page that is open holds a connection, to hear of changes.
_MOST_CONNECTIONS: Final = 256
_ASK_SECONDS: Final = 2.0


async def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    names: Sequence[str],
    workers: Sequence[str],
    login: str,
    accounts: Accounts | None,
    proxy: Proxy | None,
    oidc: "Terms | None",
    session_seconds: float,
    announce: Callable[[str], object],
    stop: asyncio.Event,
    drill: Drill | None = None,
) -> None:
    """Serve until `stop` is set.

    Args:
        settings: broker, security and prefix.
        host: where to listen.
        port: where to listen, 0 for any free one.
        names: host names that it may be asked by, beside its addresses.
        workers: the addresses of workers, as http://host:port.
        login: who answers if a page does not say, without accounts.
        accounts: who may ask; None for whoever reaches it.
        proxy: that says who asks, if there is one.
        oidc: what was agreed with a provider of OpenID Connect, if there is one.
        session_seconds: how long a session lasts.
        announce: is told the address once it listens.
        stop: ends it.
        drill: plays drills, if something can.

    Raises:
        UserError: the address is taken.
        aiokafka.errors.KafkaError: the broker is lost.
    """
    options = aiokafka_config(settings)
    producer = Producer(options)
    await producer.start()
    desk = Desk(settings, producer)
    timeout = aiohttp.ClientTimeout(total=_ASK_SECONDS)
    reading = asyncio.create_task(desk.read(options))
    stopping = asyncio.create_task(stop.wait())
    try:
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            people = People(
                accounts, time.monotonic, session_seconds, proxy, asks_elsewhere=oidc is not None
            )
            guard = Guard([host, *names], people)
            door = None
            if oidc is not None:
                door = OidcDoor(_provider(oidc, session), people, time.monotonic)
            console = Console(desk, guard, HttpWorkers(session, workers), login, door, drill)
            runner = web.AppRunner(
                console.application(),
                access_log=None,
                keepalive_timeout=READ_SECONDS,
                shutdown_timeout=0.5,
            )
            await runner.setup()
            try:
                announce(await listen(runner, host, port, _MOST_CONNECTIONS))
                await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    reading.result()
            finally:
                await runner.cleanup()
    finally:
        for task in (reading, stopping):
            task.cancel()
        await asyncio.gather(reading, stopping, return_exceptions=True)
        await producer.stop()


def _provider(terms: "Terms", session: aiohttp.ClientSession) -> Knows:
    from andon.console.oidc import Provider  # noqa: PLC0415 - an extra

    return Provider(terms, session)
