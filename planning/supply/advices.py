"""Dispatch advices: what comes under one is told to its order, which then waits for nothing of that any more.

The books of the items know of both (see `receiving`); the order itself must know, too, so that it is not called late, or overdue in
silence, for goods that came under another number.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from xxhash import xxh3_64_intdigest

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.supply.facts import split_line_key
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.line_news import LineState
from andon.schemas.common import item_key, utc
from andon.schemas.shipments import AdviceUpdate

#: So many advices of one order are told apart; of one more it does not know, and goes on waiting.
MOST_ADVICES: Final = 32
#: An order with more items is told of all of them together.
_VERY_MANY: Final = 100
_ALL: Final = 0
#: What JSON keeps of a whole number everywhere.
_BITS: Final = 2**53 - 1


def tell_order(shipment: Shipment, states: Mapping[str, LineState], at: float) -> None:
    """Say to the order of a dispatch advice what came and is to come under it (`at` in seconds since 1970)."""
    order_id = shipment.order_id or ""
    if order_id == shipment.shipment_id:
        order_id = ""
    if shipment.told_order and shipment.told_order != order_id:
        _say(shipment, shipment.told_order, {}, at)
    shipment.told_order = order_id
    if order_id:
        found = _of_items(states)
        if len(found) > _VERY_MANY:
            found = _together(found)
        _say(shipment, order_id, found, at)


def hear_advice(shipment: Shipment, update: AdviceUpdate, states: Mapping[str, LineState]) -> bool:
    """Take in what comes under a dispatch advice of an order; return whether the order waits for something else than before."""
    known = shipment.advices.get(update.shipment_id)
    if known is None and len(shipment.advices) >= MOST_ADVICES:
        return False
    if known is not None and known[0] >= update.version:
        return False
    if update.at < shipment.begun:
        return False
    items = {number: (came, to_come) for number, came, to_come in update.items}
    if len(states) > _VERY_MANY:
        items = _together(items)
    shipment.advices[update.shipment_id] = update.version, items
    return see_advices(shipment, states)


def see_advices(shipment: Shipment, states: Mapping[str, LineState]) -> bool:
    """Work out whether all that is open of an order comes under its advices; return whether that changed."""
    before = shipment.taken_over
    shipment.taken_over = bool(shipment.advices) and _is_taken_over(
        _of_items(states), [items for _, items in shipment.advices.values()]
    )
    return shipment.taken_over != before


def touches(numbers: Collection[int], key: str) -> bool:
    """Return whether an advice that tells of items by these numbers may tell of that of a line's key."""
    return _ALL in numbers or _number(key) in numbers


def came_under_advices(shipment: Shipment, key: str) -> int:
    """Return how many units of the item of a line's key came under an order's advices, as far as it is told item by item."""
    number = _number(key)
    return sum(items[number][0] for _, items in shipment.advices.values() if number in items)


def _is_taken_over(
    own: dict[int, tuple[int, int]], advices: Iterable[dict[int, tuple[int, int]]]
) -> bool:
    advised = [
        (number, came, to_come) for items in advices for number, (came, to_come) in items.items()
    ]
    if any(number == _ALL for number, _, _ in advised):
        own = _together(own)
        advised = [(_ALL, came, to_come) for _, came, to_come in advised]
    for number, (received, still_open) in own.items():
        came = sum(some for other, some, _ in advised if other == number)
        to_come = sum(some for other, _, some in advised if other == number)
        if still_open > max(came - received, 0) + to_come:
            return False
    return True


def _of_items(states: Mapping[str, LineState]) -> dict[int, tuple[int, int]]:
    """Return what came of each item and what is to come, by a number that its key always has."""
    found: dict[int, tuple[int, int]] = {}
    for key, state in states.items():
        number = _number(key)
        received, still_open = found.get(number, (0, 0))
        found[number] = received + state.received - state.returned, still_open + state.open_quantity
    return found


def _number(key: str) -> int:
    """Return the number of the item of a line's key."""
    location, sku, _ = split_line_key(key)
    return xxh3_64_intdigest(item_key(location, sku).encode()) & _BITS or 1


def _together(items: Mapping[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    return {
        _ALL: (sum(came for came, _ in items.values()), sum(left for _, left in items.values()))
    }


def _say(
    shipment: Shipment, order_id: str, items: Mapping[int, tuple[int, int]], at: float
) -> None:
    update = AdviceUpdate(
        order_id=order_id,
        shipment_id=shipment.shipment_id,
        version=shipment.version,
        occurred_at=utc(at),
        items=tuple((number, came, to_come) for number, (came, to_come) in items.items()),
    )
    name = f"{shipment.shipment_id}:{shipment.version}:advice:{order_id}"
    shipment.outbox.append(
        OutboxMessage.of("advices", order_id, name, "andon.advice.changed", update, at)
    )
