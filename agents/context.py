"""What the agents of one worker share: the rules, the metrics, and what is known of the supply network."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from andon.agents.bills import ToldBills
from andon.agents.board import Board
from andon.agents.frame import Rules
from andon.agents.pools import Pools
from andon.agents.supply import Calendars, NetworkSupply, Scorecards, Surpluses
from andon.agents.tables import PLACES, SUPPLIERS
from andon.planning.book.memory import Bounds
from andon.planning.decision.network import TransferTerms
from andon.planning.supply.disruption import Disruption
from andon.streams.guard import TopicShape
from andon.streams.metrics import Metrics
from andon.streams.settings import Settings
from andon.streams.state import Shard


@dataclass
class Context:
    """What the agents, views and timers of one worker share."""

    #: By which events are believed.
    rules: Rules
    #: Where figures are counted.
    metrics: Metrics
    #: What suppliers, carriers and lanes have really been like.
    scorecards: Scorecards = field(default_factory=Scorecards)
    #: What locations can spare.
    surpluses: Surpluses = field(default_factory=Surpluses)
    #: What items of a kind have in common.
    pools: Pools = field(default_factory=Pools)
    #: What items are made of.
    bills: ToldBills = field(default_factory=ToldBills)
    #: What it takes to move goods from one location to another.
    transfers: TransferTerms = field(default_factory=TransferTerms)
    #: The topics as they were when the worker started, which the guard holds them to; if there are none, it has nothing to do.
    topics: Mapping[str, TopicShape] = field(default_factory=dict)
    #: Set when a wide disruption is news to a partition: see `wide_disruptions`.
    disrupted: asyncio.Event = field(default_factory=asyncio.Event)
    #: Whether every sale takes the clear path, and none its fast copy.
    clear_path: bool = False
    #: Whether sales take the compiled copy of the fast one, where it was built.
    compiled_path: bool = True
    #: What the board shows.
    board: Board = field(init=False)

    def __post_init__(self) -> None:
        self.board = Board(self.rules.partitions)

    def supply(self, disruptions: Mapping[str, Disruption], shard: Shard) -> NetworkSupply:
        """Return what the decisions of a partition with these disruptions know of the network."""
        calendars = Calendars(shard.tables[SUPPLIERS], shard.tables[PLACES])
        return NetworkSupply(
            self.scorecards,
            disruptions,
            self.surpluses,
            self.transfers,
            calendars,
            self.bills.known,
        )


def rules_of(settings: Settings) -> Rules:
    """Return the rules that the settings ask for."""
    return Rules(
        partitions=settings.partitions,
        earliest=settings.earliest_event_time.timestamp(),
        ahead=settings.max_event_ahead_hours * 3600,
        max_bytes=settings.max_message_bytes,
        lateness=settings.allowed_lateness_hours * 3600,
        remembers=Bounds(
            least=settings.duplicate_window,
            seconds=settings.duplicate_days * 86400,
            most=settings.duplicate_most,
        ),
    )


def context_of(
    settings: Settings, metrics: Metrics, topics: Mapping[str, TopicShape] | None = None
) -> Context:
    """Return what the settings ask for.

    Args:
        settings: of the worker.
        metrics: where figures are counted.
        topics: what the topics must stay as long as it runs; None to guard nothing.
    """
    return Context(
        rules_of(settings),
        metrics,
        transfers=TransferTerms(settings.transfer_days, settings.transfer_cost_rate),
        topics=topics or {},
        clear_path=settings.clear_path,
        compiled_path=settings.compiled_path,
    )
