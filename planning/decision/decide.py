"""The decision about one item: when to look at it, and everything there is to say when looking."""

from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import (
    OpenAlert,
    OutboxMessage,
    head_of,
    settle_alert,
    wakes_at,
)
from andon.planning.book import lots, promises, succession, transfers, unrecorded
from andon.planning.book.answers import next_question
from andon.planning.book.book import ALWAYS, NEVER, NEVER_SOLD, Book
from andon.planning.decision.advice import class_advice
from andon.planning.decision.coverage import next_look
from andon.planning.decision.deviation import order_deviation
from andon.planning.decision.making import CIRCLE, tell_production
from andon.planning.decision.needs import end_needs, tell_needs
from andon.planning.decision.network import SupplyNetwork
from andon.planning.decision.overdue import overdue_order
from andon.planning.decision.overstock import overstock
from andon.planning.decision.replenish import replenish
from andon.planning.decision.risk import ODDS, stockout_risk
from andon.planning.decision.run_down import expects_nothing, is_run_down, settle_orders
from andon.planning.decision.sharing import share_out
from andon.planning.decision.signals import (
    book_mismatch,
    calm_until,
    demand_spike,
    demand_unknown,
    is_wanted,
    level_shift,
    settles_at,
    source_circle,
)
from andon.planning.decision.situation import Situation, situation_of
from andon.planning.decision.surplus import publish_surplus
from andon.planning.decision.unseen import unseen_order
from andon.planning.demand import demand as demands
from andon.planning.demand.days import begin_of
from andon.planning.demand.spike import observing_holidays
from andon.planning.forecasting.candidates import LEVEL, NAMES
from andon.planning.forecasting.models import Models
from andon.planning.policy.projection import wake_level
from andon.schemas.alerts import Alert
from andon.schemas.common import split_item_key, utc
from andon.schemas.forecasts import Forecast

#: How far a level may fall below the one that was acted on before it is looked at again, as a share of order-up-to.
_NEXT_LOOK: Final = 0.1
#: The protection interval of an item whose own is not known yet.
_USUAL_DAYS: Final = 7.0
#: So many days are closed at once, as each costs as much as a decision; the rest when the item is looked at next.
_MOST_DAYS: Final = 100
_FORECAST_DAYS: Final = 28
_NAMED: Final = 3
_QUANTILES: Final = (0.1, 0.5, 0.9, 0.98)


def open_day(
    demand: demands.Demand, watermark: float, lateness_seconds: float
) -> tuple[int, float]:
    """Return the first day that is still open to late events (days since 1970), and when it began (seconds since 1970)."""
    day = demands.day_at(demand, max(watermark - lateness_seconds, 0.0))
    return day, begin_of(day, demand.zone)


def advance(
    book: Book, watermark: float, lateness_seconds: float, models: Models | None = None
) -> int:
    """Close the days that are over and past their allowed lateness, a hundred at most; return how many.

    A day at whose end the book, once counted, had nothing left is no evidence of little demand; one on which the item was not
    active is none of anything. With models, these learn
    too, and what has earned it speaks through the book's demand from then on.
    """
    today, begins = open_day(book.demand, watermark, lateness_seconds)
    if begins <= book.clock:
        return 0
    before, book.clock = book.clock, begins
    stock = promises.on_shelf(book)
    empty = stock <= 0 and book.stock_is_known
    observe = None if models is None else models.observer(book.demand)
    if book.item is not None:
        observe = observing_holidays(book.demand, book.sells_in, observe)
    on_shelf = stock > 0 and book.stock_is_known and book.item is not None
    # It has been so since the book was last looked at: an event that changes it closes the days before it first.
    since = demands.day_at(book.demand, before) if before else today
    demands.wait_on_shelf(book.demand, since, on_shelf=on_shelf)
    demands.see_day(book.demand)
    share = 0.0 if book.off_shelf else 1.0
    closed = demands.close_through(
        book.demand,
        today - 1,
        share,
        ran_out=empty,
        oversold=book.on_hand + max(book.inherited, 0) < 0,
        observe=observe,
        most=_MOST_DAYS,
    )
    if closed and book.demand.closed < today - 1:
        book.clock = max(begin_of(book.demand.closed + 1, book.demand.zone), before)
    if closed and models is not None:
        aims = book.targets
        models.apply_champion(book.demand, _USUAL_DAYS if aims is None else aims.protection_days)
    return closed


