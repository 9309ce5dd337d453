"""What the pipeline tells Prometheus; no label has an unbounded set of values.

Each worker serves its own on its own port: Prometheus scrapes them all and adds up. Nothing is shared between processes.
"""

import importlib.metadata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
)

from andon.streams.business import BUSINESS
from andon.streams.daily import DailyMost
from andon.streams.deadletters import REASONS
from andon.streams.exposition import lines
from andon.streams.figures import Figures

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_DURATION = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_DELAY = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_MOVE = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_ANSWER = (60, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 86400, 2 * 86400, 7 * 86400)

#: How many locations have series of their own, unless settings say otherwise.
PLACES: Final = 100


@dataclass(frozen=True)
class Described:
    """A metric as the documentation lists it."""

    name: str
    type: str
    labels: tuple[str, ...]
    help: str


def described(holder: object) -> Iterator[Described]:
    """Yield the metrics that are attributes of `holder`, with their labels."""
    for metric in vars(holder).values():
        if isinstance(metric, Counter | Gauge | Histogram | Info):
            kind = metric._type  # noqa: SLF001 - the library has no public way to ask
            suffix = {"counter": "_total", "info": "_info"}.get(kind, "")
            labels = metric._labelnames if kind != "info" else ("version",)  # noqa: SLF001
            yield Described(
                f"{metric._name}{suffix}",  # noqa: SLF001
                "gauge" if kind == "info" else kind,
                tuple(labels),
                metric._documentation,  # noqa: SLF001
            )


