"""The application: who may post, how much, and what is answered."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from andon.connect.api.events import INPUTS, Unreadable, keyed, posted
from andon.connect.api.openapi import openapi, page
from andon.connect.api.shops import SHOPS, Shop, is_signed, take
from andon.connect.edi.terms import Terms
from andon.streams.sockets import Handler, is_known, name_in, note_that_it_asked

logger = logging.getLogger(__name__)

#: Publishes keys and values on a family's topic, and returns when all are acknowledged.
Publish = Callable[[str, Sequence[tuple[bytes, bytes]]], Awaitable[None]]
#: Notes what of a shop's webhook cannot be, with why.
Reject = Callable[[str, Sequence[dict[str, Any]]], Awaitable[None]]

MOST_BYTES: Final = 5 * 1024 * 1024
#: A request has come whole after so many seconds, or is given up.
BODY_SECONDS: Final = 30.0
#: The longest name of a request: ids made of it have to fit.
_LONGEST_NAME: Final = 100
_JSON: Final = ("application/json",)
_LINES: Final = ("application/x-ndjson", "application/jsonl", "application/json-lines")
_RETRY_SECONDS: Final = "5"
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Api:
    """Takes events and webhooks.

    Args:
        publish: writes to Kafka.
        reject: notes lines of webhooks that cannot be read.
        names: host names that it may be asked by, beside its addresses.
        token: that requests for `/v1` have to bring; None if they need none.
        secrets: of shops, by their names; others are not known.
        terms: how the orders of shops are understood.
        body_seconds: within which a request has come whole.
    """

    def __init__(
        self,
        publish: Publish,
        reject: Reject,
        *,
        names: Iterable[str] = (),
        token: str | None = None,
        secrets: Mapping[str, str] | None = None,
        terms: Terms | None = None,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._publish = publish
        self._reject = reject
        self._names = {name.lower() for name in names}
        self._token = token
        self._secrets = dict(secrets or {})
        self._terms = terms
        self._seconds = body_seconds

    def application(self) -> web.Application:
        """Return the application."""
        app = web.Application(
            middlewares=[note_that_it_asked, self._guard()], client_max_size=MOST_BYTES
        )
        app.router.add_get("/", self._page)
        app.router.add_get("/openapi.json", self._openapi)
        app.router.add_get("/healthz", self._health)
        app.router.add_post("/v1/{family}", self._post)
        app.router.add_post("/hooks/{shop}", self._hook)
        return app

    def _guard(self) -> Any:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            refusal = self._refusal(request)
            if refusal is not None:
                answer: web.StreamResponse = _error(403, refusal)
            else:
                try:
                    answer = await handler(request)
                except web.HTTPRequestEntityTooLarge:
                    answer = _error(413, f"send at most {MOST_BYTES:,} bytes at once")
                except web.HTTPException as error:
                    answer = _error(error.status, error.reason)
            for name, value in _HEADERS.items():
                answer.headers.setdefault(name, value)
            return answer

        return guard

    def _refusal(self, request: web.Request) -> str | None:
        name = name_in(request.host)
        if not is_known(name, self._names):
            return f"it is not known as {name!r}: name it with --name, or ask by its address"
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
            return "this was sent by a page of another origin"
        return None

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=page(MOST_BYTES), content_type="text/html")

    async def _openapi(self, _: web.Request) -> web.Response:
        return web.json_response(openapi(MOST_BYTES))

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _body(self, request: web.Request) -> bytes:
        try:
            return await asyncio.wait_for(request.read(), self._seconds)
        except TimeoutError as error:
            reason = f"it did not come whole within {self._seconds:g} s"
            raise web.HTTPRequestTimeout(reason=reason) from error

    async def _post(self, request: web.Request) -> web.Response:
        family = request.match_info["family"]
        if not self._is_allowed(request):
            answer = _error(401, "send Authorization: Bearer with the token")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        if family not in INPUTS:
            return _error(404, f"{family} is none of {', '.join(INPUTS)}")
        if request.content_type not in (*_JSON, *_LINES):
            return _error(415, f"send {_JSON[0]} or {_LINES[0]}, not {request.content_type}")
        name = request.headers.get("Idempotency-Key")
        if name is not None and not 0 < len(name) <= _LONGEST_NAME:
            return _error(400, f"Idempotency-Key: expected 1 to {_LONGEST_NAME} signs")
        body = await self._body(request)
        try:
            events = posted(family, body, lines=request.content_type in _LINES, name=name)
        except Unreadable as error:
            return _error(400, str(error))
        records = keyed(events)
        if records and (failed := await self._published(family, records)) is not None:
            return failed
        told = {
            "accepted": len(records),
            "refused": len(events) - len(records),
            "events": [one.as_dict(index) for index, one in enumerate(events)],
        }
        return web.json_response(told, status=202 if records else 422)

    async def _published(
        self, family: str, records: Sequence[tuple[bytes, bytes]]
    ) -> web.Response | None:
        try:
            await self._publish(family, records)
        except Exception as error:  # noqa: BLE001 - whatever a client raises: it is told, and the next request tries anew
            logger.warning("%d events of %s were not acknowledged: %s", len(records), family, error)
            answer = _error(
                503, "the broker did not acknowledge it: send it again, with the same ids"
            )
            answer.headers["Retry-After"] = _RETRY_SECONDS
            return answer
        return None

    def _is_allowed(self, request: web.Request) -> bool:
        if self._token is None:
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), self._token.encode())
        return scheme.lower() == "bearer" and right

    async def _hook(self, request: web.Request) -> web.Response:
        shop = SHOPS.get(request.match_info["shop"])
        secret = None if shop is None else self._secrets.get(shop.name)
        if shop is None or secret is None or self._terms is None:
            return _error(404, "no such shop is set up: see `andon connect http --help`")
        body = await self._body(request)
        if not is_signed(body, request.headers.get(shop.signature, ""), secret):
            return _error(401, f"{shop.signature} does not fit the body and the secret")
        return await self._take(shop, request.headers.get(shop.topic, ""), body, self._terms)

    async def _take(self, shop: Shop, topic: str, body: bytes, terms: Terms) -> web.Response:
        try:
            taken = take(shop, topic, body, terms)
        except ValueError as error:
            return _error(400, str(error))
        if taken.sales and (failed := await self._published("pos", taken.sales)) is not None:
            return failed
        if taken.refused:
            # A shop sends again what is not taken, for ever the same: it is kept for people instead.
            try:
                await self._reject(shop.name, taken.refused)
            except Exception as error:  # noqa: BLE001 - as above
                logger.warning("a webhook of %s was not acknowledged: %s", shop.name, error)
                return _error(503, "the broker did not acknowledge it: send it again")
        return web.json_response(taken.as_dict(), status=202)


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
