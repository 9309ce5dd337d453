"""The one alert of a wide disruption: what all partitions say of it, summed up.

A disruption that touches five thousand items is one thing to know, not five thousand. Each partition tells the
disruption's home what it means there; only items that run out have alerts of their own, which name this one as parent.
"""

from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import (
    OpenAlert,
    OutboxMessage,
    head_of,
    raise_alert,
    settle_alert,
)
from andon.planning.alerting.sentences import moment, money, plain
from andon.planning.supply.disruption import PARENT_KIND
from andon.schemas.alerts import Affected, Alert, Severity
from andon.schemas.impacts import Impact

#: So many items are named in the alert, the most urgent first.
MOST_AFFECTED: Final = 10
_DAY: Final = 86400.0
#: An incident is one record: beyond so many bytes its partitions' words are shortened, and no more partitions are heard.
_MOST_BYTES: Final = 700_000
#: So few partitions are never too many, whatever they say.
_FEW_PARTS: Final = 40


class Incident(msgspec.Struct, array_like=True):
    """A wide disruption as its home partition knows it: the last word of each partition, and the alert."""

    parts: dict[int, Impact] = {}
    alerts: dict[str, OpenAlert] = {}
    episodes: dict[str, int] = {}
    applied: dict[str, int] = {}
    outbox: list[OutboxMessage] = []
    #: When the last alert of each kind ended, in seconds since 1970.
    ended: dict[str, int] = {}


def apply_impact(incident: Incident, impact: Impact, at: float) -> str:
    """Take in what a partition says at `at` (seconds since 1970), and open, update or resolve the alert."""
    known = incident.parts.get(impact.partition)
    if known is not None and known.at > at:
        return "stale"
    if not _make_room(incident, impact):
        return "too_many"
    incident.parts[impact.partition] = impact
    if is_over(incident):
        _close(incident, impact, at)
    else:
        _open(incident, impact, at)
    return "applied"


def _make_room(incident: Incident, impact: Impact) -> bool:
    """Shorten what partitions said, if it is too long for one record; return whether there is room for another's word."""
    if len(incident.parts) <= _FEW_PARTS:
        return True
    if _bytes_of(incident) <= _MOST_BYTES:
        return True
    urgent = {(one.location, one.sku) for one in affected(incident)}
    for partition, part in incident.parts.items():
        named = tuple(one for one in part.affected if (one.location, one.sku) in urgent)
        urgent -= {(one.location, one.sku) for one in named}
        incident.parts[partition] = msgspec.structs.replace(part, affected=named, reason="")
    return impact.partition in incident.parts or _bytes_of(incident) <= _MOST_BYTES


def _bytes_of(incident: Incident) -> int:
    return len(msgspec.msgpack.encode(incident.parts))


def end(incident: Incident, at: float) -> bool:
    """Resolve the alert of a disruption that is over and has been calm by `at`; return whether there was one to look at."""
    if PARENT_KIND not in incident.alerts or not is_over(incident):
        return False
    newest = max(incident.parts.values(), key=lambda one: one.at)
    _close(incident, newest, at)
    return True


def say_again(incident: Incident, at: float) -> None:
    """Say the alert of a disruption again if its snooze has ended by `at` (seconds since 1970) and it still holds."""
    if PARENT_KIND in incident.alerts and not is_over(incident):
        _open(incident, max(incident.parts.values(), key=lambda one: one.at), at)


def is_over(incident: Incident) -> bool:
    """Return whether a partition that knows the latest report says that its end has come: its clock counts for all."""
    latest = max(one.reported_at for one in incident.parts.values())
    return any(one.over and one.reported_at >= latest for one in incident.parts.values())


def _live(incident: Incident) -> list[Impact]:
    """Return what counts: the last word of every partition, but for those that speak of an end that was taken back, or of an earlier time."""
    over, begun = is_over(incident), max(one.since for one in incident.parts.values())
    return [
        one
        for one in incident.parts.values()
        if one.reported_at >= begun and (over or not one.over)
    ]


def _open(incident: Incident, newest: Impact, at: float) -> None:
    if PARENT_KIND not in incident.alerts:
        since = int(min(one.since for one in _live(incident)).timestamp())
        incident.episodes[PARENT_KIND] = since - 1
    raise_alert(
        incident,
        kind=PARENT_KIND,
        key=newest.delay_id,
        now=at,
        severity=severity(incident, at),
        size=extent(incident),
        due=newest.ends_at.timestamp() if newest.ends_at is not None else 0.0,
        cause=newest.delay_id,
        describe=lambda alert, status: _message(incident, newest, alert, status),
    )


