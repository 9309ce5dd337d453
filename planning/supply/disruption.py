"""Delays and disruptions: what they touch, and when goods arrive in spite of them."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from andon.planning.alerting.alerts import alert_id
from andon.schemas.common import utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.shipments import HeldBy, LineUpdate

_HOUR: Final = 3600.0
_DAY: Final = 86400.0
#: A delay of which nobody says how long it is, in days: what such reports mean on average.
_UNKNOWN_DAYS: Final = 2.0
#: How uncertain an announced delay is, as a share of it.
_SPREAD: Final = 0.35
#: The kind of a wide disruption's own alert.
PARENT_KIND: Final = "disruption"


#: So many ends are remembered, the last ones heard of: reports from before them may come late, or again.
_MOST_LIFTED: Final = 64
#: What of a reason is kept: it goes with every line that it holds up.
_KEPT_REASON: Final = 200


def _short(reason: str) -> str:
    """Return a reason that may go with thousands of lines."""
    return reason if len(reason) <= _KEPT_REASON else f"{reason[: _KEPT_REASON - 1]}…"


class Disruption(msgspec.Struct, array_like=True):
    """One report that is in force; times in seconds since 1970, `hours` what it adds, `expected` a new arrival.

    `since` is when it was first reported, `severity` the share of what goes through its scope that stands still, and
    `is_over` that its end has passed (it then still explains why goods are late, and holds up no new order).
    """

    delay_id: str
    scope: str
    name: str
    at: float
    hours: float | None = None
    expected: float | None = None
    starts: float | None = None
    ends: float | None = None
    reason: str = ""
    since: float = 0.0
    severity: float = 1.0
    is_over: bool = False

    @property
    def parent_id(self) -> str:
        """The name of the one alert of a wide disruption, the same in every partition."""
        return alert_id(PARENT_KIND, self.delay_id, int(self.since))

    def describe(self) -> str:
        """Return what is wrong, in a few words."""
        return self.reason or f"{self.scope} {self.name} disrupted"


@dataclass(frozen=True)
class Arrival:
    """When goods are now expected (seconds since 1970), how sure that is (days), and what moved it."""

    expected: float
    spread_days: float
    cause: str | None = None
    reason: str | None = None


def disruption_of(event: DelayEvent, at: float) -> Disruption:
    """Return what a report says."""
    return Disruption(
        delay_id=event.delay_id,
        scope=event.scope.type,
        name=event.scope.id,
        at=at,
        hours=event.delay_hours,
        expected=event.expected_at.timestamp() if event.expected_at else None,
        starts=event.starts_at.timestamp() if event.starts_at else None,
        ends=event.ends_at.timestamp() if event.ends_at else None,
        reason=_short(event.reason or ""),
        since=at,
        severity=1.0 if event.severity is None else event.severity,
    )


def held_by(disruption: Disruption) -> HeldBy:
    """Return how a line's news describe the wide disruption that holds it up."""
    return HeldBy(
        scope=Scope(type=disruption.scope, id=disruption.name),  # type: ignore[arg-type]
        reported_at=utc(disruption.at),
        since=utc(disruption.since),
        starts_at=None if disruption.starts is None else utc(disruption.starts),
        ends_at=None if disruption.ends is None else utc(disruption.ends),
        delay_hours=disruption.hours,
        severity=disruption.severity,
        over=disruption.is_over,
    )


def disruption_of_update(update: LineUpdate) -> Disruption | None:
    """Return the wide disruption that a line's news describe, or None if they describe none."""
    told = update.held_by
    if told is None or update.cause is None:
        return None
    return Disruption(
        delay_id=update.cause,
        scope=told.scope.type,
        name=told.scope.id,
        at=told.reported_at.timestamp(),
        hours=told.delay_hours,
        starts=told.starts_at.timestamp() if told.starts_at else None,
        ends=told.ends_at.timestamp() if told.ends_at else None,
        reason=update.reason or "",
        since=told.since.timestamp(),
        severity=told.severity,
        is_over=told.over,
    )


