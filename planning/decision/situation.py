"""Everything a decision about one item looks at, put together once."""

from functools import cached_property
from typing import Any

import msgspec

from andon.planning.alerting.alerts import OpenAlert, head_of
from andon.planning.book.arrivals import coming, receipts_of, with_dates
from andon.planning.book.book import Book, Line
from andon.planning.book.dependents import is_part, required
from andon.planning.book.promises import ahead, free, on_shelf, promised
from andon.planning.decision.network import SupplyNetwork, informed
from andon.planning.decision.sourcing import (
    SourceOption,
    best_option,
    item_of,
    option_of,
    usual_option,
)
from andon.planning.demand.demand import Demand, is_known
from andon.planning.demand.spike import spike_threshold
from andon.planning.network.echelon import (
    as_echelon,
    echelon_demand,
    lead_days_below,
    longer,
    nothing_but_parts,
)
from andon.planning.network.state import Source as NetworkSource
from andon.planning.network.state import below
from andon.planning.policy.lot_size import bought_from
from andon.planning.policy.policy import (
    Targets,
    targets,
    without_demand,
)
from andon.planning.policy.projection import UNSEEN, Projection, project, sellable
from andon.planning.policy.relief import Receipt
from andon.planning.supply.lead_time import LeadTime
from andon.schemas.alerts import Alert
from andon.schemas.common import split_item_key
from andon.schemas.items import Item, Source

_DAY = 86400.0


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
    #: What must be met: with that of the locations which are fed from here, if any are.
    demand: Demand
    #: The position of those locations, in units.
    position_below: int = 0
    #: What others need of it as a part: from when on (seconds since 1970), and how many units.
    required: tuple[tuple[float, int], ...] = ()
    looks_ahead: bool = True
    options: dict[int, SourceOption] = {}

    @property
    def position(self) -> int:
        """What there is for the demand, in units, also after the book has heard of an order."""
        return self.book.inventory_position + self.position_below - self.required_soon

    @property
    def required_soon(self) -> int:
        """What others need of it as a part before an order placed at the next review would be there, in units."""
        if not self.required:
            return 0
        until = self.now + self.targets.protection_days * _DAY
        return sum(units for at, units in self.required if at <= until)

    def option(self, source: Source) -> SourceOption:
        """Return how an order placed now would come from one of the item's sources."""
        found = self.options.get(id(source))
        if found is None:
            found = option_of(self.book, self.key, source, self.now, self.supply)
            self.options[id(source)] = found
        return found

    @cached_property
    def coming(self) -> list[Line]:
        """The lines of which something is still to come, as late as is known here."""
        lines = coming(
            self.book, self.item.location, self.supply.disruptions(), self.supply.delay_multiplier
        )
        return with_dates(lines, self.item, self.now, self.supply.lead_time, self.book.former)

    @cached_property
    def receipts(self) -> list[Receipt]:
        """What is still to come, and when; not what has been sold already, as the book is below nothing without it."""
        come, sold = receipts_of(self.coming, self.now), self.book.overdrawn
        return sellable(-sold, 0, come)[1] if sold else come

    @cached_property
    def free(self) -> int:
        """What is on hand and promised to no customer now, in units."""
        return free(self.book)

    @property
    def days_short(self) -> float:
        """The units expected to be short, in days of the item's usual sales."""
        return self.projection.short_units / max(self.demand.level, 1e-9)

    @property
    def stock_in_words(self) -> str:
        """What is on hand, and what of it is promised."""
        units, known = promised(self.book), self.book.inheritance
        old = (
            f" and {self.book.inherited:,} of {known.sku}" if known and self.book.inherited else ""
        )
        held = f" ({self.book.on_hold:,} of it on hold)" if self.book.on_hold else ""
        taken = f" (taken for {self.book.stock:,})" if self.book.stock != self.book.on_hand else ""
        return f"{self.book.on_hand:,} on hand{taken}{held}{old}" + (
            f" and {units:,} promised" if units else ""
        )

    @cached_property
    def projection(self) -> Projection:
        """How the stock is expected to go: the costliest thing to know, and an order may do without it."""
        if not self.looks_ahead:
            return UNSEEN
        promises, shelf = ahead(self.book), on_shelf(self.book)
        if self.required:
            promises = sorted([*promises, *self.required])
        days = self.lead_time.mean_days + self.added_days
        usual = project(
            self.free, self.receipts, self.demand, self.now, days, promises, on_shelf=shelf
        )
        short = self.short_source
        if short is None:
            return usual
        # Until the location that it comes from has more, it must do with what it has, what is on its way, and what it may ask for.
        most = self.option(self.usual).most or 0
        until = max(short.ready_at - self.now, 0.0) / _DAY + self.lead_time.mean_days
        stock = self.free + self.book.on_order + self.book.reserved + most
        stretched = project(stock, (), self.demand, self.now, until, promises, on_shelf=shelf)
        return stretched if stretched.short_units > usual.short_units else usual

    @cached_property
    def short_source(self) -> NetworkSource | None:
        """The location that it usually comes from, if that has too little for all, as far as was told; None else."""
        sender, network = self.usual.from_location, self.book.network
        if sender is None or network is None:
            return None
        told = network.sources.get(sender)
        return (
            told
            if told is not None and told.is_short and not self.option(self.usual).circle
            else None
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


def situation_of(
    book: Book, key: str, now: float, supply: SupplyNetwork, *, looks_ahead: bool = True
) -> Situation:
    """Return everything a decision looks at.

    Raises:
        ValueError: the book has no item.
    """
    item = item_of(book, key)
    supply = informed(book, supply)
    # What to aim at rests on the usual source: a disruption may change where to order, but never how much.
    usual = usual_option(book, key, now, supply)
    options = {id(usual.source): usual}
    best = usual if not usual.held_up_days else best_option(options, book, key, now, supply)
    planned = bought_from(item, usual.source, usual.review_days)
    demand, lead_time, position_below = book.demand, usual.lead_time, 0
    feeds = [] if book.network is None else book.network.feeds
    if feeds and book.network is not None:
        own = demand.level if sells_itself(book) else 0.0
        lead_time = longer(lead_time, lead_days_below(feeds, own))
        days = lead_time.mean_days + planned.review_period_days
        demand = echelon_demand(demand, feeds, now, max(days, 1.0), sells=own > 0)
        planned = as_echelon(planned, book.network, own)
        position_below = below(book.network)
    part = book.production is not None and is_part(book)
    wanted = required(book, now) if part else ()
    if part and not is_known(demand):
        demand = nothing_but_parts(demand)
    aims = targets(planned, demand, lead_time, now, priced=looks_ahead)
    if not is_known(demand):
        aims = without_demand(aims)
    elif part and demand.level <= 0:
        # What is needed is known: it is ordered when it is, and not before.
        aims = msgspec.structs.replace(without_demand(aims), reorder_point=-1)
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
        demand=demand,
        position_below=position_below,
        required=wanted,
        looks_ahead=looks_ahead,
        options=options,
    )


def sells_itself(book: Book) -> bool:
    """Return whether a location that feeds others has customers of its own, or sends goods to others than these."""
    return (book.sold > 0 or (book.network is not None and book.network.sells)) and is_known(
        book.demand
    )
