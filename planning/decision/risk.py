"""Stock-out risk: what will run out before relief arrives, what is to blame, and what is at stake."""

from collections.abc import Callable
from typing import Final

from andon.planning.alerting.alerts import OpenAlert, raise_alert, settle_alert, severity_of
from andon.planning.alerting.outcomes import of_shelf, see_shelf
from andon.planning.alerting.sentences import instant, is_money, moment, money, plain
from andon.planning.book.book import Line
from andon.planning.book.promises import on_shelf, promised
from andon.planning.decision.alternatives import ranked_alternatives
from andon.planning.decision.situation import Situation
from andon.planning.decision.terms import within_capacity
from andon.planning.policy.lot_size import lot_size
from andon.planning.policy.policy import shortage_cost
from andon.planning.policy.projection import Projection, bridge_quantity
from andon.schemas.alerts import Alert, Alternative

_DAY: Final = 86400.0
_KIND: Final = "stockout_risk"
#: How likely running out must be before somebody is called, by class: the dial again.
ODDS: Final = {"lean": 0.5, "balanced": 0.3, "critical": 0.1}
#: An alert stays until the odds have fallen below this share of what opened it.
_CALM_SHARE: Final = 0.6
#: Less than one unit short, or what sells in a quarter of a day, is not worth a call.
_LEAST_SHORT: Final = 1.0
_LEAST_DAYS_SHORT: Final = 0.25
#: Below these odds nobody is called at once: of five such calls four must be right.
_CRITICAL: Final = 0.6
#: An alert ends at once where the odds are below this share of what opened it and the stock lasts for so many days, or
#: where its cause is gone; else once it has been calm for a day, as the next sale, or small receipt, may turn it again.
_CLEAR_SHARE: Final = 0.2
_CLEAR_DAYS: Final = 3.0
#: What comes too late more likely than not is not spoken of if it saves less than this share of what is at stake.
_LEAST_SAVED: Final = 0.05
#: From these odds on it is said as a fact.
_LIKELY: Final = 0.5


def stockout_risk(view: Situation) -> None:
    """Open, update or resolve the item's stock-out alert; there is one at a time, and it names its present cause."""
    book, projection = view.book, view.projection
    late = _late_line(view)
    cause, reason = _cause(view, late)
    alert = book.alerts.get(_KIND)
    if alert is not None:
        see_shelf(alert, view.now, on_shelf(book))
    odds = ODDS[view.item.service_class]
    limit = odds * (1.0 if alert is None else _CALM_SHARE)
    least = max(_LEAST_SHORT, _LEAST_DAYS_SHORT * view.demand.level)
    least *= 1.0 if alert is None else 0.5
    has_stock = view.free > 0 or alert is None
    if has_stock and (projection.risk < limit or projection.short_units < least):
        settle_alert(
            book,
            _KIND,
            view.key,
            view.now,
            calm_seconds=0.0 if _is_clear(view, odds) or _is_over(alert, cause) else _DAY,
            flaps=True,
            describe=_resolved(view),
        )
        return
    at_risk = projection.short_units * shortage_cost(view.item)
    due = _runs_out(projection)
    if view.free <= 0:
        due = view.now if alert is None else alert.due
    severity = severity_of(
        view.days_short, (due - view.now) / 3600, critical=view.item.service_class == "critical"
    )
    if severity == "critical" and projection.risk < _CRITICAL:
        severity = "warning"
    raised = raise_alert(
        book,
        kind=_KIND,
        key=view.key,
        now=view.now,
        severity=severity,
        size=at_risk,
        due=due,
        cause=cause,
        unit=shortage_cost(view.item) or 1.0,
        describe=_opened(view, late, at_risk, due, reason),
    )
    see_shelf(raised, view.now, on_shelf(book))


def _runs_out(projection: Projection) -> float:
    """Return when the stock is gone if nothing arrives before (seconds since 1970): as replenishment says it, where it says it."""
    path, relief = projection.stockout_p50, projection.relief
    if path is not None and (relief is None or path <= relief):
        return path
    return projection.dry_p50


def _is_clear(view: Situation, odds: float) -> bool:
    """Return whether an item is safe for good, as it is after a large receipt; `odds` are those that open an alert."""
    projection = view.projection
    lasts = (projection.dry_p50 - view.now) / _DAY
    return projection.risk < _CLEAR_SHARE * odds and lasts > _CLEAR_DAYS


def _is_over(alert: OpenAlert | None, cause: str) -> bool:
    """Return whether an alert named a cause that is gone."""
    return alert is not None and alert.cause not in ("", cause)


def _best(view: Situation, alternative: Alternative, at_risk: float) -> str:
    """Return the best way out in a sentence: what comes too late more likely than not is none, if better than to wait.

    Nothing is said of it where it saves next to nothing of what is at stake, or comes after what is on its way.
    """
    if alternative.probability_too_late > _LIKELY:
        arrives, relief = alternative.arrives_p50, view.projection.relief
        is_later = arrives is not None and relief is not None and arrives.timestamp() >= relief
        if alternative.saves < _LEAST_SAVED * at_risk or is_later:
            return " Nothing is likely to come in time."
        return f" Nothing is likely to come in time; better than to wait: {alternative.why}."
    return f" Best way out: {alternative.why}."


