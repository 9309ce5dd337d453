"""The registry of event families: what each holds, what keys it, and which way it goes."""

from types import MappingProxyType
from typing import Final

from andon.schemas.acks import Ack
from andon.schemas.alerts import Alert
from andon.schemas.board import BoardEntry
from andon.schemas.boms import Bom
from andon.schemas.delays import DelayEvent
from andon.schemas.family import (
    VERSION,
    Direction,
    Family,
    key_of_alert,
    key_of_card,
    key_of_item,
    key_of_line,
    key_of_need,
)
from andon.schemas.forecasts import FitRequest, Forecast, Shape
from andon.schemas.impacts import Impact
from andon.schemas.items import Item
from andon.schemas.kanban import CardEvent, Loop
from andon.schemas.locations import Place
from andon.schemas.needs import Allocation, Need
from andon.schemas.orders import Claim, OrderEvent, PurchaseOrder
from andon.schemas.pools import PoolShare
from andon.schemas.pos import Sale
from andon.schemas.production import Coverage, ProductionEvent
from andon.schemas.scorecards import Scorecard
from andon.schemas.shipments import AdviceUpdate, Delivery, LineUpdate, ShipmentEvent
from andon.schemas.stock import StockMovement
from andon.schemas.suppliers import Supplier
from andon.schemas.surplus import Surplus

__all__ = ["FAMILIES", "VERSION", "Direction", "Family"]

