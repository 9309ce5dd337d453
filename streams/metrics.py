"""What the pipeline tells Prometheus; no label has an unbounded set of values."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_DURATION = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """All collectors of one worker, in a registry of their own."""

    def __init__(self) -> None:
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
        self.lag = Gauge(
            "andon_consumer_lag_records",
            "Records that wait to be read.",
            ("topic", "partition"),
            registry=registry,
        )
        self.batch_records = Histogram(
            "andon_batch_records",
            "Records in a batch.",
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
            "andon_alerts_total", "Changes of alerts.", ("kind", "change"), registry=registry
        )
        self.alerts_open = Gauge(
            "andon_alerts_open", "Alerts open now.", ("kind", "severity"), registry=registry
        )
        self.messages = Counter(
            "andon_messages_total", "Messages published.", ("family",), registry=registry
        )
        self.state_keys = Gauge(
            "andon_state_keys", "Records of state in memory.", ("table",), registry=registry
        )
        self.rebalances = Counter(
            "andon_rebalances_total", "Assignments received.", registry=registry
        )
        self.recovery_seconds = Histogram(
            "andon_recovery_seconds",
            "Time to restore the state of an assignment.",
            buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
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
        self.duplicates = Counter(
            "andon_duplicates_total",
            "Events recognised as already applied.",
            ("topic",),
            registry=registry,
        )
