"""What the tables keep, and what their records publish: the half of the topology that is not about who does it."""

from typing import Final

from andon.agents.rows import Kept
from andon.agents.tables import (
    BOOKS,
    DONE,
    INCIDENTS,
    LOOPS,
    MEMORIES,
    MODELS,
    PARTITIONS,
    PLACES,
    POOLS,
    PRODUCTION,
    SCORECARDS,
    SHIPMENTS,
    SUPPLIERS,
)

#: What a book says once its item was decided on; "lines" is what it tells the book of a code that takes its place, or of a location that it feeds.
DECISIONS: Final = frozenset(
    {
        "replenishment",
        "replenishment.shadow",
        "disruptions",
        "board",
        "forecasts",
        "surplus",
        "lines",
        "needs",
        "allocations",
        "coverages",
    }
)
#: What a book says to an order that answers one of its alerts.
ANSWERED: Final = frozenset({"claims"})
#: What a shipment says, and what an order says that has its number.
SHIPPED: Final = frozenset({"lines", "deliveries", "advices", "disruptions", "board", "orders"})
ORDERED: Final = frozenset({"acks", "lines", "disruptions", "board", "orders"})
#: What a scorecard says.
LEARNED: Final = frozenset({"scorecards", "disruptions", "board"})
ALERTING: Final = frozenset({BOOKS, SHIPMENTS, SCORECARDS, INCIDENTS, PRODUCTION, LOOPS})
#: What a production line says.
MADE: Final = frozenset({"lines", "disruptions", "board"})
#: What a kanban loop says.
CALLED: Final = frozenset({"replenishment", "disruptions", "board"})
#: Whoever meets a day that is over closes it: models and pools learn from it, and may ask for a shape.
CLOSING: Final = frozenset({BOOKS, MEMORIES, MODELS, POOLS})
CLOSED: Final = DECISIONS | {"fits", "pools"}

KEPT: Final = (
    Kept(
        BOOKS,
        "location/sku",
        "An item at a location: stock, what is on order, demand, open alerts.",
        DECISIONS | ANSWERED | {"deliveries", "structures"},
    ),
    Kept(MEMORIES, "location/sku, block", "What a book remembers beside itself.", frozenset()),
    Kept(
        MODELS,
        "location/sku",
        "The forecasts that compete to speak for the item, with its history.",
        frozenset({"fits"}),
    ),
    Kept(
        SHIPMENTS,
        "shipment_id",
        "An inbound order: its dates, its lines, what holds it up, and who gave it.",
        SHIPPED | ORDERED,
    ),
    Kept(DONE, "shipment_id", "An order done long ago, should more news of it come.", frozenset()),
    Kept(
        SCORECARDS,
        "type/name",
        "What a supplier, carrier, lane, mode or source has been like.",
        LEARNED,
    ),
    Kept(
        INCIDENTS,
        "delay_id",
        "A wide disruption, added up over all partitions.",
        frozenset({"disruptions", "board"}),
    ),
    Kept(
        PRODUCTION,
        "location/line",
        "A production line: its orders in their sequence, and how long each part lasts.",
        MADE,
    ),
    Kept(
        LOOPS,
        "location/sku",
        "A kanban loop: its cards, what is used on a working day, how long filling takes.",
        CALLED,
    ),
    Kept(
        POOLS,
        "location/category",
        "What the items of a kind have in common in this partition.",
        frozenset({"pools"}),
    ),
    Kept(SUPPLIERS, "supplier", "Its terms; the same in every partition.", frozenset()),
    Kept(PLACES, "location", "Its calendar; the same in every partition.", frozenset()),
    Kept(
        PARTITIONS,
        "one record",
        "The partition's clock, the disruptions it knows, and what is left to do about them.",
        frozenset({"impacts", "board"}),
    ),
)