_ALL = (
    Family(
        "pos",
        Sale,
        "location/sku",
        "in",
        "What left a location over the counter, or came back: one item an event.",
        key_of=key_of_item,
    ),
    Family(
        "stock",
        StockMovement,
        "location/sku",
        "in",
        "Cycle counts (absolute), and adjustments, spoilage and transfers (relative).",
        key_of=key_of_item,
    ),
    Family(
        "shipments",
        ShipmentEvent,
        "shipment_id",
        "in",
        "The life of an inbound order, with its lines.",
        key_of=lambda event: event.shipment_id,
    ),
    Family(
        "delays",
        DelayEvent,
        "anything",
        "in",
        "Delays and disruptions of a shipment, carrier, supplier, lane or location.",
        key_of=lambda event: event.delay_id,
    ),
    Family(
        "items",
        Item,
        "location/sku",
        "in",
        "Planning master data of an item at a location; an empty value deactivates the item.",
        compact=True,
        key_of=key_of_item,
    ),
    Family(
        "suppliers",
        Supplier,
        "supplier",
        "in",
        "When a supplier takes orders, works and delivers; an empty value forgets it.",
        compact=True,
        key_of=lambda told: told.supplier,
    ),
    Family(
        "locations",
        Place,
        "location",
        "in",
        "Where a location is, and when it takes goods in; an empty value forgets it.",
        compact=True,
        key_of=lambda told: told.location,
    ),
    Family(
        "boms",
        Bom,
        "location/sku",
        "in",
        "What one unit of an item is made of; an empty value: it is made no more.",
        compact=True,
        key_of=key_of_item,
    ),
    Family(
        "production",
        ProductionEvent,
        "location/line",
        "in",
        "What became of a production order: released, started, made, stopped, finished, cancelled.",
        key_of=key_of_line,
    ),
    Family(
        "loops",
        Loop,
        "location/sku",
        "in",
        "A kanban loop, or a par level: containers, cards, who fills them; an empty value ends it.",
        compact=True,
        key_of=key_of_item,
    ),
    Family(
        "cards",
        CardEvent,
        "location/sku",
        "in",
        "What became of a container of a loop: it was emptied, it is back full, its card is lost.",
        key_of=key_of_item,
    ),
    Family(
        "acks",
        Ack,
        "alert_id",
        "in",
        "What procurement did with an alert.",
        key_of=lambda ack: ack.alert_id,
    ),
    Family(
        "orders.events",
        OrderEvent,
        "order_id",
        "in",
        "What was done with a purchase order: drafted, approved, sent, confirmed, cancelled.",
        key_of=lambda event: event.order_id,
    ),
    Family(
        "claims",
        Claim,
        "order_id",
        "internal",
        "Whether an order is the first that answers an alert, for the order.",
        key_of=lambda claim: claim.order_id,
    ),
    Family(
        "lines",
        LineUpdate,
        "location/sku",
        "internal",
        "The present state of one shipment line, for the item's book.",
        key_of=key_of_item,
    ),
    Family(
        "needs",
        Need,
        "warehouse/sku/location",
        "internal",
        "What a location needs of the warehouse that feeds it; it lies where the warehouse's item does.",
        compact=True,
        key_of=key_of_need,
    ),
    Family(
        "coverages",
        Coverage,
        "location/line",
        "internal",
        "How long a part lasts on a production line, for the line.",
        key_of=key_of_line,
    ),
    Family(
        "advices",
        AdviceUpdate,
        "shipment_id",
        "internal",
        "What comes under a dispatch advice, for the order that it belongs to.",
        key_of=lambda update: update.order_id,
    ),
    Family(
        "deliveries",
        Delivery,
        "type/name",
        "internal",
        "Completed deliveries, once for each scorecard that learns from them.",
        key_of=key_of_card,
    ),
    Family(
        "impacts",
        Impact,
        "delay_id",
        "internal",
        "What a wide disruption does in each partition, for its one alert.",
        key_of=lambda impact: impact.delay_id,
    ),
    Family(
        "fits",
        FitRequest,
        "location/sku",
        "internal",
        "Shapes that are asked for, with the history to fit them to.",
        key_of=key_of_item,
    ),
    Family(
        "shapes",
        Shape,
        "location/sku",
        "internal",
        "Shapes of demand as the forecasters fitted them.",
        compact=True,
        key_of=key_of_item,
    ),
    Family(
        "replenishment",
        Alert,
        "location/sku",
        "out",
        "Replenishment alerts: order this, now, this much, from here.",
        key_of=key_of_alert,
    ),
    Family(
        "replenishment.shadow",
        Alert,
        "location/sku",
        "out",
        "Replenishment alerts of items that are not ordered by them yet: what would have been said.",
        key_of=key_of_alert,
    ),
    Family(
        "disruptions",
        Alert,
        "location/sku, location/line, shipment_id, delay_id or type/name",
        "out",
        "Disruption alerts: this will hurt you there, then; do this instead.",
        key_of=key_of_alert,
    ),
    Family(
        "board",
        BoardEntry,
        "alert_id",
        "out",
        "What is open now: each alert as last said, with its answer; an empty value: it is resolved.",
        compact=True,
        key_of=lambda entry: entry.alert.alert_id,
    ),
    Family(
        "orders",
        PurchaseOrder,
        "order_id",
        "out",
        "Each purchase order as it stands; an empty value: it has long been done.",
        compact=True,
        key_of=lambda order: order.order_id,
    ),
    Family(
        "forecasts",
        Forecast,
        "location/sku",
        "out",
        "The current forecast of each item, with quantiles.",
        compact=True,
        key_of=key_of_item,
    ),
    Family(
        "scorecards",
        Scorecard,
        "type/name",
        "out",
        "What suppliers, carriers and lanes have really been like.",
        compact=True,
        key_of=key_of_card,
    ),
    Family(
        "surplus",
        Surplus,
        "location/sku",
        "out",
        "What locations can spare, for those about to run out.",
        compact=True,
        key_of=key_of_item,
    ),
    Family(
        "structures",
        Bom,
        "location/sku",
        "out",
        "What items are made of, as their books have it, for all workers; an empty value: it is made no more.",
        compact=True,
        key_of=key_of_item,
    ),
    Family(
        "allocations",
        Allocation,
        "location/sku",
        "out",
        "How a warehouse shared goods that were short: one record a wave, which explains itself.",
        key_of=key_of_item,
    ),
    Family(
        "pools",
        PoolShare,
        "location/category@partition",
        "out",
        "What the items of a category and location have in common, as each partition has seen it.",
        compact=True,
        key_of=lambda share: share.key,
    ),
    Family(
        "deadletters",
        None,
        "as found",
        "out",
        "What could not be processed: original key and bytes, and in the headers where it was and why it is here.",
    ),
)

#: Every family by its name, in the order in which they are documented.
FAMILIES: Final = MappingProxyType({family.name: family for family in _ALL})
