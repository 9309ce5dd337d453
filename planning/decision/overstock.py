"""Too much stock: what will expire before it sells, and what nobody wants for very long, in units and money each."""

import math
from typing import Final, NamedTuple

from andon.planning.alerting.sentences import is_money, money, plain
from andon.planning.book.lots import dated, left
from andon.planning.book.promises import free
from andon.planning.decision.expiry import expiring_lots, has_expired, in_words
from andon.planning.decision.signals import lasting, set_signal
from andon.planning.decision.situation import Situation
from andon.planning.demand.demand import over
from andon.planning.policy.lot_size import lot_size
from andon.planning.policy.policy import holding_cost, order_cost
from andon.schemas.alerts import ExpiringLot

#: How many protection intervals of stock, and at least how many days, are too much.
_TOO_MANY_INTERVALS: Final = 4.0
_TOO_MANY_DAYS: Final = 60.0
_LEARNED_DAYS: Final = 14
#: An overstock alert stays until the stock has fallen below this share of what is enough, and for so long: goods that come and go
#: would open it with each delivery. Below the smaller share it ends at once.
_CALM_SHARE: Final = 0.9
_CLEAR_SHARE: Final = 0.75
_CALM_SECONDS: Final = 86400.0
#: What is idle is worth a word from this share of what is enough on.
_LEAST_IDLE: Final = 0.25
_DAYS_A_YEAR: Final = 365.25


class Excess(NamedTuple):
    """Units on hand, promised to nobody, beyond what is enough (`most`): those that `expire`, and the `idle` ones that do not, but sell too late.

    `days` is how far ahead was looked for what would sell, and `lots` are those of which some expire, where their days are known.
    """

    most: float
    days: float
    expire: int
    idle: int
    lots: tuple[ExpiringLot, ...] = ()

    @property
    def units(self) -> int:
        """All that is too much."""
        return self.expire + self.idle


def excess_of(view: Situation) -> Excess:
    """Return what of the stock is too much.

    Enough is what will sell within some protection intervals (and at least two months), or within the shelf life if that is
    shorter, and never less than an order brings. The shelf life is taken to begin now where nobody says how old stock is; of lots
    with a day of expiry it is known what of them expires.
    """
    found = left(view.book)
    if not found:
        return _by_shelf_life(view, view.item.shelf_life_days)
    is_all = sum(one.units for one in found) >= view.book.stock
    others = _by_shelf_life(view, None if is_all else view.item.shelf_life_days)
    lots = expiring_lots(view)
    expire = max(sum(one.units for one in lots), others.expire)
    return others._replace(expire=expire, idle=max(others.units - expire, 0), lots=lots)


def _by_shelf_life(view: Situation, life: float | None) -> Excess:
    stock = _free(view)
    least, longest = _least(view), _longest(view)

    def beyond(days: float) -> tuple[float, int]:
        most = max(over(view.demand, view.now, days).mean, least)
        return most, max(int(stock - most), 0)

    if life is not None and life <= longest:
        most, expire = beyond(life)
        return Excess(most, life, expire, 0)
    most, units = beyond(longest)
    expire = min(beyond(life)[1], units) if life is not None and units else 0
    return Excess(most, longest, expire, units - expire)


def most_stock(view: Situation) -> float:
    """Return how many units are enough: more on hand would be told as too much."""
    days = _longest(view)
    if view.item.shelf_life_days is not None:
        days = min(days, view.item.shelf_life_days)
    return max(over(view.demand, view.now, days).mean, _least(view))


def _longest(view: Situation) -> float:
    """Return for how many days of sales stock is not too much, if it keeps."""
    aims = view.targets
    return max(_TOO_MANY_INTERVALS * (aims.protection_days + aims.cycle_days), _TOO_MANY_DAYS)


def _free(view: Situation) -> int:
    """Return what is on hand and promised to nobody, nor needed for what it is a part of, in units."""
    return free(view.book, math.inf) - sum(units for _, units in view.required)


