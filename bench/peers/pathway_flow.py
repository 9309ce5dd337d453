"""Pathway with its state persisted every half second.

Run: python pathway_flow.py BOOTSTRAP TOPIC PARTITIONS EVENTS
"""

import sys
import tempfile
import time
from typing import Any

import pathway as pw
from progress import Progress

BOOTSTRAP, TOPIC, PARTITIONS, EVENTS = sys.argv[1:]
ON_HAND, REORDER_POINT = 1000, 100
progress = Progress(int(EVENTS))


class Sale(pw.Schema):
    """A sale."""

    event_id: str
    occurred_at: str
    location: str
    sku: str
    quantity: int
    unit_price: float


def counted(key: Any, row: dict[str, Any], time: int, is_addition: bool) -> None:  # noqa: ARG001
    """Note how many sales are in the books."""
    if is_addition:
        progress.saw(row["count"] - progress.seen)


def main() -> None:
    """Run the flow until all events were seen."""
    settings = {
        "bootstrap.servers": BOOTSTRAP,
        "group.id": f"pathway-{int(time.time())}",
        "auto.offset.reset": "earliest",
        # As with the limit, else a full queue waits a second.
        "fetch.queue.backoff.ms": "1",
    }
    sales = pw.io.kafka.read(
        settings, topic=TOPIC, format="json", schema=Sale, autocommit_duration_ms=100, name="sales"
    )
    sales = sales.filter(
        (pw.this.quantity >= 1) & (pw.this.sku != "") & (pw.this.occurred_at != "")
    )
    books = sales.groupby(pw.this.location, pw.this.sku).reduce(
        pw.this.location, pw.this.sku, on_hand=ON_HAND - pw.reducers.sum(pw.this.quantity)
    )
    low = books.filter(pw.this.on_hand <= REORDER_POINT).select(pw.this.location, pw.this.sku)
    pw.io.kafka.write(
        low, {"bootstrap.servers": BOOTSTRAP}, f"{TOPIC}-pathway_flow-alerts", format="json"
    )
    pw.io.subscribe(sales.reduce(count=pw.reducers.count()), counted)
    state = pw.persistence.Backend.filesystem(tempfile.mkdtemp())
    pw.run(
        monitoring_level=pw.MonitoringLevel.NONE,
        persistence_config=pw.persistence.Config(state, snapshot_interval_ms=500),
    )


if __name__ == "__main__":
    main()
