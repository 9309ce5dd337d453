"""Lateness: a shipment that will come after its promise, said once, and taken back when it no longer will."""

from collections.abc import Collection
from typing import Any, Final

from andon.planning.alerting.alerts import OpenAlert, head_of, raise_alert, settle_alert
from andon.planning.alerting.outcomes import of_shipment
from andon.planning.supply.disruption import Arrival
from andon.planning.supply.inbound import Shipment
from andon.schemas.alerts import Alert
from andon.schemas.common import utc

_DAY: Final = 86400.0
#: Less than half a day after the promise is on time; an alert stays until half of that.
_LATE_DAYS: Final = 0.5
#: Below this, the share by which a delay changes says nothing: a new date says it.
_SMALL_DAYS: Final = 2.5


_NAMED: Final = 3


def listed(names: Collection[str]) -> str:
    """Return some names, and how many there are besides."""
    some = sorted(names)[:_NAMED]
    more = len(names) - len(some)
    return ", ".join(some) + (f" and {more} more" if more else "")


def update_late_alert(
    shipment: Shipment, at: float, now: Arrival, *, alerted_elsewhere: bool = False
) -> None:
    """Open, update or resolve a shipment's late alert at `at` (seconds since 1970), now that it is expected then.

    What a wide disruption makes late is `alerted_elsewhere`, by the disruption's alert and not once more for every shipment.
    """
    promised = shipment.promised
    if promised is None or not shipment.is_date(promised):
        promised = shipment.base
    if shipment.due is not None:
        promised = shipment.due[1]
    days = (now.expected - promised) / _DAY

    def describe(alert: OpenAlert, status: str) -> Alert:
        fields: dict[str, Any] = head_of(alert, status)
        if status == "resolved":
            how = (
                f"its goods come under {listed(shipment.advices)}"
                if shipment.taken_over
                else shipment.status
            )
            sentence = f"Shipment {shipment.shipment_id} is no longer late: {how}."
        else:
            items = shipment.items_waiting
            sentence = (
                f"Shipment {shipment.shipment_id} from {shipment.supplier or 'its supplier'} is "
                f"{days:.1f} days late ({now.reason or 'a new date was given'}): now expected "
                f"{utc(now.expected):%a %d %b %H:%M}; {items} item{'s' if items != 1 else ''} "
                f"wait{'s' if items == 1 else ''} for it."
            )
        return Alert(
            **fields,
            sentence=sentence,
            shipment_id=shipment.shipment_id,
            supplier=shipment.supplier,
            expected_arrival=utc(now.expected),
            numbers={"days_late": round(days, 2), "lines": float(len(shipment.lines))},
            resolution=shipment.status if status == "resolved" else None,
            outcome=of_shipment(promised, at, arrived=shipment.status == "received")
            if status == "resolved"
            else None,
        )

    least = _LATE_DAYS / 2 if "late_shipment" in shipment.alerts else _LATE_DAYS
    if shipment.is_open and days > least and not alerted_elsewhere:
        raise_alert(
            shipment,
            kind="late_shipment",
            key=shipment.shipment_id,
            now=at,
            severity="warning" if days > 2 else "info",
            size=max(days, _SMALL_DAYS),
            due=now.expected,
            cause=now.cause or "",
            describe=describe,
        )
    else:
        if not shipment.is_open and "late_shipment" in shipment.alerts:
            shipment.alerts["late_shipment"].flaps = False
        settle_alert(
            shipment,
            "late_shipment",
            shipment.shipment_id,
            at,
            flaps=True,
            describe=describe,
        )
