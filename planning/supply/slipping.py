"""Slipping: a supplier or carrier that comes late more often than it used to, told from one late truck by a test.

A CUSUM of log-likelihood ratios for late or not late (Page 1954; for proportions, Reynolds and Stoumbos 1999): it grows
with each late delivery, falls with each that is on time, and an alert needs evidence of e^6 to one for a rate that has more
than doubled. What the rate used to be is learned too, slowly, so that a new normal is one in the end.
"""

import math
from typing import Any, Final, Protocol

import msgspec

from andon.planning.alerting.alerts import (
    HasAlerts,
    OpenAlert,
    head_of,
    raise_alert,
    settle_alert,
)
from andon.schemas.alerts import Alert

_SLIPPING: Final = 6.0
_STEADY: Final = 1.5
_DISCOUNT: Final = 0.99
#: The belief before any delivery: one late in twenty, as firm as this many deliveries.
_USUAL_LATE: Final = 0.05
_PRIOR_WEIGHT: Final = 20.0
_MOST_LATE: Final = 0.9
_LATE_DAYS: Final = 0.5
_KIND: Final = "supplier_slipping"


class Slip(msgspec.Struct, array_like=True):
    """The evidence that deliveries come late more often than before, and how often they used to.

    `recent` is the share of late deliveries among roughly the last ten, and `recent_delay` their mean delay in days.
    """

    evidence: float = 0.0
    late: float = _PRIOR_WEIGHT * _USUAL_LATE
    weight: float = _PRIOR_WEIGHT
    recent: float = 0.0
    recent_delay: float = 0.0

    @property
    def usual_share(self) -> float:
        """The share of late deliveries that has been usual."""
        return self.late / self.weight

    def learn(self, delay_days: float) -> None:
        """Take in a delivery that came so many days after its promise."""
        is_late = delay_days > _LATE_DAYS
        usual = min(max(self.usual_share, 0.01), 0.8)
        worse = min(2 * usual + 0.1, _MOST_LATE)
        gain = math.log(worse / usual) if is_late else math.log((1 - worse) / (1 - usual))
        self.evidence = min(max(self.evidence + gain, 0.0), 2 * _SLIPPING)
        self.late = _DISCOUNT * self.late + is_late
        self.weight = _DISCOUNT * self.weight + 1
        self.recent += 0.1 * (is_late - self.recent)
        self.recent_delay += 0.1 * (max(delay_days, 0.0) - self.recent_delay)


class HasSlip(HasAlerts, Protocol):
    """A supplier or carrier whose punctuality is watched."""

    slip: Slip


def update_slipping_alert(
    partner: HasSlip,
    *,
    kind: str,
    name: str,
    now: float,
) -> None:
    """Open, update or resolve the alert of a supplier or carrier (`kind`) of this name (`now` in seconds since 1970)."""
    slip, key = partner.slip, f"{kind}/{name}"

    def describe(alert: OpenAlert, status: str) -> Alert:
        head: dict[str, Any] = head_of(alert, status)
        if status == "resolved":
            sentence = f"{kind.capitalize()} {name} is as punctual as usual again."
        else:
            sentence = (
                f"{kind.capitalize()} {name} is slipping: about {slip.recent:.0%} of its latest deliveries "
                f"came late, by {slip.recent_delay:.1f} days on average over all, where "
                f"{slip.usual_share:.0%} used to."
            )
        return Alert(
            **head,
            sentence=sentence,
            supplier=name if kind == "supplier" else None,
            numbers={
                "evidence": round(slip.evidence, 2),
                "recent_late_share": round(slip.recent, 3),
                "usual_late_share": round(slip.usual_share, 3),
                "recent_delay_days": round(slip.recent_delay, 2),
            },
            resolution="steady" if status == "resolved" else None,
        )

    if slip.evidence >= _SLIPPING or (_KIND in partner.alerts and slip.evidence > _STEADY):
        raise_alert(
            partner,
            kind=_KIND,
            key=key,
            now=now,
            severity="warning",
            size=max(slip.recent_delay, 1.0),
            cause=key,
            describe=describe,
        )
    else:
        settle_alert(partner, _KIND, key, now, flaps=True, describe=describe)
