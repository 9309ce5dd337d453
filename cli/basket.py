"""`andon basket`: what there is to order from a supplier now, as one order by its terms."""

import asyncio
from typing import Annotated, Any

import aiohttp
import typer

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stdout, table
from andon.console.baskets import Baskets
from andon.console.desk import FAMILIES, Desk
from andon.console.letters import FAMILY as LETTERS
from andon.console.trail import FAMILY as TRAIL
from andon.console.trail import ORDER_EVENTS
from andon.console.workers import HttpWorkers
from andon.planning.alerting.sentences import money, plain, price
from andon.streams.clients import consumer, present
from andon.streams.settings import Settings


@connected
def basket(
    supplier: Annotated[str, typer.Argument(metavar="SUPPLIER", help="As sources name it.")],
    worker: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A worker, or a name of several; that of this machine."),
    ] = None,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Show what to order from a supplier now: its alerts, what fills its minimum order, price breaks, free freight, what has to wait.

    Reads the board, master data and orders, and asks the workers how its other items stand; nothing is written.

    Examples:

        andon basket ACME

        andon basket ACME --worker http://andon-worker:9108 --json
    """
    desk = Desk(settings)
    client = consumer(
        settings,
        [one for one in FAMILIES if one not in (LETTERS, TRAIL, ORDER_EVENTS)],
        from_start=True,
    )
    try:
        for record in present(client):
            desk.take(record)
    finally:
        client.close()
    here = worker or [f"http://{settings.metrics_host}:{settings.metrics_port}"]
    found = asyncio.run(_ask(desk, here, supplier))
    if as_json:
        print_json(found)
        return
    _show(supplier, found)


async def _ask(desk: Desk, addresses: list[str], supplier: str) -> dict[str, Any]:
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        workers = HttpWorkers(session, addresses)
        return await Baskets(desk, workers).of(supplier, desk.rows_where(supplier=supplier))


def _show(supplier: str, found: dict[str, Any]) -> None:
    out = stdout()
    for text in sentences(found):
        out.print(text, soft_wrap=True, markup=False)
    for title, rows in (
        (f"To order from {supplier}", found["lines"]),
        ("To reach the minimum", found.get("added") or []),
        ("To reach free freight", (found.get("free_freight") or {}).get("added") or []),
    ):
        if not rows:
            continue
        shown = table(title, "item", "units#", "each#", "value#", "cheaper")
        for row in rows:
            currency = row["currency"] or ""
            shown.add_row(
                f"{row['location']}/{row['sku']}",
                f"{row['quantity']:,}",
                "not known" if row["unit_cost"] is None else price(row["unit_cost"], currency),
                "not known" if row["value"] is None else money(row["value"], currency),
                _cheaper(row.get("next_break"), currency),
            )
        out.print(shown)


def _cheaper(found: dict[str, Any] | None, currency: str) -> str:
    if found is None:
        return ""
    saves = (
        f"saves {money(found['saves'], currency)}" if found["saves"] > 0 else "not worth keeping"
    )
    return f"{price(found['unit_cost'], currency)} from {found['quantity']:,}: {saves}"


def sentences(found: dict[str, Any]) -> list[str]:
    """Return what there is to say of a basket as a whole."""
    value = " + ".join(money(sum_, currency) for currency, sum_ in found["value"].items())
    told = [
        f"{found['alerts']} to order, {plain(found['units'], 'unit')}{', ' if value else ''}{value}."
        if found["alerts"]
        else "Nothing is to be ordered now."
    ]
    capacity = found.get("capacity")
    if capacity is not None:
        told.append(
            f"It takes {plain(capacity['units'], 'unit')} a {capacity['per']}, {capacity['left']:,} more in this one."
        )
        waits = ", ".join(
            f"{one['quantity']:,} of {one['location']}/{one['sku']}" for one in capacity["later"]
        )
        if waits:
            told.append(f"From {capacity['next_at']:%a %d %b %H:%M} UTC on: {waits}.")
    if found.get("not_compared"):
        told.append(f"It is {found['not_compared']}: not compared with the minimum.")
    currency = found.get("currency") or ""
    short = [
        text
        for amount, text in (
            (found["missing"], money(found["missing"] or 0.0, currency)),
            (found["missing_units"], plain(found["missing_units"] or 0, "unit")),
            (found["missing_weight"], f"{found['missing_weight'] or 0:,.6g} kg"),
        )
        if amount
    ]
    if short:
        told.append(f"{' and '.join(short)} short of the minimum.")
    freight = found.get("free_freight")
    if freight is not None and freight["missing"]:
        told.append(
            f"{money(freight['missing'], currency)} short of {money(freight['from'], currency)}, from where freight is free."
        )
    if found.get("error"):
        told.append(f"How other items stand is not known: {found['error']}.")
    return told