def _opened(
    view: Situation, late: Line | None, at_risk: float, due: float, reason: str
) -> Callable[[OpenAlert, str], Alert]:
    def describe(alert: OpenAlert, status: str) -> Alert:
        book, projection = view.book, view.projection
        units = _bridge_units(view) if late is not None else 0
        alternatives = ranked_alternatives(view, due, units)
        bridge = _bridge(view, units, alternatives)
        where = f"{view.name} at {view.item.location}"
        left = f"{view.free} left" + (f" of {view.stock_in_words}" if promised(book) else "")
        if on_shelf(book) <= 0:
            sentence = f"{where} is out of stock"
        elif view.free <= 0:
            sentence = f"{where} has nothing free to sell: {view.stock_in_words}"
        elif projection.risk >= _LIKELY:
            sentence = f"{where} runs out about {moment(due)}: {left}"
        else:
            sentence = f"{where} may run out, with odds of {projection.risk:.0%}: {left}"
        if late is not None:
            come = (
                f"were due {moment(late.expected)} and have not come"
                if late.expected < view.now
                else f"now come {moment(late.expected)}"
            )
            sentence += (
                f", and {plain(late.open_quantity, 'unit')} from {late.supplier or late.transfer_from or view.usual.made_on or 'the supplier'} "
                f"{come} ({late.reason or 'late'})"
            )
        elif view.short_source is not None:
            most = view.option(view.usual).most or 0
            when = moment(view.short_source.ready_at)
            sentence += (
                f", and {view.usual.origin} has {most or 'none'} for it and no more before {when}"
            )
            sentence += f" ({reason})" if reason else ""
        elif projection.relief is not None:
            sentence += f", and the next delivery comes {moment(projection.relief)}"
        else:
            days = view.lead_time.mean_days + view.added_days
            sentence += f", and an order placed now takes {days:.1f} days"
            sentence += f" ({reason})" if reason else ""
        stake = money(at_risk, view.item.currency)
        sentence += f". At stake: {stake}." if is_money(at_risk, view.item.currency) else "."
        if bridge:
            sentence += (
                f" To bridge until then: {plain(bridge, 'unit')}, the late order stays on order."
            )
        if alternatives and alternatives[0].kind != "wait":
            sentence += _best(view, alternatives[0], at_risk)
        return view.message(
            alert,
            status,
            sentence,
            shipment_id=late.shipment_id if late is not None else None,
            supplier=late.supplier if late is not None else None,
            parent_id=_parent_id(view, alert.cause),
            bridge_quantity=bridge or None,
            expected_arrival=instant(projection.relief),
            stockout_p50=instant(projection.stockout_p50),
            stockout_p10=instant(projection.stockout_p10),
            probability=round(projection.risk, 4),
            value_at_risk=round(at_risk, 2),
            insurance_cost=round(view.targets.insurance_cost, 2),
            insured_cost=round(view.targets.insured_cost, 2),
            numbers={
                "on_hand": float(book.on_hand),
                "on_order": float(book.on_order),
                "promised": float(promised(book)),
                "short_units": round(projection.short_units, 2),
                "daily_demand": round(view.demand.level, 3),
            },
            alternatives=alternatives,
        )

    return describe


def _resolved(view: Situation) -> Callable[[OpenAlert, str], Alert]:
    def describe(alert: OpenAlert, status: str) -> Alert:
        sentence = (
            f"{view.name} at {view.item.location} is safe again: {view.stock_in_words}, "
            f"{view.projection.risk:.0%} risk of running out before the next delivery."
        )
        return view.message(
            alert,
            status,
            sentence,
            resolution="safe",
            outcome=of_shelf(alert, view.now),
            parent_id=_parent_id(view, alert.cause),
            probability=round(view.projection.risk, 4),
        )

    return describe


def _cause(view: Situation, late: Line | None) -> tuple[str, str]:
    """Return what is to blame and why: the late line's disruption, or the one that holds up the usual source."""
    if late is not None:
        return late.cause or late.shipment_id, late.reason or "late"
    if view.projection.relief is not None:
        return "", ""
    usual = view.option(view.usual)
    return usual.cause or "", usual.reason or ""


def _parent_id(view: Situation, cause: str) -> str | None:
    """Return the alert of the wide disruption that is the cause, if one is."""
    for line in view.coming:
        if line.cause == cause and line.parent_id is not None:
            return line.parent_id
    wide = view.supply.disruptions().get(cause)
    if wide is not None:
        return wide.parent_id
    usual = view.option(view.usual)
    return usual.parent_id if cause and usual.cause == cause else None


def _late_line(view: Situation) -> Line | None:
    """Return the open line that is expected first, if it is later than promised."""
    if not view.coming:
        return None
    first = min(view.coming, key=lambda line: line.expected)
    promised = first.promised if first.promised is not None else first.expected
    is_late = max(first.expected, view.now) > promised + _DAY / 2
    return first if first.cause is not None or is_late else None


def _bridge_units(view: Situation) -> int:
    """Return what carries the item to the late receipt: it never replaces the late order."""
    units = bridge_quantity(view.projection, view.free, view.demand, view.now)
    # What is needed beyond that can be ordered in the usual way, in time.
    return min(units, max(view.targets.order_up_to - view.free, 0))


def _bridge(view: Situation, units: int, alternatives: tuple[Alternative, ...]) -> int:
    """Return a bridge in a quantity that can be ordered: that of the best way out, else as the usual source takes it."""
    if units <= 0:
        return 0
    found = (one.quantity for one in alternatives if one.kind != "wait")
    usual = lot_size(view.item, view.usual).fit(units)
    return next(found, within_capacity(view, view.usual, usual)[0])
