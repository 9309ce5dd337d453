"""The life of an inbound shipment, in whatever order its news arrive, and what its items' books are told of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from andon.planning.demand.days import date_of
from andon.planning.supply.advices import see_advices, tell_order
from andon.planning.supply.delivery import delivered
from andon.planning.supply.disruption import Arrival, Disruption, arrival, held_by, is_outdated
from andon.planning.supply.facts import line_key, split_line_key
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.item_lead_times import source_name
from andon.planning.supply.lateness import update_late_alert
from andon.planning.supply.line_message import line_message
from andon.planning.supply.line_news import NOTHING, LineState, as_one
from andon.planning.supply.news import keyed_lines, take_in
from andon.planning.supply.order_message import deviation, say_order
from andon.planning.supply.silence import silent_name, update_silent_alert
from andon.schemas.common import MOST_UNITS, utc
from andon.schemas.orders import OrderEvent
from andon.schemas.shipments import LineUpdate, ShipmentEvent

_DAY: Final = 86400.0
_REMEMBERED: Final = 32 * 8


#: A shipment keeps its lines, and what it has to say of each, in one record: so many lines, and bytes of them, fit.
MOST_LINES: Final = 1_000
MOST_LINE_BYTES: Final = 960_000
#: So many reports of delays are kept of one shipment: later ones with a name of their own are refused.
MOST_DELAYS: Final = 20
#: What is kept and told of a line besides its names, at most, where an order has very many: then the reason of a delay is told
#: in a few words, or not at all where what it is due to has a long name, the disruption behind it not described, and all
#: receipts as one.
_LINE_BYTES: Final = 820
_VERY_MANY: Final = 300
_FEW_WORDS: Final = 60  # bytes


def outgrown(shipment: Shipment | None, event: ShipmentEvent | OrderEvent) -> str | None:
    """Return why an event would make a shipment larger than its record may be, or None: it is to be refused before."""
    if isinstance(event, ShipmentEvent):
        keys = set(keyed_lines(event))
    else:
        keys = {line_key(line.location, line.sku) for line in event.lines}
    if shipment is not None:
        keys |= shipment.lines.keys()
    if len(keys) > MOST_LINES:
        return f"the shipment would have {len(keys):,} lines; at most {MOST_LINES:,} are taken: split it"
    names = ("supplier", "carrier", "lane", "mode", "alert_id")
    told = (getattr(event, name, None) or getattr(shipment, name, None) for name in names)
    each = _LINE_BYTES + sum(_length(name) for name in told if name)
    number = event.shipment_id if isinstance(event, ShipmentEvent) else event.order_id
    each += 3 * _length(number)
    size = sum(6 * _length(key) for key in keys) + each * len(keys)
    if size > MOST_LINE_BYTES and len(keys) > 1:
        return f"the shipment's {len(keys):,} lines and their names are too long for one record: split it"
    return None


def has_too_many_delays(shipment: Shipment | None, disruption: Disruption, *, ended: bool) -> bool:
    """Return whether a report is one more than a shipment's record has room for: it is to be refused before."""
    if shipment is None or ended or disruption.delay_id in shipment.delays:
        return False
    return len(shipment.delays) >= MOST_DELAYS


def _length(text: str) -> int:
    """Return how many bytes a text takes in a message, where it may be written with escapes."""
    return len(msgspec.json.encode(text))


def apply_event(
    shipment: Shipment,
    event: ShipmentEvent,
    at: float,
    digest: bytes,
    wide: Mapping[str, Disruption],
    *,
    delay_multiplier: float = 1.0,
) -> str:
    """Apply news of a shipment and say what its items' books must know. Return what became of it.

    Args:
        shipment: what it reaches.
        event: the news.
        at: when they happened, seconds since 1970.
        digest: of the event id, eight bytes.
        wide: the wide disruptions in force.
        delay_multiplier: what a reported day of delay has meant in days so far.
    """
    if remembered(shipment, digest):
        return "duplicate"
    if at < shipment.begun:
        return "stale"
    shipment.adopt()
    head = shipment.head(wide, delay_multiplier)
    status, newer = shipment.status, at >= shipment.at
    before, begun = shipment.states(), shipment.begun
    states = take_in(shipment, event, at)
    if shipment.begun != begun:
        left = {key: NOTHING for key, state in before.items() if state.open_quantity}
        states, before = {**left, **states}, {}
    dated = event.expected_at is not None or any(line.expected_at for line in event.lines)
    if newer and (shipment.status != status or dated):
        shipment.delays.pop(silent_name(shipment), None)
    see_advices(shipment, states)
    costs = [] if shipment.purchase is None else shipment.purchase.take_costs(event, at)
    changed = None
    if head == shipment.head(wide, delay_multiplier):
        changed = [key for key, state in states.items() if before.get(key) != state or key in costs]
    publish_lines(
        shipment,
        at,
        wide,
        delay_multiplier=delay_multiplier,
        only=changed,
        states=states,
        before=before,
    )
    if shipment.order_id is not None or shipment.told_order:
        tell_order(shipment, shipment.states(), at)
    if shipment.purchase is not None:
        say_order(shipment, shipment.states(), at)
    if shipment.status == "received" and shipment.received_at is None:
        shipment.received_at = at
        _report_delivery(shipment, wide)
    over = any(state.received > state.quantity + state.returned for state in states.values())
    return "over_receipt" if over else "applied"


