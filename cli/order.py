"""`andon order`: buy what alerts ask for, by a purchase order for each supplier."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
import typer

from andon.cli.answer import Again, By, Comment, NoWait, give, name_of
from andon.cli.orders import is_settled, line_in_words, polled
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stderr, stdout
from andon.console.answers import Wish, answer_to, clock_of
from andon.console.ordering import Chosen, orders_of
from andon.schemas.orders import OrderEvent, PurchaseOrder
from andon.streams.board_feed import FAMILY as BOARD
from andon.streams.board_feed import OpenBoard
from andon.streams.clients import consumer, present, publish
from andon.streams.errors import UserError
from andon.streams.order_feed import FAMILY, Orders
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

_WAIT_SECONDS: Final = 30.0


@connected
def order(
    alert_ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...", help="The alerts' ids, as `andon alerts --open` prints them."
        ),
    ],
    quantity: Annotated[
        int | None,
        typer.Option(
            "--quantity", "-q", min=1, help="How much; by default what the alert asks for."
        ),
    ] = None,
    cost: Annotated[
        float | None,
        typer.Option("--cost", min=0, help="What a unit costs, in the item's currency."),
    ] = None,
    wanted: Annotated[
        datetime | None,
        typer.Option(
            "--wanted", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="When it is wanted, in UTC."
        ),
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Leave it to somebody else to approve it.")
    ] = False,
    shipment: Annotated[
        str | None,
        typer.Option(
            "--shipment", help="It is ordered already, under this number: only tell Andon."
        ),
    ] = None,
    comment: Comment = None,
    by: By = None,
    again: Again = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Order what alerts ask for: a purchase order for each supplier, which counts as on order at once.

    `andon connect out` sends it to the supplier. Of two orders of the same alert the first is bought.

    Examples:

        andon order replenish:store-3/TEA-01:1

        andon order replenish:store-3/TEA-01:1 --quantity 120 --wanted 2026-03-07

        andon order replenish:store-3/TEA-01:1 --shipment PO-7001
    """
    if len(alert_ids) > 1 and (quantity is not None or cost is not None or shipment is not None):
        msg = "--quantity, --cost and --shipment are of one alert: name only that"
        raise UserError(msg)
    wish = Wish(
        "ordered",
        name_of(by),
        quantity=quantity,
        shipment_id=shipment,
        comment=comment,
        again=again,
    )
    if shipment is not None:
        give(settings, alert_ids[0], wish, wait=not no_wait, as_json=as_json)
        return
    client = consumer(settings, (BOARD, FAMILY), from_start=True)
    try:
        board, known, topic = OpenBoard(), Orders(), topic_name(settings, BOARD)
        for record in present(client):
            (board if record.topic == topic else known).take(record)
        now = clock_of(board, datetime.now(UTC))
        chosen = [
            Chosen(board.entries[alert_id], told, cost)
            for alert_id in dict.fromkeys(alert_ids)
            for told in (answer_to(board, alert_id, wish, now),)
        ]
        items = [f"{one.entry.alert.location}/{one.entry.alert.sku}" for one in chosen]
        if len(set(items)) < len(items):
            msg = "two of these alerts are of the same item: order it by one of them"
            raise UserError(msg)
        events = orders_of(
            chosen,
            known.known,
            wanted_at=None if wanted is None else wanted.replace(tzinfo=UTC),
            drafted=draft,
            again=again,
        )
        publish(settings, "orders.events", events)
        shown = [] if no_wait else await_orders(known, events, lambda: polled(client), topic)
    finally:
        client.close()
    _report(events, shown, as_json=as_json)


def await_orders(
    known: Orders,
    events: list[OrderEvent],
    poll: Callable[[], list[Any]],
    passed_over: str,
    clock: Callable[[], float] = time.monotonic,
) -> list[PurchaseOrder]:
    """Return how new orders stand once every book has said who was first.

    Args:
        known: what was read so far.
        events: what gave the orders.
        poll: returns what has come to the topics.
        passed_over: a topic whose records say nothing of orders.
        clock: in seconds.

    Raises:
        UserError: not all are settled in time.
    """
    deadline = clock() + _WAIT_SECONDS
    while True:
        found = [known.known.get(event.order_id) for event in events]
        settled = [one for one in found if one is not None and is_settled(one)]
        if len(settled) == len(events):
            return settled
        if clock() >= deadline:
            msg = (
                f"it is sent, but not settled after {_WAIT_SECONDS:.0f} s: is a worker running? "
                "It is applied as soon as one is; sending it again does no harm, and --no-wait does not wait"
            )
            raise UserError(msg)
        for record in poll():
            if record.topic != passed_over:
                known.take(record)


def _report(events: list[OrderEvent], shown: list[PurchaseOrder], *, as_json: bool) -> None:
    """Say what was ordered; the exit code is 1 if somebody else was first with all of it."""
    if as_json:
        for told in shown or events:
            print_json(msgspec.to_builtins(told))
    elif not shown:
        for event in events:
            text = (
                f"{event.order_id}: {event.status}, {len(event.lines)} lines; sent, not waited for."
            )
            stdout().print(text, soft_wrap=True, markup=False)
    for one in () if as_json else shown:
        lines = "; ".join(line_in_words(one, place) for place in range(len(one.lines)))
        text = (
            f"{one.order_id}: {one.state} from {one.supplier or 'a supplier not known'}: {lines}."
        )
        stdout().print(text, soft_wrap=True, markup=False)
    if shown and all(one.state == "cancelled" for one in shown):
        if not as_json:
            stderr().print("Nothing was ordered: somebody else was first.", soft_wrap=True)
        raise typer.Exit(1)
