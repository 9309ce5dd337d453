"""`andon connect http` as a server: events are published as they come, until it is told to stop."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web
from msgspec import json

from andon.connect.api.app import Api
from andon.connect.edi.terms import Terms
from andon.streams.deadletters import dead_letter
from andon.streams.producer import Outgoing, Producer
from andon.streams.security import aiokafka_config
from andon.streams.settings import Settings
from andon.streams.sockets import READ_SECONDS, listen
from andon.streams.topics import topic_name

_MOST_CONNECTIONS: Final = 128


async def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    names: Sequence[str],
    token: str | None,
    secrets: Mapping[str, str],
    terms: Terms,
    announce: Callable[[str], object],
    stop: asyncio.Event,
) -> None:
    """Serve until `stop` is set.

    Args:
        settings: broker, security and prefix.
        host: where to listen.
        port: where to listen, 0 for any free one.
        names: host names that it may be asked by, beside its addresses.
        token: that requests have to bring; None if they need none.
        secrets: of shops, by their names.
        terms: how the orders of shops are understood.
        announce: is told the address once it listens.
        stop: ends it.

    Raises:
        UserError: the address is taken.
    """
    producer = Producer(aiokafka_config(settings))
    await producer.start()

    async def publish(family: str, records: Sequence[tuple[bytes, bytes]]) -> None:
        topic = topic_name(settings, family)
        await producer.publish(Outgoing(topic, key, value) for key, value in records)

    async def reject(shop: str, lines: Sequence[dict[str, Any]]) -> None:
        topic = topic_name(settings, "deadletters")
        at = int(datetime.now(UTC).timestamp() * 1000)
        letters = []
        for line in lines:
            record = _Line(json.encode(line), at)
            letters.append(
                dead_letter(
                    topic, (f"webhook:{shop}", 0), record, "invalid", "BadRow", line["error"]
                )
            )
        await producer.publish(letters)

    try:
        api = Api(publish, reject, names=[host, *names], token=token, secrets=secrets, terms=terms)
        runner = web.AppRunner(
            api.application(), access_log=None, keepalive_timeout=READ_SECONDS, shutdown_timeout=5.0
        )
        await runner.setup()
        try:
            announce(await listen(runner, host, port, _MOST_CONNECTIONS))
            await stop.wait()
        finally:
            await runner.cleanup()
    finally:
        await producer.stop()


@dataclass(frozen=True)
class _Line:
    """A line of a webhook as a record that was never on a topic."""

    value: bytes
    timestamp: int
    key: bytes | None = None
    headers: tuple[()] = ()
    offset: int = 0