def is_outdated(
    known: Mapping[str, Disruption], lifted: dict[str, float], report: Disruption, *, ended: bool
) -> bool:
    """Return whether something newer is known than a report; if it says that its disruption ended, that is remembered.

    Args:
        known: the reports in force.
        lifted: when the last ones that ended were said to (seconds since 1970); kept up to date.
        report: what is said now.
        ended: whether it is that it ended.
    """
    name = report.delay_id
    before = known.get(name)
    if lifted.get(name, -math.inf) > report.at or (before is not None and before.at > report.at):
        return True
    lifted.pop(name, None)
    if ended:
        lifted[name] = report.at
        if len(lifted) > _MOST_LIFTED:
            del lifted[next(iter(lifted))]
    return False


def take_in(
    known: dict[str, Disruption], lifted: dict[str, float], report: Disruption, *, ended: bool
) -> bool:
    """Add, replace or lift a wide disruption; return whether that changed anything.

    A second report with the same name replaces the first, but the disruption is as old as the first one.
    """
    before = known.get(report.delay_id)
    if not ended and before is not None:
        before.since = report.since = min(before.since, report.since)
    if is_outdated(known, lifted, report, ended=ended):
        return False
    if ended:
        return known.pop(report.delay_id, None) is not None
    if before is not None and msgspec.structs.replace(before, is_over=False) == report:
        return False
    known[report.delay_id] = report
    return True


def matches(
    disruption: Disruption,
    *,
    shipment_id: str | None = None,
    supplier: str | None = None,
    carrier: str | None = None,
    lane: str | None = None,
    locations: Collection[str] = (),
) -> bool:
    """Return whether a disruption touches a shipment, or an order that would go this way."""
    name = disruption.name
    match disruption.scope:
        case "shipment":
            return name == shipment_id
        case "supplier":
            return name == supplier
        case "carrier":
            return name == carrier
        case "lane":
            return name == lane
        case _:
            return name in locations


def in_force(disruption: Disruption, at: float) -> bool:
    """Return whether goods that are ordered at `at` (seconds since 1970) still meet a disruption."""
    return at < end_of(disruption)


def end_of(disruption: Disruption) -> float:
    """Return when a disruption is over for new orders (seconds since 1970), infinity if nobody knows.

    Without an end, a delay of so many hours is over when those have passed; of unknown length, when it is lifted.
    """
    if disruption.ends is not None:
        return disruption.ends
    if disruption.hours is None:
        return math.inf
    starts = disruption.starts if disruption.starts is not None else disruption.at
    return starts + disruption.hours * _HOUR


def arrival(
    base: float,
    spread_days: float,
    disruptions: Iterable[Disruption],
    delay_multiplier: float = 1.0,
) -> Arrival:
    """Return when goods arrive that were expected at `base` before these disruptions; the worst one decides.

    Args:
        base: expected arrival without them, seconds since 1970.
        spread_days: how uncertain that was.
        disruptions: those that touch the goods.
        delay_multiplier: what a reported day of delay has meant in days so far.
    """
    worst = Arrival(base, spread_days)
    for disruption in disruptions:
        expected = _with(disruption, base, delay_multiplier)
        if expected > worst.expected or (disruption.expected is not None and worst.cause is None):
            delay_days = abs(expected - base) / _DAY
            spread = max(spread_days, _SPREAD * delay_days)
            worst = Arrival(expected, spread, disruption.delay_id, disruption.describe())
    return worst


def _with(disruption: Disruption, base: float, delay_multiplier: float) -> float:
    if disruption.expected is not None:
        return disruption.expected
    adds, after = lateness(disruption)
    return base + adds * delay_multiplier if base > after else base


def lateness(disruption: Disruption) -> tuple[float, float]:
    """Return the seconds that a disruption is said to add to an arrival, and after when (seconds since 1970) one must lie for that."""
    starts = disruption.starts
    if disruption.hours is not None:
        return disruption.hours * _HOUR, -math.inf if starts is None else starts
    begin = starts if starts is not None else disruption.at
    if disruption.ends is None:
        return _UNKNOWN_DAYS * _DAY * disruption.severity, begin
    closed = max(disruption.ends - max(begin, disruption.since or disruption.at), 0.0)
    return closed * disruption.severity, begin
