"""Replenishment: order this, now, this much, from here."""

from collections.abc import Callable

from andon.planning.alerting.alerts import OpenAlert, raise_alert, settle_alert, severity_of
from andon.planning.alerting.outcomes import of_order
from andon.planning.alerting.sentences import instant, is_money, moment, money, plain, sells
from andon.planning.book.promises import promised
from andon.planning.decision.alternatives import later_moment, waste_in
from andon.planning.decision.situation import Situation
from andon.planning.decision.sourcing import SourceOption
from andon.planning.decision.stage import stage_of
from andon.planning.decision.terms import below_minimum, within_capacity
from andon.planning.demand.demand import is_known
from andon.planning.policy.lot_size import lot_size
from andon.planning.policy.policy import order_quantity, shortage_cost
from andon.planning.policy.waste import Waste
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.items import Source, Stage

_DAY = 86400.0
_KIND = "replenish"
#: What sells less a day than this would be said as 0.0.
_HARDLY = 0.05
#: An alert that was not ordered for stays until the position is this share of order-up-to above the reorder point,
#: or has been above it for a day: a reorder point moves with every forecast, and the alert need not move with it.
_CLEAR_SHARE = 0.05
_CALM_SECONDS = _DAY


def to_order(view: Situation) -> tuple[int, tuple[str, ...]]:
    """Return what is to be ordered now, in units, and what shaped it: none while the position is above the reorder point."""
    position, option = view.position, view.option(view.source)
    if _is_enough(view):
        return 0, ()
    if option.order_at is None:
        return 0, (_no_source(option),)
    quantity, reasons = order_quantity(
        view.item,
        view.source,
        view.targets,
        position,
        view.demand,
        view.now,
        review_days=view.planned.review_period_days,
    )
    if option.most is not None and option.most < quantity:
        share = lot_size(view.item, view.source).fit_below(option.most)
        return share, (_shared(view, option, quantity, share),)
    if option.most is not None and option.most > quantity:
        # The rest of its share waits there, and is shared anew with what is known of demand by then.
        origin = view.source.origin
        reasons += (f"{origin} is short of it, and keeps {option.most - quantity} more for here",)
    quantity, beyond = within_capacity(view, view.source, quantity)
    wasted = waste_in(view, view.source, quantity)
    if _is_not_worth_it(view, wasted) and quantity <= lot_size(view.item, view.source).least:
        return 0, (_no_order_fits(view, quantity, wasted),)
    return quantity, (
        *reasons,
        *beyond,
        *below_minimum(view, view.source, quantity),
        *_expires(view, wasted),
    )


def _expires(view: Situation, wasted: Waste) -> tuple[str, ...]:
    """Return what to say of an order of which a part expires, and that is worth it; nothing if it is less than a unit."""
    units, currency = round(wasted.expire), view.item.currency
    if units < max(1, view.demand.level):
        return ()
    lost = f", {money(wasted.lost, currency)} lost" if is_money(wasted.lost, currency) else ""
    return (f"about {units:,} of it {'expires' if units == 1 else 'expire'}{lost}",)


def _is_not_worth_it(view: Situation, wasted: Waste) -> bool:
    """Return whether nothing is ordered for what it would waste: not of what must be there at any price, or what customers wait for."""
    item = view.item
    must_be = item.service_class == "critical" or item.service_level is not None
    return wasted.is_too_much and wasted.expire >= 1 and not must_be and view.book.backorders <= 0


def _no_order_fits(view: Situation, quantity: int, wasted: Waste) -> str:
    """Return why nothing is ordered though it is needed: what would expire costs more than what is sold is worth; and what else there is."""
    item, expire = view.item, round(wasted.expire)
    lost, saved = (
        money(amount, item.currency) if is_money(amount, item.currency) else "nothing"
        for amount in (wasted.lost, wasted.saved)
    )
    others = [
        f"{one.origin} takes {units:,}"
        for one in item.sources
        if one is not view.source and (units := _fits(view, one)) > 0
    ]
    small = (
        "it sells too seldom to be kept" if quantity == 1 else "ask for a smaller pack or minimum"
    )
    instead = f"; {' and '.join(others)}" if others else f"; {small}"
    return (
        f"no order fits: of the {quantity:,} that {view.source.origin} takes at least, about {expire:,} "
        f"{'expires' if expire == 1 else 'expire'}, {lost} lost for {saved} saved{instead}"
    )


def _fits(view: Situation, source: Source) -> int:
    """Return what would be ordered of another source; 0 if it takes no order or too much of it would expire."""
    if view.option(source).order_at is None:
        return 0
    quantity, _ = order_quantity(
        view.item, source, view.targets, view.position, view.demand, view.now
    )
    return 0 if waste_in(view, source, quantity).is_too_much else quantity


