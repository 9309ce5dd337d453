"""A drill: what a made-up disruption would do to the books as they are now. It changes nothing and says nothing.

For every item with goods on the way through the scope, or that is usually bought through it, the stock is followed from
now through its receipts, as late as they would be, to the delivery of an order placed now, once with the disruption and once
without. The difference is what the disruption would cost if nobody did anything; the ways out say what that leaves.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from andon.planning.book.arrivals import receipts_of, with_dates
from andon.planning.book.book import Book, Line
from andon.planning.book.impact import is_held_up
from andon.planning.book.promises import ahead, free
from andon.planning.decision.alternatives import all_alternatives
from andon.planning.decision.network import SupplyNetwork
from andon.planning.decision.situation import situation_of
from andon.planning.decision.sourcing import usual_option
from andon.planning.demand.demand import DAY, over
from andon.planning.policy.policy import shortage_cost, usual_source
from andon.planning.policy.projection import project
from andon.planning.supply.disruption import Disruption, matches
from andon.planning.supply.inbound import Shipment
from andon.schemas.alerts import Alternative
from andon.schemas.common import item_key

#: A shortage of less than so many units more than without the disruption is none of its doing.
_LEAST_SHORT: Final = 0.5


class Path(msgspec.Struct, frozen=True):
    """How stock goes until an order placed now would be there (`until`): expected shortage, and when the stock is gone.

    Times in seconds since 1970; `stockout_p50` is None if more likely than not nothing runs out until then.
    """

    until: float
    short_units: float
    stockout_p50: float | None


class Casualty(msgspec.Struct, frozen=True, kw_only=True):
    """An item that a disruption would leave short: when, how much, what that costs, and the best way out.

    `cost` is the shortage expected with the disruption less the one expected without, in the item's currency; `saves` is
    what the best way out takes off it.
    """

    location: str
    sku: str
    currency: str
    service_class: str
    on_hand: int
    stockout_p50: float | None
    short_units: float
    cost: float
    saves: float
    alternatives: tuple[Alternative, ...]

    @property
    def runs_out(self) -> bool:
        """Whether it is more likely than not to run out."""
        return self.stockout_p50 is not None


class Report(msgspec.Struct, kw_only=True):
    """What a drill found: counts, money by currency, and the casualties, the first to run out first."""

    items: int = 0
    shipments: int = 0
    lines: int = 0
    runs_out: int = 0
    cost: dict[str, float] = {}
    saves: dict[str, float] = {}
    casualties: list[Casualty] = []


def drill(
    books: Mapping[str, Book],
    shipments: Iterable[Shipment],
    disruption: Disruption,
    now: float,
    *,
    normal: SupplyNetwork,
    disrupted: SupplyNetwork,
    delay_multiplier_of: Callable[[Shipment], float] = lambda _: 1.0,
) -> Report:
    """Return what a disruption would do from `now` (seconds since 1970) on.

    Args:
        books: every item's book, by key.
        shipments: every shipment.
        disruption: the made-up one.
        now: the moment of the snapshot.
        normal: the network as it is.
        disrupted: the same with the disruption.
        delay_multiplier_of: what reports about a shipment's carrier or supplier have been worth.
    """
    wide = disrupted.disruptions()
    late: dict[str, float] = {}
    report = Report()
    for shipment in shipments:
        if is_held_up(shipment, disruption):
            report.shipments += 1
            report.lines += len(shipment.lines)
            arrival = shipment.arrival(wide, delay_multiplier_of(shipment))
            late[shipment.shipment_id] = arrival.expected
    for key, book in books.items():
        if book.item is None or not book.stock_is_known or not _is_touched(book, disruption, late):
            continue
        report.items += 1
        found = _casualty(key, book, late, now, normal, disrupted, disruption.delay_id)
        if found is not None:
            _add(report, found)
    report.casualties.sort(key=lambda one: (one.stockout_p50 or float("inf"), -one.cost))
    return report


def _add(report: Report, found: Casualty) -> None:
    report.casualties.append(found)
    report.runs_out += found.runs_out
    for total, value in ((report.cost, found.cost), (report.saves, found.saves)):
        total[found.currency] = round(total.get(found.currency, 0.0) + value, 2)


def _is_touched(book: Book, disruption: Disruption, late: Mapping[str, float]) -> bool:
    if book.item is None:
        return False
    usual = usual_source(book.item)
    return any(line.shipment_id in late for line in book.lines.values()) or matches(
        disruption,
        supplier=usual.supplier,
        carrier=usual.carrier,
        lane=usual.lane,
        locations=(book.item.location, usual.from_location)
        if usual.from_location
        else (book.item.location,),
    )


def _casualty(
    key: str,
    book: Book,
    late: Mapping[str, float],
    now: float,
    normal: SupplyNetwork,
    disrupted: SupplyNetwork,
    cause: str,
) -> Casualty | None:
    """Return what becomes of an item, or None if the disruption costs it nothing to speak of."""
    item = book.item
    if item is None:
        return None
    held = msgspec.structs.replace(
        book,
        lines={
            name: _moved(line, late.get(line.shipment_id), cause)
            for name, line in book.lines.items()
        },
    )
    before, after = follow(book, now, normal), follow(held, now, disrupted)
    short = after.short_units - before.short_units
    if short < _LEAST_SHORT:
        return None
    cost = short * shortage_cost(item)
    view = situation_of(held, key, now, disrupted)
    days = (after.until - now) / DAY
    coming = sum(one.quantity for one in view.receipts if one.expected <= after.until)
    need = over(book.demand, now, days).quantile(0.9) - max(view.free, 0) - coming
    quantity = max(math.ceil(need), 1)
    due = after.stockout_p50 if after.stockout_p50 is not None else view.projection.dry_p50
    alternatives = all_alternatives(view, due, quantity, short_cost=cost)
    return Casualty(
        location=item.location,
        sku=item.sku,
        currency=item.currency,
        service_class=item.service_class,
        on_hand=book.on_hand,
        stockout_p50=after.stockout_p50,
        short_units=round(short, 2),
        cost=round(cost, 2),
        saves=round(max(alternatives[0].saves, 0.0), 2),
        alternatives=tuple(alternatives[:3]),
    )


def _moved(line: Line, expected: float | None, cause: str) -> Line:
    if expected is None:
        return line
    # With its cause and without its base, nothing makes it later once more.
    return msgspec.structs.replace(line, expected=expected, cause=cause, base=None, undated=False)


def follow(book: Book, now: float, supply: SupplyNetwork) -> Path:
    """Return how the stock goes until an order placed now with the usual source would be there.

    Between two receipts the expected shortage is that of the demand in between over the stock expected at its begin.
    """
    if book.item is None:
        msg = "book: no master data"
        raise ValueError(msg)
    key = item_key(book.item.location, book.item.sku)
    usual = usual_option(book, key, now, supply)
    until = now + (usual.lead_time.mean_days + usual.added_days) * DAY
    receipts = receipts_of(
        with_dates(book.lines.values(), book.item, now, supply.lead_time, book.former), now
    )
    stops = [(one.expected, one.quantity) for one in receipts if one.expected < until]
    stops += [(due, -units) for due, units in ahead(book) if due < until]
    stops.sort()
    stock, at, short = float(max(free(book), 0)), now, 0.0
    for stop, quantity in [*stops, (until, 0)]:
        demand = over(book.demand, at, max((stop - at) / DAY, 0.0))
        short += demand.shortage(stock) if demand.mean > 0 else 0.0
        stock = max(stock - demand.mean, 0.0) + quantity
        at = max(stop, at)
    path = project(free(book), receipts, book.demand, now, (until - now) / DAY, ahead(book))
    dry = path.stockout_p50
    return Path(until, short, dry if dry is not None and dry < until else None)
