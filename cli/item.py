"""`andon item`: one item's book, and why its reorder point is what it is."""

import json
import urllib.error
import urllib.request
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.panel import Panel
from rich.table import Table

from andon.cli.state import console, fail, print_json, settings_of
from andon.planning.sentences import moment
from andon.schemas.common import split_item_key


def item(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="LOCATION/SKU")],
    worker: Annotated[
        list[str] | None, typer.Option(help="workers to ask, host:port; default the local one")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for scripts")] = False,
) -> None:
    """Show an item's stock, forecast, open orders and alerts, and how its reorder point came about.

    Examples:

        andon item store-3/TEA-01

        andon item store-3/TEA-01 --json --worker 127.0.0.1:9108 --worker 127.0.0.1:9109
    """
    settings = settings_of(context)
    try:
        split_item_key(key)
    except ValueError as error:
        raise fail(str(error), 2) from None
    book = _ask(key, worker or [f"127.0.0.1:{settings.metrics_port}"])
    if as_json:
        print_json(book)
    else:
        _show(book)


def _ask(key: str, workers: list[str]) -> dict[str, Any]:
    problems = []
    for address in workers:
        try:
            with urllib.request.urlopen(f"http://{address}/books/{quote(key)}", timeout=5) as page:
                found: dict[str, Any] = json.load(page)
                return found
        except urllib.error.HTTPError as error:
            problems.append(f"{address}: {json.load(error).get('error', error.reason)}")
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            problems.append(f"{address}: no worker answers there")
    raise fail("; ".join(problems) + " (name workers with --worker host:port)")


def _show(book: dict[str, Any]) -> None:
    stock = Table(box=None, show_header=False)
    for name in ("on_hand", "on_order", "reserved", "backorders", "inventory_position"):
        stock.add_row(name.replace("_", " "), f"{book[name]:,}")
    console.print(Panel(stock, title=book["key"], expand=False))
    console.print(_why(book), soft_wrap=True)
    for line in book["lines"]:
        console.print(
            f"  on its way: {line['quantity'] - line['received']:,} by shipment "
            f"{line['shipment_id']} from {line['supplier']}, expected {moment(line['expected'])}"
            + (f" ({line['reason']})" if line["reason"] else "")
        )
    for alert in book["alerts"]:
        console.print(f"  open alert: {alert['kind']} ({alert['severity']}), {alert['alert_id']}")


def _why(book: dict[str, Any]) -> str:
    aims, forecast, item = book["targets"], book["forecast"], book["item"]
    if item is None:
        return "No master data: the book is kept, but nothing is planned. Send its `items` record."
    if aims is None:
        return "Nothing was decided yet: no event has come since the master data."
    error = "" if forecast["wape"] is None else f", with an error of {forecast['wape']:.0%} a day"
    return (
        f"Reorder point {aims['reorder_point']:,}: {forecast['level']:.2f} a day are expected "
        f"(learned from {forecast['days']} days{error}); over {aims['protection_days']:.1f} days of "
        f"lead time and review that is {aims['protection_mean']:.1f} +/- {aims['protection_sd']:.1f}. "
        f"The class {item.get('service_class', 'balanced')!r} and the costs ask for a service level "
        f"of {aims['service_level']:.1%}, so {aims['safety_stock']:,} are safety stock. That buffer "
        f"costs {aims['insurance_cost']:.2f} a year and saves {aims['insured_cost']:.2f} of "
        f"shortages. Order up to {aims['order_up_to']:,}, for {aims['cycle_days']:.1f} days at a time."
    )
