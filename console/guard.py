"""Who may ask the console what: by its own names, from its own pages, and with nothing on a page that is from elsewhere."""

import hmac
import secrets
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

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


class Guard:
    """Refuses requests by foreign names, and those that change something unless they come from one of our pages.

    Args:
        names: host names that it may be asked by, beside its addresses.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.lower() for name in names}
        #: What our pages know and no others do.
        self.token = secrets.token_urlsafe(32)

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
            except web.HTTPException as error:
                answer = web.json_response({"error": error.reason}, status=error.status)
                if "Location" in error.headers:
                    answer.headers["Location"] = error.headers["Location"]
            return answer if answer.prepared else secured(answer)

        return guard

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
        token = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return "this page is from before the console was started anew: load it again"
        return None


def secured(answer: web.StreamResponse) -> web.StreamResponse:
    """Return an answer with the headers that every one has."""
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
