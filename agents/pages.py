"""Read-only pages of a worker: the book of one item, as it stands in memory."""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from andon.agents.frame import home
from andon.agents.tables import BOOKS
from andon.planning.book import Book
from andon.streams.engine import Engine
from andon.streams.settings import Settings
from andon.streams.web import Handler


def book_page(settings: Settings, engine: Callable[[], Engine]) -> Handler:
    """Return the page that answers /books/{location}/{sku}."""

    async def page(request: web.Request) -> web.Response:
        key = f"{request.match_info['location']}/{request.match_info['sku']}"
        shard = engine().shards.get(home(key, settings.partitions))
        if shard is None:
            return web.json_response({"error": f"another worker keeps {key}"}, status=421)
        book = shard.tables[BOOKS].peek(key)
        if book is None:
            return web.json_response({"error": f"nothing is known of {key}"}, status=404)
        return web.json_response(describe(book, key), dumps=_dumps)

    return page


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def describe(book: Book, key: str) -> dict[str, Any]:
    """Return what a person wants to know of a book."""
    demand = book.demand
    return {
        "key": key,
        "on_hand": book.on_hand,
        "on_order": book.on_order,
        "reserved": book.reserved,
        "backorders": book.backorders,
        "inventory_position": book.inventory_position,
        "sold": book.sold,
        "returned": book.returned,
        "received": book.received,
        "spoiled": book.spoiled,
        "late_events": book.late_events,
        "counted_at": book.counted_at or None,
        "item": book.item,
        "targets": None if book.targets is None else msgspec.structs.asdict(book.targets),
        "forecast": {
            "level": demand.level,
            "dispersion": demand.dispersion,
            "days": demand.days,
            "sold_today": demand.sold,
            "wape": demand.wape,
            "bias": demand.bias,
        },
        "lines": [msgspec.structs.asdict(line) for line in book.lines.values()],
        "alerts": [msgspec.structs.asdict(alert) for alert in book.alerts.values()],
    }
