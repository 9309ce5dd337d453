"""Where an item can be ordered from now, and how that would come: what decisions may ask about the supply network."""

from typing import Final, NamedTuple

from andon.planning.book.book import Book
from andon.planning.book.feeding import allowed, circle_through, is_refused
from andon.planning.decision.network import SupplyNetwork
from andon.planning.demand.days import begin_of, day_number
from andon.planning.policy.lot_size import lot_size
from andon.planning.policy.policy import by_priority, usual_source
from andon.planning.supply.disruption import Arrival, arrival
from andon.planning.supply.lead_time import LeadTime
from andon.planning.supply.order_calendar import OrderCalendar
from andon.planning.supply.wide_disruptions import way_of
from andon.schemas.items import Item, Source

_DAY: Final = 86400.0


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
    #: The alert of whatever holds it up, where that is known by it.
    parent_id: str | None = None
    #: The way in which goods would go round if they came from it, for which it is refused.
    circle: tuple[str, ...] = ()
    #: What may be asked of a location that is short, in units; None if it is not.
    most: int | None = None

    @property
    def added_days(self) -> float:
        """What disruptions and calendars add to the lead time, in days."""
        return self.held_up_days + self.calendar_days


def option_of(
    book: Book, key: str, source: Source, now: float, supply: SupplyNetwork
) -> SourceOption:
    """Return how an order placed now would come from a source of a book's item, with what a location that it is told of what it has."""
    location = key.partition("/")[0]
    option = option_from(source, location, now, supply)
    sender, network = source.from_location, book.network
    if sender is None or network is None or sender not in network.sources:
        return option
    if is_refused(book, key, sender):
        return option._replace(order_at=None, circle=circle_through(book, key, sender))
    told = network.sources[sender]
    if not told.is_short:
        return option
    most = allowed(book, told)
    waits = max((told.ready_at - now) / _DAY, 0.0) if not most else 0.0
    return option._replace(
        held_up_days=max(option.held_up_days, waits),
        cause=told.cause or option.cause,
        reason=told.reason or option.reason,
        parent_id=told.parent_id,
        most=most,
    )


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


def held_up(
    source: Source, location: str, lead_time: LeadTime, now: float, supply: SupplyNetwork
) -> tuple[float, Arrival] | None:
    """Return the days that disruptions in force add to an order placed now, and its arrival then; None without any."""
    known = supply.disruptions()
    if not known:
        return None
    way = way_of(
        supplier=source.supplier,
        carrier=source.carrier,
        lane=source.lane,
        locations=(location, source.from_location) if source.from_location else (location,),
    )
    base = now + lead_time.quantile(0.5) * _DAY
    worst = known.worst(way, base, now)
    if worst is None:
        return None
    arrives = arrival(base, 0.0, (worst,))
    return (arrives.expected - base) / _DAY, arrives


def usual_option(book: Book, key: str, now: float, supply: SupplyNetwork) -> SourceOption:
    """Return how the next order would come from where an item is normally bought: the first source by priority that takes orders.

    One whose offer begins later is not waited for while another than an expedite takes orders. If none does, it is the first,
    which then takes none.

    Raises:
        ValueError: the book has no item.
    """
    item = item_of(book, key)
    possible, taking = [], []
    for source in by_priority(item):
        option = option_of(book, key, source, now, supply)
        if option.order_at is None:
            continue
        taking.append(option)
        if lot_size(item, source).is_possible:
            if not source.expedite and not _begins_later(source, now, supply):
                return option
            possible.append(option)
    found = next(iter((*possible, *taking)), None)
    return found or option_of(book, key, usual_source(item), now, supply)


def _begins_later(source: Source, now: float, supply: SupplyNetwork) -> bool:
    """Return whether a source's offer has not begun by now (seconds since 1970), on its supplier's calendar."""
    if source.valid_from is None:
        return False
    told = supply.terms(source.origin)
    zone = None if told is None or told.time_zone == "UTC" else told.time_zone
    return now < begin_of(day_number(source.valid_from), zone)


def item_of(book: Book, key: str) -> Item:
    """Return the item of a book.

    Raises:
        ValueError: it has none.
    """
    if book.item is None:
        msg = f"book: {key} has no master data"
        raise ValueError(msg)
    return book.item


def best_option(
    options: dict[int, SourceOption], book: Book, key: str, now: float, supply: SupplyNetwork
) -> SourceOption:
    """Return where to order from while the usual source is held up: where it comes from soonest, the usual source if equal."""
    for source in item_of(book, key).sources:
        if id(source) not in options:
            options[id(source)] = option_of(book, key, source, now, supply)
    return min(
        (one for one in options.values() if one.order_at is not None),
        key=lambda option: option.lead_time.mean_days + option.added_days,
        default=next(iter(options.values())),
    )
