"""How a production line and a kanban loop stand now, for people to look at: what is being built, for how long, and what hangs."""

from typing import Any

import msgspec

from andon.planning.production.line import ProductionLine, orders_under, sequence
from andon.planning.production.line_stop import first_shortage, ways_out
from andon.planning.production.loops import (
    KanbanLoop,
    cards_needed,
    daily_demand,
    hanging,
    missed,
)
from andon.schemas.alerts import Alternative
from andon.schemas.common import split_item_key


class OrderStands(msgspec.Struct, frozen=True):
    """An open order of a line, in its turn; `begins` and `ends` are of what is left of it (seconds since 1970)."""

    order_id: str
    sku: str
    quantity: int
    made: int
    left: int
    begins: float
    ends: float
    status: str


class LineStands(msgspec.Struct, frozen=True):
    """A line: its orders, how many units of them can still be built, and what stops it, if anything is known to.

    `buildable` is None where nothing is to be built. Times are in seconds since 1970.
    """

    location: str
    line: str
    orders: tuple[OrderStands, ...]
    buildable: int | None = None
    stops_at: float | None = None
    part: str | None = None
    part_name: str | None = None
    order_id: str | None = None
    on_hand: int | None = None
    short: int | None = None
    relief_at: float | None = None
    at_stake: float = 0.0
    hourly: float = 0.0
    currency: str = "EUR"
    later: tuple[str, ...] = ()
    ways: tuple[Alternative, ...] = ()


class LoopStands(msgspec.Struct, frozen=True):
    """A kanban loop: which cards hang since when (seconds since 1970), and which are missed; what is not known of it is None."""

    location: str
    sku: str
    container: int
    cards: int
    hanging: tuple[tuple[float, str], ...]
    standing: int
    missed: tuple[str, ...]
    filled_by: str | None
    daily_demand: float | None
    lead_days: float | None
    needed: int | None


def line_stands(line: ProductionLine, key: str) -> LineStands:
    """Return how a line stands, by its key `location/line`."""
    location, name = split_item_key(key)
    slots = sequence(line, line.clock)
    orders = []
    for order_id, slot in slots.items():
        order = next(one for one in orders_under(line, order_id) if one.left)
        status = "stopped" if order.is_stopped else "started" if order.is_started else "released"
        orders.append(
            OrderStands(
                order_id,
                order.sku,
                order.quantity,
                order.made,
                slot.left,
                slot.begins,
                slot.ends,
                status,
            )
        )
    found = first_shortage(line)
    if found is None:
        buildable = sum(one.left for one in orders) if orders else None
        return LineStands(location, name, tuple(orders), buildable)
    cover = found.cover
    more: dict[str, Any] = {
        "relief_at": None if cover.relief_at is None else cover.relief_at.timestamp()
    }
    return LineStands(
        location,
        name,
        tuple(orders),
        buildable=found.before,
        stops_at=found.at,
        part=cover.part,
        part_name=cover.description or None,
        order_id=found.order.order_id,
        on_hand=cover.on_hand,
        short=cover.short,
        at_stake=cover.at_stake,
        hourly=cover.hourly,
        currency=cover.currency,
        later=tuple(one.part for one in found.later),
        ways=ways_out(line, found),
        **more,
    )


def loop_stands(state: KanbanLoop, key: str, zone: str | None) -> LoopStands | None:
    """Return how a loop stands, by its key `location/sku` and the time zone there; None if it is no loop any more."""
    loop = state.loop
    if loop is None:
        return None
    location, sku = split_item_key(key)
    hung = tuple(hanging(state))
    gone = sum(card.is_gone for card in state.cards.values())
    return LoopStands(
        location,
        sku,
        loop.container,
        loop.cards,
        hung,
        max(loop.cards - len(hung) - gone, 0),
        tuple(missed(state, zone)),
        loop.filled_by,
        daily_demand(state, zone),
        None if state.lead is None else state.lead.mean_days,
        cards_needed(state, zone),
    )
