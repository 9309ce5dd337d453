"""What a page's script is answered."""

from typing import Any

import msgspec
from aiohttp import web


def reply(value: Any, status: int = 200) -> web.Response:
    """Return an answer of JSON."""
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )
