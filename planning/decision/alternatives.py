"""The ways out of a shortage, ranked by what they are expected to cost.

Expected cost of a way = its extra landed cost + what it costs somebody else + the shortage that it leaves: all of it with
the probability that it arrives after the stock-out, and else what its quantity does not cover. Waiting is a way too. They
are worked out only when an alert speaks.
"""

from typing import Final, Literal

from andon.planning.alerting.sentences import instant, is_money, moment, money, plain
from andon.planning.decision.network import Spare
from andon.planning.decision.situation import Situation
from andon.planning.decision.sourcing import SourceOption
from andon.planning.decision.terms import below_minimum, freight_of, within_capacity
from andon.planning.policy.lot_size import lot_size, order_cost_at, unit_cost_at
from andon.planning.policy.policy import shortage_cost
from andon.planning.policy.waste import NONE, Waste, waste_of
from andon.planning.supply.lead_time import LeadTime, prior
from andon.schemas.alerts import Alternative
from andon.schemas.common import utc
from andon.schemas.items import Source

_DAY: Final = 86400.0
_MOST: Final = 3


def ranked_alternatives(view: Situation, due: float, bridge: int) -> tuple[Alternative, ...]:
    """Return the best three ways out, waiting included (`due` is when the stock is gone, seconds since 1970)."""
    alternatives = all_alternatives(view, due, bridge)
    return tuple(alternatives[:_MOST])


def all_alternatives(
    view: Situation, due: float, bridge: int, *, short_cost: float | None = None
) -> list[Alternative]:
    """Return every source, carrier, mode, expedite and transfer, and waiting, the cheapest in expectation first.

    Args:
        view: the item's situation.
        due: when the stock is gone, seconds since 1970.
        bridge: the units that would carry it over; if 0, what is missing to the order-up-to level.
        short_cost: what the shortage costs if nothing is done; default until the next receipt.
    """
    short = short_cost
    if short is None:
        short = view.projection.short_units * shortage_cost(view.item)
    wait = Alternative(
        kind="wait",
        arrives_p50=instant(view.projection.relief),
        probability_too_late=round(view.projection.risk, 4),
        expected_cost=round(short, 2),
        why=_waiting(view, short),
    )
    quantity = bridge or max(view.targets.order_up_to - view.position, 0)
    alternatives = [wait]
    if quantity > 0:
        by_source = (_by_source(view, source, quantity, due, short) for source in view.item.sources)
        alternatives += [found for found in by_source if found is not None]
        alternatives += [_by_transfer(view, spare, quantity, due, short) for spare in _givers(view)]
    alternatives.sort(key=lambda option: option.expected_cost)
    return alternatives


def _waiting(view: Situation, short: float) -> str:
    """Return what waiting means: for what, and what it costs, in units where no money says it."""
    what = "wait for what is on its way" if view.receipts else "do nothing but order as usual"
    currency = view.item.currency
    units = round(view.projection.short_units)
    cost = money(short, currency) if is_money(short, currency) else plain(units, "unit")
    return f"{what}: {cost} of shortage expected" if units or cost[0] != "0" else what


def _givers(view: Situation) -> list[Spare]:
    """Return the locations that can give some, but for those that are closed."""
    closed = {
        one.name
        for one in view.supply.disruptions().values()
        if one.scope == "location" and not one.is_over
    }
    if view.item.location in closed:
        return []
    givers = view.supply.spare(view.item, view.now)
    # What it comes from anyhow is a source, not a neighbour with something to spare.
    own = {view.item.location, *(source.from_location for source in view.item.sources)}
    return [one for one in givers if one.location not in closed and one.location not in own]


