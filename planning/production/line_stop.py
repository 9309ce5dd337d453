"""The line stop: which line stands still, when to the minute, for want of which part, and what can be done about it."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from andon.planning.alerting.alerts import OpenAlert, head_of, raise_alert, settle_alert
from andon.planning.alerting.sentences import is_money, moment, money, plain
from andon.planning.production.line import ProductionLine, open_order, orders_under, sequence
from andon.planning.production.order import Order, Slot
from andon.schemas.alerts import Alert, Alternative, Severity
from andon.schemas.common import decode, split_item_key, utc
from andon.schemas.production import Coverage

_KIND: Final = "line_stop"
_MOST_WAYS: Final = 4
_NAMED: Final = 3
_HOUR: Final = 3600.0
_LIKELY: Final = 0.5
#: A stop that moves by less is not said anew, in seconds.
_MOVES_SECONDS: Final = 3600.0
#: One whose time passed, as the line stands still, is said anew after so long.
_PASSED_SECONDS: Final = 4 * 3600.0
#: Within so many hours it is critical, within so many a warning.
_CRITICAL_HOURS: Final = 48
_WARNING_HOURS: Final = 168


class Shortage(NamedTuple):
    """The first part that a line lacks: when (seconds since 1970), in which order, and how many units can be begun before.

    `units` are those of that order, `before` those of all orders of the line; `later` are other parts that would stop it after that.
    """

    cover: Coverage
    at: float
    order: Order
    units: int
    before: int
    later: tuple[Coverage, ...]
    slots: dict[str, Slot]


def first_shortage(line: ProductionLine) -> Shortage | None:
    """Return the first part that a line lacks; None if all last."""
    slots = sequence(line)
    stops = sorted(
        (
            (one.stops_at.timestamp(), part, one)
            for part, one in line.covers.items()
            if one.stops_at is not None and not one.ends and one.order_id in slots
        ),
        key=lambda stop: stop[:2],
    )
    if not stops:
        return None
    at, _, cover = stops[0]
    order_id = cover.order_id or ""
    # As the part's book had it: what should have begun before began then.
    slots = sequence(line, cover.at)
    return Shortage(
        cover,
        at,
        open_order(line, order_id),
        slots[order_id].begun_before(at - cover.waits),
        sum(slot.begun_before(at - cover.waits) for slot in slots.values()),
        tuple(one for _, _, one in stops[1:]),
        slots,
    )


def line_stop(line: ProductionLine, key: str, now: float) -> None:
    """Open, update or resolve the alert of a line that will stand still for want of a part.

    Args:
        line: the line.
        key: its `location/line`.
        now: seconds since 1970.
    """
    found = first_shortage(line)
    if found is None:
        settle_alert(
            line,
            _KIND,
            key,
            now,
            flaps=True,
            describe=lambda alert, status: _resolved(alert, status, key, line),
        )
        return
    here = [*_other_parts(line, found), *_other_orders(line, found)]
    hours = (found.at - now) / _HOUR
    severity: Severity = "info"
    if hours <= _WARNING_HOURS:
        severity = "critical" if hours <= _CRITICAL_HOURS else "warning"
    raise_alert(
        line,
        kind=_KIND,
        key=key,
        now=now,
        severity=severity,
        # A way out that is found later is news, too.
        size=(found.before + 1.0) * (1 + len(here)),
        due=found.at,
        anew=_has_moved(line.alerts.get(_KIND), found.order, found.at, now),
        cause=found.cover.part,
        describe=lambda alert, status: _opened(alert, status, key, line, found, now),
    )


def _has_moved(alert: OpenAlert | None, order: Order, at: float, now: float) -> bool:
    """Return whether a stop is at another time than was said, for how near it is and for how long nothing was heard.

    What runs stops when it is known to; what has not begun, or stands still, moves with the clock alone.
    """
    if alert is None:
        return False
    if order.is_started and not order.is_stopped:
        heard = max(order.last_made, order.statuses.get("started", 0.0))
        limit = max(_MOVES_SECONDS / 4, (at - now) / 10, (now - heard) / 4)
    else:
        limit = max(_MOVES_SECONDS, (at - now) / 2, (now - alert.opened_at) / 4)
    passed = alert.due <= now and now - alert.changed_at >= _PASSED_SECONDS
    return abs(at - alert.due) >= (_MOVES_SECONDS if passed else limit)


def _resolved(alert: OpenAlert, status: str, key: str, line: ProductionLine) -> Alert:
    location, name = split_item_key(key)
    head: dict[str, Any] = head_of(alert, status)
    sentence, resolution = _ending(alert, f"{name} at {location}", line)
    return Alert(**head, sentence=sentence, location=location, line=name, resolution=resolution)


def _ending(alert: OpenAlert, where: str, line: ProductionLine) -> tuple[str, str]:
    """Return why an alert is over, in a sentence and in a word: its order is, or the part is not needed, or it is there."""
    said = decode(alert.said, Alert) if alert.said else None
    if said is not None and said.order_id is not None:
        orders = orders_under(line, said.order_id)
        if not any(one.left for one in orders):
            left = max((one.moved for one in orders if one.has_left), default=None)
            if left is not None:
                return f"{said.order_id} has left {where} for {left[1]}.", "moved"
            if orders and all(one.is_cancelled for one in orders):
                return f"{said.order_id} on {where} was called off.", "cancelled"
            return f"{said.order_id} on {where} is done.", "finished"
        cover = line.covers.get(said.sku or "")
        if cover is None or cover.ends:
            return f"{where} is not known to need {said.sku} any more.", "not needed"
    return f"{where} has what it needs again.", "covered"


def _opened(
    alert: OpenAlert,
    status: str,
    key: str,
    line: ProductionLine,
    found: Shortage,
    now: float,
) -> Alert:
    location, name = split_item_key(key)
    cover, order = found.cover, found.order
    part = f"{cover.part} ({cover.description})" if cover.description else cover.part
    ways = ways_out(line, found)
    head: dict[str, Any] = head_of(alert, status)
    if found.at <= now and not found.before:
        sentence = f"{name} at {location} stands still for want of {part}: none of {plain(found.slots[order.order_id].left, 'unit')} "
        sentence += f"of {order.sku} ({order.order_id}) can be begun"
    else:
        sentence = (
            f"{name} at {location} stops about {moment(found.at, now)} for want of {part}: "
            f"{plain(found.units, 'unit')} more of {order.sku} ({order.order_id}) can be built"
        )
        others = found.before - found.units
        sentence += f", after {plain(others, 'unit')} of other orders" if others else ""
    sentence += f". {cover.on_hand:,} of it are on hand, {cover.short:,} more are needed"
    if cover.relief_at is not None:
        sentence += f", and the next come about {moment(cover.relief_at.timestamp(), now)}"
    sentence += "."
    if is_money(cover.at_stake, cover.currency):
        sentence += (
            f" What is not built for want of it costs {money(cover.at_stake, cover.currency)}"
        )
        sentence += f", {money(cover.hourly, cover.currency)} an hour." if cover.hourly else "."
    if found.later:
        named = ", ".join(one.part for one in found.later[:_NAMED])
        sentence += f" After that {named} would be missing."
    sentence += _best(ways)
    return Alert(
        **head,
        sentence=sentence,
        location=location,
        sku=cover.part,
        line=name,
        order_id=order.order_id,
        parent_id=cover.parent_id,
        currency=cover.currency,
        stockout_p50=utc(found.at),
        expected_arrival=cover.relief_at,
        bridge_quantity=cover.short,
        value_at_risk=cover.at_stake or None,
        numbers={
            "units": float(found.units),
            "units_before": float(found.before),
            "on_hand": float(cover.on_hand),
            "short": float(cover.short),
        },
        alternatives=ways,
    )


def _best(ways: tuple[Alternative, ...]) -> str:
    """Return the best way out in a sentence; what is more likely too late than not only makes it shorter."""
    for way in ways:
        if way.probability_too_late <= _LIKELY:
            return f" Best way out: {way.why}."
    return (
        f" Nothing comes in time; the soonest: {ways[0].why}." if ways else " No way out is known."
    )


def ways_out(line: ProductionLine, found: Shortage) -> tuple[Alternative, ...]:
    """Return the best ways out of a stop, the best first."""
    return tuple(_ways(line, found))[:_MOST_WAYS]


def _ways(line: ProductionLine, found: Shortage) -> Iterator[Alternative]:
    """Yield the ways out: another part, another order first, and what else the part's own book knows of."""
    yield from _other_parts(line, found)
    yield from _other_orders(line, found)
    soonest = sorted(
        found.cover.ways, key=lambda way: (way.arrives_p50 is None, way.arrives_p50 or utc(0.0))
    )
    yield from soonest


