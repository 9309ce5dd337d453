"""Pipeline health: what an operator looks at."""

from typing import Any

from parts import Panel, board, choice, rising

_OF = 'instance=~"$worker"'


def _rate(metric: str, by: str = "", more: str = "", over: str = "$__rate_interval") -> str:
    return f"sum{f' by ({by}) ' if by else ''}(rate({metric}{{{_OF}{more}}}[{over}]))"


def _quantile(share: float, metric: str, over: str = "$__rate_interval") -> str:
    return f"histogram_quantile({share}, {_rate(f'{metric}_bucket', 'le', over=over)})"


def _half_and_worst(metric: str) -> dict[str, str]:
    return {"half": _quantile(0.5, metric), "99 in 100": _quantile(0.99, metric)}


_NOW = (
    Panel(
        "Workers",
        "stat",
        "short",
        {"": 'count(up{job="andon"} == 1) or vector(0)'},
        "Workers that answer.",
        "none answers: nothing is consumed. Look at the containers and their logs.",
        "andonnoworker",
        (("red", None), ("green", 1)),
    ),
    Panel(
        "Events a second",
        "stat",
        "short",
        {"": _rate("andon_events_total", over="1m")},
        "All topics, all outcomes.",
        "it has no threshold: see by topic below whether one that should flow is silent.",
        "andontopicsilent",
        decimals=0,
    ),
    Panel(
        "Records waiting",
        "stat",
        "short",
        {"": f"sum(andon_consumer_lag_records{{{_OF}}})"},
        "Records in Kafka that no worker has read yet.",
        "start further workers, up to one for each partition.",
        "andonbehind",
        rising(10_000, 100_000),
    ),
    Panel(
        "Event to alert, 99 in 100",
        "stat",
        "s",
        {"": _quantile(0.99, "andon_event_to_alert_seconds", "5m")},
        "From an event's record in Kafka to the acknowledged alert it caused, last five minutes.",
        "see whether records wait, or a checkpoint takes long.",
        "andonalertsslow",
        rising(1, 5),
        empty="no alert yet",
    ),
    Panel(
        "Last checkpoint",
        "stat",
        "s",
        {"": f"max(time() - andon_last_checkpoint_timestamp_seconds{{{_OF}}})"},
        "Since the last commit of the worker that is furthest behind.",
        "it commits nothing: read its log, then restart it. Killing it loses nothing.",
        "andonstuck",
        rising(15, 60),
    ),
    Panel(
        "Dead letters, last hour",
        "stat",
        "short",
        {"": f"sum(increase(andon_deadletters_total{{{_OF}}}[1h])) or vector(0)"},
        "Records that could not be processed.",
        "`andon deadletters list` says which and why; mend the producer, then `andon deadletters replay`.",
        "andondeadletters",
        rising(1, 100),
        decimals=0,
    ),
)

_FLOW = (
    Panel(
        "Events a second by topic",
        "stack",
        "short",
        {"{{topic}}": _rate("andon_events_total", "topic")},
        "Whatever became of them.",
        "a topic that falls to nothing has a feed that stopped.",
        "andontopicsilent",
    ),
    Panel(
        "Events a second by outcome, other than applied",
        "lines",
        "short",
        {
            "{{topic}} {{outcome}}": _rate(
                "andon_events_total", "topic, outcome", ', outcome!="applied"'
            )
        },
        "Duplicates, late events, stale counts, unknown items: legal, but worth a look when they grow.",
        "unknown items lack master data; stale counts and late events come from a feed that is behind.",
        "events-that-are-not-applied",
    ),
    Panel(
        "Records waiting, by topic",
        "lines",
        "short",
        {"{{topic}}": f"sum by (topic) (andon_consumer_lag_records{{{_OF}}})"},
        "Records in Kafka that no worker has read yet.",
        "one topic: its partitions are few or its events dear. All: too few workers.",
        "andonbehind",
        rising(10_000, 100_000),
    ),
    Panel(
        "Events behind the clock, by topic",
        "lines",
        "s",
        {
            "{{topic}}": f"min by (topic) (andon_event_time_lag_seconds{{{_OF}, "
            'topic!~".+[.]items[.]v[0-9]+"})'
        },
        "How old the newest event is by its own time. In a replay or a simulation, as old as what is replayed.",
        "the feed is late, not Andon, if no records wait.",
        "andontopicsilent",
        least=None,
    ),
    Panel(
        "From Kafka to applied, 99 in 100",
        "lines",
        "s",
        {
            "{{topic}}": "histogram_quantile(0.99, "
            f"{_rate('andon_batch_delay_seconds_bucket', 'le, topic')})"
        },
        "How long records had lain in Kafka when their batch was applied.",
        "see whether records wait, or a checkpoint takes long.",
        "andonalertsslow",
        rising(1, 5),
    ),
    Panel(
        "Event to alert",
        "lines",
        "s",
        _half_and_worst("andon_event_to_alert_seconds"),
        "From an event's record in Kafka to the acknowledged alert it caused.",
        "see whether records wait, or a checkpoint takes long.",
        "andonalertsslow",
        rising(1, 5),
        empty="no alert yet",
    ),
)

