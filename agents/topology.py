"""The one page that shows the machine: every agent, view and timer, what it reads, writes and publishes.

The worker is built from these rows, docs/architecture.md is drawn from them, and a test plays a network through all of them
and compares what each did with what its row says.

A table is written by several rows, but a record of it by one at a time: a partition has one worker, and a worker one thread.
What a row publishes waits in the outbox of a record that it writes, and `KEPT` says which table's records publish what.
"""

from typing import Final

from andon.agents.acks import ack_agent
from andon.agents.advices import advice_agent
from andon.agents.delays import delay_agent
from andon.agents.deliveries import delivery_agent
from andon.agents.impacts import impact_agent
from andon.agents.items import item_agent
from andon.agents.lines import line_agent
from andon.agents.master_data import place_agent, supplier_agent
from andon.agents.needs import need_agent
from andon.agents.orders import claim_agent, order_agent
from andon.agents.rows import Agent, Kept, Program, Timer, View
from andon.agents.sales import sale_agent
from andon.agents.shapes import shape_agent
from andon.agents.shipments import shipment_agent
from andon.agents.stock import stock_agent
from andon.agents.tables import (
    BOOKS,
    DONE,
    INCIDENTS,
    MEMORIES,
    MODELS,
    PARTITIONS,
    PLACES,
    POOLS,
    SCORECARDS,
    SHIPMENTS,
    SUPPLIERS,
)
from andon.agents.timers import (
    guard_topics,
    keep_board,
    sweep_books,
    take_census,
    watch_time,
    work_off_disruptions,
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
    }
)
#: What a book says to an order that answers one of its alerts.
_ANSWERED: Final = frozenset({"claims"})
#: What a shipment says, and what an order says that has its number.
_SHIPPED: Final = frozenset({"lines", "deliveries", "advices", "disruptions", "board", "orders"})
_ORDERED: Final = frozenset({"acks", "lines", "disruptions", "board", "orders"})
#: What a scorecard says.
_LEARNED: Final = frozenset({"scorecards", "disruptions", "board"})
_ALERTING: Final = frozenset({BOOKS, SHIPMENTS, SCORECARDS, INCIDENTS})
#: Whoever meets a day that is over closes it: models and pools learn from it, and may ask for a shape.
_CLOSING: Final = frozenset({BOOKS, MEMORIES, MODELS, POOLS})
_CLOSED: Final = DECISIONS | {"fits", "pools"}

DEADLETTERS: Final = "deadletters"

#: In this order their topics are subscribed to.
AGENTS: Final = (
    Agent(
        "pos",
        BOOKS,
        sale_agent,
        "Takes sales and returns from the stock, and decides anew when a level is crossed.",
        _CLOSING | {PARTITIONS},
        _CLOSED,
        puts_back=True,
    ),
    Agent(
        "stock",
        BOOKS,
        stock_agent,
        "Books counts, adjustments and spoilage, tells receivers of transfers, and decides anew.",
        _CLOSING | {PARTITIONS},
        _CLOSED,
        puts_back=True,
    ),
    Agent(
        "shipments",
        SHIPMENTS,
        shipment_agent,
        "Keeps the life of each inbound order, and tells the books of its lines.",
        frozenset({SHIPMENTS}),
        _SHIPPED,
        puts_back=True,
    ),
    Agent(
        "delays",
        PARTITIONS,
        delay_agent,
        "Passes a report on to every partition; there it moves a shipment, or waits to be worked off.",
        frozenset({PARTITIONS, SHIPMENTS}),
        frozenset({"lines", "disruptions", "board"}),
        puts_back=True,
    ),
    Agent(
        "items",
        BOOKS,
        item_agent,
        "Sets the master data of an item, and decides anew.",
        _CLOSING,
        _CLOSED,
        puts_back=True,
    ),
    Agent(
        "suppliers",
        SUPPLIERS,
        supplier_agent,
        "Passes a supplier's terms on to every partition, and keeps the newest.",
        frozenset({SUPPLIERS, PARTITIONS}),
        frozenset(),
        puts_back=True,
    ),
    Agent(
        "locations",
        PLACES,
        place_agent,
        "Passes a location's calendar on to every partition, and keeps the newest.",
        frozenset({PLACES, PARTITIONS}),
        frozenset(),
        puts_back=True,
    ),
    Agent(
        "acks",
        BOOKS,
        ack_agent,
        "Hands what procurement answered to whatever raised the alert.",
        _CLOSING | _ALERTING,
        _CLOSED | _ANSWERED,
        puts_back=True,
    ),
    Agent(
        "orders.events",
        SHIPMENTS,
        order_agent,
        "Keeps the life of each order, asks who is first with its alerts, and puts its lines on order.",
        frozenset({SHIPMENTS}),
        _ORDERED,
        puts_back=True,
    ),
    Agent(
        "claims",
        SHIPMENTS,
        claim_agent,
        "Hears from the books whether an order is the first with their alerts, and places it.",
        frozenset({SHIPMENTS}),
        frozenset({"lines", "orders"}),
    ),
    Agent(
        "lines",
        BOOKS,
        line_agent,
        "Puts a shipment's line into the book of its item, and decides anew if that matters.",
        _CLOSING,
        _CLOSED | {"deliveries"},
        puts_back=True,
    ),
    Agent(
        "needs",
        BOOKS,
        need_agent,
        "Takes in what the locations that an item feeds need of it, and decides anew if that matters.",
        _CLOSING,
        _CLOSED,
        puts_back=True,
    ),
    Agent(
        "advices",
        SHIPMENTS,
        advice_agent,
        "Tells an order what comes under a dispatch advice, so that it waits for that no more.",
        frozenset({SHIPMENTS}),
        frozenset({"lines", "disruptions", "board", "orders"}),
    ),
    Agent(
        "deliveries",
        SCORECARDS,
        delivery_agent,
        "Lets a scorecard learn from a completed delivery.",
        frozenset({SCORECARDS}),
        _LEARNED,
    ),
    Agent(
        "impacts",
        INCIDENTS,
        impact_agent,
        "Adds up what a wide disruption does in all partitions, for its one alert.",
        frozenset({INCIDENTS}),
        frozenset({"disruptions", "board"}),
    ),
    Agent(
        "shapes",
        MODELS,
        shape_agent,
        "Hands a fitted shape to the models of the item that asked.",
        frozenset({MODELS}),
        frozenset(),
    ),
)

