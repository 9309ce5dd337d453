"""The pages of `andon console`, their data, and the answers they send."""

import asyncio
import contextlib
import html
import json
import re
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Final

import msgspec
from aiohttp import web

from andon.console.access import ANYBODY, Right, may
from andon.console.answering import Answering
from andon.console.baskets import BasketOrders, Baskets
from andon.console.desk import Desk
from andon.console.door import Door
from andon.console.drilling import Drill, DrillScreen
from andon.console.guard import Guard, Page, secured
from andon.console.importing import SCREEN as IMPORT
from andon.console.importing import ImportScreen
from andon.console.lines import SCREEN as LINES
from andon.console.lines import Lines
from andon.console.network import SCREENS as NETWORK
from andon.console.network import Network
from andon.console.oidc_door import BEGIN, OidcDoor
from andon.console.order_screen import SCREEN as ORDERS
from andon.console.order_screen import OrderScreen
from andon.console.purchasing import Purchasing
from andon.console.rows import Filters, shown
from andon.console.screens import SCREENS, Screens
from andon.console.supplier_news import SupplierNews
from andon.console.table import as_csv
from andon.console.views import Views
from andon.console.workers import Workers
from andon.planning.alerting.sentences import MARKS
from andon.streams.sockets import note_that_it_asked

_STATIC: Final = {
    "words.js": "text/javascript",
    "live.js": "text/javascript",
    "console.js": "text/javascript",
    "screens.js": "text/javascript",
    "charts.js": "text/javascript",
    "orders.js": "text/javascript",
    "supplier.js": "text/javascript",
    "network.js": "text/javascript",
    "lines.js": "text/javascript",
    "importing.js": "text/javascript",
    "console.css": "text/css",
    "icon.svg": "image/svg+xml",
}
#: Where a page names something.
_NAMED: Final = re.compile(r"\{\{(\w+)\}\}")
_OTHERS: Final = re.compile(r"/static/(screens|charts|orders|supplier|network|lines|importing)\.js")
_MOST_BYTES: Final = 256 * 1024
_MOST_ROWS: Final = 500
_BEAT_SECONDS: Final = 15.0
#: A page hears of changes no more often.
_REST_SECONDS: Final = 0.4
#: The columns of the export, in their order: those of the screen and what stands behind them.
COLUMNS: Final = (
    "severity",
    "kind",
    "location",
    "sku",
    "name",
    "service_class",
    "supplier",
    "shipment_id",
    "quantity",
    "value_at_risk",
    "currency",
    "per_hour",
    "hours_left",
    "order_by",
    "runs_out",
    "expected",
    "sentence",
    "answer",
    "alert_id",
)