def _least(view: Situation) -> int:
    """Return what an order brings the stock to: never too much."""
    aims = view.targets
    return max(aims.order_up_to, view.item.minimum_order + aims.reorder_point)


def overstock(view: Situation) -> None:
    """Raise an alert for stock that will not sell within its shelf life, or not for very long."""
    book, item, stock = view.book, view.item, _free(view)
    if "overstock" not in book.alerts and stock <= _least(view) and not dated(book):
        return
    found = excess_of(view)
    alert = book.alerts.get("overstock")
    is_worth = _is_worth_a_word(view, found)
    if alert is not None and stock > _CALM_SHARE * found.most and not is_worth:
        return
    daily = view.demand.level
    days = max(stock, 0) / daily if daily > 0 else 0.0
    set_signal(
        view,
        "overstock",
        holds=is_worth and (view.demand.days >= _LEARNED_DAYS or _is_spoilt(view, found)),
        severity="warning" if found.expire else "info",
        size=lasting(alert, found.units * (item.unit_cost or 1.0)),
        calm_seconds=0.0 if stock <= _CLEAR_SHARE * found.most else _CALM_SECONDS,
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
        lots=found.lots,
    )


def _is_spoilt(view: Situation, found: Excess) -> bool:
    """Return whether some of it has expired already, whatever is forecast."""
    return any(has_expired(view, one) for one in found.lots)


def _is_worth_a_word(view: Situation, found: Excess) -> bool:
    """Return whether an excess is more than chance and packs bring about, and costs more than an order would.

    What expires must be more than what sells in a day, than the spread of what sells until then, and than a pack; what is idle
    more than a quarter of what is enough.
    """
    if found.units <= 0:
        return False
    if _is_spoilt(view, found):
        return True
    item, demand = view.item, view.demand
    pack = lot_size(item, view.usual).multiple
    chance = over(demand, view.now, found.days).sd if found.expire else 0.0
    lost = bool(found.lots) or found.expire > max(demand.level, chance, pack)
    idle = found.units > max(_LEAST_IDLE * found.most, pack)
    if not (lost or idle):
        return False
    return not item.unit_cost or _cost_of(view, found) >= order_cost(item)


def _cost_of(view: Situation, found: Excess) -> float:
    """Return what an excess costs: what expires is lost, and what is idle is kept until it is sold, at last the half of it on average."""
    item, daily = view.item, view.demand.level
    days = min(found.idle / daily, _DAYS_A_YEAR) if daily > 0 else _DAYS_A_YEAR
    return found.expire * item.unit_cost + found.idle * holding_cost(item, days) / 2


def _sentence(view: Situation, found: Excess, days: float) -> str:
    item = view.item

    def value_of(units: int) -> str:
        value = units * item.unit_cost
        return f" ({money(value, item.currency)})" if is_money(value, item.currency) else ""

    too_much = (
        f"{plain(found.units, 'unit')} of {view.name} at {item.location}{value_of(found.units)}"
    )
    lasts = f"{view.stock_in_words} last {days:.0f} days."
    within = f"within {found.days:.0f} days"
    if found.expire and found.idle:
        return (
            f"{too_much} will not sell {within}: {found.expire:,} {'expires before it sells' if found.expire == 1 else 'expire before they sell'}"
            f"{value_of(found.expire)}, and {found.idle:,} {'is' if found.idle == 1 else 'are'} cash asleep{value_of(found.idle)}; {lasts}"
        )
    if found.lots:
        idle = f", and {found.idle:,} more will not sell {within}" if found.idle else ""
        return (
            f"{plain(found.expire, 'unit')} of {view.name} at {item.location}{value_of(found.expire)} will not sell in time: "
            f"{in_words(view, found.lots)}{idle}; {lasts}"
        )
    expire = "it expires" if found.units == 1 else "they expire"
    fate = f"before that {expire}" if found.expire else "that is cash asleep"
    return f"{too_much} will not sell {within}, and {fate}: {lasts}"