def publish_lines(
    shipment: Shipment,
    at: float,
    wide: Mapping[str, Disruption],
    *,
    delay_multiplier: float = 1.0,
    only: list[str] | None = None,
    states: dict[str, LineState] | None = None,
    before: dict[str, LineState] | None = None,
) -> None:
    """Say the present state of every line, and that the shipment is late, or no longer.

    Args:
        shipment: whose lines.
        at: when it came to this, seconds since 1970.
        wide: the wide disruptions in force.
        delay_multiplier: what a reported day of delay has meant in days so far.
        only: which lines, by key; None for all, of which without news only those with something to come.
        states: what is known of each line, if there are news.
        before: what was known of each line before them.
    """
    if states is None:
        shipment.adopt()
        states = shipment.states()
        only = [key for key, state in states.items() if state.open_quantity > 0]
    shipment.version += 1
    # What has become less comes last: no book shall miss for a moment what one line of its item has handed to another.
    for key in sorted(
        states if only is None else only,
        key=lambda key: (
            before is not None
            and states[key].open_quantity < before.get(key, NOTHING).open_quantity
        ),
    ):
        known = None if before is None else before.get(key)
        update = _update(shipment, key, states, known, at, delay_multiplier, wide)
        name = f"{shipment.shipment_id}:{shipment.version}:{key}"
        shipment.outbox.append(line_message(update, name, at))
    update_alerts(shipment, at, wide, delay_multiplier)


def update_alerts(
    shipment: Shipment, at: float, wide: Mapping[str, Disruption], delay_multiplier: float = 1.0
) -> None:
    """Say that a shipment is late, or overdue in silence, or no longer (arguments as `publish_lines`)."""
    now = shipment.arrival(wide, delay_multiplier)
    parent = _parent(shipment, now, wide)
    is_habit = now.cause is None and shipment.goes_by_promise
    alerted_elsewhere = is_habit or parent is not None or now.cause == silent_name(shipment)
    update_late_alert(shipment, at, now, alerted_elsewhere=alerted_elsewhere)
    update_silent_alert(shipment, at)


def _parent(shipment: Shipment, now: Arrival, wide: Mapping[str, Disruption]) -> Disruption | None:
    """Return the wide disruption that decides on an arrival, if one does."""
    return wide.get(now.cause or "") if now.cause not in shipment.delays else None