def reconsider(
    book: Book,
    key: str,
    now: float,
    supply: SupplyNetwork,
    *,
    closed: int = 0,
    models: Models | None = None,
) -> None:
    """Look at an item: bring its targets up to date, and say what there is to say into its outbox.

    Args:
        book: the item's book, with its master data.
        key: `location/sku`.
        now: seconds since 1970.
        supply: what is known of the supply network.
        closed: how many days were closed before; a new day's forecast is published.
        models: what competed for that forecast; the book's own level if None.
    """
    lapsed = transfers.lapse(book, now)
    succession.settle(book, now)
    unrecorded.assume(book, now)
    lots.settle(book, now)
    view = situation_of(book, key, now, supply)
    book.targets = view.targets
    promises.reach(book, now, view.targets.protection_days)
    is_awaited, is_replaced = (
        succession.is_awaited(book, now),
        succession.is_replaced(book, now),
    )
    if not (is_awaited or is_replaced or succession.is_announced(book, now)):
        demand_unknown(view)
    if is_run_down(view) or expects_nothing(view):
        settle_orders(view)
    elif not is_awaited and book.stock_is_known and is_wanted(view):
        replenish(view)
        if demands.is_known(view.demand):
            stockout_risk(view)
    if not is_replaced:
        overdue_order(view, lapsed)
        demand_spike(view)
        level_shift(view)
        overstock(view)
    book_mismatch(view)
    unseen_order(view)
    order_deviation(view)
    if not is_run_down(view):
        class_advice(view)
    publish_surplus(view)
    source_circle(view)
    if book.network is not None or view.usual.from_location is not None:
        share_out(view)
        tell_needs(view)
    if book.production is not None:
        tell_production(view)
    succession.say(book, key, now)
    _set_wake_levels(view)
    if closed:
        book.outbox.append(_forecast(view, models))


def look_again(book: Book, now: float) -> float | None:
    """Return when time alone makes the book say something, after `now` (seconds since 1970); None if nothing does.

    That is when a snooze ends, an order that was announced should have been seen, a transfer should be there, what a
    customer ordered for later is due, a lot expires, a line that will stop is looked at again, a supplier's cut-off is over, or sales
    may not explain any more what a count was off by.
    """
    asked = book.alerts.get("replenish")
    times = (
        asked.due if asked is not None and asked.due > now else None,
        promises.next_due(book, now) if book.later else None,
        wakes_at(book.alerts, now),
        next_question(book, now),
        transfers.next_look(book, now) if book.lines else None,
        lots.next_expiry(book, now) if book.holds else None,
        next_look(book, now),
        settled if (settled := settles_at(book)) is not None and settled > now else None,
    )
    return min((time for time in times if time is not None), default=None)


def reorder(book: Book, key: str, now: float, supply: SupplyNetwork) -> Situation:
    """Look at an item's order alone: what `reconsider` asks for, but not why, and nothing else (`now` as there)."""
    transfers.lapse(book, now)
    unrecorded.assume(book, now)
    view = situation_of(book, key, now, supply, looks_ahead=False)
    book.targets = view.targets
    promises.reach(book, now, view.targets.protection_days)
    rests = is_run_down(view) or expects_nothing(view)
    if book.stock_is_known and is_wanted(view) and not rests:
        replenish(view)
    return view