def _stand_ins(line: ProductionLine, found: Shortage) -> list[tuple[Coverage, int]]:
    """Return the parts that may be used in place of the one that is missing, and for how many units they are there."""
    fits = [
        (stand.priority, cover.part, cover, int(cover.spare / stand.takes + 1e-6))
        for cover in line.covers.values()
        for stand in cover.stands_in
        if (stand.of, stand.in_place_of) == (found.order.sku, found.cover.part) and not cover.ends
    ]
    return [(cover, units) for _, _, cover, units in sorted(fits, key=lambda fit: fit[:2]) if units]


def _other_parts(line: ProductionLine, found: Shortage) -> Iterator[Alternative]:
    """Yield the parts that may be used in place of the one that is missing and are there."""
    for cover, units in _stand_ins(line, found):
        yield Alternative(
            kind="alternate",
            alternate=cover.part,
            quantity=cover.spare,
            why=f"use {cover.part} in place of {found.cover.part}: {cover.spare:,} that nothing needs are there, "
            f"for {plain(units, 'unit')} of {found.order.sku}",
        )


def _other_orders(line: ProductionLine, found: Shortage) -> Iterator[Alternative]:
    """Yield the order that can be made first, as none of the parts that are missing goes into it."""
    missing = [found.cover, *found.later]
    for name, slot in found.slots.items():
        order = open_order(line, name)
        if slot.begins < found.at or any(order.sku in one.makes for one in missing):
            continue
        hours = slot.each * slot.left / _HOUR
        yield Alternative(
            kind="sequence",
            order_id=name,
            quantity=slot.left,
            why=f"make {name} first, {plain(slot.left, 'unit')} of {order.sku} for which nothing is missing: "
            f"work for {hours:.1f} hours",
        )
        return
