"""Everything a decision about one item looks at, put together once."""

from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from andon.planning.alerting.alerts import OpenAlert, head_of
from andon.planning.book.arrivals import coming, receipts_of, with_dates
from andon.planning.book.book import Book, Line
from andon.planning.book.promises import ahead, free, on_shelf, promised
from andon.planning.decision.network import SupplyNetwork, informed
from andon.planning.demand.demand import is_known
from andon.planning.demand.spike import spike_threshold
from andon.planning.policy.lot_size import bought_from
from andon.planning.policy.policy import (
    Targets,
    by_priority,
    targets,
    usual_source,
    without_demand,
)
from andon.planning.policy.projection import UNSEEN, Projection, project
from andon.planning.policy.relief import Receipt
from andon.planning.supply.disruption import Arrival, arrival
from andon.planning.supply.lead_time import LeadTime
from andon.planning.supply.order_calendar import OrderCalendar
from andon.planning.supply.wide_disruptions import way_of
from andon.schemas.alerts import Alert
from andon.schemas.common import split_item_key
from andon.schemas.items import Item, Source

_DAY = 86400.0


class SourceOption(NamedTuple):
    """How the next order would come from a source."""

    source: Source
    lead_time: LeadTime
    #: What disruptions in force add to the lead time, in days.
    held_up_days: float
    #: The worst disruption's; None without any.
    cause: str | None
    reason: str | None
    #: When it takes an order (seconds since 1970), the moment of the question if it does then; None if it takes none.
    order_at: float | None
    #: Until when that order can be placed; None if at any time.
    order_until: float | None = None
    #: How long the order waits for its moment, and the goods for a day of delivery, in days.
    calendar_days: float = 0.0
    #: From the question until the order after this one must be placed, with what its goods wait for, in days; 0 if one can order at any time.
    review_days: float = 0.0

    @property
    def added_days(self) -> float:
        """What disruptions and calendars add to the lead time, in days."""
        return self.held_up_days + self.calendar_days


def option_from(source: Source, location: str, now: float, supply: SupplyNetwork) -> SourceOption:
    """Return how an order placed now (seconds since 1970), or as soon as it is taken, would come from a source."""
    lead_time = supply.lead_time(source)
    held = held_up(source, location, lead_time, now, supply)
    days, cause, reason = 0.0, None, None
    if held is not None:
        days, arrives = held
        cause, reason = arrives.cause, arrives.reason
    calendar = supply.order_calendar(source, location)
    if calendar is None:
        return SourceOption(source, lead_time, days, cause, reason, now)
    return SourceOption(
        source, lead_time, days, cause, reason, *_by_calendar(calendar, lead_time, now)
    )


def _by_calendar(
    calendar: OrderCalendar, lead_time: LeadTime, now: float
) -> tuple[float | None, float | None, float, float]:
    """Return when an order is taken, until when, what the calendar adds to its lead time, and the time to review (days)."""
    window = calendar.window(now)
    if window is None:
        return None, None, 0.0, 0.0
    days = lead_time.mean_days
    ordered = max(window.opens, now)
    arrives = calendar.arrival(ordered, days)
    if arrives is None:
        return None, None, 0.0, 0.0
    after = calendar.window(window.cutoff)
    review = 0.0
    if after is not None:
        # What is ordered now has to last until what is ordered at the end of the window after this one is there.
        replaced = calendar.arrival(after.cutoff, days)
        review = ((replaced or after.cutoff + days * _DAY) - now) / _DAY - days
    return ordered, window.cutoff, (arrives - now) / _DAY - days, review


