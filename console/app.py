"""The pages of `andon console`, their data, and the answers they send."""

import asyncio
import html
import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Final

import msgspec
from aiohttp import web

from andon.console.access import ANYBODY, Person, Right, may, right_for
from andon.console.answers import AlreadyAnswered, NotOpen, Unfit, Wish
from andon.console.desk import Desk
from andon.console.door import Door
from andon.console.guard import Guard, Page, secured
from andon.console.order_screen import SCREEN as ORDERS
from andon.console.order_screen import OrderScreen
from andon.console.purchasing import Purchasing
from andon.console.rows import Filters, shown
from andon.console.screens import SCREENS, Screens
from andon.console.table import as_csv
from andon.console.views import Views
from andon.console.workers import Workers
from andon.schemas.acks import Ack, Action
from andon.streams.errors import UserError
from andon.streams.sockets import note_that_it_asked

_STATIC: Final = {
    "console.js": "text/javascript",
    "screens.js": "text/javascript",
    "charts.js": "text/javascript",
    "orders.js": "text/javascript",
    "console.css": "text/css",
    "icon.svg": "image/svg+xml",
}
#: Where a page names something.
_NAMED: Final = re.compile(r"\{\{(\w+)\}\}")
_OTHERS: Final = re.compile(r"/static/(screens|charts|orders)\.js")
_MOST_BYTES: Final = 256 * 1024
_MOST_ROWS: Final = 500
#: So many alerts can be answered at once.
_MOST_ANSWERS: Final = 200
_BEAT_SECONDS: Final = 15.0
#: A page hears of changes no more often.
_REST_SECONDS: Final = 0.5
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


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer as a page sends it."""

    alert_id: str
    action: Action
    quantity: int | None = None
    shipment_id: str | None = None
    snooze_hours: float | None = None
    comment: str | None = None
    again: bool = False


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page sends: who answers what."""

    by: str
    answers: list[Given]


class Console:
    """The web application.

    Args:
        desk: what is known, and what sends answers.
        guard: who may ask.
        workers: are asked for books.
        login: who answers if a page does not say.
    """

    def __init__(self, desk: Desk, guard: Guard, workers: Workers, login: str) -> None:
        self._desk = desk
        self._guard = guard
        self._purchasing = Purchasing(desk)
        self._workers = workers
        self._login = login
        self._views: Views[tuple[Filters, int] | None] = Views(time.monotonic)
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
        screens = Screens(self._desk, self._workers, self._guard.people)
        return [
            # A shell and the files hold nothing but who asks; what a screen shows is asked for by its script.
            *(("GET", path, "anybody", self._shell) for path in ("/", *SCREENS, ORDERS)),
            ("GET", "/static/{name}", "anybody", self._static),
            ("GET", "/health", "anybody", self._health),
            ("POST", "/api/sign-in", "anybody", door.sign_in),
            ("POST", "/api/sign-out", "signed in", door.sign_out),
            ("GET", "/api/today", "read", self._today),
            ("GET", "/today.csv", "read", self._export),
            *screens.routes(),
            *OrderScreen(self._desk, self._purchasing, self._guard.people, self._login).routes(),
            ("GET", "/api/changes", "read", self._changes),
            ("POST", "/api/answers", "answer", self._answers),
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
            "login": self._login if person is ANYBODY else person.name if person else "",
            "role": person.role if person else "",
            "supplier": (person.supplier or "") if person else "",
            "accounts": "" if people.accounts is None else "yes",
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

    async def _answers(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return _json({"error": "answers are JSON"}, 415)
        try:
            posted = msgspec.json.decode(await request.read(), type=Posted)
        except (msgspec.MsgspecError, RecursionError) as error:
            return _json({"error": f"this is no answer: {error}"}, 400)
        if not 0 < len(posted.answers) <= _MOST_ANSWERS:
            return _json({"error": f"1 to {_MOST_ANSWERS} alerts are answered at once"}, 400)
        person = self._guard.people.person(request)
        if person is None:
            return _json({"error": "sign in first"}, 401)
        # Who is signed in answers in no other name.
        by = person.name or posted.by.strip() or self._login
        place = {given.alert_id: number for number, given in enumerate(posted.answers)}
        others = [given for given in posted.answers if not _is_order(given)]
        results = await self._order(posted.answers, by, person)
        results += [await self._answer(given, by, person) for given in others]
        results.sort(key=lambda one: place[one["alert_id"]])
        failed = [one for one in results if "error" in one]
        status = 200 if len(failed) < len(results) else int(failed[0]["status"])
        return _json({"results": results}, status)

    async def _order(self, answers: list[Given], by: str, person: Person) -> list[dict[str, Any]]:
        """Order what some answers ask for, together; an alert that comes twice is ordered as it came first."""
        given = [one for one in answers if _is_order(one)]
        if given and not may(person, right_for("ordered")):
            return [
                _failure(one, 403, f"a {person.role} does not answer with {one.action!r}")
                for one in given
            ]
        wishes = [
            (
                one.alert_id,
                Wish(
                    "ordered",
                    by,
                    quantity=one.quantity,
                    comment=one.comment or None,
                    again=one.again,
                ),
            )
            for one in given
        ]
        try:
            told = await self._purchasing.order(wishes) if wishes else []
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the page is told that nothing was sent for sure
            return [_failure(one, 502, f"it could not be sent: {error}") for one in given]
        return [_ordered(one, became) for one, became in zip(given, told, strict=True)]

    async def _answer(self, given: Given, by: str, person: Person) -> dict[str, Any]:
        if not may(person, right_for(given.action)):
            return _failure(given, 403, f"a {person.role} does not answer with {given.action!r}")
        try:
            snooze = None if given.snooze_hours is None else timedelta(hours=given.snooze_hours)
            wish = Wish(
                given.action,
                by,
                snooze=snooze,
                quantity=given.quantity,
                shipment_id=given.shipment_id,
                comment=given.comment or None,
                again=given.again,
            )
            told = await self._desk.answer(given.alert_id, wish)
        except AlreadyAnswered as error:
            return _failure(given, 409, error) | {"by": error.answer.by}
        except NotOpen as error:
            return _failure(given, 404, error)
        except (Unfit, OverflowError, ValueError) as error:
            return _failure(given, 400, error)
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the page is told that nothing was sent for sure
            return _failure(given, 502, f"it could not be sent: {error}")
        return {"alert_id": given.alert_id, "sent": told}

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        """Tell of each new version, as server-sent events, until the page goes away."""
        answer = web.StreamResponse()
        answer.content_type, answer.charset = "text/event-stream", "utf-8"
        secured(answer)
        await answer.prepare(request)
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
        return answer


def _is_order(given: Given) -> bool:
    """Whether an answer buys; one with a number tells of what was bought elsewhere."""
    return given.action == "ordered" and given.shipment_id is None


def _ordered(given: Given, told: Ack | UserError) -> dict[str, Any]:
    """Return what a page is told of an order."""
    if isinstance(told, AlreadyAnswered):
        return _failure(given, 409, told) | {"by": told.answer.by}
    if isinstance(told, NotOpen):
        return _failure(given, 404, told)
    if isinstance(told, UserError):
        return _failure(given, 400, told)
    return {"alert_id": given.alert_id, "sent": told}


def _failure(given: Given, status: int, error: object) -> dict[str, Any]:
    return {"alert_id": given.alert_id, "status": status, "error": str(error)}


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


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )
