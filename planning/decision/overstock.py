"""Too much stock: what will expire before it sells, and what nobody wants for very long, in units and money each."""

import math
from typing import Final, NamedTuple

from andon.planning.alerting.sentences import money, plain
from andon.planning.book.promises import free
from andon.planning.decision.signals import set_signal
from andon.planning.decision.situation import Situation
from andon.planning.demand.demand import over

#: How many protection intervals of stock, and at least how many days, are too much.
_TOO_MANY_INTERVALS: Final = 4.0
_TOO_MANY_DAYS: Final = 60.0
_LEARNED_DAYS: Final = 14
#: An overstock alert stays until the stock has fallen below this share of what opened it.
_CALM_SHARE: Final = 0.9


class Excess(NamedTuple):
    """Units on hand, promised to nobody, beyond what is enough (`most`): those that `expire`, and the `idle` ones that do not, but sell too late.

    `days` is how far ahead was looked for what would sell.
    """

    most: float
    days: float
    expire: int
    idle: int

    @property
    def units(self) -> int:
        """All that is too much."""
        return self.expire + self.idle


def excess_of(view: Situation) -> Excess:
    """Return what of the stock is too much.

    Enough is what will sell within some protection intervals (and at least two months), or within the shelf life if that is
    shorter, and never less than an order brings. The shelf life is taken to begin now: nobody says how old stock is.
    """
    aims, item, stock = view.targets, view.item, free(view.book, math.inf)
    least = _least(view)
    longest = max(_TOO_MANY_INTERVALS * (aims.protection_days + aims.cycle_days), _TOO_MANY_DAYS)

    def beyond(days: float) -> tuple[float, int]:
        most = max(over(view.demand, view.now, days).mean, least)
        return most, max(int(stock - most), 0)

    life = item.shelf_life_days
    if life is not None and life <= longest:
        most, expire = beyond(life)
        return Excess(most, life, expire, 0)
    most, units = beyond(longest)
    expire = min(beyond(life)[1], units) if life is not None and units else 0
    return Excess(most, longest, expire, units - expire)


def _least(view: Situation) -> int:
    """Return what an order brings the stock to: never too much."""
    aims = view.targets
    return max(aims.order_up_to, view.item.minimum_order + aims.reorder_point)


def overstock(view: Situation) -> None:
    """Raise an alert for stock that will not sell within its shelf life, or not for very long."""
    book, item, stock = view.book, view.item, free(view.book, math.inf)
    if "overstock" not in book.alerts and stock <= _least(view):
        return
    found = excess_of(view)
    if "overstock" in book.alerts and _CALM_SHARE * found.most < stock <= found.most:
        return
    daily = view.demand.level
    days = max(stock, 0) / daily if daily > 0 else 0.0
    set_signal(
        view,
        "overstock",
        holds=view.demand.days >= _LEARNED_DAYS and found.units > 0,
        severity="warning" if found.expire else "info",
        size=found.units * item.unit_cost,
        opened=lambda: _sentence(view, found, days),
        resolved=lambda: f"The stock of {view.name} at {item.location} is no longer too much.",
        numbers={
            "excess": float(found.units),
            "excess_value": round(found.units * item.unit_cost, 2),
            "expiring": float(found.expire),
            "expiring_value": round(found.expire * item.unit_cost, 2),
            "idle": float(found.idle),
            "idle_value": round(found.idle * item.unit_cost, 2),
            "days_of_supply": round(days, 1),
        },
    )


def _sentence(view: Situation, found: Excess, days: float) -> str:
    item = view.item

    def value_of(units: int) -> str:
        return money(units * item.unit_cost, item.currency)

    too_much = (
        f"{plain(found.units, 'unit')} of {view.name} at {item.location} ({value_of(found.units)})"
    )
    lasts = f"{view.stock_in_words} last {days:.0f} days."
    within = f"within {found.days:.0f} days"
    if found.expire and found.idle:
        return (
            f"{too_much} will not sell {within}: {found.expire:,} expire before they sell ({value_of(found.expire)}), "
            f"and {found.idle:,} are cash asleep ({value_of(found.idle)}); {lasts}"
        )
    fate = "before that they expire" if found.expire else "that is cash asleep"
    return f"{too_much} will not sell {within}, and {fate}: {lasts}"
