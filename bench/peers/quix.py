"""Quix Streams with its state and changelog.

Run: python quix.py BOOTSTRAP TOPIC PARTITIONS EVENTS
"""

import sys
import tempfile
import time
from typing import Any

from progress import Progress
from quixstreams import Application, State

BOOTSTRAP, TOPIC, PARTITIONS, EVENTS = sys.argv[1:]
progress = Progress(int(EVENTS))


def keep(sale: dict[str, Any], state: State) -> dict[str, Any] | None:
    """Keep the book of a sale's item; return it when it calls for replenishment."""
    quantity = sale["quantity"]
    if not isinstance(quantity, int) or quantity < 1 or not sale["sku"] or not sale["occurred_at"]:
        msg = "not a sale"
        raise ValueError(msg)
    book = state.get("book") or {"on_hand": 1000, "sold": 0, "reorder_point": 100}
    before = book["on_hand"]
    book["on_hand"] = before - quantity
    book["sold"] += quantity
    state.set("book", book)
    progress.saw()
    return book if book["on_hand"] <= book["reorder_point"] < before else None


def main() -> None:
    """Run the pipeline until all events were seen."""
    app = Application(
        broker_address=BOOTSTRAP,
        consumer_group=f"quix-{int(time.time())}",
        auto_offset_reset="earliest",
        state_dir=tempfile.mkdtemp(),
        loglevel="WARNING",
    )
    sales = app.topic(TOPIC, value_deserializer="json")
    alerts = app.topic(f"{TOPIC}-quix-alerts", value_serializer="json")
    stream = app.dataframe(sales)
    stream = stream.apply(keep, stateful=True)
    stream = stream.filter(lambda book: book is not None)
    stream.to_topic(alerts)
    app.run()


if __name__ == "__main__":
    main()
