"""Who may ask the console what: by its own names, from its own pages, with the right to it, and with nothing from elsewhere."""

import hmac
from collections.abc import Awaitable, Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from andon.console.access import Right, may
from andon.console.accounts import AccountsUnreadable
from andon.console.people import People, Refused
from andon.streams.sockets import Handler, is_known, name_in

#: The header in which a page of ours says that it is one.
TOKEN_HEADER: Final = "X-Andon-Token"  # noqa: S105 - its name, not its value
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_READING: Final = ("GET", "HEAD")

_NO_PAGE: Final = 404
_LOST: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>No such page · Andon</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<link rel="stylesheet" href="/static/console.css">'
    '<main><h1>There is no such page</h1><p><a href="/">← Today</a></p></main></html>'
)

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Refuses requests by foreign names, those that change something unless they come from our pages, and what is not one's own.

    Args:
        names: host names that it may be asked by, beside its addresses.
        people: finds out who asks.
    """

    def __init__(self, names: Iterable[str], people: People) -> None:
        self._names = {name.lower() for name in names}
        self.people = people

    @property
    def middleware(self) -> object:
        """What is put around every page."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            refusal = self._refusal(request)
            if refusal is not None:
                return secured(web.json_response({"error": refusal}, status=403))
            try:
                answer = await handler(request)
            except Refused as error:
                answer = web.json_response({"error": str(error)}, status=error.status)
            except AccountsUnreadable as error:
                answer = web.json_response({"error": str(error)}, status=503)
            except web.HTTPException as error:
                answer = web.json_response({"error": error.reason}, status=error.status)
                if error.status == _NO_PAGE and "text/html" in request.headers.get("Accept", ""):
                    # Whoever mistyped an address is a person, and goes on from there.
                    answer = web.Response(
                        text=_LOST, content_type="text/html", charset="utf-8", status=error.status
                    )
                if "Location" in error.headers:
                    answer.headers["Location"] = error.headers["Location"]
            return answer if answer.prepared else secured(answer)

        return guard

    def needs(self, right: Right, page: Page) -> Page:
        """Return a page that only those see who have the right to it."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            person = self.people.person(request)
            if not may(person, right):
                if person is None:
                    msg = "sign in first"
                    raise Refused(msg)
                msg = f"this is not for a {person.role}"
                raise Refused(msg, 403)
            if request.method not in _READING:
                given = request.headers.get(TOKEN_HEADER, "")
                if not hmac.compare_digest(
                    given.encode(), self.people.token(request, person).encode()
                ):
                    msg = "this page is from before the console was started anew, or from another session: load it again"
                    raise Refused(msg, 403)
            return await page(request)

        return guarded

    def _refusal(self, request: web.Request) -> str | None:
        name = name_in(request.host)
        if not is_known(name, self._names):
            return (
                f"the console is not known as {name!r}: name it with --name, or ask by its address"
            )
        if request.method in _READING:
            return None
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
            return "this was sent by a page of another origin"
        return None


def secured(answer: web.StreamResponse) -> web.StreamResponse:
    """Return an answer with the headers that every one has."""
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
