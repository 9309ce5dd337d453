"""What the agents of one worker share: the rules, the metrics, and what is known of the supply network."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from andon.agents.frame import Rules
from andon.agents.pools import Pools
from andon.agents.supply import NetworkSupply, Scorecards, Surpluses
from andon.planning.decision.situation import TransferTerms
from andon.planning.supply.disruption import Disruption
from andon.streams.metrics import Metrics
from andon.streams.settings import Settings


@dataclass
class Context:
    """The rules by which events are believed, where figures are counted, the scorecards, what locations can spare, and pools."""

    rules: Rules
    metrics: Metrics
    scorecards: Scorecards = field(default_factory=Scorecards)
    surpluses: Surpluses = field(default_factory=Surpluses)
    pools: Pools = field(default_factory=Pools)
    transfers: TransferTerms = field(default_factory=TransferTerms)
    #: Set when a wide disruption is news to a partition: see `closures`.
    disrupted: asyncio.Event = field(default_factory=asyncio.Event)

    def supply(self, disruptions: Mapping[str, Disruption]) -> NetworkSupply:
        """Return what the decisions of a partition with these disruptions know of the network."""
        return NetworkSupply(self.scorecards, disruptions, self.surpluses, self.transfers)


def rules_of(settings: Settings) -> Rules:
    """Return the rules that the settings ask for."""
    return Rules(
        partitions=settings.partitions,
        earliest=settings.earliest_event_time.timestamp(),
        ahead=settings.max_event_ahead_hours * 3600,
        max_bytes=settings.max_message_bytes,
        lateness=settings.allowed_lateness_hours * 3600,
        window=settings.duplicate_window,
    )