class Metrics:
    """All collectors of one worker, in a registry of their own."""

    def __init__(self, places: int = PLACES) -> None:
        registry = self.registry = CollectorRegistry()
        self.events = Counter(
            "andon_events_total", "Events by outcome.", ("topic", "outcome"), registry=registry
        )
        self.deadletters = Counter(
            "andon_deadletters_total",
            "Records that could not be processed, by reason.",
            ("topic", "reason"),
            registry=registry,
        )
        self.unknown_fields = Counter(
            "andon_unknown_fields_total",
            "Fields of master data that Andon does not know and ignored.",
            ("topic",),
            registry=registry,
        )
        self.duplicates = Counter(
            "andon_duplicates_total",
            "Events recognised as already applied.",
            ("topic",),
            registry=registry,
        )
        self.rekeyed = Counter(
            "andon_rekeyed_total",
            "Records put back under their canonical key.",
            ("topic",),
            registry=registry,
        )
        self.gaps = Counter(
            "andon_gaps_total",
            "Batches that did not begin where the last one ended, and were fetched again.",
            ("topic",),
            registry=registry,
        )
        self.offsets_lost = Counter(
            "andon_offsets_lost_total",
            "Records that the broker had deleted before they were read.",
            ("topic",),
            registry=registry,
        )
        self.offsets_cut = Counter(
            "andon_offsets_cut_total",
            "Applied records that a topic lost at its end: what comes to lie in their place is passed over.",
            ("topic",),
            registry=registry,
        )
        self.lag = Gauge(
            "andon_consumer_lag_records",
            "Records that wait to be read.",
            ("topic", "partition"),
            registry=registry,
        )
        self.event_time_lag = Gauge(
            "andon_event_time_lag_seconds",
            "How far the newest event applied lies behind the clock, by its own time.",
            ("topic", "partition"),
            registry=registry,
        )
        self.last_event = Gauge(
            "andon_last_event_timestamp_seconds",
            "When a batch of the topic was last applied; at first, when its partitions were assigned.",
            ("topic",),
            registry=registry,
        )
        self.batch_records = Histogram(
            "andon_batch_records",
            "Records in a batch.",
            ("topic",),
            buckets=(1, 10, 100, 500, 1000, 2500, 5000, 10000),
            registry=registry,
        )
        self.batch_seconds = Histogram(
            "andon_batch_seconds",
            "Time to apply a batch.",
            ("topic",),
            buckets=_DURATION,
            registry=registry,
        )
        self.batch_delay = Histogram(
            "andon_batch_delay_seconds",
            "Time from the last record of a batch in Kafka until the batch was applied.",
            ("topic",),
            buckets=_DELAY,
            registry=registry,
        )
        self.checkpoint_seconds = Histogram(
            "andon_checkpoint_seconds",
            "Time from the start of a checkpoint to its commit.",
            buckets=_DURATION,
            registry=registry,
        )
        self.checkpoint_keys = Counter(
            "andon_checkpoint_keys_total", "Records of state written.", registry=registry
        )
        self.last_checkpoint = Gauge(
            "andon_last_checkpoint_timestamp_seconds",
            "When the last checkpoint was committed.",
            registry=registry,
        )
        self.event_to_alert = Histogram(
            "andon_event_to_alert_seconds",
            "Time from an event's record in Kafka to the acknowledged alert it caused.",
            buckets=_LATENCY,
            registry=registry,
        )
        self.alerts = Counter(
            "andon_alerts_total",
            "Changes of alerts: opened, updated, resolved.",
            ("kind", "severity", "change"),
            registry=registry,
        )
        self.alert_outcomes = Counter(
            "andon_alert_outcomes_total",
            "Alerts that ended, by whether what they foretold came: true, late (said when it had), false, overtaken.",
            ("kind", "outcome"),
            registry=registry,
        )
        self.alerts_open = Gauge(
            "andon_alerts_open", "Alerts open now.", ("kind", "severity"), registry=registry
        )
        self.acknowledge_seconds = Histogram(
            "andon_alert_acknowledge_seconds",
            "Event time from an alert's opening to procurement's first answer.",
            ("kind",),
            buckets=_ANSWER,
            registry=registry,
        )
        self.messages = Counter(
            "andon_messages_total", "Messages published.", ("family",), registry=registry
        )
        self.state_keys = Gauge(
            "andon_state_keys", "Records of state in memory.", ("table",), registry=registry
        )
        self.state_bytes = Gauge(
            "andon_state_bytes",
            "Size of the state as written to the changelog: its records times their mean size of late.",
            ("table",),
            registry=registry,
        )
        self.partitions = Gauge(
            "andon_partitions_assigned", "Partitions that this worker owns.", registry=registry
        )
        self.rebalances = Counter(
            "andon_rebalances_total", "Assignments received.", registry=registry
        )
        self.rebalance_seconds = Histogram(
            "andon_rebalance_seconds",
            "Time from the loss of an assignment until the next one's state is restored.",
            buckets=_MOVE,
            registry=registry,
        )
        self.recovery_seconds = Histogram(
            "andon_recovery_seconds",
            "Time to restore the state of an assignment.",
            buckets=_MOVE,
            registry=registry,
        )
        self.foreign_writes = Counter(
            "andon_foreign_writes_total",
            "Writes of another worker found in a changelog partition owned here, and overwritten.",
            registry=registry,
        )
        self.decision_errors = Counter(
            "andon_decision_errors_total",
            "Decisions that failed; the event itself was applied.",
            registry=registry,
        )
        self.census = Gauge(
            "andon_census_timestamp_seconds",
            "When the last look at every book ended, on which the figures of items and stock rest.",
            registry=registry,
        )
        self.shape_age = Gauge(
            "andon_forecast_shape_age_seconds",
            "Age of the oldest shape in use, since it was asked for, among the items whose day has closed.",
            registry=registry,
        )
        self.shape_ages = DailyMost(self.shape_age)
        self.build = Info("andon_build", "The version that runs.", registry=registry)
        self.build.info({"version": importlib.metadata.version("andon")})
        ProcessCollector(registry=registry)
        self.business = Figures(BUSINESS, places)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return "".join((*lines(self.registry.collect()), *self.business.lines())).encode()

    def expect(self, topics: Iterable[str]) -> None:
        """Begin at nothing what may go wrong with topics: a counter that first appears at 1 has not risen."""
        for topic in topics:
            for reason in REASONS:
                self.deadletters.labels(topic, reason)
            told = (self.gaps, self.offsets_lost, self.offsets_cut)
            for counter in (self.duplicates, self.rekeyed, *told):
                counter.labels(topic)
            self.last_event.labels(topic).set_to_current_time()

    def described(self) -> Iterator[Described]:
        """Yield every metric of ours, with its labels."""
        yield from described(self)
        for figure in self.business.figures.values():
            yield Described(figure.name, figure.kind, figure.labels, figure.help)
