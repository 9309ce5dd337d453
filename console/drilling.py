"""Drills: what a made-up disruption would do to the books as they are now, played beside the console, which keeps nothing of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal

import msgspec
from aiohttp import web

from andon.console.access import Right
from andon.console.guard import Page
from andon.console.replies import posted, reply
from andon.streams.admin import BrokerUnavailable
from andon.streams.errors import UserError

#: Plays a drill (its scope and name, for how many seconds, how severe) and returns the report.
Drill = Callable[[str, str, float, float], Awaitable[dict[str, Any]]]

_DAY: Final = 86_400.0

logger = logging.getLogger(__name__)


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page asks for: what fails, for how many days, and what share of it."""

    scope: Literal["carrier", "supplier", "lane", "location"]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    days: Annotated[float, msgspec.Meta(gt=0, le=365)]
    severity: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0


class DrillScreen:
    """Answers what the page of disruptions asks for, one drill at a time.

    Args:
        drill: plays one; None where nothing can.
    """

    def __init__(self, drill: Drill | None) -> None:
        self._drill = drill
        self._busy = asyncio.Lock()

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [("POST", "/api/drills", "answer", self._play)]

    async def _play(self, request: web.Request) -> web.Response:
        asked = await posted(request, Asked, named="a drill comes as", unfit="no drill")
        if self._drill is None:
            return reply({"error": "this console plays no drills: `andon drill` does"}, 501)
        if self._busy.locked():
            return reply({"error": "another drill is being played: try again in a while"}, 409)
        async with self._busy:
            try:
                told = await self._drill(asked.scope, asked.name, asked.days * _DAY, asked.severity)
            except BrokerUnavailable as error:
                return reply({"error": str(error)}, 503)
            except UserError as error:
                return reply({"error": str(error)}, 422)
        return reply(told)
