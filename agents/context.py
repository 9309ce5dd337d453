"""What the agents of one worker share: the rules, the metrics, and what is known of the supply network."""

from dataclasses import dataclass, field

from andon.agents.frame import Rules
from andon.agents.supply import Scorecards
from andon.streams.metrics import Metrics
from andon.streams.settings import Settings


@dataclass
class Context:
    """The rules by which events are believed, where figures are counted, and the scorecards learned so far."""

    rules: Rules
    metrics: Metrics
    scorecards: Scorecards = field(default_factory=Scorecards)


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
