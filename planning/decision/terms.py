"""What a supplier's terms mean for the order of one item: its minimum, what it takes in a period, and who bears the freight."""

from andon.planning.alerting.sentences import moment, money, plain
from andon.planning.decision.situation import Situation
from andon.planning.policy.lot_size import currency_of, in_items_money, lot_size, unit_cost_at
from andon.planning.supply.capacity import next_order_at
from andon.schemas.items import Source
from andon.schemas.suppliers import Supplier


def paid_at(view: Situation, source: Source, quantity: int) -> float:
    """Return what so many units cost, in the money of their source."""
    value = quantity * unit_cost_at(view.item, source, quantity)
    own = source.currency not in (None, view.item.currency)
    return value / source.exchange_rate if own and source.exchange_rate else value


def terms_of(view: Situation, source: Source) -> Supplier | None:
    """Return what is told of who sends the item, if anything."""
    return view.supply.terms(source.origin)


def below_minimum(view: Situation, source: Source, quantity: int) -> tuple[str, ...]:
    """Return what to say of an order that comes to less than its supplier takes by itself; nothing if it does not."""
    told = terms_of(view, source)
    if told is None or quantity <= 0:
        return ()
    name, paid_in = source.origin, currency_of(view.item, source)
    asked_in = told.currency or paid_in
    short = []
    if told.minimum_order_value is not None:
        least = money(told.minimum_order_value, asked_in)
        value = paid_at(view, source, quantity)
        if asked_in != paid_in:
            return (f"{name} takes at least {least}, and this is paid in {paid_in}: not compared",)
        if value < told.minimum_order_value:
            short.append(f"{money(value, paid_in)} of the {least}")
    if told.minimum_order_units is not None and quantity < told.minimum_order_units:
        short.append(f"{quantity:,} of the {plain(told.minimum_order_units, 'unit')}")
    each = view.item.unit_weight
    if told.minimum_order_weight is not None and each is not None:
        weighs = quantity * each
        if weighs < told.minimum_order_weight:
            short.append(f"{weighs:,.6g} of the {told.minimum_order_weight:,.6g} kg")
    if not short:
        return ()
    return (f"{' and '.join(short)} that {name} takes at least: add other items",)


def within_capacity(view: Situation, source: Source, quantity: int) -> tuple[int, tuple[str, ...]]:
    """Return how much of an order its supplier takes in one period, and what to say if that is less.

    Others of its items may have taken some of it: that is seen where all of them are, in the supplier's basket.
    """
    told = terms_of(view, source)
    most = None if told is None else told.capacity_units
    if told is None or most is None or quantity <= most:
        return quantity, ()
    lot = lot_size(view.item, source)
    fits = lot.fit_below(most)
    if not fits:
        capacity = f"{plain(most, 'unit')} a {told.capacity_per}"
        return 0, (f"{source.origin} takes {capacity}, and of this {lot.least:,} at least",)
    after = moment(next_order_at(told, view.now))
    return fits, (
        f"{source.origin} takes {plain(most, 'unit')} a {told.capacity_per}: {quantity - fits:,} more from {after} on",
    )


def freight_of(view: Situation, source: Source, quantity: int) -> float:
    """Return what the freight of an order by itself costs, in the item's currency; nothing if the supplier bears it, or nobody says."""
    told = terms_of(view, source)
    if told is None or told.freight_cost is None or quantity <= 0:
        return 0.0
    paid_in = currency_of(view.item, source)
    if told.currency not in (None, paid_in):
        # What it is worth in the item's money nobody says.
        return 0.0
    free_from = told.free_freight_from
    if free_from is not None and paid_at(view, source, quantity) >= free_from:
        return 0.0
    return in_items_money(view.item, source, told.freight_cost)