_WRONG = (
    Panel(
        "Dead letters a minute",
        "lines",
        "short",
        {"{{topic}} {{reason}}": f"60 * ({_rate('andon_deadletters_total', 'topic, reason')} > 0)"},
        "Records that could not be processed, by reason.",
        "`andon deadletters list` says which and why; mend the producer, then `andon deadletters replay`.",
        "andondeadletters",
        empty="none",
    ),
    Panel(
        "Duplicates and rekeyed records a second",
        "lines",
        "short",
        {
            "duplicates {{topic}}": _rate("andon_duplicates_total", "topic"),
            "rekeyed {{topic}}": _rate("andon_rekeyed_total", "topic"),
        },
        "Recognised and put right. Delays are always put back, once for every partition.",
        "duplicates come from a producer that retries, rekeyed records from one with another partitioner.",
        "events-that-are-not-applied",
    ),
    Panel(
        "Gaps, lost and cut records, foreign writes, failed decisions",
        "lines",
        "short",
        {
            "gaps": f"sum(increase(andon_gaps_total{{{_OF}}}[5m]))",
            "lost records": f"sum(increase(andon_offsets_lost_total{{{_OF}}}[5m]))",
            "cut records": f"sum(increase(andon_offsets_cut_total{{{_OF}}}[5m]))",
            "foreign writes": f"sum(increase(andon_foreign_writes_total{{{_OF}}}[5m]))",
            "failed decisions": f"sum(increase(andon_decision_errors_total{{{_OF}}}[5m]))",
        },
        "All five should be nothing; gaps were mended, foreign writes overwritten.",
        "lost and cut records need a count of the stock; failed decisions are in the worker's log.",
        "andonrecordslost",
        rising(1, 10),
    ),
    Panel(
        "Partitions by worker",
        "stack",
        "short",
        {"{{instance}}": f"sum by (instance) (andon_partitions_assigned{{{_OF}}})"},
        "Who owns how many.",
        "fewer than there are: nobody consumes the rest. Much unlike each other: a rebalance is under way.",
        "andonrebalancing",
    ),
)

_INSIDE = (
    Panel(
        "Checkpoint",
        "lines",
        "s",
        _half_and_worst("andon_checkpoint_seconds"),
        "From the start of a checkpoint to its commit.",
        "the broker is slow to acknowledge, or the worker short of CPU.",
        "andonstuck",
        rising(1, 5),
    ),
    Panel(
        "Applying a batch, 99 in 100",
        "lines",
        "s",
        {
            "{{topic}}": f"histogram_quantile(0.99, {_rate('andon_batch_seconds_bucket', 'le, topic')})"
        },
        "While it lasts the worker does nothing else.",
        "fewer records a fetch (ANDON_MAX_POLL_RECORDS), or more CPU.",
        "andonalertsslow",
        rising(1, 5),
    ),
    Panel(
        "Records in a batch",
        "lines",
        "short",
        {
            "mean": f"{_rate('andon_batch_records_sum')} / {_rate('andon_batch_records_count')}",
            "99 in 100": _quantile(0.99, "andon_batch_records"),
        },
        "One fetch of one partition.",
        "it has no threshold: at ANDON_MAX_POLL_RECORDS the worker is catching up.",
        "andonbehind",
    ),
    Panel(
        "Records of state",
        "lines",
        "short",
        {"{{table}}": f"sum by (table) (andon_state_keys{{{_OF}}})"},
        "In memory, of all tables.",
        "growth without new items or shipments: see whether days close, which forgets what is done.",
        "memory",
    ),
    Panel(
        "Memory and state",
        "lines",
        "bytes",
        {
            "memory {{instance}}": f'process_resident_memory_bytes{{job="andon", {_OF}}}',
            "state, as written": f"sum(andon_state_bytes{{{_OF}}})",
        },
        "Resident memory of each worker, and the size of all state as the changelog has it.",
        "give the workers more memory, or more workers a smaller share.",
        "memory",
    ),
    Panel(
        "CPU",
        "lines",
        "percentunit",
        {
            "{{instance}}": f'rate(process_cpu_seconds_total{{job="andon", {_OF}}}[$__rate_interval])'
        },
        "Share of one core: a worker uses one.",
        "at 1 it is full: start further workers, up to one for each partition.",
        "andonbehind",
        rising(0.8, 0.95),
    ),
    Panel(
        "Rebalances and recovery",
        "lines",
        "s",
        {
            "rebalance, 9 in 10": _quantile(0.9, "andon_rebalance_seconds", "1h"),
            "recovery, 9 in 10": _quantile(0.9, "andon_recovery_seconds", "1h"),
        },
        "Time until the state of an assignment was restored. Nothing is decided about a partition meanwhile.",
        "more partitions make each smaller; a state topic that is not compacted makes recovery long.",
        "andonrebalancing",
        rising(30, 120),
        empty="no rebalance in this hour",
    ),
    Panel(
        "Assignments in five minutes",
        "lines",
        "short",
        {"{{instance}}": f"sum by (instance) (increase(andon_rebalances_total{{{_OF}}}[5m]))"},
        "Partitions that moved, or were dealt out again.",
        "workers come and go, or one cannot keep its session.",
        "andonrebalancing",
        rising(2, 4),
    ),
)


def build() -> Any:
    """Return the dashboard."""
    return board(
        "andon-pipeline-health",
        "Andon: pipeline health",
        "Whether events flow, how fast they become alerts, and what went wrong. For operators.",
        [choice("worker", "Worker", 'label_values(up{job="andon"}, instance)')],
        {"Now": _NOW, "Flow": _FLOW, "What went wrong": _WRONG, "Inside the workers": _INSIDE},
    )
