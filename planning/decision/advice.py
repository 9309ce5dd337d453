"""Advice on the dial between just-in-time and just-in-case, where evidence speaks against an item's class."""

import math
from typing import Final

from andon.planning.alerting.sentences import is_money, money, plain
from andon.planning.book.promises import free
from andon.planning.decision.signals import set_signal
from andon.planning.decision.situation import Situation
from andon.planning.policy.policy import holding_cost
from andon.planning.supply.lead_time import LeadTime

#: A lead time whose standard deviation is more than this share of its mean is not to be relied on.
_UNRELIABLE: Final = 0.5
_RELIABLE_AGAIN: Final = 0.4
#: A lean item that holds this many days more than it is to have at most has stopped being lean.
_SPARE_DAYS: Final = 21.0
_LEARNED_DAYS: Final = 28
_DAYS_A_YEAR: Final = 365.25


def class_advice(view: Situation) -> None:
    """Advise a second source for a critical item that rests on one unreliable supplier, and less for a lean item with weeks to spare.

    It never changes the class: that is its owner's to do.
    """
    if view.item.service_class == "critical":
        _single_source(view)
    else:
        _spare_stock(view)


def _single_source(view: Situation) -> None:
    item = view.item
    suppliers = {source.origin for source in item.sources}
    lead_time: LeadTime = view.option(view.usual).lead_time
    variation = lead_time.sd_days / lead_time.mean_days
    limit = _RELIABLE_AGAIN if "class_advice" in view.book.alerts else _UNRELIABLE
    aims = view.targets
    set_signal(
        view,
        "class_advice",
        holds=len(suppliers) == 1 and variation > limit,
        severity="warning",
        size=aims.insurance_cost,
        opened=lambda: (
            f"{view.name} at {item.location} is critical and comes from {next(iter(suppliers))} alone, whose lead time of "
            f"{lead_time.mean_days:.1f} days is out by {lead_time.sd_days:.1f}: its buffer costs "
            f"{money(aims.insurance_cost, item.currency)} a year. A second source would be worth that much."
        ),
        resolved=lambda: f"{view.name} at {item.location} has a source that it can rely on.",
        numbers={
            "lead_time_mean_days": round(lead_time.mean_days, 2),
            "lead_time_sd_days": round(lead_time.sd_days, 2),
            "insurance_cost": round(aims.insurance_cost, 2),
        },
    )


def _a_year(value: float, currency: str) -> str:
    return f", at {money(value, currency)} a year" if is_money(value, currency) else ""


def _spare_stock(view: Situation) -> None:
    item, book = view.item, view.book
    daily = view.demand.level
    spare = free(book, math.inf) - view.targets.order_up_to
    days = spare / daily if daily > 0 else 0.0
    least = _SPARE_DAYS / 3 if "class_advice" in book.alerts else _SPARE_DAYS
    value = holding_cost(item, _DAYS_A_YEAR) * max(spare, 0)
    set_signal(
        view,
        "class_advice",
        holds=item.service_class == "lean" and view.demand.days >= _LEARNED_DAYS and days > least,
        severity="info",
        size=float(max(spare, 0)),
        opened=lambda: (
            f"{view.name} at {item.location} is lean and holds {plain(spare, 'unit')} more than it is to have at most, "
            f"{days:.0f} days' worth{_a_year(value, item.currency)}: order less at once (packs of {item.pack_size}, at "
            f"least {item.minimum_order}), or let another location have it."
        ),
        resolved=lambda: f"{view.name} at {item.location} is lean again.",
        numbers={"spare_units": float(max(spare, 0)), "spare_days": round(days, 1)},
    )