def _close(incident: Incident, newest: Impact, at: float) -> None:
    settle_alert(
        incident,
        PARENT_KIND,
        newest.delay_id,
        at,
        flaps=True,
        describe=lambda alert, status: _message(incident, newest, alert, status),
    )


def severity(incident: Incident, at: float) -> Severity:
    """Return how urgent a disruption is: critical if something runs out within two days, a warning if anything does."""
    first = affected(incident)[:1]
    if not first:
        return "info"
    hours = (first[0].stockout_p50.timestamp() - at) / 3600
    return "critical" if hours <= 48 else "warning"


def totals(incident: Incident) -> dict[str, int]:
    """Return the counts over all partitions."""
    return {
        name: sum(getattr(one, name) for one in _live(incident))
        for name in ("shipments", "lines", "items", "at_risk")
    }


def value_at_risk(incident: Incident) -> dict[str, float]:
    """Return the money at stake over all partitions, by currency, the most first."""
    total: dict[str, float] = {}
    for one in _live(incident):
        for currency, value in one.value_at_risk.items():
            total[currency] = total.get(currency, 0.0) + value
    return dict(sorted(total.items(), key=lambda pair: -pair[1]))


def extent(incident: Incident) -> float:
    """Return how far a disruption reaches: a number that changes by a share when what it holds up or puts at risk does."""
    counts = totals(incident)
    return (1.0 + counts["shipments"]) * (
        1.0 + counts["at_risk"] + sum(value_at_risk(incident).values())
    )


def affected(incident: Incident) -> list[Affected]:
    """Return the most urgent items over all partitions."""
    every = [item for one in _live(incident) for item in one.affected]
    return sorted(every, key=urgency)[:MOST_AFFECTED]


def urgency(item: Affected) -> tuple[float, float]:
    """Return what orders affected items: who runs out first, and then where more is at stake."""
    return item.stockout_p50.timestamp(), -item.value_at_risk


def _message(incident: Incident, newest: Impact, alert: OpenAlert, status: str) -> Alert:
    head: dict[str, Any] = head_of(alert, status)
    counts, values, first = totals(incident), value_at_risk(incident), affected(incident)
    scope = newest.scope
    what = f"{scope.type} {scope.id}" + (f" ({newest.reason})" if newest.reason else "")
    if status == "resolved":
        days = (alert.changed_at - alert.opened_at) / _DAY
        sentence = f"The disruption of {what} is over after {days:.1f} days"
        if counts["at_risk"]:
            sentence += f"; {plain(counts['at_risk'], 'item')} may still run out"
    else:
        until = (
            f"until {moment(newest.ends_at.timestamp())}"
            if newest.ends_at is not None
            else "with no end in sight"
        )
        sentence = (
            f"{what[0].upper()}{what[1:]} is disrupted {until}: "
            f"{plain(counts['shipments'], 'shipment')} with {plain(counts['lines'], 'line')} "
            f"held up, {plain(counts['items'], 'item')} bought through it, "
            f"{counts['at_risk'] or 'none'} of them running out"
        )
        if first:
            at_stake = " and ".join(money(value, currency) for currency, value in values.items())
            soonest = first[0]
            out_at = soonest.stockout_p50.timestamp()
            when = f"about {moment(out_at)}" if out_at > alert.changed_at else "which is out"
            sentence += f"; at stake: {at_stake}; first {soonest.sku} at {soonest.location}, {when}"
    return Alert(
        **head,
        sentence=f"{sentence}.",
        supplier=scope.id if scope.type == "supplier" else None,
        currency=next(iter(values), None),
        value_at_risk=round(next(iter(values.values())), 2) if values else None,
        stockout_p50=first[0].stockout_p50 if first else None,
        expected_arrival=newest.ends_at,
        numbers={
            **{name: float(count) for name, count in counts.items()},
            **{f"value_at_risk_{name}": round(value, 2) for name, value in values.items()},
            "partitions": float(len(incident.parts)),
        },
        affected=tuple(first),
        resolution="over" if status == "resolved" else None,
    )


def impact_message(impact: Impact) -> OutboxMessage:
    """Return what carries an impact to the disruption's home."""
    name = f"{impact.delay_id}:{impact.partition}:{impact.at:.3f}"
    return OutboxMessage.of(
        "impacts", impact.delay_id, name, "andon.impact.changed", impact, impact.at
    )
