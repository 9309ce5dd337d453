"""The network: at which locations an item is kept, how much lies at each, and what is on its way to it, from suppliers and from each other."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from andon.console.access import Right
from andon.console.desk import Desk
from andon.console.guard import Page
from andon.console.replies import reply
from andon.console.table import as_csv
from andon.console.workers import Workers

SCREENS: Final = ("/network", "/network/{sku:.+}")
#: The columns of the export, a location a row: those of the screen.
COLUMNS: Final = (
    "location",
    "sku",
    "name",
    "on_hand",
    "free",
    "on_order",
    "between",
    "daily_demand",
    "lasts_days",
    "reorder_point",
    "fed_by",
    "error",
)
#: So many locations are asked about; more would keep workers from their work.
_MOST_LOCATIONS: Final = 200
#: So many workers' pages are waited for at once.
_AT_ONCE: Final = 16
_MOST_FOUND: Final = 100


class Network:
    """Answers what the network's screen asks for.

    Args:
        desk: knows which items there are.
        workers: know how much lies where.
    """

    def __init__(self, desk: Desk, workers: Workers) -> None:
        self._desk = desk
        self._workers = workers

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [
            ("GET", "/api/network", "read", self._find),
            ("GET", "/api/network/{sku:.+}", "read", self._item),
            ("GET", "/network.csv", "read", self._table),
        ]

    async def _find(self, request: web.Request) -> web.Response:
        words = request.query.get("search", "").lower().split()
        found: Counter[str] = Counter()
        names: dict[str, str | None] = {}
        for key, known in self._desk.items.items():
            sku = key.partition("/")[2]
            text = f"{sku} {known.description or ''} {known.category or ''}".lower()
            if all(word in text for word in words):
                found[sku] += 1
                names.setdefault(sku, known.description)
        widest = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:_MOST_FOUND]
        rows = [{"sku": sku, "name": names[sku], "locations": count} for sku, count in widest]
        return reply({"now": self._desk.now, "total": len(found), "rows": rows})

    async def _item(self, request: web.Request) -> web.Response:
        sku = request.match_info["sku"]
        rows, total = await self._rows(sku)
        return reply(
            {
                "now": self._desk.now,
                "sku": sku,
                "name": next((row["name"] for row in rows if row["name"]), None),
                "total": total,
                "rows": [{name: row[name] for name in COLUMNS} for row in rows],
                "lines": sorted(
                    (line for row in rows for line in row["lines"]),
                    key=lambda line: (line["transfer_from"] is None, line["expected"] or 0.0),
                ),
            }
        )

    async def _table(self, request: web.Request) -> web.Response:
        rows, _ = await self._rows(request.query.get("sku", ""))
        headers = {"Content-Disposition": 'attachment; filename="network.csv"'}
        body = as_csv(COLUMNS, rows)
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)

    async def _rows(self, sku: str) -> tuple[list[dict[str, Any]], int]:
        """Return how an item stands at each of its locations, and how many these are in all."""
        ending = f"/{sku}"
        keys = (key for key in self._desk.items if key.endswith(ending))
        places = sorted(key.partition("/")[0] for key in keys if key.partition("/")[2] == sku)
        room = asyncio.Semaphore(_AT_ONCE)

        async def ask(location: str) -> dict[str, Any]:
            async with room:
                book = await self._workers.of_item("books", location, sku)
            known = self._desk.items.get(f"{location}/{sku}")
            return row_of(location, sku, known.description if known else None, book)

        asked = (ask(location) for location in places[:_MOST_LOCATIONS])
        return list(await asyncio.gather(*asked)), len(places)


def row_of(location: str, sku: str, name: str | None, book: Mapping[str, Any]) -> dict[str, Any]:
    """Return how an item stands at a location, by its book; what is not known is None.

    Args:
        location: where it is.
        sku: its code.
        name: what people call it.
        book: as its worker tells of it, or what it says instead (`error`).
    """
    lines = [_line(location, line) for line in book.get("lines") or ()]
    lines = [line for line in lines if line["quantity"] > 0]
    level = (book.get("forecast") or {}).get("level")
    free = book.get("free")
    feeding = [
        source["from_location"]
        for source in (book.get("item") or {}).get("sources") or ()
        if source.get("from_location")
    ]
    return {
        "location": location,
        "sku": sku,
        "name": name,
        "on_hand": book.get("on_hand"),
        "free": free,
        "on_order": book.get("on_order"),
        "between": sum(line["quantity"] for line in lines if line["transfer_from"])
        if "on_hand" in book
        else None,
        "daily_demand": level,
        "lasts_days": round(max(free, 0) / level, 1) if free is not None and level else None,
        "reorder_point": (book.get("targets") or {}).get("reorder_point"),
        "fed_by": ", ".join(dict.fromkeys(feeding)) or None,
        "error": book.get("error"),
        "lines": lines,
    }


def _line(location: str, line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "location": location,
        "shipment_id": line.get("shipment_id"),
        "quantity": (line.get("quantity") or 0) - (line.get("received") or 0),
        "transfer_from": line.get("transfer_from"),
        "supplier": line.get("supplier"),
        "status": line.get("status"),
        "expected": line.get("expected"),
    }
