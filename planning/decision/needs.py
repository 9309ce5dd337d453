"""Needs: what a location needs of the one that feeds it, told when it changes enough to matter there.

A warehouse hears so what is sold, whenever it is ordered: what lies below is in its own position, and an order is no news.
"""

import math
from typing import Final

import msgspec

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.book.book import Book
from andon.planning.book.feeding import is_refused, network_of
from andon.planning.decision.run_down import is_run_down
from andon.planning.decision.situation import Situation
from andon.planning.demand.demand import is_known, over
from andon.planning.network.state import Source, level_of
from andon.planning.policy.lot_size import lot_size
from andon.planning.policy.policy import shortage_cost
from andon.schemas.common import item_key, split_item_key, utc
from andon.schemas.needs import Need

#: A position that moves by less than this share of its target is not told, nor a demand that does so by less than that of itself.
_MATERIAL_POSITION: Final = 0.05
_MATERIAL: Final = 0.1


def tell_needs(view: Situation) -> None:
    """Tell the location that feeds this one what it needs, and those that do so no more that it needs nothing."""
    book = view.book
    sender = view.usual.from_location
    told = set()
    if sender is not None and not view.option(view.usual).circle and _is_needed(view):
        told.add(sender)
        _tell(view, sender, _need(view, sender))
    for source in view.item.sources:
        refused = source.from_location
        if refused is not None and refused not in told and is_refused(book, view.key, refused):
            # Nothing is needed of it, but it goes on saying where its goods come from: should that change, it is taken again.
            told.add(refused)
            _tell(view, refused, _empty(view, refused))
    if book.network is not None:
        for name, source_state in book.network.sources.items():
            if source_state.said and name not in told:
                _end(book, view.key, name, source_state, view.now)


def end_needs(book: Book, key: str, now: float) -> None:
    """Tell those that feed a location that it needs nothing any more, as nobody plans it (`now` in seconds since 1970)."""
    if book.network is not None:
        for name, source in book.network.sources.items():
            if source.said:
                _end(book, key, name, source, now)


def _is_needed(view: Situation) -> bool:
    return view.book.stock_is_known and is_known(view.demand) and not is_run_down(view)


def _need(view: Situation, sender: str) -> Need:
    book, item, aims = view.book, view.planned, view.targets
    network = network_of(book)
    source = network.sources.setdefault(sender, Source())
    days = source.horizon_days or max(aims.protection_days, 1.0)
    wanted = over(view.demand, view.now, days)
    return Need(
        warehouse=sender,
        sku=item.sku,
        location=item.location,
        version=0,
        updated_at=utc(view.now),
        # What was ordered there and has not left is still in the stock there.
        position=view.position - book.reserved,
        target=aims.order_up_to,
        mean=wanted.mean,
        variance=wanted.variance,
        horizon_days=days,
        lead_time_days=round(view.option(view.usual).lead_time.mean_days, 6),
        shortage_cost=shortage_cost(item),
        lot=lot_size(view.item, view.usual).multiple,
        tier=item.allocation_tier,
        heard=source.heard,
        level=level_of(network),
    )


def _empty(view: Situation, sender: str) -> Need:
    item = view.item
    return Need(
        warehouse=sender,
        sku=item.sku,
        location=item.location,
        version=0,
        updated_at=utc(view.now),
        refused=True,
    )


def _tell(view: Situation, sender: str, need: Need) -> None:
    """Say a need if it is materially another than what was last said."""
    source = network_of(view.book).sources.setdefault(sender, Source())
    now = _summary(need)
    if not _is_news(source.said, now):
        return
    source.said = now
    _say(view.book, view.key, need, source, view.now)


def _summary(need: Need) -> tuple[float, ...]:
    return (
        need.position,
        need.target,
        need.mean,
        need.variance,
        need.horizon_days,
        need.heard,
        need.level,
        need.lot,
        need.tier,
        need.shortage_cost,
        need.lead_time_days,
        need.refused,
    )


def _is_news(said: tuple[float, ...], now: tuple[float, ...]) -> bool:
    if len(said) != len(now) or said[5:] != now[5:]:
        return True
    position, target, mean, variance, horizon = (
        abs(new - old) for old, new in zip(said[:5], now[:5], strict=True)
    )
    return (
        position >= max(_MATERIAL_POSITION * abs(said[1]), 1.0)
        or target > _MATERIAL * abs(said[1])
        or mean > _MATERIAL * said[2]
        or variance > 2 * _MATERIAL * said[3]
        or horizon > _MATERIAL * said[4]
    )


def _end(book: Book, key: str, sender: str, source: Source, now: float) -> None:
    location, sku = split_item_key(key)
    source.said = ()
    need = Need(
        warehouse=sender, sku=sku, location=location, version=0, updated_at=utc(now), ends=True
    )
    _say(book, key, need, source, now)


def _say(book: Book, key: str, need: Need, source: Source, now: float) -> None:
    # By the clock of events: a book that begins anew goes on where it was.
    source.said_version = version = max(source.said_version + 1, math.floor(now * 1000))
    to = f"{item_key(need.warehouse, need.sku)}/{need.location}"
    name, told = f"{key}:need:{need.warehouse}:{version}", _numbered(need, version)
    book.outbox.append(OutboxMessage.of("needs", to, name, "andon.need.changed", told, now))


def _numbered(need: Need, version: int) -> Need:
    return msgspec.structs.replace(need, version=version)