def _by_source(
    view: Situation, source: Source, need: int, due: float, short: float
) -> Alternative | None:
    """Return what a source would do, in a quantity that it takes; None if it takes no order."""
    option = view.option(source)
    quantity, beyond = within_capacity(view, source, lot_size(view.item, source).fit(need))
    if option.order_at is None or quantity <= 0:
        return None
    if option.most is not None:
        # What a location that is short lets it have is reckoned with already, and is no way out.
        return None
    lead_time, delayed = option.lead_time, option.added_days
    base = unit_cost_at(view.item, view.usual, quantity)
    unit = unit_cost_at(view.item, source, quantity)
    extra = max(unit - base, 0.0) * quantity + order_cost_at(view.item, source)
    extra += freight_of(view, source, quantity)
    wasted = waste_in(view, source, quantity)
    extra += wasted.lost
    too_late = 1.0 - lead_time.cdf((due - view.now) / _DAY - delayed)
    covered = min(quantity / need, 1.0) * (1.0 - too_late)
    cost = extra + (1.0 - covered) * short
    p50, p90 = _arrives(view, lead_time, delayed)
    also = "".join(f" ({text})" for text in (*below_minimum(view, source, quantity), *beyond))
    also += f" ({wasted.expire:,.0f} of it expire)" if wasted.expire >= 1 else ""
    when = later_moment(view, option)
    by = f" by {source.mode}" if source.mode else ""
    return Alternative(
        kind=_kind_of(source),
        supplier=source.supplier,
        from_location=source.from_location,
        lane=source.lane,
        carrier=source.carrier,
        mode=source.mode,
        quantity=quantity,
        order_from=utc(option.order_at) if when else None,
        order_by=instant(option.order_until),
        arrives_p50=utc(p50),
        arrives_p90=utc(p90),
        extra_cost=round(extra, 2),
        probability_too_late=round(too_late, 4),
        expected_cost=round(cost, 2),
        saves=round(short - cost, 2),
        why=_why(
            view,
            f"{plain(quantity, 'unit')} from {source.origin}{by}{when}{also}",
            p50,
            extra,
            too_late,
            short - cost,
        ),
    )


def _kind_of(source: Source) -> Literal["source", "expedite", "transfer"]:
    if source.from_location is not None:
        return "transfer"
    return "expedite" if source.expedite else "source"


def _by_transfer(
    view: Situation, spare: Spare, quantity: int, due: float, short: float
) -> Alternative:
    item = view.item
    terms = view.supply.transfer_terms()
    lead_time = prior(terms.days, terms.days / 2)
    moved = min(quantity, spare.quantity)
    if moved >= item.pack_size:
        moved -= moved % item.pack_size
    extra = moved * item.unit_cost * terms.cost_rate
    own = moved * spare.cost_of_giving
    too_late = 1.0 - lead_time.cdf((due - view.now) / _DAY)
    covered = moved / quantity * (1.0 - too_late)
    cost = extra + own + (1.0 - covered) * short
    p50, p90 = _arrives(view, lead_time, 0.0)
    return Alternative(
        kind="transfer",
        from_location=spare.location,
        quantity=moved,
        arrives_p50=utc(p50),
        arrives_p90=utc(p90),
        extra_cost=round(extra + own, 2),
        probability_too_late=round(too_late, 4),
        expected_cost=round(cost, 2),
        saves=round(short - cost, 2),
        why=_why(
            view,
            f"{plain(moved, 'unit')} moved from {spare.location}, which has "
            f"{spare.quantity:,} to spare",
            p50,
            extra + own,
            too_late,
            short - cost,
        ),
    )


def waste_in(view: Situation, source: Source, quantity: int) -> Waste:
    """Return what of an order with a source would expire."""
    if view.item.shelf_life_days is None:  # it keeps: most goods do
        return NONE
    option = view.option(source)
    days = option.lead_time.mean_days + option.added_days
    return waste_of(view.item, source, quantity, view.position, view.demand, view.now, days)


def later_moment(view: Situation, option: SourceOption) -> str:
    """Return when an order is taken, in words that follow others; nothing if it is at once, or never."""
    if option.order_at is None or option.order_at <= view.now:
        return ""
    if option.order_until is None:
        return f" on {moment(option.order_at)}"
    return f" between {moment(option.order_at)} and {moment(option.order_until)}"


def _arrives(view: Situation, lead_time: LeadTime, delayed: float) -> tuple[float, float]:
    return (
        view.now + (lead_time.quantile(0.5) + delayed) * _DAY,
        view.now + (lead_time.quantile(0.9) + delayed) * _DAY,
    )


def _worth(saves: float, currency: str) -> str:
    """Return what a way out is worth against waiting: what it saves, or costs more."""
    if not is_money(saves, currency):
        return "saves nothing"
    if saves < 0:
        return f"costs {money(-saves, currency)} more than to wait"
    return f"saves {money(saves, currency)}"


def _why(
    view: Situation, what: str, p50: float, extra: float, too_late: float, saves: float
) -> str:
    currency = view.item.currency
    asks = f"{money(extra, currency)} extra" if is_money(extra, currency) else "at no extra cost"
    return (
        f"{what}, there about {moment(p50)}, {asks}, "
        f"{too_late:.0%} risk of being too late, {_worth(saves, currency)}"
    )
