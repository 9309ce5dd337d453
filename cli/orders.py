"""`andon orders`: what is on order with whom, how it stands, and what is done with it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from andon.cli.answer import By, NoWait, name_of
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stdout
from andon.console.order_events import event_of
from andon.planning.alerting.sentences import price
from andon.schemas.orders import OrderLine, PurchaseOrder
from andon.streams.clients import consumer, present, publish
from andon.streams.errors import UserError
from andon.streams.order_feed import FAMILY, Orders
from andon.streams.settings import Settings

_WAIT_SECONDS: Final = 30.0
_POLL_MS: Final = 100

app = typer.Typer(invoke_without_command=True)

OrderId = Annotated[
    str, typer.Argument(metavar="ORDER", help="The order, as `andon orders` prints it.")
]
Comment = Annotated[str | None, typer.Option("--comment", help="A word for whoever reads it.")]


@app.callback()
@connected
def orders(
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those of which something is still to come.")
    ] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
    context: typer.Context,
) -> None:
    """Show purchase orders, the newest first: how each stands, and what its supplier confirmed otherwise.

    Examples:

        andon orders --open

        andon orders --json
    """
    if context.invoked_subcommand is not None:
        return
    found = [one for one in _read(settings).newest_first if one.is_open or not only_open]
    if as_json:
        for order in found:
            print_json(msgspec.to_builtins(order))
        return
    show(found)


def show(found: list[PurchaseOrder]) -> None:
    """Print a table of orders."""
    if not found:
        stdout().print("No purchase orders.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("order", "state", "supplier", "lines", "approved", "differs"):
        table.add_column(title)
    for order in found:
        who = (
            f"{order.approved_by or '?'} {order.approved_at:%Y-%m-%d %H:%M}"
            if order.approved_at
            else ""
        )
        cells = (
            order.order_id,
            order.state if order.ready or order.state != "approved" else "approved, not settled",
            order.supplier or "not known",
            "; ".join(line_in_words(order, place) for place in range(len(order.lines))),
            who,
            deviations_in_words(order) or "",
        )
        table.add_row(*(escape(cell) for cell in cells))
    stdout().print(table)


def line_in_words(order: PurchaseOrder, place: int) -> str:
    """Return what a line orders, and what came of it."""
    line = order.lines[place]
    text = f"{line.quantity} {line.sku} for {line.location}"
    if line.left_out:
        return f"{text}: not bought, {line.left_out}"
    return f"{text}, {line.received} came" if line.received else text


def deviations_in_words(order: PurchaseOrder) -> str:
    """Return in what the supplier's word differs from the order; nothing if in nothing."""
    said = []
    for line in order.lines:
        if line.short:
            said.append(f"{line.sku}: {line.confirmed_quantity} of {line.quantity}")
        if line.days_late:
            said.append(f"{line.sku}: {line.days_late:g} days late")
        if line.dearer:
            said.append(f"{line.sku}: {price(line.dearer, order.currency or '')} dearer")
    return "; ".join(said)


@app.command()
@connected
def approve(
    order_id: OrderId,
    by: By = None,
    comment: Comment = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Order although another order answers one of its alerts."),
    ] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Approve a draft: its alerts are answered, it is on order, and it may go out.

    Examples:

        andon orders approve PO-7K2AQ4XZ3M
    """
    _do(settings, order_id, "approved", by, comment, wait=not no_wait, as_json=as_json, again=again)


@app.command()
@connected
def cancel(
    order_id: OrderId,
    by: By = None,
    comment: Comment = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Call an order off: it is on order no more, and its supplier is told if it had gone out.

    Examples:

        andon orders cancel PO-7K2AQ4XZ3M --comment "wrong supplier"
    """
    _do(settings, order_id, "cancelled", by, comment, wait=not no_wait, as_json=as_json)


