"""Sharing: what a warehouse tells those it feeds, and how it shares what is too little for all of them.

It looks ahead to each receipt: is what there is until then enough for what is wanted, and for what those below will sell until
goods of that receipt can be there? If not, it is shared at once, a pack at a time to whom it is worth most, however early it is
asked for; each location hears what it may have, from when on there is more, and what is to blame.
"""

import math
from typing import Final, NamedTuple

from xxhash import xxh3_64_digest

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.alerting.sentences import moment, plain
from andon.planning.book.feeding import way_here
from andon.planning.decision.situation import Situation, sells_itself
from andon.planning.demand.demand import over
from andon.planning.demand.distributions import Distribution
from andon.planning.network.allocation import Claim, allocate, explained
from andon.planning.network.state import Fed, Network
from andon.planning.policy.policy import shortage_cost
from andon.planning.supply.line_message import word_of
from andon.schemas.common import encode, utc
from andon.schemas.needs import Allocation, Feed, Portion, Step

_DAY: Final = 86400.0
#: What those below sell until there is more is looked at so surely; and more so for a shortage to be called over.
_SURE: Final = 0.9
_SURE_ENOUGH: Final = 0.95
#: A shortage lasts beyond the next relief if that is more likely than not.
_LIKELY: Final = 0.5
#: What is short is shared anew after a day, or where what there is, or until when it must do, has changed by more than that.
_WAVE_SECONDS: Final = _DAY
_MATERIAL: Final = 0.1
_MOVED_SECONDS: Final = 12 * 3600.0
#: Goods that are overdue are not here at once.
_SOON: Final = 3600.0
#: Where what comes next is too little, too, a unit left over then is worth this share of what one was worth in the wave before: demand may go elsewhere.
_CARRIED: Final = 0.9
#: So many portions are told in a sentence.
_NAMED: Final = 3


class Outlook(NamedTuple):
    """What there is to be shared, in units, until when it must do (seconds since 1970), and why there is no more before."""

    available: int
    until: float
    cause: str
    reason: str | None
    parent_id: str | None
    #: Whether what comes then is too little, too.
    lasts: bool = False


def share_out(view: Situation) -> None:
    """Tell those that are fed from here what there is for them, if that is news."""
    network = view.book.network
    if network is None or not network.fed:
        return
    fed = {name: one for name, one in sorted(network.fed.items()) if one.counts}
    outlook = _outlook(view, network, fed) if fed and view.book.stock_is_known else None
    if outlook is None:
        network.shared_at = network.shared_until = network.worth = 0.0
        for one in fed.values():
            one.given, one.ready_at, one.why = -1, 0.0, ""
    elif _is_due(network, fed, outlook, view.now):
        _share(view, network, fed, outlook)
    above = way_here(view.book, view.item.location, view.usual.from_location)
    base = view.option(view.usual).lead_time.mean_days + view.planned.review_period_days
    for name, one in network.fed.items():
        if not one.ends:
            _tell(view, name, one, outlook, above, base)


def _outlook(view: Situation, network: Network, fed: dict[str, Fed]) -> Outlook | None:
    """Return the first time until which there is too little for all, and what there is until then; None if there is enough."""
    sure = _SURE_ENOUGH if network.shared_at else _SURE
    supply = max(view.free, 0) - view.item.allocation_reserve
    wanted = sum(max(one.target - one.reached, 0) for one in fed.values())
    reliefs = _reliefs(view)
    for number, (at, units, cause, reason, parent) in enumerate(reliefs):
        if (number == 0 and wanted > supply) or _sells_more(view, fed, at, supply, sure):
            after = reliefs[number + 1][0] if number + 1 < len(reliefs) else None
            own_alert = view.book.alerts.get("stockout_risk")
            return Outlook(
                max(supply, 0),
                at,
                cause or f"short:{view.key}",
                reason,
                parent if own_alert is None else own_alert.alert_id,
                after is not None and _sells_more(view, fed, after, supply + units, _LIKELY),
            )
        supply += units
    return None


