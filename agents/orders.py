"""Purchase orders: what buyers, connectors and suppliers do with one changes it, and the shipment of the same number."""

from xxhash import xxh3_64_digest

from andon.agents.context import Context
from andon.agents.shipments import delay_multiplier_of, expect, news_agent
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.ordering import World, apply_order, hear_claim, unfit
from andon.planning.supply.shipment import outgrown
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.orders import Claim, OrderEvent
from andon.streams.engine import Apply


def order_agent(context: Context) -> Apply:
    """Return what applies a batch of news of purchase orders."""

    def act(order: Shipment, event: OrderEvent, at: float, wide: Disruptions) -> str:
        world = World(wide, delay_multiplier_of(context.scorecards, order))
        expect(context.scorecards, order, at, event)
        digest = xxh3_64_digest(f"orders:{event.event_id}".encode())
        return apply_order(order, event, at, digest, world)

    return news_agent(
        context,
        OrderEvent,
        "orders.events",
        act,
        key_of=lambda event: event.order_id,
        why_refused=_why_refused,
    )


def claim_agent(context: Context) -> Apply:
    """Return what applies a batch of what books say to orders that answer their alerts."""

    def act(order: Shipment, claim: Claim, at: float, wide: Disruptions) -> str:
        world = World(wide, delay_multiplier_of(context.scorecards, order))
        return hear_claim(order, claim, at, world)

    return news_agent(
        context,
        Claim,
        "claims",
        act,
        key_of=lambda claim: claim.order_id,
        why_refused=lambda *_: None,
    )


def _why_refused(order: Shipment | None, event: OrderEvent) -> tuple[str, str] | None:
    """Return why news of an order cannot be taken: in a word, and in a sentence; None if they can."""
    too_large = outgrown(order, event)
    if too_large is not None:
        return "too_large", too_large
    wrong = unfit(event)
    return None if wrong is None else ("unroutable", wrong)