@app.command()
@connected
def confirm(
    order_id: OrderId,
    line: Annotated[
        list[str] | None,
        typer.Option(
            "--line",
            metavar="LOCATION/SKU=QUANTITY",
            help="What comes of an item; all as ordered if not said.",
        ),
    ] = None,
    promised: Annotated[
        datetime | None,
        typer.Option(
            "--promised", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="When it comes, in UTC."
        ),
    ] = None,
    by: By = None,
    comment: Comment = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Say what the supplier confirmed: what is less or later than ordered is an alert of its item.

    Examples:

        andon orders confirm PO-7K2AQ4XZ3M

        andon orders confirm PO-7K2AQ4XZ3M --line store-3/TEA-01=96 --promised 2026-03-07
    """
    lines = tuple(_line(text) for text in line or ())
    at = None if promised is None else promised.replace(tzinfo=UTC)
    _do(
        settings,
        order_id,
        "confirmed",
        by,
        comment,
        wait=not no_wait,
        as_json=as_json,
        lines=lines,
        promised_at=at,
    )


def _line(text: str) -> OrderLine:
    place, equals, quantity = text.rpartition("=")
    location, slash, sku = place.partition("/")
    if not (equals and slash and location and sku and quantity.isdecimal()):
        msg = f"--line: expected LOCATION/SKU=QUANTITY, such as store-3/TEA-01=96, got {text!r}"
        raise UserError(msg)
    return OrderLine(location=location, sku=sku, quantity=int(quantity))


def _read(settings: Settings) -> Orders:
    client = consumer(settings, (FAMILY,), from_start=True)
    try:
        return Orders().fold(present(client))
    finally:
        client.close()


def _do(
    settings: Settings,
    order_id: str,
    status: str,
    by: str | None,
    comment: str | None,
    *,
    wait: bool,
    as_json: bool,
    **fields: Any,
) -> None:
    client = consumer(settings, (FAMILY,), from_start=True)
    try:
        known = Orders().fold(present(client))
        order = known.known.get(order_id)
        if order is None:
            near = ", ".join(one.order_id for one in known.newest_first[:3])
            msg = (
                f"there is no order {order_id}; the newest are {near}"
                if near
                else "there are no orders"
            )
            raise UserError(msg)
        event = event_of(order, status, name_of(by), comment, datetime.now(UTC), **fields)
        publish(settings, "orders.events", [event])
        shown = None
        if wait:
            shown = await_order(known, order, lambda: polled(client))
    finally:
        client.close()
    if as_json:
        print_json({**msgspec.to_builtins(event), "shown": shown is not None})
        return
    if shown is None:
        stdout().print(f"{order_id}: {status}; sent, not waited for.", soft_wrap=True, markup=False)
        return
    text = f"{order_id}: {shown.state}"
    differs = deviations_in_words(shown)
    stdout().print(f"{text}; {differs}." if differs else f"{text}.", soft_wrap=True, markup=False)


def is_settled(order: PurchaseOrder) -> bool:
    """Return whether nobody is still asked who was first with one of its alerts."""
    return order.ready or order.state in ("cancelled", "drafted")


def await_order(
    known: Orders,
    before: PurchaseOrder,
    poll: Callable[[], list[Any]],
    clock: Callable[[], float] = time.monotonic,
) -> PurchaseOrder:
    """Return how an order stands once there is news of it.

    Args:
        known: what was read so far.
        before: how it stood.
        poll: returns what has come to the orders' topic.
        clock: in seconds.

    Raises:
        UserError: there is no news in time.
    """
    deadline = clock() + _WAIT_SECONDS
    while clock() < deadline:
        for record in poll():
            order = known.take(record)
            is_it = order is not None and order.order_id == before.order_id
            if order is not None and is_it and is_settled(order):
                return order
    msg = (
        f"it is sent, but nothing has become of it after {_WAIT_SECONDS:.0f} s: is a worker running? "
        "It is applied as soon as one is; --no-wait does not wait"
    )
    raise UserError(msg)


def polled(client: Any) -> list[Any]:
    """Return what has come to a consumer in a moment."""
    found = client.poll(timeout_ms=_POLL_MS)
    return [record for records in found.values() for record in records]
