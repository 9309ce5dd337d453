"""What an order does when it is told of a dispatch advice under it."""

from collections.abc import Mapping

from andon.planning.supply.advices import hear_advice, touches
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.shipment import publish_lines, update_alerts
from andon.schemas.shipments import AdviceUpdate


def apply_advice(
    shipment: Shipment,
    update: AdviceUpdate,
    at: float,
    wide: Mapping[str, Disruption],
    delay_multiplier: float = 1.0,
) -> None:
    """Take in what comes under a dispatch advice of an order (arguments as `apply_event`).

    Books forget lines that are done: of an advice that is new, they are told once more what came under the order itself.
    """
    shipment.adopt()
    states = shipment.states()
    known = shipment.advices.get(update.shipment_id)
    changes = hear_advice(shipment, update, states)
    if shipment.advices.get(update.shipment_id) != known:
        new = {number for number, _, _ in update.items} - (known[1].keys() if known else set())
        done = [
            key
            for key, state in states.items()
            if state.receipts and not state.open_quantity and touches(new, key)
        ]
        if done:
            publish_lines(
                shipment,
                at,
                wide,
                delay_multiplier=delay_multiplier,
                only=done,
                states=states,
                before=states,
            )
            return
    if changes:
        update_alerts(shipment, at, wide, delay_multiplier)