def retire(book: Book, key: str, now: float) -> None:
    """Resolve what is open for an item that is planned no longer (`now` in seconds since 1970)."""
    location, sku = split_item_key(key)

    def describe(alert: OpenAlert, status: str) -> Alert:
        head: dict[str, Any] = head_of(alert, status)
        return Alert(
            **head,
            sentence=f"{sku} at {location} is planned no longer.{_still_comes(book)}",
            location=location,
            sku=sku,
            resolution="retired",
        )

    for kind in list(book.alerts):
        # A bill that leads in a circle does so without master data, too.
        if kind != CIRCLE:
            settle_alert(book, kind, key, now, for_good=True, describe=describe)
    end_needs(book, key, now)
    book.targets = None
    book.wake_position = book.wake_on_hand = NEVER
    book.wake_sold = NEVER_SOLD


def _still_comes(book: Book) -> str:
    """Return what is on order of an item that nobody plans any more, in a sentence; nothing if nothing is."""
    orders = sorted({line.shipment_id for line in book.lines.values() if line.open_quantity > 0})
    if not orders:
        return ""
    named = ", ".join(orders[:_NAMED]) + (" and others" if len(orders) > _NAMED else "")
    return f" {book.on_order} are still on order ({named}): cancel what is not wanted."


def _set_wake_levels(view: Situation) -> None:
    """Set the levels at which a sale must make us look again.

    While an alert is open, the next look is a tenth of the order-up-to level further down (sooner when little is left),
    so that an alert that stands costs nothing.
    """
    book, aims = view.book, view.targets
    step = max(int(_NEXT_LOOK * aims.order_up_to), 1)
    place = view.position
    book.wake_position = min(aims.reorder_point, place - step)
    if place > aims.reorder_point:
        book.wake_position = aims.reorder_point
    own = book.inventory_position
    if view.position_below and book.network is not None:
        # What lies below is in what its own position is compared with; what is fed from here is looked at by the whole.
        book.network.wake = book.wake_position + view.required_soon
    book.wake_position -= place - own
    # A sale compares it with a position in which nothing is inherited, unrecorded or held.
    book.wake_position += book.on_hold - book.inherited - book.unrecorded
    if succession.is_replaced(book, view.now):
        # Each of its sales is told.
        book.wake_position = ALWAYS
    odds = ODDS[view.item.service_class]
    level = wake_level(
        view.receipts, view.demand, view.now, odds, view.lead_time.mean_days + view.added_days
    )
    # The first unit below nothing says that the book is wrong; further ones say little more.
    free = view.free
    fall = min(step, max(free // 4, 1)) if free >= 0 and book.on_hand >= 0 else step
    book.wake_on_hand = book.on_hand - free + (level if free > level else free - fall)
    book.wake_sold = calm_until(view)


def _forecast(view: Situation, models: Models | None) -> OutboxMessage:
    """Say the forecast that the decisions now rest on, who made it, and how good that has been."""
    demand = view.book.demand
    location, sku = split_item_key(view.key)
    first, level = demand.day, demand.level
    protected = demands.over(demand, view.now, view.targets.protection_days)
    forecast = Forecast(
        location=location,
        sku=sku,
        made_at=utc(view.now),
        starts_at=utc(begin_of(first, demand.zone)),
        model=LEVEL if models is None else NAMES[models.active],
        level=round(level, 4),
        daily_mean=tuple(
            round(level * shape, 3) for shape in demands.shape_of(demand, first, _FORECAST_DAYS)
        ),
        protection_days=round(view.targets.protection_days, 3),
        quantiles={str(share): float(protected.quantile(share)) for share in _QUANTILES},
        wape=demand.wape,
        bias=demand.bias,
    )
    if models is not None:
        score = models.scores[models.active]
        costs = {
            name: round(cost, 4)
            for place, name in enumerate(NAMES)
            if (cost := models.cost(place)) is not None
        }
        has_champion = models.active != 0
        forecast = msgspec.structs.replace(
            forecast,
            wape=score.wape if has_champion else demand.wape,
            bias=score.bias if has_champion else demand.bias,
            mase=score.mase,
            coverage=score.coverage,
            costs=costs,
        )
    name = f"{view.key}:{first}"
    return OutboxMessage.of("forecasts", view.key, name, "andon.forecast.made", forecast, view.now)
