"""What a kanban loop says: fill these containers, give out or take in cards, and look for those that are missing."""

from collections.abc import Callable
from typing import Any, Final

from andon.planning.alerting.alerts import OpenAlert, head_of, raise_alert, settle_alert
from andon.planning.alerting.sentences import instant, moment, plain, rate
from andon.planning.production.loops import (
    KanbanLoop,
    advised,
    daily_demand,
    hanging,
    missed,
)
from andon.schemas.alerts import Alert, AlertKind, Severity
from andon.schemas.common import split_item_key
from andon.schemas.kanban import Loop

_DAY: Final = 86400.0
_NAMED: Final = 5


def look_at_loop(state: KanbanLoop, key: str, now: float, zone: str | None) -> None:
    """Say what there is to say of a loop.

    Args:
        state: the loop.
        key: its `location/sku`.
        now: seconds since 1970.
        zone: the time zone of the location (an IANA name; None for UTC).
    """
    loop = state.loop
    if loop is None:
        for kind in list(state.alerts):
            _settle(state, kind, key, now, "is no loop any more")
        return
    _pull(state, loop, key, now, zone)
    _advise(state, loop, key, now, zone)
    _miss(state, loop, key, now, zone)


def _pull(state: KanbanLoop, loop: Loop, key: str, now: float, zone: str | None) -> None:
    """Ask for the containers whose cards hang, once there are as many as are filled at once."""
    cards = hanging(state)
    if len(cards) < loop.batch:
        _settle(state, "kanban_pull", key, now, "has its containers filled")
        return
    units = len(cards) * loop.container
    standing = max(loop.cards - len(cards) - sum(card.is_gone for card in state.cards.values()), 0)
    daily = daily_demand(state, zone) or 0.0
    lasts = standing * loop.container / daily if daily > 0 else None
    severity: Severity = "info"
    if not standing:
        severity = "critical"
    elif lasts is not None and state.lead is not None and lasts < state.lead.mean_days:
        severity = "warning"
    source = f" from {loop.filled_by}" if loop.filled_by else ""
    where = f"{loop.sku} at {loop.location}"
    left = f"{plain(standing, 'container')} stand there" if standing else "none stands there"
    sentence = (
        f"Fill {plain(len(cards), 'container')} ({plain(units, 'unit')}) of {where}{source}: {len(cards)} of {loop.cards} cards hang, "
        f"the first since {moment(cards[0][0])}, and {left}."
    )
    _raise(
        state,
        "kanban_pull",
        key,
        now,
        severity=severity,
        size=float(len(cards)),
        sentence=sentence,
        order_quantity=units,
        stockout_p50=instant(None if lasts is None else now + lasts * _DAY),
        numbers={
            "hanging": float(len(cards)),
            "cards": float(loop.cards),
            "standing": float(standing),
        },
    )


def _advise(state: KanbanLoop, loop: Loop, key: str, now: float, zone: str | None) -> None:
    """Advise another number of cards, where what is used and how long filling takes surely ask for it."""
    needed, daily = advised(state, zone), daily_demand(state, zone)
    if needed is None or daily is None or state.lead is None:
        _settle(state, "kanban_cards", key, now, "has as many cards as it needs")
        return
    change = abs(needed - loop.cards)
    do = "Give out" if needed > loop.cards else "Take in"
    sentence = (
        f"{do} {plain(change, 'card')} of {loop.sku} at {loop.location}: {needed} are enough and it has {loop.cards}, as "
        f"{rate(daily)} are used on working days, and a container is back after {state.lead.mean_days:.1f} of them."
    )
    _raise(
        state,
        "kanban_cards",
        key,
        now,
        severity="warning" if needed > loop.cards else "info",
        size=float(needed),
        sentence=sentence,
        numbers={
            "cards": float(loop.cards),
            "needed": float(needed),
            "daily_demand": round(daily, 3),
            "lead_time_days": round(state.lead.mean_days, 2),
        },
    )


def _miss(state: KanbanLoop, loop: Loop, key: str, now: float, zone: str | None) -> None:
    """Ask for cards that are likely lost: until they are found or given out anew, the loop has fewer than it needs."""
    names = missed(state, zone)
    if not names:
        _settle(state, "lost_card", key, now, "misses no card")
        return
    named = ", ".join(names[:_NAMED]) + (" and others" if len(names) > _NAMED else "")
    sentence = (
        f"{plain(len(names), 'card')} of {loop.sku} at {loop.location} may be lost ({named}): others were pulled, or filled, again and "
        f"again since. Look for it, or say that it is lost and give out a new one."
    )
    _raise(
        state,
        "lost_card",
        key,
        now,
        severity="warning",
        size=float(len(names)),
        cause=names[0],
        sentence=sentence,
        numbers={"cards": float(loop.cards), "missing": float(len(names))},
    )


def _raise(
    state: KanbanLoop,
    kind: AlertKind,
    key: str,
    now: float,
    *,
    severity: Severity,
    size: float,
    sentence: str,
    cause: str = "",
    **fields: Any,
) -> None:
    raise_alert(
        state,
        kind=kind,
        key=key,
        now=now,
        severity=severity,
        size=size,
        cause=cause,
        describe=_described(key, sentence, **fields),
    )


def _settle(state: KanbanLoop, kind: str, key: str, now: float, what: str) -> None:
    location, sku = split_item_key(key)
    sentence = f"{sku} at {location} {what}."
    settle_alert(
        state,
        kind,
        key,
        now,
        flaps=True,
        describe=_described(key, sentence, resolution="over"),
    )


def _described(key: str, sentence: str, **fields: Any) -> Callable[[OpenAlert, str], Alert]:
    location, sku = split_item_key(key)

    def describe(alert: OpenAlert, status: str) -> Alert:
        head: dict[str, Any] = head_of(alert, status)
        return Alert(**head, sentence=sentence, location=location, sku=sku, **fields)

    return describe
