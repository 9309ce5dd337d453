"""Stock Faust as its documentation shows it: `async for` over a record, and a table write an event.

Run: python stock_faust.py BOOTSTRAP TOPIC PARTITIONS EVENTS
"""

import sys
import tempfile
import time

import faust
from progress import Progress

BOOTSTRAP, TOPIC, PARTITIONS, EVENTS = sys.argv[1:]

app = faust.App(
    f"stock-faust-{int(time.time())}",
    broker=f"kafka://{BOOTSTRAP}",
    store="memory://",
    topic_partitions=int(PARTITIONS),
    topic_replication_factor=1,
    web_enabled=False,
    datadir=tempfile.mkdtemp(),
)


class Sale(faust.Record, serializer="json", validation=True, isodates=True):
    """A sale."""

    event_id: str
    occurred_at: str
    location: str
    sku: str
    quantity: int
    unit_price: float | None = None


class Book(faust.Record, serializer="json"):
    """What is known of an item at a location."""

    on_hand: int = 1000
    sold: int = 0
    reorder_point: int = 100


sales = app.topic(TOPIC, key_type=str, value_type=Sale, key_serializer="raw")
alerts = app.topic(f"{TOPIC}-stock_faust-alerts", key_type=str, value_type=Book)
books = app.Table("books", default=Book, partitions=int(PARTITIONS))
progress = Progress(int(EVENTS))


@app.agent(sales)
async def keep(stream: faust.StreamT[Sale]) -> None:
    """Keep the books, and call for replenishment."""
    async for sale in stream:
        key = f"{sale.location}/{sale.sku}"
        book = books[key]
        book.on_hand -= sale.quantity
        book.sold += sale.quantity
        books[key] = book
        if book.on_hand <= book.reorder_point < book.on_hand + sale.quantity:
            await alerts.send(key=key, value=book)
        progress.saw()


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARN", redirect_stdouts=False).execute_from_commandline()
