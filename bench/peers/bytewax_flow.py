"""bytewax with a snapshot of its state every half second.

Run: python bytewax_flow.py BOOTSTRAP TOPIC PARTITIONS EVENTS
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import bytewax.operators as op
import msgspec
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import cluster_main
from progress import Progress

BOOTSTRAP, TOPIC, PARTITIONS, EVENTS = sys.argv[1:]
ALERTS = f"{TOPIC}-bytewax_flow-alerts"
progress = Progress(int(EVENTS))


class Sale(msgspec.Struct):
    """A sale."""

    event_id: str
    occurred_at: str
    location: str
    sku: str
    quantity: int
    unit_price: float | None = None


decode = msgspec.json.Decoder(Sale).decode
Book = tuple[int, int, int]


def read(message: KafkaSourceMessage) -> tuple[str, int]:
    """Decode and check a sale; return what its book needs."""
    sale = decode(message.value)
    if sale.quantity < 1 or not sale.sku or not sale.occurred_at:
        msg = "not a sale"
        raise ValueError(msg)
    return f"{sale.location}/{sale.sku}", sale.quantity


def keep(book: Book | None, quantity: int) -> tuple[Book, Book | None]:
    """Keep the book of a sale's item; pass it on when it calls for replenishment."""
    before, sold, reorder_point = book or (1000, 0, 100)
    after = (before - quantity, sold + quantity, reorder_point)
    progress.saw()
    return after, after if after[0] <= reorder_point < before else None


def told(alert: tuple[str, Book | None]) -> KafkaSinkMessage | None:
    """Return the message of a book that calls for replenishment, and None of any other."""
    key, book = alert
    return book and KafkaSinkMessage(key=key.encode(), value=msgspec.json.encode(book))


def main() -> None:
    """Run the flow until all events were seen."""
    flow = Dataflow("stock")
    # As with the limit, else a full queue waits a second.
    eager = {"fetch.queue.backoff.ms": "1"}
    sales = kop.input("sales", flow, brokers=[BOOTSTRAP], topics=[TOPIC], add_config=eager)
    sold = op.map("read", sales.oks, read)
    alerts = op.filter_map("told", op.stateful_map("keep", sold, keep), told)
    kop.output("alerts", alerts, brokers=[BOOTSTRAP], topic=ALERTS)
    snapshots = Path(tempfile.mkdtemp())
    init_db_dir(snapshots, 1)
    cluster_main(
        flow,
        [],
        0,
        epoch_interval=timedelta(seconds=0.5),
        recovery_config=RecoveryConfig(snapshots),
    )


if __name__ == "__main__":
    main()