class Situation(msgspec.Struct, frozen=True, dict=True):
    """A book, its item and the targets at one moment (seconds since 1970).

    `source` is where the next order would go, `lead_time` how long it takes from there, and `added_days` what
    disruptions in force and calendars add to that. `usual` is the source that what to aim at rests on, and `planned` the item
    as it is bought from there; `options` has what is known of sources so far. `looks_ahead` is off where an order's size is
    all that is asked: its message then gives no reasons.
    """

    book: Book
    key: str
    item: Item
    now: float
    source: Source
    lead_time: LeadTime
    added_days: float
    usual: Source
    planned: Item
    targets: Targets
    supply: SupplyNetwork
    looks_ahead: bool = True
    options: dict[int, SourceOption] = {}

    def option(self, source: Source) -> SourceOption:
        """Return how an order placed now would come from one of the item's sources."""
        found = self.options.get(id(source))
        if found is None:
            found = option_from(source, self.item.location, self.now, self.supply)
            self.options[id(source)] = found
        return found

    @cached_property
    def coming(self) -> list[Line]:
        """The lines of which something is still to come, as late as is known here."""
        lines = coming(
            self.book, self.item.location, self.supply.disruptions(), self.supply.delay_multiplier
        )
        return with_dates(lines, self.item, self.now, self.supply.lead_time)

    @cached_property
    def receipts(self) -> list[Receipt]:
        """What is still to come, and when."""
        return receipts_of(self.coming, self.now)

    @cached_property
    def free(self) -> int:
        """What is on hand and promised to no customer now, in units."""
        return free(self.book)

    @property
    def days_short(self) -> float:
        """The units expected to be short, in days of the item's usual sales."""
        return self.projection.short_units / max(self.book.demand.level, 1e-9)

    @property
    def stock_in_words(self) -> str:
        """What is on hand, and what of it is promised."""
        units, known = promised(self.book), self.book.inheritance
        old = f" and {self.book.inherited} of {known.sku}" if known and self.book.inherited else ""
        held = f" ({self.book.on_hold} of it on hold)" if self.book.on_hold else ""
        return f"{self.book.on_hand} on hand{held}{old}" + (
            f" and {units} promised" if units else ""
        )

    @cached_property
    def projection(self) -> Projection:
        """How the stock is expected to go: the costliest thing to know, and an order may do without it."""
        if not self.looks_ahead:
            return UNSEEN
        return project(
            self.free,
            self.receipts,
            self.book.demand,
            self.now,
            self.lead_time.mean_days + self.added_days,
            ahead(self.book),
            on_shelf=on_shelf(self.book),
        )

    @cached_property
    def spike_threshold(self) -> int:
        """The count of the open day that is a spike."""
        return spike_threshold(self.book.demand, self.book.demand.day, self.book.sells_in)

    @property
    def name(self) -> str:
        """What a buyer calls the item: its sku, with the description if there is one."""
        return (
            f"{self.item.sku} ({self.item.description})" if self.item.description else self.item.sku
        )

    def message(self, alert: OpenAlert, status: str, sentence: str, **fields: Any) -> Alert:
        """Return an alert's message with the fields all of an item's alerts have."""
        head: dict[str, Any] = head_of(alert, status)
        location, sku = split_item_key(self.key)
        return Alert(
            **head,
            sentence=sentence,
            location=location,
            sku=sku,
            currency=self.item.currency,
            **fields,
        )


def held_up(
    source: Source, location: str, lead_time: LeadTime, now: float, supply: SupplyNetwork
) -> tuple[float, Arrival] | None:
    """Return the days that disruptions in force add to an order placed now, and its arrival then; None without any."""
    known = supply.disruptions()
    if not known:
        return None
    way = way_of(
        supplier=source.supplier, carrier=source.carrier, lane=source.lane, locations=(location,)
    )
    base = now + lead_time.quantile(0.5) * _DAY
    worst = known.worst(way, base, now)
    if worst is None:
        return None
    arrives = arrival(base, 0.0, (worst,))
    return (arrives.expected - base) / _DAY, arrives


def situation_of(
    book: Book, key: str, now: float, supply: SupplyNetwork, *, looks_ahead: bool = True
) -> Situation:
    """Return everything a decision looks at.

    Raises:
        ValueError: the book has no item.
    """
    item = book.item
    if item is None:
        msg = f"book: {key} has no master data"
        raise ValueError(msg)
    supply = informed(book, supply)
    # What to aim at rests on the usual source: a disruption may change where to order, but never how much.
    usual = usual_option(item, now, supply)
    options = {id(usual.source): usual}
    best = usual if not usual.held_up_days else _best_option(options, item, now, supply)
    planned = bought_from(item, usual.source, usual.review_days)
    aims = targets(planned, book.demand, usual.lead_time, now, priced=looks_ahead)
    if not is_known(book.demand):
        aims = without_demand(aims)
    return Situation(
        book=book,
        key=key,
        item=item,
        now=now,
        source=best.source,
        lead_time=best.lead_time,
        added_days=best.added_days,
        usual=usual.source,
        planned=planned,
        targets=aims,
        supply=supply,
        looks_ahead=looks_ahead,
        options=options,
    )


def usual_option(item: Item, now: float, supply: SupplyNetwork) -> SourceOption:
    """Return how the next order would come from where an item is normally bought: the first source by priority that takes orders.

    If none does, it is the first, which then takes none.
    """
    options = (option_from(one, item.location, now, supply) for one in by_priority(item))
    found = next((option for option in options if option.order_at is not None), None)
    return found or option_from(usual_source(item), item.location, now, supply)


def _best_option(
    options: dict[int, SourceOption], item: Item, now: float, supply: SupplyNetwork
) -> SourceOption:
    """Return where to order from while the usual source is held up: where it comes from soonest, the usual source if equal."""
    for source in item.sources:
        if id(source) not in options:
            options[id(source)] = option_from(source, item.location, now, supply)
    return min(
        (one for one in options.values() if one.order_at is not None),
        key=lambda option: option.lead_time.mean_days + option.added_days,
        default=next(iter(options.values())),
    )
