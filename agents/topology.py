"""The one page that shows the machine: every agent, view and timer, what it reads, writes and publishes.

The worker is built from these rows, docs/architecture.md is drawn from them, and a test plays a network through all of them
and compares what each did with what its row says.

A table is written by several rows, but a record of it by one at a time: a partition has one worker, and a worker one thread.
What a row publishes waits in the outbox of a record that it writes, and `KEPT` says which table's records publish what.
"""

from typing import Final

from andon.agents.acks import ack_agent
from andon.agents.advices import advice_agent
from andon.agents.boms import bom_agent
from andon.agents.delays import delay_agent
from andon.agents.deliveries import delivery_agent
from andon.agents.impacts import impact_agent
from andon.agents.items import item_agent
from andon.agents.kanban import card_agent, loop_agent
from andon.agents.kept import (
    ALERTING,
    ANSWERED,
    CALLED,
    CLOSED,
    CLOSING,
    DECISIONS,
    KEPT,
    LEARNED,
    MADE,
    ORDERED,
    SHIPPED,
)
from andon.agents.lines import line_agent
from andon.agents.master_data import place_agent, supplier_agent
from andon.agents.needs import need_agent
from andon.agents.orders import claim_agent, order_agent
from andon.agents.production import coverage_agent, production_agent
from andon.agents.rows import Agent, Program, Timer, View
from andon.agents.sales import sale_agent
from andon.agents.shapes import shape_agent
from andon.agents.shipments import shipment_agent
from andon.agents.stock import stock_agent
from andon.agents.tables import (
    BOOKS,
    DONE,
    INCIDENTS,
    LOOPS,
    MODELS,
    PARTITIONS,
    PLACES,
    PRODUCTION,
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

__all__ = ["AGENTS", "DEADLETTERS", "DECISIONS", "FORECASTER", "KEPT", "TIMERS", "VIEWS"]

DEADLETTERS: Final = "deadletters"

#: In this order their topics are subscribed to.
AGENTS: Final = (
    Agent(
        "pos",
        BOOKS,
        sale_agent,
        "Takes sales and returns from the stock, and decides anew when a level is crossed.",
        CLOSING | {PARTITIONS},
        CLOSED,
        puts_back=True,
    ),
    Agent(
        "stock",
        BOOKS,
        stock_agent,
        "Books counts, adjustments and spoilage, tells receivers of transfers, and decides anew.",
        CLOSING | {PARTITIONS},
        CLOSED,
        puts_back=True,
    ),
    Agent(
        "shipments",
        SHIPMENTS,
        shipment_agent,
        "Keeps the life of each inbound order, and tells the books of its lines.",
        frozenset({SHIPMENTS}),
        SHIPPED,
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
        CLOSING,
        CLOSED,
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
        "boms",
        BOOKS,
        bom_agent,
        "Sets what an item is made of, tells all workers, and decides anew.",
        CLOSING,
        CLOSED | {"structures"},
        puts_back=True,
    ),
    Agent(
        "production",
        PRODUCTION,
        production_agent,
        "Keeps the orders of each production line, and tells the books of what is made there.",
        frozenset({PRODUCTION}),
        frozenset({"lines"}),
        puts_back=True,
    ),
    Agent(
        "loops",
        LOOPS,
        loop_agent,
        "Sets a kanban loop, and looks anew at its cards.",
        frozenset({LOOPS}),
        CALLED,
        puts_back=True,
    ),
    Agent(
        "cards",
        LOOPS,
        card_agent,
        "Keeps the cards of a loop, asks for containers, and misses cards that are lost.",
        frozenset({LOOPS}),
        CALLED,
        puts_back=True,
    ),
    Agent(
        "acks",
        BOOKS,
        ack_agent,
        "Hands what procurement answered to whatever raised the alert.",
        CLOSING | ALERTING,
        CLOSED | ANSWERED,
        puts_back=True,
    ),
    Agent(
        "orders.events",
        SHIPMENTS,
        order_agent,
        "Keeps the life of each order, asks who is first with its alerts, and puts its lines on order.",
        frozenset({SHIPMENTS}),
        ORDERED,
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
        CLOSING,
        CLOSED | {"deliveries"},
        puts_back=True,
    ),
    Agent(
        "needs",
        BOOKS,
        need_agent,
        "Takes in what the locations that an item feeds need of it, and decides anew if that matters.",
        CLOSING,
        CLOSED,
        puts_back=True,
    ),
    Agent(
        "coverages",
        PRODUCTION,
        coverage_agent,
        "Hears how long each part lasts on a line, and says when the line will stand still.",
        frozenset({PRODUCTION}),
        MADE,
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
        LEARNED,
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
        "structures",
        BOOKS,
        lambda context: context.bills.learn,
        "What items are made of, for phantoms, low-level codes and circles.",
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
        CLOSING | {SHIPMENTS, DONE, INCIDENTS, PARTITIONS},
        CLOSED | {"orders"},
    ),
    Timer(
        "watch",
        watch_time,
        "Sees what time alone brings about: disruptions and snoozes end, shipments are overdue in silence.",
        ALERTING | {PARTITIONS},
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
        ALERTING | {PARTITIONS},
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
