"""How an order takes in a piece of news: each field is kept with the time of the news that named it last."""

from typing import Final

from andon.planning.demand.days import day_number
from andon.planning.supply.facts import Fact, Status, line_key, note_fact, note_status
from andon.planning.supply.inbound import NAMED_FIELDS, Shipment
from andon.planning.supply.line_news import LineState, status_of
from andon.planning.supply.lives import begin_of_newest
from andon.schemas.shipments import ShipmentEvent, ShipmentLine

_DATES: Final = {"ordered": "ordered_at", "promised": "promised_at", "stated": "expected_at"}
#: When the time of the news that ordered it was taken for its date: before any news that name one.
_INFERRED: Final = 0.0


def keyed_lines(event: ShipmentEvent) -> dict[str, ShipmentLine]:
    """Return the lines of news by their keys; an item that comes again without a name for its line has its second, "#2"."""
    found: dict[str, ShipmentLine] = {}
    times: dict[tuple[str, str], int] = {}
    for line in event.lines:
        name = line.line
        if name is None:
            item = (line.location, line.sku)
            times[item] = times.get(item, 0) + 1
            name = f"#{times[item]}" if times[item] > 1 else ""
        found[line_key(line.location, line.sku, name)] = line
    return found


def take_in(shipment: Shipment, event: ShipmentEvent, at: float) -> dict[str, LineState]:
    """Take in news that happened at `at` (seconds since 1970), and return what all news of each line come to now."""
    shipment.heard += 1
    shipment.at = max(shipment.at, at)
    shipment.first_heard = at if shipment.first_heard is None else min(shipment.first_heard, at)
    _name_fields(shipment, event, at)
    since = event.ordered_at.timestamp() if event.ordered_at else None
    status = Status(at, shipment.heard, event.status, since, event.new_life)
    note_status(shipment.statuses, status)
    named = keyed_lines(event)
    count = len(shipment.facts.keys() | named.keys())
    for key, line in named.items():
        facts = shipment.facts.setdefault(key, [])
        news = Fact(
            at,
            shipment.heard,
            line.quantity,
            line.received,
            line.returned,
            line.expected_at.timestamp() if line.expected_at else None,
            line.promised_at.timestamp() if line.promised_at else None,
            line.rejected,
            None
            if line.lot is None or line.expires_on is None
            else (line.lot, day_number(line.expires_on)),
        )
        merged = note_fact(facts, news, shipment.statuses, count)
        if merged is not None:
            shipment.settled[key] = max(merged, shipment.settled.get(key, 0.0))
    begin = begin_of_newest(shipment.facts, shipment.statuses)
    if begin is not None and begin > shipment.begun:
        _begin_anew(shipment, begin)
    states = shipment.states()
    _conclude(shipment, states)
    return states


def _begin_anew(shipment: Shipment, begin: float) -> None:
    """Leave all that was said before `begin` (seconds since 1970) to the older order of this number."""
    shipment.begun = begin
    facts = {key: [one for one in some if one.at >= begin] for key, some in shipment.facts.items()}
    shipment.facts = {key: some for key, some in facts.items() if some}
    shipment.statuses = [one for one in shipment.statuses if one.at >= begin]
    shipment.settled = {}
    shipment.advices = {}
    shipment.received_at = None
    shipment.first_heard = min((one.at for one in shipment.statuses), default=begin)
    for name in NAMED_FIELDS:
        if shipment.stamps.get(name, 0.0) < begin:
            shipment.stamps.pop(name, None)
            setattr(shipment, name, None)
    if shipment.ordered is None:
        shipment.ordered = begin
        shipment.stamps["ordered"] = _INFERRED
    shipment.delays = {name: one for name, one in shipment.delays.items() if one.at >= begin}


def _name_fields(shipment: Shipment, event: ShipmentEvent, at: float) -> None:
    stamps = shipment.stamps
    for name in NAMED_FIELDS:
        value = getattr(event, _DATES.get(name, name))
        if value is not None and at >= stamps.get(name, 0.0):
            stamps[name] = at
            setattr(shipment, name, value.timestamp() if name in _DATES else value)
    if event.status == "ordered" and not stamps.get("ordered", _INFERRED):
        stamps["ordered"] = _INFERRED
        shipment.ordered = at if shipment.ordered is None else min(shipment.ordered, at)


def _conclude(shipment: Shipment, states: dict[str, LineState]) -> None:
    """Keep what the news come to where it is often asked for."""
    is_open = [state for state in states.values() if state.open_quantity > 0]
    shipment.nothing_open = bool(states) and not is_open
    shipment.status = status_of(shipment.statuses, is_open=bool(is_open))
    shipment.lines = {key: (state.quantity, state.received) for key, state in states.items()}
    shipment.due = None
    if any(shipment.date_of(state) is not None for state in is_open):
        first = min(is_open, key=shipment.line_base)
        base = shipment.line_base(first)
        dates = (first.promised, shipment.promised)
        promised = next((one for one in dates if one is not None and shipment.is_date(one)), base)
        shipment.due = base, promised