def _is_enough(view: Situation) -> bool:
    """Return whether nothing need be ordered; where nobody knows what sells, as soon as nobody waits."""
    aims = view.targets
    return view.position > aims.reorder_point or view.position >= aims.order_up_to


def replenish(view: Situation) -> None:
    """Open, update or resolve the item's replenishment alert."""
    book, aims = view.book, view.targets
    stage = stage_of(view.item, book)
    alert = book.alerts.get(_KIND)
    if alert is not None and (alert.stage == "shadow") != (stage == "shadow"):
        # It goes on where the item now stands, as an alert of its own.
        settle_alert(book, _KIND, view.key, view.now, describe=_moved(view, stage))
    if _is_enough(view):
        settle_alert(
            book,
            _KIND,
            view.key,
            view.now,
            calm_seconds=0.0 if _is_clear(view) else _CALM_SECONDS,
            describe=_resolved(view),
        )
        return
    option = view.option(view.source)
    quantity, reasons = to_order(view)
    projection = view.projection
    hours = None
    if projection.stockout_p50 is not None:
        hours = (projection.stockout_p50 - view.now) / 3600 - view.lead_time.mean_days * 24
    at_risk = projection.short_units * shortage_cost(view.item)
    severity = severity_of(view.days_short, hours, critical=view.item.service_class == "critical")

    def describe(alert: OpenAlert, status: str) -> Alert:
        if not view.looks_ahead:
            return view.message(
                alert,
                status,
                "",
                supplier=view.source.supplier,
                from_location=view.source.from_location,
                line=view.source.made_on,
                order_quantity=quantity or None,
            )
        selling = (
            sells(view.demand.level) if is_known(view.demand) else "nobody knows what else sells"
        )
        is_unsold = is_known(view.demand) and view.demand.level < _HARDLY
        # What is a part alone is not sold, and nobody asks how much.
        told = "" if is_unsold and view.required_soon else f", {selling}"
        arrives = view.now + (view.lead_time.mean_days + view.added_days) * _DAY
        sentence = (
            f"{_what_to_do(view, option, quantity)}: {_stock(view)}{told}, "
            f"and a delivery takes {view.lead_time.mean_days:.1f} days"
        )
        if quantity and view.added_days >= 1:
            sentence += f" and comes about {moment(arrives)}"
        if view.free > 0 and projection.stockout_p50 is not None:
            sentence += f"; it runs out about {moment(projection.stockout_p50)}"
        sentence += f" ({'; '.join(reasons)})." if reasons else "."
        return view.message(
            alert,
            status,
            sentence,
            supplier=view.source.supplier,
            from_location=view.source.from_location,
            line=view.source.made_on,
            order_quantity=quantity or None,
            order_from=None if option.order_until is None else instant(option.order_at),
            order_by=instant(_order_by(view, option)),
            expected_arrival=utc(arrives) if quantity else None,
            stockout_p50=instant(projection.stockout_p50),
            stockout_p10=instant(projection.stockout_p10),
            probability=round(projection.risk, 4),
            value_at_risk=round(at_risk, 2),
            insurance_cost=round(aims.insurance_cost, 2),
            insured_cost=round(aims.insured_cost, 2),
            numbers=_numbers(view),
        )

    raise_alert(
        book,
        kind=_KIND,
        key=view.key,
        now=view.now,
        severity=severity,
        size=float(quantity),
        due=option.order_until or 0.0,
        stage=stage,
        anew=_comes_from_elsewhere(view),
        describe=describe,
    )


def _comes_from_elsewhere(view: Situation) -> bool:
    """Return whether the alert that is open was last said of another source."""
    alert = view.book.alerts.get(_KIND)
    if alert is None or not alert.said or len(view.item.sources) < 2:
        return False
    told = decode(alert.said, Alert)
    return (told.supplier, told.from_location) != (
        view.source.supplier,
        view.source.from_location,
    )


def _no_source(option: SourceOption) -> str:
    if option.circle:
        return f"goods would go round in a circle: {' from '.join(option.circle)}"
    return "none of its sources takes an order"


def _shared(view: Situation, option: SourceOption, wanted: int, quantity: int) -> str:
    """Return why a location that is short lets less go than is wanted."""
    sender, network = view.source.from_location, view.book.network
    told = None if network is None or sender is None else network.sources.get(sender)
    if told is None:
        return f"no more than {quantity} of {wanted} can be had"
    more = f"; it has more about {moment(told.ready_at)}" if told.ready_at > view.now else ""
    late = f" ({option.reason})" if option.reason else ""
    return (
        f"{sender} is short of it: {told.why or f'{quantity} of {wanted} can be had'}{more}{late}"
    )