def _update(
    shipment: Shipment,
    key: str,
    states: Mapping[str, LineState],
    before: LineState | None,
    at: float,
    delay_multiplier: float,
    wide: Mapping[str, Disruption],
) -> LineUpdate:
    """Return what the book of a line's item is told of it."""
    location, sku, name = split_line_key(key)
    state = states[key]
    dated = shipment.date_of(state) is not None
    base = shipment.line_base(state)
    now = shipment.arrival_of(
        base,
        wide,
        delay_multiplier,
        by_promise=state.expected is None if dated else shipment.goes_by_promise,
    )
    if len(shipment.facts) > _VERY_MANY and len((now.cause or "").encode()) > _FEW_WORDS:
        now = replace(now, cause=None, reason=None)
    parent = _parent(shipment, now, wide)
    dates = (state.promised, shipment.promised)
    promised = next((one for one in dates if one is not None and shipment.is_date(one)), None)
    done = before is not None and before.open_quantity == 0
    reason, told = now.reason, None if parent is None else held_by(parent)
    receipts, settled = state.receipts, state.settled
    told_before, told_settled = (
        (before.receipts, before.settled) if before is not None and done else (None, 0.0)
    )
    if len(shipment.facts) > _VERY_MANY:
        few_words = (reason or "").encode()[:_FEW_WORDS].decode(errors="ignore")
        reason, told = few_words or None, None
        receipts, settled = as_one(receipts, settled)
        if told_before is not None:
            told_before, told_settled = as_one(told_before, told_settled)
    return LineUpdate(
        shipment_id=shipment.shipment_id,
        version=shipment.version,
        location=location,
        sku=sku,
        occurred_at=utc(at),
        status=shipment.status,  # type: ignore[arg-type]
        quantity=state.quantity,
        received=state.received,
        expected_at=utc(now.expected),
        promised_at=_utc(promised),
        ordered_at=_utc(shipment.ordered),
        spread_days=now.spread_days,
        supplier=shipment.supplier,
        carrier=shipment.carrier,
        lane=shipment.lane,
        mode=shipment.mode,
        alert_id=_alert_of(shipment, key),
        cause=now.cause,
        reason=reason,
        parent_id=None if parent is None else parent.parent_id,
        base_at=None if now.cause is None else utc(base),
        base_spread_days=0.0 if now.cause is None else shipment.spread_days,
        held_by=told,
        undated=not (dated or shipment.has_whole_date),
        open_quantity=state.open_quantity,
        receipts=receipts,
        settled=settled,
        told=told_before,
        told_settled=told_settled,
        told_under=(shipment.told_order or None) if told_before is not None else None,
        line=name or None,
        begun=shipment.begun,
        order_id=shipment.order_id,
        deviation=deviation(shipment, key, states),
        lot=None if state.lot is None else state.lot[0],
        expires_on=None if state.lot is None else date_of(state.lot[1]),
    )


def _alert_of(shipment: Shipment, key: str) -> str | None:
    """Return which alert a line answers: its own, if it is of a purchase order, or that of the whole."""
    purchase = shipment.purchase
    line = None if purchase is None else purchase.lines.get(key)
    return shipment.alert_id if line is None else line.alert_id


def delay(
    shipment: Shipment,
    disruption: Disruption,
    at: float,
    wide: Mapping[str, Disruption],
    *,
    ended: bool,
    delay_multiplier: float = 1.0,
) -> bool:
    """Apply a report on this very shipment; return whether it changed anything."""
    if is_outdated(shipment.delays, shipment.lifted, disruption, ended=ended):
        return False
    if ended:
        if shipment.delays.pop(disruption.delay_id, None) is None:
            return False
    else:
        shipment.delays.pop(silent_name(shipment), None)
        if shipment.delays.get(disruption.delay_id) == disruption:
            return False
        shipment.delays[disruption.delay_id] = disruption
    if shipment.is_open:
        publish_lines(shipment, at, wide, delay_multiplier=delay_multiplier)
    return True


def _report_delivery(shipment: Shipment, wide: Mapping[str, Disruption]) -> None:
    """Tell every scorecard that this delivery counts for."""
    if shipment.supplier is None or shipment.first_heard is None or shipment.received_at is None:
        return
    reported, states = None, shipment.states().values()
    silent = silent_name(shipment)
    reports = [one for one in shipment.held_up_by(wide) if one.delay_id != silent]
    promised = shipment.promised
    if promised is not None and not shipment.is_date(promised):
        promised = None
    if reports and promised is not None:
        expected = max(arrival(shipment.base, 0.0, reports).expected, shipment.base)
        reported = (expected - promised) / _DAY
    cards = {
        "supplier": shipment.supplier,
        "carrier": shipment.carrier,
        "lane": shipment.lane,
        "mode": shipment.mode,
        "network": "all",
        "source": source_name(shipment.supplier, shipment.lane, shipment.carrier, shipment.mode),
    }
    shipment.outbox += delivered(
        shipment.shipment_id,
        cards,
        ordered=shipment.ordered,
        first_heard=shipment.first_heard,
        promised=promised,
        received=shipment.received_at,
        reported_delay_days=reported,
        begun=shipment.begun,
        units=min(sum(state.received for state in states), MOST_UNITS),
        rejected=min(sum(state.rejected for state in states), MOST_UNITS),
    )


def remembered(shipment: Shipment, digest: bytes) -> bool:
    """Return whether news with this digest of their id were applied before; if not, they are remembered from now on."""
    recent = shipment.recent
    if any(recent[place : place + 8] == digest for place in range(0, len(recent), 8)):
        return True
    shipment.recent = (recent + digest)[-_REMEMBERED:]
    return False


def _utc(seconds: float | None) -> Any:
    return None if seconds is None else utc(seconds)
