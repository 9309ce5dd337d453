"""`andon item`: the book of one item at one location, and why its reorder point is what it is."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import STYLES, plain, print_json, stdout, table
from andon.connect.http import ask
from andon.console.why import why
from andon.schemas.common import split_item_key, utc
from andon.streams.errors import UserError
from andon.streams.settings import Settings

_TIMEOUT = 5.0


@connected
def item(
    key: Annotated[str, typer.Argument(metavar="LOCATION/SKU", help="Such as store-3/TEA-01.")],
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Show an item's book, forecast, open orders and alerts, and why its reorder point is what it is.

    Asks the worker on this machine (ANDON_METRICS_HOST and ANDON_METRICS_PORT).

    Examples:

        andon item store-3/TEA-01

        ANDON_METRICS_PORT=9109 andon item store-3/TEA-01 --json
    """
    try:
        split_item_key(key)
    except ValueError as error:
        raise UserError(str(error)) from error
    book = fetch(settings.metrics_host, settings.metrics_port, "books", key)
    if as_json:
        print_json(book)
    else:
        stdout().print(panel(key, book))


def fetch(host: str, port: int, pages: str, key: str) -> dict[str, Any]:
    """Return what the worker at host and port says of an item on one of its pages (`books` or `forecasts`).

    Raises:
        UserError: no worker answers there, or it does not keep the item.
    """
    address = f"http://{host}:{port}"
    url = f"{address}/{pages}/{urllib.parse.quote(key)}"
    try:
        with ask(url, timeout=_TIMEOUT) as answer:
            book: dict[str, Any] = json.load(answer)
            return book
    except urllib.error.HTTPError as error:
        if error.code == http.client.NOT_FOUND:
            msg = f"no book of {key}: nothing was ever sold, counted, ordered or planned under that name"
        elif error.code == http.client.MISDIRECTED_REQUEST:
            msg = (
                f"another worker keeps {key}: ask it, with ANDON_METRICS_HOST and ANDON_METRICS_PORT "
                "set to where it serves its metrics"
            )
        else:
            msg = f"the worker at {address} answered {error.code} {error.reason}"
        raise UserError(msg) from error
    except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
        msg = (
            f"no worker answers at {address}: start one with `andon worker`, or set "
            "ANDON_METRICS_HOST and ANDON_METRICS_PORT to where one serves its metrics"
        )
        raise UserError(msg) from error


def panel(key: str, book: dict[str, Any]) -> RenderableType:
    """Return a book for people."""
    description = (book.get("item") or {}).get("description") or ""
    parts: list[RenderableType] = [
        _stock(book),
        Text(),
        Text(plain(why(book))),
        *_lots(book),
        *_lines(book),
    ]
    parts += [*_production(book), *_alerts(book)]
    if book.get("time_zone", "UTC") == "UTC":
        parts.append(
            Text("Days are those of UTC: no `locations` event tells another time zone.", "dim")
        )
    title = plain(f"{key}  {description}".rstrip())
    return Panel(Group(*parts), title=Text(title), title_align="left", expand=False)


def _stock(book: dict[str, Any]) -> RenderableType:
    made = table(
        "", "on hand#", "on order#", "reserved#", "backorders#", "position#", "reorder#", "up to#"
    )
    targets = book.get("targets") or {}
    figures = [
        *(book.get(name) for name in ("on_hand", "on_order", "reserved", "backorders")),
        book.get("inventory_position"),
        targets.get("reorder_point"),
        targets.get("order_up_to"),
    ]
    made.add_row(*("-" if figure is None else f"{figure:,}" for figure in figures))
    return made


def _lots(book: dict[str, Any]) -> list[RenderableType]:
    """Return what may not be sold, and the lots with a day of expiry, the first to expire before the others."""
    found: list[RenderableType] = []
    if book.get("holds"):
        made = table("On hold", "lot", "units#")
        for lot, units in book["holds"].items():
            made.add_row(lot or "(no lot)", f"{units:,}")
        found += [Text(), made]
    if book.get("lots"):
        made = table("Lots", "lot", "units#", "last day")
        for one in book["lots"]:
            made.add_row(one["lot"], f"{one['units']:,}", one["expires_on"])
        found += [Text(), made]
    return found


def _lines(book: dict[str, Any]) -> list[RenderableType]:
    if not book.get("lines"):
        return []
    made = table("Open orders", "shipment", "status", "open#", "expected", "from", "because of")
    for line in book["lines"]:
        made.add_row(
            line["shipment_id"],
            line["status"],
            f"{max(line['quantity'] - line['received'], 0):,}",
            f"{utc(line['expected']):%Y-%m-%d %H:%M}",
            line.get("supplier") or line.get("transfer_from") or "",
            line.get("reason") or line.get("cause") or "",
        )
    return [Text(), made]


def _production(book: dict[str, Any]) -> list[RenderableType]:
    """Return what an item is made of, its production orders, and where it is used."""
    known = book.get("production") or {}
    found: list[RenderableType] = []
    if known.get("components"):
        made = table("Made of", "part", "each#", "planned#", "from", "or")
        for one in known["components"]:
            name = f"{one['sku']} (phantom)" if one["phantom"] else one["sku"]
            made.add_row(name, f"{one['quantity']:g}", *_plan(one), ", ".join(one["alternates"]))
        found += [Text(), made]
    if known.get("orders"):
        made = table("Production orders", "order", "line", "made#", "left#", "begins")
        for one in known["orders"]:
            begins = f"{utc(one['begins']):%Y-%m-%d %H:%M}"
            made.add_row(
                one["order_id"], one["line"], f"{one['made']:,}", f"{one['left']:,}", begins
            )
        found += [Text(), made]
    if known.get("used_in"):
        made = table("Used in", "item", "used#", "on lines#", "planned#", "from")
        for one in known["used_in"]:
            made.add_row(one["sku"], f"{one['used']:,}", f"{one['on_lines']:,.10g}", *_plan(one))
        found += [Text(), made]
    return found


def _plan(one: dict[str, Any]) -> tuple[str, str]:
    """Return how many units are planned, and from which day on."""
    first = one["planned_from"]
    return f"{one['planned']:,.10g}", "" if first is None else f"{utc(first * 86400.0):%Y-%m-%d}"


def _alerts(book: dict[str, Any]) -> list[RenderableType]:
    if not book.get("alerts"):
        return []
    made = table("Open alerts", "alert", "severity", "since", "")
    for alert in book["alerts"]:
        severity = alert["severity"]
        made.add_row(
            alert["alert_id"],
            Text(severity, style=STYLES.get(severity, "")),
            f"{utc(alert['opened_at']):%Y-%m-%d %H:%M}",
            "acknowledged" if alert.get("acknowledged") else "",
        )
    return [Text(), made]
