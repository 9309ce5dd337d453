"""What the screens beside Today show: an item, suppliers, a location, who did what, and the data to mend."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiohttp import web

from andon.console.access import Right, may_see_supplier
from andon.console.baskets import Baskets
from andon.console.desk import Desk
from andon.console.guard import Page
from andon.console.people import People, Refused
from andon.console.replies import reply
from andon.console.rows import Row, ranked, shown, why
from andon.console.supplier_news import called_off_for, orders_for
from andon.console.table import as_csv
from andon.console.taken import COLUMNS as FILE_COLUMNS
from andon.console.taken import row_of_file
from andon.console.trail import COLUMNS as TRAIL_COLUMNS
from andon.console.why import reasons
from andon.console.workers import Workers

#: Where the screens are.
SCREENS: Final = (
    "/items/{location}/{sku:.+}",
    "/suppliers",
    "/suppliers/{supplier:.+}",
    "/locations/{location:.+}",
    "/disruptions",
    "/disruptions/{alert_id:.+}",
    "/audit",
    "/data",
)
#: Alerts of what holds goods up.
_DISRUPTING: Final = ("disruption", "late_shipment", "silent_delay", "supplier_slipping")
_MOST_ROWS: Final = 500
_MOST_ENDED: Final = 20
_MOST_UNPRICED: Final = 500
_SUPPLIER_COLUMNS: Final = (
    "supplier",
    "name",
    "deliveries",
    "punctuality",
    "mean_delay_days",
    "lead_time_p50_days",
    "lead_time_p90_days",
    "reject_share",
    "open_alerts",
    "to_order",
    "minimum_order_value",
)
_LETTER_COLUMNS: Final = ("at", "topic", "partition", "offset", "reason", "message", "key", "value")


class Screens:
    """Answers what the screens ask for.

    Args:
        desk: what is known.
        workers: are asked for books, and what they know of places and suppliers.
        people: finds out who asks.
        baskets: what there is to order from suppliers.
    """

    def __init__(self, desk: Desk, workers: Workers, people: People, baskets: Baskets) -> None:
        self._desk = desk
        self._workers = workers
        self._people = people
        self._baskets = baskets

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [
            ("GET", "/api/items/{location}/{sku:.+}", "read", self._item),
            ("GET", "/api/what-if/{location}/{sku:.+}", "read", self._what_if),
            ("GET", "/api/alerts/{alert_id:.+}", "read", self._alert),
            ("GET", "/api/suppliers", "read", self._suppliers),
            ("GET", "/suppliers.csv", "read", self._suppliers_table),
            ("GET", "/api/suppliers/{supplier:.+}", "own", self._supplier),
            ("GET", "/api/locations/{location:.+}", "read", self._location),
            ("GET", "/api/disruptions", "read", self._disruptions),
            ("GET", "/api/disruptions/{alert_id:.+}", "read", self._disruption),
            ("GET", "/api/audit", "read", self._audit),
            ("GET", "/audit.csv", "read", self._audit_table),
            ("GET", "/api/data", "read", self._data),
            ("GET", "/data.csv", "read", self._data_table),
            ("GET", "/files.csv", "read", self._files_table),
        ]

    # Items

    async def _alert(self, request: web.Request) -> web.Response:
        entry = self._desk.board.entries.get(request.match_info["alert_id"])
        if entry is None:
            return reply({"error": "this alert is open no longer"}, 404)
        return reply(why(entry))

    async def _item(self, request: web.Request) -> web.Response:
        location, sku = request.match_info["location"], request.match_info["sku"]
        desk, now, key = self._desk, self._desk.now, f"{location}/{sku}"
        ended = [
            why(last)
            for name in list(desk.board.ended)
            if f":{key}:" in name
            and (last := desk.board.ended[name]).alert.location == location
            and last.alert.sku == sku
        ]
        asked = (
            self._workers.of_item(page, location, sku)
            for page in ("books", "forecasts", "outlooks")
        )
        book, forecast, outlook = await asyncio.gather(*asked)
        return reply(
            {
                "now": now,
                "location": location,
                "sku": sku,
                "known": desk.items.get(key),
                "alerts": [
                    {"row": row, "entry": why(one.entry)}
                    for one, row in self._shown(desk.rows_of(key))
                ],
                "ended": ended[-_MOST_ENDED:],
                "answers": desk.trail.newest_first(item=key),
                "book": book,
                "why": reasons(book),
                "forecast": forecast,
                "outlook": outlook,
            }
        )

    async def _what_if(self, request: web.Request) -> web.Response:
        location, sku = request.match_info["location"], request.match_info["sku"]
        query = dict(request.query)
        if not query:
            return reply(
                {"error": "what is tried out? service_class, service_level, lead_days, demand"}, 400
            )
        told = await self._workers.of_item("outlooks", location, sku, query)
        return reply(told, 400 if "error" in told else 200)

    # Suppliers

    async def _suppliers(self, _: web.Request) -> web.Response:
        return reply({"now": self._desk.now, "rows": self._supplier_rows()})

    async def _suppliers_table(self, _: web.Request) -> web.Response:
        return _table("suppliers.csv", _SUPPLIER_COLUMNS, self._supplier_rows())

    def _supplier_rows(self) -> list[dict[str, Any]]:
        desk = self._desk
        counts = desk.columns.counts("supplier")
        to_order = desk.columns.counts("supplier", "order")
        known = desk.reference
        found = []
        for name in sorted({*known.terms, *known.cards, *counts}):
            terms, card = known.terms.get(name), known.cards.get(name)
            found.append(
                {
                    "supplier": name,
                    "name": terms.description or None if terms else None,
                    "minimum_order_value": terms.minimum_order_value if terms else None,
                    "open_alerts": counts.get(name, 0),
                    "to_order": to_order.get(name, 0),
                    **{field: getattr(card, field, None) for field in _SUPPLIER_COLUMNS[2:8]},
                }
            )
        return found

    async def _supplier(self, request: web.Request) -> web.Response:
        name = request.match_info["supplier"]
        person = self._people.person(request)
        if person is None or not may_see_supplier(person, name):
            # Whether there is such a supplier is no business of another.
            msg = "this is another supplier's"
            raise Refused(msg, 403)
        known = self._desk.reference
        terms, card = known.terms.get(name), known.cards.get(name)
        told: dict[str, Any] = {
            "now": self._desk.now,
            "supplier": name,
            "terms": terms,
            "card": card,
            "orders": orders_for(self._desk, person, name),
            "called_off": called_off_for(self._desk, name),
            "lines": await self._workers.of_all("suppliers", name),
        }
        if person.role != "supplier":
            # What it costs us to wait, and what else we could do, is not for the supplier.
            rows = self._desk.rows_where(supplier=name)
            told["rows"] = [row for _, row in self._shown(rows)][:_MOST_ROWS]
            told["basket"] = await self._baskets.of(name, rows)
        return reply(told)

    # Locations

    async def _location(self, request: web.Request) -> web.Response:
        name = request.match_info["location"]
        live = self._desk.rows_where(location=name)
        expiring = [
            {
                "sku": row.entry.alert.sku,
                "name": row.known.description if row.known else None,
                "units": row.entry.alert.numbers["expiring"],
                "sentence": row.entry.alert.sentence,
            }
            for row in live
            if row.entry.alert.numbers.get("expiring")
        ]
        return reply(
            {
                "now": self._desk.now,
                "location": name,
                "rows": [row for _, row in self._shown(live)][:_MOST_ROWS],
                "expiring": expiring,
                "standing": await self._workers.of_all("locations", name),
            }
        )

    # Disruptions

    async def _disruptions(self, _: web.Request) -> web.Response:
        rows = [row for kind in _DISRUPTING for row in self._desk.rows_where(kind=kind)]
        told = [
            {**row, "affected": len(one.entry.alert.affected)} for one, row in self._shown(rows)
        ]
        return reply({"now": self._desk.now, "rows": told})

    async def _disruption(self, request: web.Request) -> web.Response:
        entry = self._desk.board.entries.get(request.match_info["alert_id"])
        if entry is None:
            return reply({"error": "this alert is open no longer"}, 404)
        own = self._desk.row(entry.alert.alert_id)
        return reply(
            {
                "now": self._desk.now,
                "row": next(row for _, row in self._shown([own] if own else [])),
                "entry": why(entry),
            }
        )

    # Audit and data

    async def _audit(self, request: web.Request) -> web.Response:
        rows = self._trail(request)
        return reply({"now": self._desk.now, "rows": rows, "people": list(self._desk.trail.people)})

    async def _audit_table(self, request: web.Request) -> web.Response:
        return _table("audit.csv", TRAIL_COLUMNS, self._trail(request))

    def _trail(self, request: web.Request) -> list[dict[str, Any]]:
        query = request.query
        return self._desk.trail.newest_first(
            item=query.get("item", ""), who=query.get("who", ""), search=query.get("search", "")
        )

    async def _data(self, _: web.Request) -> web.Response:
        desk = self._desk
        mismatched = desk.rows_where(kind="book_mismatch")
        return reply(
            {
                "now": desk.now,
                "letters": self._letters(),
                "unpriced": sorted(desk.unpriced)[:_MOST_UNPRICED],
                "unpriced_in_all": len(desk.unpriced),
                "mismatched": [row for _, row in self._shown(mismatched)],
                "files": self._files(),
            }
        )

    async def _data_table(self, _: web.Request) -> web.Response:
        return _table("data.csv", _LETTER_COLUMNS, self._letters())

    async def _files_table(self, _: web.Request) -> web.Response:
        return _table("files.csv", FILE_COLUMNS, self._files())

    def _files(self) -> list[dict[str, Any]]:
        return [row_of_file(one) for one in self._desk.files.newest_first]

    def _letters(self) -> list[dict[str, Any]]:
        return [
            {**one._asdict(), "at": one.at.isoformat()} for one in self._desk.letters.newest_first
        ]

    def _shown(self, rows: Iterable[Row]) -> list[tuple[Row, dict[str, Any]]]:
        """Return rows in the order of the queue, each with what a screen shows of it."""
        desk, now = self._desk, self._desk.now
        return [
            (
                one.row,
                {**shown(one, now), "on_its_way": desk.is_on_its_way(one.row.alert_id)},
            )
            for one in ranked(rows, now)
        ]


def _table(name: str, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(
        body=as_csv(columns, rows), content_type="text/csv", charset="utf-8", headers=headers
    )