VIEWS: Final = (
    View(
        "scorecards",
        BOOKS,
        lambda context: context.scorecards.learn,
        "What suppliers, carriers and lanes have really been like, for lead times.",
    ),
    View(
        "surplus",
        BOOKS,
        lambda context: context.surpluses.learn,
        "What locations can spare, for transfers.",
    ),
    View(
        "pools",
        MODELS,
        lambda context: context.pools.learn,
        "What items of a kind have in common, for new items and for fits.",
    ),
    View(
        "board",
        PARTITIONS,
        lambda context: context.board.learn,
        "What the board shows, to be held against what is open.",
        lambda context: context.board.have_read,
    ),
)

TIMERS: Final = (
    Timer(
        "sweep",
        sweep_books,
        "Closes the days of books that have no events, and puts away shipments long done.",
        _CLOSING | {SHIPMENTS, DONE, INCIDENTS, PARTITIONS},
        _CLOSED | {"orders"},
    ),
    Timer(
        "watch",
        watch_time,
        "Sees what time alone brings about: disruptions and snoozes end, shipments are overdue in silence.",
        _ALERTING | {PARTITIONS},
        DECISIONS - {"forecasts"} | {"impacts"},
    ),
    Timer(
        "wide-disruptions",
        work_off_disruptions,
        "Works off a wide disruption in slices: the urgent items first, then the shipments.",
        frozenset({BOOKS, SHIPMENTS, PARTITIONS}),
        DECISIONS - {"forecasts"} | {"impacts"},
    ),
    Timer(
        "board",
        keep_board,
        "Holds the board against what is open, and says anew what it shows otherwise.",
        _ALERTING | {PARTITIONS},
        frozenset({"board"}),
    ),
    Timer("census", take_census, "Counts how things stand by location and class, for the metrics."),
    Timer("guard", guard_topics, "Ends the worker when a topic was deleted or made anew."),
)

FORECASTER: Final = Program(
    "forecaster",
    "fits",
    "Fits the shapes that are asked for, in processes of their own.",
    frozenset({"shapes", DEADLETTERS}),
)

KEPT: Final = (
    Kept(
        BOOKS,
        "location/sku",
        "An item at a location: stock, what is on order, demand, open alerts.",
        DECISIONS | _ANSWERED | {"deliveries"},
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
        _SHIPPED | _ORDERED,
    ),
    Kept(DONE, "shipment_id", "An order done long ago, should more news of it come.", frozenset()),
    Kept(
        SCORECARDS,
        "type/name",
        "What a supplier, carrier, lane, mode or source has been like.",
        _LEARNED,
    ),
    Kept(
        INCIDENTS,
        "delay_id",
        "A wide disruption, added up over all partitions.",
        frozenset({"disruptions", "board"}),
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
