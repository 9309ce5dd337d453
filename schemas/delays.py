"""Delays and disruptions: of one shipment, or of everything a carrier, supplier, lane or location touches."""

from typing import Annotated, Literal

import msgspec

from andon.schemas.common import Event, Identifier, Instant, Name, Record, Share, Text, check_years

ScopeType = Literal["shipment", "carrier", "supplier", "lane", "location"]


class Scope(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What is late or closed: the type of thing and its name."""

    type: ScopeType
    id: Name


class DelayEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A report that something is late or disrupted.

    `delay_id` names the disruption: a second report with the same one updates it. Either `expected_at` (a new
    arrival, of a shipment) or `delay_hours` (what it adds to the arrivals promised) says how late; neither means that
    nobody knows, and what such reports have been worth so far is assumed. `status="ended"` lifts the disruption.
    """

    delay_id: Identifier
    scope: Scope
    status: Literal["active", "ended"] = "active"
    delay_hours: Annotated[float, msgspec.Meta(ge=-8760, le=8760)] | None = None
    expected_at: Instant | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    severity: Share | None = None
    reason: Text | None = None

    def __post_init__(self) -> None:
        if self.delay_hours is not None and not -8760 <= self.delay_hours <= 8760:
            msg = f"delay_hours: expected within a year, got {self.delay_hours}"
            raise ValueError(msg)
        check_years(expected_at=self.expected_at, starts_at=self.starts_at, ends_at=self.ends_at)
        if self.expected_at is not None and self.scope.type != "shipment":
            msg = "expected_at: only a shipment has one arrival; give delay_hours or ends_at"
            raise ValueError(msg)
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            msg = "ends_at: lies before starts_at"
            raise ValueError(msg)
