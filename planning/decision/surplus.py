"""Surplus: what a location can spare, said when it changes enough to matter to somebody else."""

import math
from typing import Final

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.book.promises import free
from andon.planning.decision.network import Spare
from andon.planning.decision.situation import Situation
from andon.planning.demand.demand import is_known
from andon.schemas.common import MOST_UNITS, utc
from andon.schemas.surplus import Surplus

_DAY: Final = 86400.0
#: A surplus below this share of order-up-to is none.
_LEAST_SHARE: Final = 0.1
#: What changes by less than this share is not said.
_MATERIAL: Final = 0.25


def spare(view: Situation) -> int:
    """Return the units beyond the reorder point and half a cycle's demand, in whole packs; 0 if they are few.

    So much can go without the giver running a greater risk than its class allows: it only orders a little sooner.
    """
    book, aims = view.book, view.targets
    if not is_known(view.demand):
        return 0
    keeps = (aims.reorder_point + aims.order_up_to) / 2
    # What is said must be within what is taken, however much a book has.
    left = free(book, math.inf) - sum(units for _, units in view.required)
    units = int(min(max(left - keeps, 0), max(book.on_hand, 0), MOST_UNITS))
    units -= units % view.item.pack_size
    return units if units >= max(_LEAST_SHARE * aims.order_up_to, 1) else 0


def publish_surplus(view: Situation) -> None:
    """Say what the location can spare, if that is materially different from what was last said."""
    book, item, aims = view.book, view.item, view.targets
    units = spare(view) if book.stock_is_known else 0
    known = book.surplus
    if units == known or (units and known and abs(units - known) < _MATERIAL * known):
        return
    book.surplus = units
    cycle = max(aims.order_up_to - aims.reorder_point, 1)
    surplus = Surplus(
        location=item.location,
        sku=item.sku,
        updated_at=utc(view.now),
        quantity=units,
        daily_demand=round(view.demand.level, 4),
        cost_of_giving=round(item.order_cost / cycle, 4),
        currency=item.currency,
    )
    name = f"{view.key}:surplus:{int(view.now)}:{units}"
    book.outbox.append(
        OutboxMessage.of("surplus", view.key, name, "andon.surplus.changed", surplus, view.now)
    )


def still_spare(surplus: Surplus, now: float) -> Spare | None:
    """Return what is left of a surplus at `now` (seconds since 1970), less what has sold since it was said."""
    days = max(now - surplus.updated_at.timestamp(), 0.0) / _DAY
    left = int(surplus.quantity - surplus.daily_demand * days)
    return Spare(surplus.location, left, surplus.cost_of_giving) if left > 0 else None
