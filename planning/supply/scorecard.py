"""Scorecards: what a supplier, carrier, lane or source has really been like."""

from typing import Final

import msgspec

from andon.planning.alerting.alerts import OpenAlert, OutboxMessage
from andon.planning.supply.delay_distribution import DISCOUNTS, learn_delay, own_delays, quantile
from andon.planning.supply.delivery_weeks import Week, count, told
from andon.planning.supply.item_lead_times import share_of_plan, took
from andon.planning.supply.lead_time import LeadTime, Punctuality, learn, prior
from andon.planning.supply.slipping import Slip, update_slipping_alert
from andon.schemas.scorecards import Scorecard
from andon.schemas.shipments import Delivery

_DAY: Final = 86400.0
_REMEMBERED: Final = 256 * 8
#: What a delivery makes the units of older ones count.
_UNITS_DISCOUNT: Final = 0.95
#: Who can be talked to about being late: a lane or a mode cannot.
_WATCHED: Final = ("supplier", "carrier")


class ScorecardState(msgspec.Struct, array_like=True):
    """Lead time and punctuality learned so far, and the deliveries last counted (digests of their shipment ids).

    `delays` counts deliveries by the days they came after their promise; `since_news` is the time from the first news of a
    shipment to its delivery, learned from those of which nobody knows when they were ordered.
    """

    lead_time: LeadTime | None = None
    punctuality: Punctuality = msgspec.field(default_factory=Punctuality)
    applied: dict[str, int] = {}
    recent: bytes = b""
    outbox: list[OutboxMessage] = []
    delays: dict[int, float] = {}
    slip: Slip = msgspec.field(default_factory=Slip)
    alerts: dict[str, OpenAlert] = {}
    episodes: dict[str, int] = {}
    since_news: LeadTime | None = None
    #: Units that came and those not fit to be used, older deliveries counting for less.
    units: float = 0.0
    rejected: float = 0.0
    #: How many times their planned lead times deliveries took.
    deviation: LeadTime | None = None
    #: When the last alert of each kind ended, in seconds since 1970.
    ended: dict[str, int] = {}
    #: The deliveries of suppliers and carriers, by week.
    weeks: dict[int, Week] = {}


def apply_delivery(state: ScorecardState, delivery: Delivery, at: float, digest: bytes) -> str:
    """Learn from a delivery and say the new scorecard. Return what became of it."""
    recent = state.recent
    if any(recent[place : place + 8] == digest for place in range(0, len(recent), 8)):
        return "duplicate"
    state.recent = (recent + digest)[-_REMEMBERED:]
    days = (at - delivery.ordered_at.timestamp()) / _DAY
    if delivery.planned_days is not None:
        state.deviation = took(state.deviation, share_of_plan(days, delivery.planned_days))
        if state.lead_time is not None or state.since_news is not None:
            _say(state, delivery, at)
        return "applied"
    if delivery.order_date_known:
        state.lead_time = _learned(state.lead_time, days)
    else:
        state.since_news = _learned(state.since_news, days)
    late = None
    if delivery.promised_at is not None:
        late = (at - delivery.promised_at.timestamp()) / _DAY
        state.punctuality.learn(late, delivery.reported_delay_days)
        learn_delay(state.delays, late, DISCOUNTS[delivery.type])
        state.slip.learn(late)
        if delivery.type in _WATCHED:
            update_slipping_alert(state, kind=delivery.type, name=delivery.name, now=at)
    if delivery.type in _WATCHED:
        lead = days if delivery.order_date_known else None
        count(state.weeks, at, late_days=late, lead_days=lead)
    state.units = state.units * _UNITS_DISCOUNT + delivery.units
    state.rejected = state.rejected * _UNITS_DISCOUNT + delivery.rejected
    _say(state, delivery, at)
    return "applied"


def _say(state: ScorecardState, delivery: Delivery, at: float) -> None:
    card = scorecard(state, delivery)
    key = f"{card.type}/{card.name}"
    name = f"{key}:{card.deliveries + card.plan_deliveries}"
    state.outbox.append(
        OutboxMessage.of("scorecards", key, name, "andon.scorecard.changed", card, at)
    )


def say_again(state: ScorecardState, kind: str, name: str, at: float) -> None:
    """Say again that a supplier or carrier (`kind`) slips, if the alert's snooze has ended by `at` (seconds since 1970)."""
    if state.alerts:
        update_slipping_alert(state, kind=kind, name=name, now=at)


def _learned(lead_time: LeadTime | None, days: float) -> LeadTime:
    """Return a lead time with one more delivery in it; the first is all that is known."""
    if lead_time is None:
        lead_time = prior(max(days, 1 / 24))
        lead_time.deliveries = 1
    else:
        learn(lead_time, days)
    return lead_time


def scorecard(state: ScorecardState, newest: Delivery) -> Scorecard:
    """Return what is to be published."""
    lead_time = state.lead_time or state.since_news
    if lead_time is None:
        msg = "state: nothing was learned yet"
        raise ValueError(msg)
    punctuality = state.punctuality
    delays = own_delays(state.delays) if state.delays else None
    deviation = state.deviation
    dated = 0 if state.lead_time is None else state.lead_time.deliveries
    undated = 0 if state.since_news is None else state.since_news.deliveries
    return Scorecard(
        type=newest.type,
        name=newest.name,
        updated_at=newest.received_at,
        deliveries=dated + undated,
        lead_time_deliveries=dated if undated else None,
        lead_time_mean_days=lead_time.mean_days,
        lead_time_sd_days=lead_time.sd_days,
        lead_time_p50_days=lead_time.quantile(0.5),
        lead_time_p90_days=lead_time.quantile(0.9),
        punctuality=punctuality.share_on_time,
        mean_delay_days=punctuality.mean_delay_days,
        report_worth=punctuality.delay_multiplier,
        delay_p50_days=None if delays is None else quantile(delays, 0.5),
        delay_p90_days=None if delays is None else quantile(delays, 0.9),
        plan_share_p50=1.0 if deviation is None else deviation.quantile(0.5),
        plan_share_sd=0.0 if deviation is None else deviation.sd_days / deviation.mean_days,
        plan_deliveries=0 if deviation is None else deviation.deliveries,
        reject_share=round(state.rejected / state.units, 4) if state.units > 0 else None,
        weeks=told(state.weeks),
        delay_counts={str(day): round(count, 3) for day, count in sorted(state.delays.items())},
    )
