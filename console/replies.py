"""What a page's script sends as JSON, and what it is answered."""

from typing import Any, TypeVar

import msgspec
from aiohttp import web

from andon.console.people import Refused

Sent = TypeVar("Sent")


def reply(value: Any, status: int = 200) -> web.Response:
    """Return an answer of JSON."""
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )


async def posted(request: web.Request, kind: type[Sent], *, named: str, unfit: str) -> Sent:
    """Return what a page's script sent.

    Args:
        request: has it.
        kind: what it must be.
        named: what it is, in words that "JSON" follows.
        unfit: what is said of it, before what is wrong, if it is not.

    Raises:
        Refused: it is no JSON, or not of this kind.
    """
    if request.content_type != "application/json":
        msg = f"{named} JSON"
        raise Refused(msg, 415)
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        msg = f"{unfit}: {error}"
        raise Refused(msg, 400) from error
