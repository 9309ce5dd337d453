"""Signing in and out."""

from typing import Literal

import msgspec
from aiohttp import web

from andon.console.people import COOKIE, People
from andon.console.replies import posted


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page sends to sign in."""

    name: str
    password: str


class Door:
    """Takes names and passwords, and gives sessions.

    Args:
        people: finds out who asks.
    """

    def __init__(self, people: People) -> None:
        self._people = people

    async def sign_in(self, request: web.Request) -> web.Response:
        """Begin a session."""
        given = await posted(request, SignIn, named="a sign-in is", unfit="this is no sign-in")
        secret, person = await self._people.sign_in(
            given.name, given.password, request.remote or ""
        )
        # A session never goes on under another's name: what was there before ends.
        self._people.sign_out(request)
        answer = web.json_response({"name": person.name, "role": person.role})
        give_cookie(answer, request, secret, self._people.session_seconds)
        return answer

    async def sign_out(self, request: web.Request) -> web.Response:
        """End the session."""
        self._people.sign_out(request)
        answer = web.json_response({})
        answer.del_cookie(COOKIE)
        return answer


def give_cookie(
    answer: web.StreamResponse,
    request: web.Request,
    secret: str,
    seconds: float,
    *,
    name: str = COOKIE,
    samesite: Literal["Strict", "Lax"] = "Strict",
    path: str = "/",
) -> None:
    """Let a browser keep a secret, by default a session's, and send it to nobody else, for so many seconds."""
    answer.set_cookie(
        name,
        secret,
        httponly=True,
        samesite=samesite,
        secure=is_encrypted(request),
        max_age=int(seconds),
        path=path,
    )


def is_encrypted(request: web.Request) -> bool:
    """Return whether the browser speaks TLS: to us, or to a proxy that says so; who says so wrongly locks out only itself."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
