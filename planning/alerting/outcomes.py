"""What became of an alert that foretold something: whether it came true, did not, or was overtaken before anybody could know."""

from typing import Final

import msgspec

from andon.planning.alerting.alerts import OpenAlert
from andon.schemas.alerts import AlertOutcome
from andon.schemas.common import Instant

_DAY: Final = 86400.0
#: A receipt is as late as it was said to be within half a day.
_ABOUT: Final = _DAY / 2


class _Foretold(msgspec.Struct):
    """What of the last message is compared with what came."""

    expected_arrival: Instant | None = None
    numbers: dict[str, float] = {}


_messages: Final = msgspec.json.Decoder(_Foretold)


def see_shelf(alert: OpenAlert, now: float, on_shelf: int) -> None:
    """Remember that the shelf went empty while an alert of it was open, or had been empty when it was opened."""
    if on_shelf <= 0 and not alert.outcome:
        alert.outcome = "late" if alert.opened_at == now else "true"


def of_shelf(alert: OpenAlert, now: float) -> AlertOutcome:
    """Return what became of the alert that a shelf would go empty, as it ends.

    It is false when the moment that it named, or the receipt that was to come too late, is past and nothing ran out. One that
    somebody answered, or that ends before both, is overtaken: nobody knows what would have been.
    """
    if alert.outcome is not None:
        return alert.outcome
    if alert.answered_at:
        return "overtaken"
    arrival = _foretold(alert).expected_arrival
    is_past = now >= alert.due or (arrival is not None and now >= arrival.timestamp() - _ABOUT)
    return "false" if is_past else "overtaken"


def of_order(alert: OpenAlert, position: int, *, is_ordered: bool) -> AlertOutcome:
    """Return what became of the advice to order, as it ends: true if it was followed, false if what was there was enough.

    Where more came than it asked anybody for, it is overtaken.

    Args:
        alert: the advice.
        position: the inventory position now, in units.
        is_ordered: whether an order names it.
    """
    if is_ordered:
        return "true"
    before = _foretold(alert).numbers.get("inventory_position", float(position))
    return "overtaken" if position > before else "false"


def of_shipment(promised: float, now: float, *, arrived: bool) -> AlertOutcome:
    """Return what became of the alert that a shipment would be late, as it ends; times in seconds since 1970.

    Args:
        promised: when it was to come.
        now: when it ends.
        arrived: whether the shipment has come.
    """
    if not arrived:
        return "overtaken"
    return "true" if now - promised > _ABOUT / 2 else "false"


def _foretold(alert: OpenAlert) -> _Foretold:
    return _messages.decode(alert.said) if alert.said else _Foretold()
