"""The limit: confluent-kafka consuming and msgspec decoding, and nothing else.

Run: python limit.py BOOTSTRAP TOPIC PARTITIONS EVENTS
"""

import sys
from datetime import datetime

import msgspec
from confluent_kafka import Consumer, TopicPartition
from progress import Progress


class Sale(msgspec.Struct):
    """What a sale holds, without the bounds that schemas.pos.Sale checks."""

    event_id: str
    occurred_at: datetime
    location: str
    sku: str
    quantity: int
    unit_price: float | None = None


def main() -> None:
    """Consume and decode so many events, and print what it took; that ends it."""
    bootstrap, topic, partitions, events = sys.argv[1:]
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "limit",
            "enable.auto.commit": False,
            "queued.max.messages.kbytes": 262_144,
            # By default it waits a second once its queue is full, and a limit would be one of waiting.
            "fetch.queue.backoff.ms": 1,
        }
    )
    consumer.assign([TopicPartition(topic, number, 0) for number in range(int(partitions))])
    decode = msgspec.json.Decoder(Sale).decode
    progress = Progress(int(events))
    while True:
        messages = consumer.consume(10_000, 1.0)
        for message in messages:
            decode(message.value())
        progress.saw(len(messages))


if __name__ == "__main__":
    main()
