"""Asking workers: for the page of an item that one of them keeps, or for what all of them know of a place or a supplier.

What a worker said of an item is remembered: while it is away, that is shown with its age.
"""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import quote

import aiohttp
from yarl import URL

_MOST_BYTES: Final = 4 * 1024 * 1024
#: The worker at this address does not keep the item.
_ELSEWHERE: Final = 421
_MOST_REMEMBERED: Final = 1000
NONE_KNOWN: Final = "no worker's address is known: start the console with --worker"


Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses of a name, each once; of those of both kinds the older, as many workers as there are.

    Raises:
        OSError: nobody knows the name.
    """
    told = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    kind = min(family for family, *_ in told)
    return list(dict.fromkeys(str(where[0]) for family, *_, where in told if family == kind))


class Workers(Protocol):
    """What can be asked of workers."""

    async def of_item(
        self, pages: str, location: str, sku: str, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return what the worker says that keeps an item, on one of its `pages`; `error` says why if there is none.

        `age_seconds` says how old it is, if the worker does not answer now.
        """
        ...

    async def of_all(self, pages: str, name: str) -> dict[str, Any]:
        """Return the `rows` of all workers on a page, when that was (`now`), and what is missing of them (`error`)."""
        ...


class HttpWorkers:
    """Workers asked by HTTP.

    A name that stands for several of them, as that of a scaled service does, is asked at each of its addresses.

    Args:
        session: of HTTP.
        addresses: theirs, as http://host:port.
        clock: returns seconds that only grow.
        resolve: returns the addresses of a name now.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        addresses: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
        resolve: Resolve = addresses_of,
    ) -> None:
        self._session = session
        self._addresses = [URL(one.rstrip("/")) for one in addresses]
        self._resolve = resolve
        self._clock = clock
        self._told: dict[tuple[str, str, str], tuple[float, dict[str, Any]]] = {}

    async def of_item(
        self, pages: str, location: str, sku: str, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return what the worker says that keeps an item."""
        if not self._addresses:
            return {"error": NONE_KNOWN}
        path = f"/{pages}/{quote(location, safe='')}/{quote(sku, safe='')}"
        silent = 0
        workers = await self._workers()
        for worker in workers:
            try:
                status, told = await self._ask(worker + path, query)
            except (aiohttp.ClientError, TimeoutError, ValueError):
                silent += 1
                continue
            if status != _ELSEWHERE:
                if status == 200 and not query:
                    self._remember((pages, location, sku), told)
                return {"worker": worker, **told}
        known = self._told.get((pages, location, sku))
        if silent and known is not None and not query:
            return {**known[1], "age_seconds": self._clock() - known[0]}
        away = f"{silent} of {len(workers)} do not answer" if silent else "none of them keeps it"
        return {"error": f"no worker has this item's book: {away}"}

    async def of_all(self, pages: str, name: str) -> dict[str, Any]:
        """Return the rows of all workers on a page."""
        if not self._addresses:
            return {"rows": [], "error": NONE_KNOWN}
        path = f"/{pages}/{quote(name, safe='')}"
        asked = (self._ask(worker + path, None) for worker in await self._workers())
        answers = await asyncio.gather(*asked, return_exceptions=True)
        rows: list[dict[str, Any]] = []
        now, missing = 0.0, 0
        for answer in answers:
            if isinstance(answer, BaseException) or answer[0] != 200:
                missing += 1
                continue
            rows += answer[1].get("rows", [])
            now = max(now, answer[1].get("now", 0.0))
            missing += 0 if answer[1].get("is_whole", True) else 1
        error = (
            f"{missing} of {len(answers)} workers did not say all they know" if missing else None
        )
        return {"rows": rows, "now": now or None, "error": error}

    async def _workers(self) -> list[str]:
        """Return where the workers are now; a name that nobody knows stays, and does not answer."""
        found: list[str] = []
        for url in self._addresses:
            hosts: Sequence[str] = []
            if url.scheme == "http":  # a certificate is of a name
                with contextlib.suppress(OSError):
                    hosts = await self._resolve(url.host or "", url.port or 80)
            found += [str(url.with_host(host)) for host in hosts] or [str(url)]
        return list(dict.fromkeys(found))

    async def _ask(self, url: str, query: Mapping[str, str] | None) -> tuple[int, dict[str, Any]]:
        async with self._session.get(url, params=query, allow_redirects=False) as answer:
            told = json.loads(await answer.content.read(_MOST_BYTES))
            if not isinstance(told, dict):
                msg = "a worker's answer is no object"
                raise ValueError(msg)  # noqa: TRY004 - told as any answer that is none
            return answer.status, told

    def _remember(self, what: tuple[str, str, str], told: dict[str, Any]) -> None:
        self._told.pop(what, None)
        self._told[what] = self._clock(), told
        if len(self._told) > _MOST_REMEMBERED:
            del self._told[next(iter(self._told))]
