"""Scorecards: what suppliers, lanes and carriers have really been like."""

from datetime import date
from typing import Literal

from andon.schemas.common import Instant, Record, Reference


class DeliveryWeek(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The deliveries of one week: all, those that had been promised for a day, and those of them that came no later than half a day after it.

    The means are of those that had a promise (early ones count as negative), and of those of which it is known when they were ordered.
    """

    #: Its Monday, in UTC.
    begins: date
    deliveries: int
    promised: int = 0
    on_time: int = 0
    mean_delay_days: float | None = None
    lead_time_mean_days: float | None = None


class Scorecard(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Learned lead time and punctuality; the key is `type/name`, a source is `supplier|lane|carrier|mode`.

    `report_worth` is what a reported day of delay has meant in days. `delay_counts` has how many deliveries came how many
    days after their promise, older ones counting for less. `lead_time_deliveries` says, where it is not all of them, how many
    deliveries had an order date to reckon a lead time from; if 0, the times are from the first news of a shipment, which is
    too short to plan by. The network's card counts all deliveries; its name is `all`.
    """

    type: Literal["supplier", "carrier", "lane", "mode", "source", "network"]
    name: Reference
    updated_at: Instant
    deliveries: int
    lead_time_mean_days: float
    lead_time_sd_days: float
    lead_time_p50_days: float
    lead_time_p90_days: float
    punctuality: float | None = None
    mean_delay_days: float | None = None
    report_worth: float | None = None
    delay_p50_days: float | None = None
    delay_p90_days: float | None = None
    delay_counts: dict[str, float] = {}  # noqa: RUF012 - msgspec copies it
    lead_time_deliveries: int | None = None
    #: The share of the units that came which were rejected, older deliveries counting for less.
    reject_share: float | None = None
    #: How many times the lead time that its item's master data plan deliveries took, the median, and by which share of their
    #: mean they vary; of so many deliveries, those of items of one plan in one shipment counting once.
    plan_share_p50: float = 1.0
    plan_share_sd: float = 0.0
    plan_deliveries: int = 0
    #: Of suppliers and carriers: the last 26 weeks in which something came, the oldest first.
    weeks: tuple[DeliveryWeek, ...] = ()

    @property
    def rests_on(self) -> int:
        """How many deliveries the lead time rests on."""
        return self.deliveries if self.lead_time_deliveries is None else self.lead_time_deliveries
