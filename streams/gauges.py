"""The gauges that are brought up to date when Prometheus asks; nothing here grows with the number of keys."""

import time
from collections import Counter

from faust.types import TP

from andon.streams.engine import Engine


def measure(engine: Engine) -> None:
    """Set lag, state and open alerts of a worker; a partition that has gone to another one leaves no series behind."""
    metrics, shards = engine.metrics, engine.shards
    metrics.partitions.set(len(shards.owned))
    for name in shards.specs:
        count = shards.count(name)
        metrics.state_keys.labels(name).set(count)
        metrics.state_bytes.labels(name).set(count * engine.mean_bytes.get(name, 0.0))
    for gauge in (metrics.alerts_open, metrics.lag, metrics.event_time_lag):
        gauge.clear()
    open_now: Counter[tuple[str, str]] = Counter()
    now = time.time()
    for shard in shards:
        open_now.update(shard.open_alerts)
        for topic, position in shard.positions.items():
            end = engine.consumer.highwater(TP(topic, shard.partition))
            if end is not None:
                metrics.lag.labels(topic, shard.partition).set(max(end - position, 0))
        for topic, at in shard.event_times.items():
            metrics.event_time_lag.labels(topic, shard.partition).set(now - at)
    for labels, number in open_now.items():
        metrics.alerts_open.labels(*labels).set(number)