def _what_to_do(view: Situation, option: SourceOption, quantity: int) -> str:
    where = f"{view.name} for {view.item.location}"
    if quantity <= 0:
        return f"{where} cannot be ordered"
    when = later_moment(view, option)
    if view.source.made_on is not None:
        return f"Make {plain(quantity, 'unit')} of {where} on {view.source.made_on}{when}"
    do = "Order" if view.source.from_location is None else "Transfer"
    return f"{do} {plain(quantity, 'unit')} of {where} from {view.source.origin}{when}"


def _order_by(view: Situation, option: SourceOption) -> float | None:
    """Return the last moment at which an order still comes before the stock-out, None if none is in sight.

    Where that is past no usual order is in time, and the moment is now. Where orders are taken until a cut-off, that is the moment.
    """
    if option.order_until is not None:
        return option.order_until
    runs_out = view.projection.stockout_p50
    if runs_out is None:
        if view.coming or view.free <= 0 or view.demand.level <= 0:
            return None
        runs_out = view.projection.dry_p50
    return max(runs_out - (view.lead_time.mean_days + view.added_days) * _DAY, view.now)


def _is_ordered(view: Situation, alert: OpenAlert) -> bool:
    return alert.alert_id in view.book.reservations or any(
        line.alert_id == alert.alert_id and line.open_quantity > 0
        for line in view.book.lines.values()
    )


def _is_clear(view: Situation) -> bool:
    """Whether the position is above the reorder point for good; an order up to the order-up-to level always is."""
    alert, aims = view.book.alerts.get(_KIND), view.targets
    if alert is not None and _is_ordered(view, alert):
        return True
    margin = min(_CLEAR_SHARE * aims.order_up_to, (aims.order_up_to - aims.reorder_point) / 2)
    return view.position > aims.reorder_point + margin


def _resolved(view: Situation) -> Callable[[OpenAlert, str], Alert]:
    def describe(alert: OpenAlert, status: str) -> Alert:
        book = view.book
        is_ordered = _is_ordered(view, alert)
        how = "ordered" if is_ordered else "covered"
        if not view.looks_ahead:
            return view.message(alert, status, "", resolution=how)
        outcome = of_order(alert, view.position, is_ordered=is_ordered)
        sentence = (
            f"{view.name} at {view.item.location} is {how}: {view.stock_in_words} and "
            f"{book.on_order + book.reserved} on order."
        )
        return view.message(
            alert, status, sentence, resolution=how, outcome=outcome, numbers=_numbers(view)
        )

    return describe


def _moved(view: Situation, stage: Stage) -> Callable[[OpenAlert, str], Alert]:
    def describe(alert: OpenAlert, status: str) -> Alert:
        sentence = f"{view.name} at {view.item.location} is {stage} now: see there."
        return view.message(alert, status, sentence, resolution=f"moved to {stage}")

    return describe


def _stock(view: Situation) -> str:
    book = view.book
    coming = book.on_order + book.reserved
    told = view.stock_in_words + (f" and {coming} on order" if coming else "")
    later = book.backorders - promised(book)
    told += f", {later:,} promised for later" if later > 0 else ""
    if view.required_soon:
        told += f", {view.required_soon:,} needed for what it is a part of"
    fed = _feeds(view)
    if not fed:
        return told
    return f"{told}, {view.position_below} more at {plain(fed, 'location')} that it feeds"


def _feeds(view: Situation) -> int:
    """Return how many locations are fed from here."""
    return 0 if view.book.network is None else len(view.book.network.feeds)


def _numbers(view: Situation) -> dict[str, float]:
    book, aims = view.book, view.targets
    return {
        "on_hand": float(book.on_hand),
        **({"unrecorded": float(book.unrecorded)} if book.unrecorded else {}),
        **({"inherited": float(book.inherited)} if book.inherited else {}),
        **({"on_hold": float(book.on_hold)} if book.on_hold else {}),
        "on_order": float(book.on_order),
        "reserved": float(book.reserved),
        "backorders": float(book.backorders),
        **({"below": float(view.position_below)} if _feeds(view) else {}),
        **({"required": float(view.required_soon)} if view.required else {}),
        "inventory_position": float(view.position),
        "reorder_point": float(aims.reorder_point),
        "order_up_to": float(aims.order_up_to),
        "safety_stock": float(aims.safety_stock),
        "service_level": round(aims.service_level, 4),
        "daily_demand": round(view.demand.level, 3),
        "lead_time_days": round(view.lead_time.mean_days, 2),
        "lead_time_sd_days": round(view.lead_time.sd_days, 2),
    }
