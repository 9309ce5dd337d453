"""The lines: what each production line is building and when it stops, and which cards of kanban loops hang."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from andon.console.access import Right
from andon.console.desk import Desk
from andon.console.guard import Page
from andon.console.replies import reply
from andon.console.table import as_csv
from andon.console.workers import Workers

SCREEN: Final = "/lines"
#: The columns of the exports, a line and a loop a row: those of the screen.
LINE_COLUMNS: Final = (
    "location",
    "line",
    "order_id",
    "sku",
    "orders",
    "buildable",
    "stops_at",
    "part",
    "on_hand",
    "short",
    "relief_at",
    "at_stake",
    "hourly",
    "currency",
    "ways_out",
)
LOOP_COLUMNS: Final = (
    "location",
    "sku",
    "container",
    "cards",
    "hanging",
    "since",
    "standing",
    "missed",
    "needed",
    "daily_demand",
    "lead_days",
    "filled_by",
)
_EVERYWHERE: Final = "*"
#: Later than any time, in seconds.
_IDLE: Final = 1e12


class Lines:
    """Answers what the screen of lines and loops asks for.

    Args:
        desk: knows what items are called.
        workers: know how lines and loops stand.
    """

    def __init__(self, desk: Desk, workers: Workers) -> None:
        self._desk = desk
        self._workers = workers

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [
            ("GET", "/api/lines", "read", self._all),
            ("GET", "/lines.csv", "read", self._lines_table),
            ("GET", "/loops.csv", "read", self._loops_table),
        ]

    async def _all(self, request: web.Request) -> web.Response:
        location = request.query.get("location") or None
        lines = await self._workers.of_all("lines", location or _EVERYWHERE)
        loops = await self._workers.of_all("loops", location or _EVERYWHERE)
        return reply(
            {
                "now": self._desk.now,
                "lines": [self._named(one) for one in sorted(lines["rows"], key=_urgency)],
                "loops": [self._named(one) for one in sorted(loops["rows"], key=_emptiness)],
                "error": lines.get("error") or loops.get("error"),
            }
        )

    def _named(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with what people call its items."""
        told = dict(row)
        if "orders" in row:
            told["orders"] = [
                {**one, "name": self._name(row["location"], one["sku"])} for one in row["orders"]
            ]
        else:
            told["name"] = self._name(row["location"], row["sku"])
        return told

    def _name(self, location: str, sku: str) -> str | None:
        known = self._desk.items.get(f"{location}/{sku}")
        return None if known is None else known.description

    async def _lines_table(self, request: web.Request) -> web.Response:
        told = await self._workers.of_all("lines", request.query.get("location") or _EVERYWHERE)
        rows = [line_row(one) for one in sorted(told["rows"], key=_urgency)]
        return _table("lines.csv", as_csv(LINE_COLUMNS, rows))

    async def _loops_table(self, request: web.Request) -> web.Response:
        told = await self._workers.of_all("loops", request.query.get("location") or _EVERYWHERE)
        rows = [loop_row(one) for one in sorted(told["rows"], key=_emptiness)]
        return _table("loops.csv", as_csv(LOOP_COLUMNS, rows))


def _table(name: str, body: bytes) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


def line_row(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as a row of its table, with the order that it is at; of what is not known there is None."""
    first = line["orders"][0] if line["orders"] else {}
    return {
        **{name: line.get(name) for name in LINE_COLUMNS},
        "order_id": first.get("order_id"),
        "sku": first.get("sku"),
        "orders": len(line["orders"]),
        "ways_out": "; ".join(way["why"] for way in line["ways"]),
    }


def loop_row(loop: Mapping[str, Any]) -> dict[str, Any]:
    """Return a loop as a row of its table."""
    hanging = loop["hanging"]
    return {
        **{name: loop.get(name) for name in LOOP_COLUMNS},
        "hanging": len(hanging),
        "since": hanging[0][0] if hanging else None,
        "missed": "; ".join(loop["missed"]),
    }


def _urgency(line: Mapping[str, Any]) -> tuple[float, str, str]:
    """What stops first stands first, then what has something to build."""
    stops = line.get("stops_at")
    idle = _IDLE if line["orders"] else 2 * _IDLE
    return idle if stops is None else stops, line["location"], line["line"]


def _emptiness(loop: Mapping[str, Any]) -> tuple[float, str, str]:
    """What has the fewest containers left stands first."""
    return loop["standing"] / max(loop["cards"], 1), loop["location"], loop["sku"]