def _sells_more(
    view: Situation, fed: dict[str, Fed], until: float, supply: int, sure: float
) -> bool:
    """Return whether more may sell until goods of a relief can be where they sell than there is, with this probability."""
    days = max((until - view.now) / _DAY, 0.0)
    mean = sum(one.daily * (days + one.lead_time_days) for one in fed.values())
    variance = sum(one.daily_variance * (days + one.lead_time_days) for one in fed.values())
    if sells_itself(view.book):
        own = over(view.book.demand, view.now, days)
        mean, variance = mean + own.mean, variance + own.variance
    lies_below = sum(one.reached for one in fed.values())
    return Distribution(mean, variance).quantile(sure) > lies_below + supply


def _reliefs(view: Situation) -> list[tuple[float, int, str | None, str | None, str | None]]:
    """Return when there is more, how much, and what makes it late; the last is an order placed now."""
    found: list[tuple[float, int, str | None, str | None, str | None]] = []
    for line in view.coming:
        if line.open_quantity > 0:
            at = max(line.expected, view.now + _SOON)
            is_late = line.promised is not None and at > line.promised + _DAY / 2
            cause = line.cause or (line.shipment_id if is_late else None)
            reason = line.reason or ("late" if is_late else None)
            found.append((at, line.open_quantity, cause, reason, line.parent_id))
    option = view.option(view.usual)
    days = option.lead_time.mean_days
    if option.most:
        found.append(
            (view.now + days * _DAY, option.most, option.cause, option.reason, option.parent_id)
        )
    short = view.short_source
    ordered = view.now + (days + option.added_days) * _DAY
    if short is not None:
        ordered = max(short.ready_at, view.now) + days * _DAY
    found.append((ordered, 0, option.cause, option.reason, option.parent_id))
    return sorted(found, key=lambda one: one[0])


def _is_due(network: Network, fed: dict[str, Fed], outlook: Outlook, now: float) -> bool:
    """Return whether goods are to be shared anew: a day has passed, or what there is has changed."""
    sent = sum(one.sent for one in fed.values()) - network.shared_sent
    changed = abs(outlook.available + sent - network.shared_units)
    return (
        not network.shared_at
        or now - network.shared_at >= _WAVE_SECONDS
        or changed > _MATERIAL * max(network.shared_units, 1)
        or abs(outlook.until - network.shared_until) > _MOVED_SECONDS
        or any(one.given < 0 for one in fed.values())
    )


def _share(view: Situation, network: Network, fed: dict[str, Fed], outlook: Outlook) -> None:
    """Share what there is, and keep a record of it."""
    days = max((outlook.until - view.now) / _DAY, 0.0)
    later = _CARRIED * network.worth if outlook.lasts else 0.0
    claims = [_claim(name, one, days)._replace(later=later) for name, one in fed.items()]
    if sells_itself(view.book):
        own = over(view.book.demand, view.now, days)
        cost = shortage_cost(view.item)
        enough = own.quantile(_SURE_ENOUGH) if own.mean > 0 else 0
        claims.append(Claim(view.item.location, enough, 0, own.mean, own.variance, cost))
    shares = allocate(outlook.available, claims)
    words = explained(claims, shares)
    for claim, share, why in zip(claims, shares, words, strict=True):
        one = fed.get(claim.location)
        if one is not None:
            one.given, one.up_to = share.given, one.reached + share.given
            one.ready_at, one.why = outlook.until, why
    network.wave += 1
    network.worth = max(
        (
            share.worth_next
            for claim, share in zip(claims, shares, strict=True)
            if share.given + claim.lot <= claim.wanted
        ),
        default=0.0,
    )
    network.shared_at, network.shared_until = view.now, outlook.until
    network.shared_units = outlook.available
    network.shared_sent = sum(one.sent for one in fed.values())
    portions = tuple(
        Portion(
            location=claim.location,
            wanted=claim.wanted,
            given=share.given,
            position=claim.position,
            mean=claim.mean,
            variance=claim.variance,
            shortage_cost=claim.shortage_cost,
            lot=claim.lot,
            tier=claim.tier,
            later=round(claim.later, 6),
            worth_last=round(share.worth_last, 6),
            worth_next=round(share.worth_next, 6),
            why=why,
        )
        for claim, share, why in zip(claims, shares, words, strict=True)
    )
    record = Allocation(
        allocation_id=f"{view.key}:{network.wave}",
        location=view.item.location,
        sku=view.item.sku,
        wave=network.wave,
        decided_at=utc(view.now),
        available=outlook.available,
        reserve=view.item.allocation_reserve,
        until=utc(outlook.until),
        currency=view.item.currency,
        portions=portions,
        sentence=_sentence(view, outlook, portions),
    )
    name = f"allocation:{record.allocation_id}"
    view.book.outbox.append(
        OutboxMessage.of("allocations", view.key, name, "andon.allocation.made", record, view.now)
    )


