"""What there is to order from a supplier now: its open replenishment alerts as lines of one order, against its minimum."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from andon.console.ordering import cost_of
from andon.console.rows import Row

#: So many lines are shown, and ordered at once.
MOST: Final = 200


def basket_of(rows: Iterable[Row], least: float | None) -> dict[str, Any]:
    """Return what to order from a supplier, the most urgent first, and what it is worth by currency, as far as prices are known.

    Args:
        rows: the supplier's open alerts that nobody has answered, in the order of the queue.
        least: what an order must come to at least, in the currency of its items; None if nobody says.
    """
    lines = []
    value: dict[str, float] = defaultdict(float)
    for row in rows:
        alert = row.entry.alert
        if row.tile != "order" or not alert.order_quantity:
            continue
        cost = cost_of(alert.supplier, row.known)
        worth = None if cost is None else round(alert.order_quantity * cost, 2)
        if worth is not None:
            value[alert.currency or ""] += worth
        lines.append(
            {
                "alert_id": alert.alert_id,
                "location": alert.location,
                "sku": alert.sku,
                "name": None if row.known is None else row.known.description,
                "quantity": alert.order_quantity,
                "unit_cost": cost,
                "value": worth,
                "currency": alert.currency,
                "order_by": alert.order_by,
            }
        )
    unpriced = sum(line["value"] is None for line in lines)
    missing = None
    if least is not None and not unpriced and len(value) < 2:
        missing = round(max(least - sum(value.values()), 0.0), 2)
    return {
        "alerts": len(lines),
        "units": sum(line["quantity"] for line in lines),
        "value": {currency: round(sum_, 2) for currency, sum_ in value.items()},
        "unpriced": unpriced,
        "minimum_order_value": least,
        #: What the order is short of the minimum; None where that is not known.
        "missing": missing,
        "lines": lines[:MOST],
    }
