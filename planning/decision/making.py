"""Production as a decision sees it: what is planned to be made, what its parts are told, and bills that lead in a circle."""

import math
from typing import Any, Final

from andon.planning.alerting.alerts import OpenAlert, head_of, raise_alert, settle_alert
from andon.planning.book.book import Book
from andon.planning.book.parts import tell_parts
from andon.planning.book.promises import ahead
from andon.planning.decision.coverage import sells, tell_lines
from andon.planning.decision.situation import Situation
from andon.planning.demand.days import day_of
from andon.planning.demand.demand import expected
from andon.planning.policy.lot_size import lot_size
from andon.planning.production.bills import Bills
from andon.planning.production.explosion import planned_orders, whole
from andon.schemas.alerts import Alert, AlertKind
from andon.schemas.common import split_item_key

#: The alert of an item whose bill would make it a part of itself.
CIRCLE: Final[AlertKind] = "bom_circle"
#: Production is planned so many days ahead.
_HORIZON_DAYS: Final = 60


def tell_production(view: Situation) -> None:
    """Tell the parts of an item what it needs of them, and the lines how long it lasts as a part."""
    if view.book.production is None:
        return
    bom_circle(view)
    tell_parts(view.book, view.key, view.now, view.supply.bills(), planned(view))
    tell_lines(view)


def planned(view: Situation) -> dict[int, float]:
    """Return how many good units are to be begun on which day (since 1970), besides the orders that are released.

    What was ordered and is not released yet is begun today.
    """
    book = view.book
    source = view.usual
    if book.production is None or book.production.bill is None or source.made_on is None:
        return {}
    zone = book.demand.zone
    today = day_of(view.now, zone)
    gross: dict[int, float] = {}
    if sells(view):
        for day in range(today, today + _HORIZON_DAYS):
            gross[day] = expected(view.demand, day)
    for at, units in (*ahead(book), *view.required):
        day = day_of(at, zone)
        gross[day] = gross.get(day, 0.0) + units
    receipts: dict[int, float] = {}
    for receipt in view.receipts:
        day = day_of(receipt.expected, zone)
        receipts[day] = receipts.get(day, 0.0) + receipt.quantity
    lot = lot_size(view.item, source)
    lead_days = view.lead_time.mean_days + view.added_days
    if book.reserved:
        day = math.ceil(today + lead_days)
        receipts[day] = receipts.get(day, 0.0) + book.reserved
    aims = view.targets
    keeps = max(aims.safety_stock, 0)
    orders = planned_orders(
        gross,
        receipts,
        float(view.free),
        today,
        lead_days,
        keeps=float(keeps),
        # As it will be ordered: up to its level, and not lot for lot.
        fills=float(keeps + max(aims.order_up_to - aims.reorder_point - 1, 0)),
        lot=lambda missing: lot.fit(whole(missing)),
    )
    if book.reserved:
        orders[today] = orders.get(today, 0.0) + book.reserved
    return orders


def bom_circle(view: Situation) -> None:
    """Raise an alert while a component is refused, since the item would come to be a part of itself."""
    _circle(view.book, view.key, view.now, view.supply.bills(), view.name)


def bom_circle_unplanned(book: Book, key: str, now: float, bills: Bills) -> None:
    """Do so for an item without master data, as one that is never in stock may be.

    Args:
        book: the item's.
        key: its `location/sku`.
        now: seconds since 1970.
        bills: of all items.
    """
    if book.production is not None:
        _circle(book, key, now, bills, split_item_key(key)[1])


def _circle(book: Book, key: str, now: float, bills: Bills, name: str) -> None:
    refused = dict(bills.refused(key))
    path = [split_item_key(one)[1] for one in next(iter(refused.values()), ())]
    location, sku = split_item_key(key)

    def describe(alert: OpenAlert, status: str) -> Alert:
        head: dict[str, Any] = head_of(alert, status)
        if status == "resolved":
            sentence = f"No part of {name} at {location} is made of it."
        else:
            sentence = (
                f"{path[1]} is not taken for a part of {name} at {location}: it would be made of itself, "
                f"{' of '.join(path)}. Of these bills that of {path[0]} was changed last and gives way: take {path[1]} out of it."
            )
        return Alert(
            **head,
            sentence=sentence,
            location=location,
            sku=sku,
            currency="EUR" if book.item is None else book.item.currency,
            numbers={"items": float(max(len(path) - 1, 0))},
            resolution="over" if status == "resolved" else None,
        )

    if refused:
        raise_alert(
            book,
            kind=CIRCLE,
            key=key,
            now=now,
            severity="warning",
            size=float(len(refused)),
            cause=" of ".join(path),
            describe=describe,
        )
    else:
        settle_alert(book, CIRCLE, key, now, describe=describe)
