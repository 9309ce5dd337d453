"""Read-only pages of a worker: the book and the forecast of one item, as they stand in memory."""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from andon.agents.frame import home
from andon.agents.tables import BOOKS, MODELS
from andon.planning.alerting.alerts import OpenAlert
from andon.planning.book.arrivals import with_dates
from andon.planning.book.book import Book, Line
from andon.planning.book.lots import held_by_lot, left
from andon.planning.book.promises import ahead, free
from andon.planning.demand import demand as demands
from andon.planning.demand.days import date_of
from andon.planning.forecasting.candidates import NAMES
from andon.planning.forecasting.models import Models
from andon.planning.production.standing import production_stands
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.streams.engine import Engine
from andon.streams.settings import Settings
from andon.streams.sockets import Handler
from andon.streams.state import Shard

Describe = Callable[[Book, Models, str], dict[str, Any]]

_JSON: Final = "application/json"
_FORECAST_DAYS: Final = 28
_INTERVAL: Final = (0.05, 0.95)
_QUANTILES: Final = (0.05, 0.5, 0.9, 0.95, 0.98)


def book_page(settings: Settings, engine: Callable[[], Engine]) -> Handler:
    """Return the page that answers /books/{location}/{sku}."""
    return _page(settings, engine, lambda book, _, key: describe(book, key))


def forecast_page(settings: Settings, engine: Callable[[], Engine]) -> Handler:
    """Return the page that answers /forecasts/{location}/{sku}."""
    return _page(settings, engine, describe_forecast)


def book_asked_for(
    request: web.Request, settings: Settings, engine: Engine
) -> tuple[str, Shard, Book]:
    """Return the key, the shard and the book of the item that a path names, to look at.

    Raises:
        aiohttp.web.HTTPException: another worker keeps it, or nothing is known of it.
    """
    key = f"{request.match_info['location']}/{request.match_info['sku']}"
    shard = engine.shards.get(home(key, settings.partitions))
    if shard is None:
        raise web.HTTPMisdirectedRequest(
            text=_error(f"another worker keeps {key}"), content_type=_JSON
        )
    book = shard.tables[BOOKS].peek(key)
    if book is None:
        raise web.HTTPNotFound(text=_error(f"nothing is known of {key}"), content_type=_JSON)
    return key, shard, book


def _error(text: str) -> str:
    return json.dumps({"error": text})


def _page(settings: Settings, engine: Callable[[], Engine], tell: Describe) -> Handler:
    async def page(request: web.Request) -> web.Response:
        key, shard, book = book_asked_for(request, settings, engine())
        models = shard.tables[MODELS].peek(key) or Models()
        return web.json_response(tell(book, models, key), dumps=_dumps)

    return page


def describe_forecast(book: Book, models: Models, key: str) -> dict[str, Any]:
    """Return what is expected of an item, by whom, and how good each candidate has been; days are counted since 1970."""
    demand, past = book.demand, models.history
    first = past.closed + 1
    ahead = range(first, first + _FORECAST_DAYS) if len(past) else range(0)
    daily = [demands.over_days(demand, day, 1.0) for day in ahead]
    days = book.targets.protection_days if book.targets is not None else 7.0
    protected = demands.over_days(demand, first, days)
    champion = models.active
    return {
        "key": key,
        "model": NAMES[champion],
        "level": demand.level,
        "first_day": first,
        "mean": [one.mean for one in daily],
        "low": [one.quantile(_INTERVAL[0]) for one in daily],
        "high": [one.quantile(_INTERVAL[1]) for one in daily],
        "protection_days": days,
        "quantiles": {str(share): protected.quantile(share) for share in _QUANTILES},
        "history": {"first_day": past.first, "sold": past.last(len(past))},
        "candidates": [
            {
                "name": name,
                "champion": place == champion,
                "ready": models.is_ready(place),
                "cost": models.cost(place),
                "wape": models.scores[place].wape,
                "mase": models.scores[place].mase,
                "bias": models.scores[place].bias,
                "coverage": models.scores[place].coverage,
            }
            for place, name in enumerate(NAMES)
        ],
        "shape": {
            "asked": models.asked,
            "fitted": models.fitted,
            "used": models.fitted_with,
            "days_ahead": len(models.shaped.demand.shape),
        },
    }


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _shown(alert: OpenAlert) -> dict[str, Any]:
    """Return what a book knows of an alert; what was last said of it stands on the board, and in the answer here as it is."""
    fields = msgspec.structs.asdict(alert)
    del fields["said"]
    fields["answer"] = msgspec.Raw(alert.answer) if alert.answer else None
    return fields


def _expected(book: Book) -> list[Line]:
    """Return what is on order; where nobody gave a date it comes when its source is planned to bring it."""
    lines = [line for line in book.lines.values() if line.open_quantity > 0]
    if book.item is None:
        return lines
    return with_dates(
        lines,
        book.item,
        book.clock,
        lambda source: prior(source.lead_time_days, source.lead_time_sd_days),
        book.former,
    )


def describe(book: Book, key: str) -> dict[str, Any]:
    """Return what a person wants to know of a book."""
    demand = book.demand
    return {
        "key": key,
        "on_hand": book.on_hand,
        "on_order": book.on_order,
        "reserved": book.reserved,
        "backorders": book.backorders,
        "free": free(book),
        "unrecorded": book.unrecorded,
        "on_hold": book.on_hold,
        "holds": held_by_lot(book),
        "lots": [
            {"lot": one.lot, "units": one.units, "expires_on": date_of(one.expires).isoformat()}
            for one in left(book)
        ],
        "inherited": book.inherited,
        "replaced_by": book.replaced.sku or None if book.replaced is not None else None,
        "promised_later": {utc(due): units for due, units in ahead(book)},
        "inventory_position": book.inventory_position,
        "sold": book.sold,
        "returned": book.returned,
        "received": book.received,
        "spoiled": book.spoiled,
        "late_events": book.late_events,
        "counted_at": book.counted_at or None,
        "item": book.item,
        "targets": None if book.targets is None else msgspec.structs.asdict(book.targets),
        "time_zone": book.demand.zone or "UTC",
        "forecast": {
            "level": demand.level,
            "dispersion": demand.dispersion,
            "days": demand.days,
            "sold_today": demand.sold,
            "wape": demand.wape,
            "bias": demand.bias,
        },
        "production": production_stands(book.production),
        "lines": [msgspec.structs.asdict(line) for line in _expected(book)],
        "alerts": [_shown(alert) for alert in book.alerts.values()],
    }