class Console:
    """The web application.

    Args:
        desk: what is known, and what sends answers.
        guard: who may ask.
        workers: are asked for books.
        login: who answers if a page does not say.
        door: of a provider that says who somebody is, if there is one.
        drill: plays drills, if something can.
    """

    def __init__(
        self,
        desk: Desk,
        guard: Guard,
        workers: Workers,
        login: str,
        door: OidcDoor | None = None,
        drill: Drill | None = None,
    ) -> None:
        self._drills = DrillScreen(drill)
        self._oidc = door
        self._desk = desk
        self._guard = guard
        self._purchasing = Purchasing(desk)
        self._workers = workers
        self._login = login
        self._views: Views[tuple[Filters, int] | None] = Views(desk.clock)
        files = resources.files("andon.console") / "static"
        self._files = {name: (files / name).read_bytes() for name in _STATIC}
        self._page = (files / "console.html").read_text(encoding="utf-8")
        # The queue, which is opened most, does without the other screens' scripts.
        lines = self._page.splitlines(keepends=True)
        self._today_page = "".join(line for line in lines if not _OTHERS.search(line))

    def application(self) -> web.Application:
        """Return what answers requests."""
        app = web.Application(
            middlewares=[note_that_it_asked, self._guard.middleware],  # type: ignore[list-item]
            client_max_size=_MOST_BYTES,
        )
        for method, path, right, page in self.routes():
            app.router.add_route(method, path, self._guard.needs(right, page))
        return app

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        door = Door(self._guard.people)
        people = self._guard.people
        screens = Screens(self._desk, self._workers, people, Baskets(self._desk, self._workers))
        return [
            # A shell and the files hold nothing but who asks; what a screen shows is asked for by its script.
            *(
                ("GET", path, "anybody", self._shell)
                for path in ("/", *SCREENS, *NETWORK, LINES, ORDERS, IMPORT)
            ),
            ("GET", "/static/{name}", "anybody", self._static),
            ("GET", "/health", "anybody", self._health),
            ("POST", "/api/sign-in", "anybody", door.sign_in),
            ("POST", "/api/sign-out", "signed in", door.sign_out),
            *(() if self._oidc is None else self._oidc.routes()),
            ("GET", "/api/today", "read", self._today),
            ("GET", "/today.csv", "read", self._export),
            *screens.routes(),
            *BasketOrders(self._desk, self._purchasing, people, self._login).routes(),
            *self._drills.routes(),
            *Network(self._desk, self._workers).routes(),
            *Lines(self._desk, self._workers).routes(),
            *ImportScreen(self._desk, self._guard.people).routes(),
            *OrderScreen(self._desk, self._purchasing, self._guard.people, self._login).routes(),
            *SupplierNews(self._desk, self._guard.people, self._login).routes(),
            ("GET", "/api/changes", "read", self._changes),
            *Answering(self._desk, self._purchasing, self._guard.people, self._login).routes(),
        ]

    async def _health(self, _: web.Request) -> web.Response:
        ready = self._desk.is_read
        return web.json_response(
            {"status": "ready" if ready else "reading"}, status=200 if ready else 503
        )

    async def _shell(self, request: web.Request) -> web.Response:
        people = self._guard.people
        person = people.person(request)
        named = {
            "token": people.token(request, person),
            # How much happens in the house is nothing for a supplier, whose page does not listen.
            "version": str(self._desk.version) if may(person, "read") else "",
            "login": self._login if person is ANYBODY else person.name if person else "",
            "role": person.role if person else "",
            "supplier": (person.supplier or "") if person else "",
            "accounts": "" if people.is_open else "yes",
            "passwords": "" if people.accounts is None else "yes",
            "marks": json.dumps(MARKS),
            "provider": "" if self._oidc is None else BEGIN,
        }
        is_queue = request.path == "/" and named["role"] != "supplier"
        page = self._today_page if is_queue else self._page
        page = _NAMED.sub(lambda found: html.escape(named[found[1]]), page)
        return web.Response(text=page, content_type="text/html")

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound(reason=f"there is no {name}"[:80])
        return web.Response(body=self._files[name], content_type=_STATIC[name], charset="utf-8")

    async def _today(self, request: web.Request) -> web.Response:
        asked = _asked(request.query)
        body = self._views.get(asked, self._desk.version, lambda: self._view(*asked))
        return web.Response(body=body, content_type="application/json")

    def _view(self, filters: Filters, first: int) -> bytes:
        desk, now = self._desk, self._desk.now
        found = desk.wanted(filters)
        listed = desk.first(found, first + _MOST_ROWS)[first:]
        return msgspec.json.encode(
            {
                "version": desk.version,
                "is_read": desk.is_read,
                "now": now,
                "total": len(found),
                "open": len(desk.columns),
                "tiles": msgspec.Raw(self._tiles(now)),
                "choices": desk.columns.choices,
                "rows": [
                    {**shown(one, now), "on_its_way": desk.is_on_its_way(one.row.alert_id)}
                    for one in listed
                ],
            }
        )

    def _tiles(self, now: datetime) -> bytes:
        """Return the tiles, encoded, which are the same for all views."""
        columns = self._desk.columns
        return self._views.get(
            None, self._desk.version, lambda: msgspec.json.encode(columns.tiles(now))
        )

    async def _export(self, request: web.Request) -> web.Response:
        filters, _ = _asked(request.query)
        now = self._desk.now
        found = self._desk.first(self._desk.wanted(filters))
        body = as_csv(COLUMNS, (shown(one, now) for one in found))
        headers = {"Content-Disposition": 'attachment; filename="today.csv"'}
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        """Tell of each new version, as server-sent events, until the page goes away."""
        answer = web.StreamResponse()
        answer.content_type, answer.charset = "text/event-stream", "utf-8"
        secured(answer)
        await answer.prepare(request)
        # Whoever closes a page does no wrong: what was still to be said to it is dropped.
        with contextlib.suppress(ConnectionResetError):
            await self._tell(request, answer)
        return answer

    async def _tell(self, request: web.Request, answer: web.StreamResponse) -> None:
        told = -1
        # Who is signed in no longer, or may no longer, hears no more.
        while may(self._guard.people.person(request), "read"):
            if told != self._desk.version:
                told = self._desk.version
                await answer.write(f"data: {told}\n\n".encode())
                await asyncio.sleep(_REST_SECONDS)
                continue
            self._desk.changed.clear()
            try:
                await asyncio.wait_for(self._desk.changed.wait(), _BEAT_SECONDS)
            except TimeoutError:
                await answer.write(b": still here\n\n")


def _asked(query: Mapping[str, str]) -> tuple[Filters, int]:
    """Return what a page asks for: which rows, and from where on."""
    given = dict(query)
    first = given.pop("first", "0")
    if not first.isdigit() or len(first) > 9:
        raise web.HTTPBadRequest(reason="first: expected a number of up to nine digits")
    try:
        return msgspec.convert(given, Filters), int(first)
    except msgspec.ValidationError as error:
        # It is said in a line of the answer's head, where nothing that was sent may end it.
        text = "".join(one if one.isprintable() else "?" for one in str(error))
        raise web.HTTPBadRequest(reason=text[:200]) from error
