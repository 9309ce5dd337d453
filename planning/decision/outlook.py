"""What an item's page shows of tomorrow: the stock as a band, what is planned now, and what would be planned if.

Everything is reckoned on a copy of the book, by the functions that decide; nothing is said and nothing is changed.
"""

import math
from collections.abc import Iterable
from typing import Annotated, Final

import msgspec

from andon.planning.book import promises, transfers, unrecorded
from andon.planning.book.book import Book
from andon.planning.decision.network import Spare, SupplyNetwork, TransferTerms, informed
from andon.planning.decision.replenish import to_order
from andon.planning.decision.run_down import is_run_down
from andon.planning.decision.situation import Situation, situation_of
from andon.planning.demand.demand import is_known
from andon.planning.policy.band import Band, band
from andon.planning.policy.relief import Receipt
from andon.planning.production.bills import Bills
from andon.planning.supply.lead_time import LeadTime
from andon.planning.supply.order_calendar import OrderCalendar
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.items import Item, ServiceClass, Source
from andon.schemas.suppliers import Supplier

#: The dial between just-in-time and just-in-case: the service levels that are priced.
DIAL: Final = (0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998)
_SHORTEST_DAYS: Final = 1 / 24


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is tried out; as given, nothing is."""

    service_class: ServiceClass | None = None
    #: The probability of not running out in a cycle, in place of that of the class.
    service_level: Annotated[float, msgspec.Meta(ge=0.5, le=0.9999)] | None = None
    #: How much longer deliveries take, in days.
    lead_days: Annotated[float, msgspec.Meta(ge=-365, le=365)] = 0.0
    #: How many times as much is sold; the forecast's own uncertainty, in units, stays as it is.
    demand: Annotated[float, msgspec.Meta(ge=0.01, le=100)] = 1.0


class Plan(msgspec.Struct, frozen=True):
    """What is aimed at and ordered, in units; money a year in the item's currency; times in seconds since 1970."""

    service_class: ServiceClass
    service_level: float
    lead_time_days: float
    protection_days: float
    reorder_point: int
    order_up_to: int
    safety_stock: int
    insurance_cost: float
    insured_cost: float
    inventory_position: int
    order_quantity: int
    reasons: tuple[str, ...]
    stockout_p50: float | None
    stockout_p10: float | None
    risk: float
    short_units: float
    #: The sales of a day.
    daily: float


class Outlook(msgspec.Struct, frozen=True):
    """How an item stands (`now`, seconds since 1970), and what would be if."""

    now: float
    currency: str
    band: Band
    receipts: tuple[Receipt, ...]
    plan: Plan
    tried: Plan | None
    dial: tuple[Plan, ...]


def outlook(
    book: Book, key: str, now: float, supply: SupplyNetwork, change: Change | None = None
) -> Outlook | None:
    """Return how an item stands and what a change would make of it; None for one of which too little is known to plan.

    Args:
        book: the item's; it is copied, and left as it is.
        key: `location/sku`.
        now: seconds since 1970.
        supply: what is known of the supply network.
        change: what is tried out, if anything.
    """
    if book.item is None or not book.stock_is_known or not is_known(book.demand):
        return None
    view = _looked_at(book, key, now, supply, Change())
    path = band(
        view.free,
        view.receipts,
        view.book.demand,
        now,
        promises=promises.ahead(view.book),
        on_shelf=promises.on_shelf(view.book),
    )
    base = change or Change()
    return Outlook(
        now=now,
        currency=view.item.currency,
        band=path,
        receipts=tuple(view.receipts),
        plan=_plan(view),
        tried=None if change is None else _plan(_looked_at(book, key, now, supply, change)),
        dial=tuple(_dialled(book, key, now, supply, base)),
    )


def _dialled(
    book: Book, key: str, now: float, supply: SupplyNetwork, change: Change
) -> Iterable[Plan]:
    for level in DIAL:
        tried = msgspec.structs.replace(change, service_level=level)
        yield _plan(_looked_at(book, key, now, supply, tried))


def _looked_at(
    book: Book, key: str, now: float, supply: SupplyNetwork, change: Change
) -> Situation:
    """Return a copy of a book as a decision would see it if something were otherwise."""
    copy: Book = msgspec.msgpack.decode(msgspec.msgpack.encode(book), type=Book)
    if copy.item is not None:
        fields: dict[str, object] = {}
        if change.service_class is not None:
            # A level of its own would override the class that is tried out.
            fields = {"service_class": change.service_class, "service_level": None}
        if change.service_level is not None:
            fields["service_level"] = change.service_level
        copy.item = msgspec.structs.replace(copy.item, **fields)
    copy.demand.mean_factor *= change.demand
    known: SupplyNetwork = (
        _Later(informed(copy, supply), change.lead_days) if change.lead_days else supply
    )
    transfers.lapse(copy, now)
    unrecorded.assume(copy, now)
    view = situation_of(copy, key, now, known)
    promises.reach(copy, now, view.targets.protection_days)
    return view


def _plan(view: Situation) -> Plan:
    aims, path = view.targets, view.projection
    quantity, reasons = (0, ()) if is_run_down(view) else to_order(view)
    return Plan(
        service_class=view.item.service_class,
        service_level=aims.service_level,
        lead_time_days=view.lead_time.mean_days,
        protection_days=aims.protection_days,
        reorder_point=aims.reorder_point,
        order_up_to=aims.order_up_to,
        safety_stock=aims.safety_stock,
        insurance_cost=aims.insurance_cost,
        insured_cost=aims.insured_cost,
        inventory_position=view.book.inventory_position,
        order_quantity=quantity,
        reasons=reasons,
        stockout_p50=path.stockout_p50,
        stockout_p10=path.stockout_p10,
        risk=path.risk,
        short_units=path.short_units,
        daily=view.book.demand.level,
    )


class _Later:
    """A supply network whose deliveries all take some days longer, with the spread of what they take now."""

    def __init__(self, supply: SupplyNetwork, days: float) -> None:
        self._supply = supply
        self._days = days

    def lead_time(self, source: Source) -> LeadTime:
        """Return the lead time of a source, made longer."""
        known = self._supply.lead_time(source)
        shift = math.log(max(known.mean_days + self._days, _SHORTEST_DAYS) / known.mean_days)
        return LeadTime(
            known.weight,
            known.total + known.weight * shift,
            known.squares + 2 * shift * known.total + known.weight * shift**2,
            known.deliveries,
        )

    def disruptions(self) -> Disruptions:
        """Return the wide disruptions in force."""
        return self._supply.disruptions()

    def delay_multiplier(self, carrier: str | None, supplier: str | None) -> float:
        """Return what a day of reported delay has meant."""
        return self._supply.delay_multiplier(carrier, supplier)

    def spare(self, item: Item, now: float) -> Iterable[Spare]:
        """Return what locations can spare."""
        return self._supply.spare(item, now)

    def transfer_terms(self) -> TransferTerms:
        """Return what it takes to move goods between locations."""
        return self._supply.transfer_terms()

    def order_calendar(self, source: Source, location: str) -> OrderCalendar | None:
        """Return when a source takes orders."""
        return self._supply.order_calendar(source, location)

    def terms(self, supplier: str) -> Supplier | None:
        """Return what was told of a supplier."""
        return self._supply.terms(supplier)

    def bills(self) -> Bills:
        """Return what all items are made of."""
        return self._supply.bills()
