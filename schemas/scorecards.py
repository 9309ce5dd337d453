"""Scorecards: what suppliers, lanes and carriers have really been like."""

from typing import Literal

from andon.schemas.common import Instant, Record, Reference


class Scorecard(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Learned lead time and punctuality; the key is `type/name`, a source is `supplier|lane|carrier|mode`."""

    type: Literal["supplier", "carrier", "lane", "source"]
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
