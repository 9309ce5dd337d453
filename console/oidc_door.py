"""Signing in by a provider of OpenID Connect: who is sent there, and what they bring back."""

import hashlib
import hmac
import html
import secrets
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from aiohttp import web

from andon.console.access import Person, Right
from andon.console.door import give_cookie, is_encrypted
from andon.console.guard import Page
from andon.console.people import People, Refused

BEGIN: Final = "/oidc/begin"
BACK: Final = "/oidc/back"
#: What ties a sign-in to the browser that began it. It comes back from elsewhere, which a strict cookie would not.
_COOKIE: Final = "andon_signing_in"
#: So long a sign-in may take, and so many may be under way.
_PATIENCE_SECONDS: Final = 600.0
_MOST_UNDER_WAY: Final = 1000
_LONGEST: Final = 4096


class Knows(Protocol):
    """What can say who somebody is: see `oidc.Provider`."""

    async def address(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return where somebody signs in."""
        ...

    async def person(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Person:
        """Return who came back with a code."""
        ...


class _UnderWay(NamedTuple):
    browser: bytes
    nonce: str
    verifier: str
    redirect_uri: str
    until: float


class OidcDoor:
    """Sends people to a provider, and lets in whom it names.

    Args:
        provider: says who somebody is.
        people: gives sessions.
        clock: returns seconds that only grow.
    """

    def __init__(self, provider: Knows, people: People, clock: Callable[[], float]) -> None:
        self._provider = provider
        self._people = people
        self._clock = clock
        self._under_way: dict[str, _UnderWay] = {}

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [("GET", BEGIN, "anybody", self._begin), ("GET", BACK, "anybody", self._back)]

    async def _begin(self, request: web.Request) -> web.Response:
        scheme = "https" if is_encrypted(request) else "http"
        redirect_uri = f"{scheme}://{request.host}{BACK}"
        state, nonce, browser = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(64)
        where = await self._provider.address(redirect_uri, state, nonce, verifier)
        if len(self._under_way) >= _MOST_UNDER_WAY:
            del self._under_way[next(iter(self._under_way))]
        until = self._clock() + _PATIENCE_SECONDS
        self._under_way[state] = _UnderWay(_digest(browser), nonce, verifier, redirect_uri, until)
        answer = web.Response(status=302, headers={"Location": where})
        give_cookie(
            answer,
            request,
            browser,
            _PATIENCE_SECONDS,
            name=_COOKIE,
            samesite="Lax",
            path=BACK,
        )
        return answer

    async def _back(self, request: web.Request) -> web.Response:
        query = request.query
        # A state serves once, whatever comes of it.
        begun = self._under_way.pop(query.get("state", "")[:_LONGEST], None)
        browser = _digest(request.cookies.get(_COOKIE, ""))
        if (
            begun is None
            or self._clock() >= begun.until
            or not hmac.compare_digest(begun.browser, browser)
        ):
            msg = "this sign-in was not begun here, or took too long: begin it again"
            raise Refused(msg, 403)
        code = query.get("code", "")
        if "error" in query or not 0 < len(code) <= _LONGEST:
            msg = f"the provider let nobody in: {query.get('error', 'it sent no code')[:200]}"
            raise Refused(msg, 403)
        person = await self._provider.person(code, begun.redirect_uri, begun.nonce, begun.verifier)
        self._people.sign_out(request)
        # The page goes on by itself: sent on from elsewhere, a browser would keep the session's cookie back.
        name = html.escape(person.name)
        text = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>Andon</title><p>Signed in as {name}. <a href="/">Go on</a></p>'
        answer = web.Response(text=text, content_type="text/html")
        give_cookie(answer, request, self._people.let_in(person), self._people.session_seconds)
        answer.del_cookie(_COOKIE, path=BACK)
        return answer


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