def _claim(name: str, one: Fed, days: float) -> Claim:
    """Return what a location would have for some days: up to its target, or what it may sell until there is more if that is more."""
    covered = days + one.lead_time_days
    mean, variance = one.daily * covered, one.daily_variance * covered
    enough = Distribution(mean, variance).quantile(_SURE_ENOUGH) if mean > 0 else 0
    missing = max(one.target, enough) - one.reached
    wanted = max(math.ceil(missing / one.lot), 0) * one.lot
    return Claim(name, wanted, one.reached, mean, variance, one.shortage_cost, one.lot, one.tier)


def _sentence(view: Situation, outlook: Outlook, portions: tuple[Portion, ...]) -> str:
    short = sorted(portions, key=lambda one: (one.given - one.wanted, one.location))
    told = [one.why for one in short[:_NAMED] if one.given < one.wanted] or [
        "all get what they want"
    ]
    others = len([one for one in short if one.given < one.wanted]) - len(told)
    late = f" ({outlook.reason})" if outlook.reason else ""
    return (
        f"{view.name} at {view.item.location} is short: {plain(outlook.available, 'unit')} for "
        f"{plain(len(portions), 'location')} until {moment(outlook.until)}{late}. {'; '.join(told)}"
        + (f"; and {others} more get less than they want." if others > 0 else ".")
    )


def _tell(
    view: Situation,
    name: str,
    one: Fed,
    outlook: Outlook | None,
    above: tuple[tuple[str, float], ...],
    base_days: float,
) -> None:
    """Tell a location what there is for it, if that is not what it was told last."""
    days = max(base_days + one.lead_time_days, 1.0)
    if abs(days - one.horizon_told) <= _MATERIAL * one.horizon_told:
        days = one.horizon_told
    is_short = outlook is not None and one.given >= 0
    feed = Feed(
        warehouse=view.item.location,
        horizon_days=days,
        above=tuple(Step(location=place, since=since) for place, since in above),
        given=one.given if is_short else None,
        up_to=one.up_to if is_short else 0,
        ready_at=utc(one.ready_at) if is_short else None,
        cause=outlook.cause if outlook is not None and is_short else None,
        reason=outlook.reason if outlook is not None and is_short else None,
        parent_id=outlook.parent_id if outlook is not None and is_short else None,
        why=one.why if is_short else "",
    )
    said = xxh3_64_digest(encode(feed))
    if said == one.told:
        return
    one.told, one.horizon_told = said, days
    one.told_version = max(one.told_version + 1, math.floor(view.now * 1000))
    item, version = view.item, one.told_version
    message = f"{view.key}:feed:{name}:{version}"
    view.book.outbox.append(
        word_of(item.location, version, name, item.sku, message, view.now, feed=feed)
    )
