"""How production stands now, for people to look at: what a line builds and for how long, what hangs in a loop, what an item is made of."""

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
from andon.planning.production.state import Production
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


class ComponentStands(msgspec.Struct, frozen=True):
    """A part of an item: what one unit takes of it by the bill, and what planned orders will take, from which day on (since 1970)."""

    sku: str
    quantity: float
    phantom: bool
    alternates: tuple[str, ...]
    planned: float
    planned_from: int | None


class UseStands(msgspec.Struct, frozen=True):
    """An item that this one is a part of: what was used of it, what released orders still take, and what planned ones will."""

    sku: str
    used: int
    on_lines: float
    planned: float
    planned_from: int | None


class RunStands(msgspec.Struct, frozen=True):
    """An open production order of an item."""

    order_id: str
    line: str
    made: int
    left: int
    begins: float


class ProductionStands(msgspec.Struct, frozen=True):
    """What a book has of production: what its item is made of, its orders, and where it is used."""

    components: tuple[ComponentStands, ...]
    orders: tuple[RunStands, ...]
    used_in: tuple[UseStands, ...]


def production_stands(production: Production | None) -> ProductionStands | None:
    """Return what a book has of production; None if it has nothing."""
    if production is None:
        return None
    bill = () if production.bill is None else production.bill.components
    components = []
    for one in bill:
        told = production.told.get(one.sku)
        units, first = _in_all(() if told is None else told.planned)
        others = tuple(other.sku for other in one.alternates)
        components.append(ComponentStands(one.sku, one.quantity, one.phantom, others, units, first))
    orders = tuple(
        RunStands(run.order_id, run.line, run.made, run.left, run.begins)
        for run in sorted(production.runs.values(), key=lambda run: (run.begins, run.order_id))
        if run.left
    )
    used_in = []
    for name, wanted in sorted(production.wanted.items()):
        units, first = _in_all(wanted.planned)
        on_lines = sum(run.units * run.takes for run in wanted.runs)
        if wanted.counts or wanted.booked:
            used_in.append(UseStands(name, wanted.booked, on_lines, units, first))
    return ProductionStands(tuple(components), orders, tuple(used_in))


def _in_all(planned: tuple[tuple[int, float], ...]) -> tuple[float, int | None]:
    return sum(units for _, units in planned), min((day for day, _ in planned), default=None)


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
