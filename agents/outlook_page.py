"""The read-only page of a worker that says how an item's stock will go, and what would be planned if something were otherwise."""

from collections.abc import Callable

import msgspec
from aiohttp import web

from andon.agents.context import Context
from andon.agents.pages import book_asked_for
from andon.agents.tables import PARTITION_STATE, PARTITIONS
from andon.planning.decision.outlook import Change, outlook
from andon.streams.engine import Engine
from andon.streams.settings import Settings
from andon.streams.sockets import Handler


def outlook_page(settings: Settings, engine: Callable[[], Engine], context: Context) -> Handler:
    """Return the page that answers /outlooks/{location}/{sku}; the query says what is tried out, as `Change` has it."""

    async def page(request: web.Request) -> web.Response:
        try:
            change = change_of(dict(request.query))
        except msgspec.ValidationError as error:
            return web.json_response({"error": f"this cannot be tried out: {error}"}, status=400)
        key, shard, book = book_asked_for(request, settings, engine())
        here = shard.get(PARTITIONS, PARTITION_STATE)
        supply = context.supply(here.disruptions, shard)
        told = outlook(book, key, here.watermark, supply, change)
        if told is None:
            text = f"too little is known of {key} to plan it: its stock, what it sells, or how it is bought"
            return web.json_response({"error": text}, status=404)
        return web.Response(body=msgspec.json.encode(told), content_type="application/json")

    return page


def change_of(query: dict[str, str]) -> Change | None:
    """Return what a query tries out; None if it says nothing.

    Raises:
        msgspec.ValidationError: something of it cannot be tried out.
    """
    return msgspec.convert(query, Change, strict=False) if query else None
