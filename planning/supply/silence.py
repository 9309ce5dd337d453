"""Silence: a shipment that nobody reported late, but that is later than what its way has ever needed allows.

It is looked for as the partition's event time moves on. Once found, the books believe in the arrival that shipments this
late have had, so that stock-out alerts and bridges follow although nobody said a word.
"""

from collections.abc import Mapping
from typing import Any, Final

from andon.planning.alerting.alerts import OpenAlert, head_of, raise_alert, settle_alert
from andon.planning.alerting.sentences import moment
from andon.planning.supply.delay_distribution import outstanding, quantile
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.lateness import listed
from andon.schemas.alerts import Alert
from andon.schemas.common import utc

_DAY: Final = 86400.0
_KIND: Final = "silent_delay"
#: Later than this share of all deliveries by its way is not usual any more, with at least half a day's grace.
_ALLOWED: Final = 0.95
_GRACE_DAYS: Final = 0.5
#: Where no delivery was ever later, it is expected after so large a share of the days it is overdue.
_BEYOND: Final = 0.5


def silent_name(shipment: Shipment) -> str:
    """Return the name of the delay that nobody reported."""
    return f"silent:{shipment.shipment_id}"


def allowed_until(base: float, delays: Mapping[int, float]) -> float:
    """Return until when a delivery may take that was expected at `base` (seconds since 1970), by its way's delays."""
    return base + max(quantile(delays, _ALLOWED), 0.0) * _DAY + _GRACE_DAYS * _DAY


def listen(
    shipment: Shipment, expected: float, delays: Mapping[int, float], now: float
) -> Disruption | None:
    """Return the delay to believe in if a shipment has been silent for too long by `now`, else None.

    Args:
        shipment: an open one.
        expected: its arrival as it is believed in now, seconds since 1970.
        delays: of its way.
        now: seconds since 1970.
    """
    known = shipment.delays.get(silent_name(shipment))
    if known is not None:
        if now <= (known.expected or 0.0):
            return None
    elif now <= allowed_until(expected, delays):
        return None
    elapsed = (now - shipment.base) / _DAY
    later = outstanding(delays, elapsed)
    days = quantile(later, 0.5) if later is not None else elapsed * (1 + _BEYOND)
    return Disruption(
        delay_id=silent_name(shipment),
        scope="shipment",
        name=shipment.shipment_id,
        at=now,
        expected=max(shipment.base + days * _DAY, now + _GRACE_DAYS * _DAY),
        reason="overdue, and nobody reported it",
    )


def update_silent_alert(shipment: Shipment, at: float) -> None:
    """Open, update or resolve the alert of a shipment that is overdue without a word (`at` in seconds since 1970)."""
    silent = shipment.delays.get(silent_name(shipment))

    def describe(alert: OpenAlert, status: str) -> Alert:
        head: dict[str, Any] = head_of(alert, status)
        overdue = max((at - shipment.base) / _DAY, 0.0)
        if silent is None or status == "resolved":
            how = shipment.status if not shipment.is_open else "there is news of it"
            if shipment.taken_over:
                how = f"its goods come under {listed(shipment.advices)}"
            sentence = f"Shipment {shipment.shipment_id} is silent no longer: {how}."
        else:
            items = shipment.items_waiting
            sentence = (
                f"Shipment {shipment.shipment_id} from {shipment.supplier or 'its supplier'} was due "
                f"{moment(shipment.base)}, is {overdue:.1f} days over, and nobody reported a delay: "
                f"later than {_ALLOWED:.0%} of what comes this way. Shipments this late came about "
                f"{moment(silent.expected or at)}; {items} item{'s' if items != 1 else ''} "
                f"wait{'s' if items == 1 else ''} for it. Ask where it is."
            )
        return Alert(
            **head,
            sentence=sentence,
            shipment_id=shipment.shipment_id,
            supplier=shipment.supplier,
            expected_arrival=None if silent is None else utc(silent.expected or at),
            numbers={"days_overdue": round(overdue, 2), "lines": float(len(shipment.lines))},
            resolution=None
            if status != "resolved"
            else "news"
            if shipment.is_open
            else shipment.status,
        )

    if shipment.is_open and silent is not None:
        overdue = (at - shipment.base) / _DAY
        raise_alert(
            shipment,
            kind=_KIND,
            key=shipment.shipment_id,
            now=at,
            severity="warning",
            size=max(overdue, 1.0),
            due=silent.expected or at,
            cause=silent.delay_id,
            describe=describe,
        )
    else:
        settle_alert(
            shipment,
            _KIND,
            shipment.shipment_id,
            at,
            describe=describe,
        )
