"""The limit: confluent-kafka consuming and msgspec decoding, and nothing else.

Run: python limit.py BOOTSTRAP TOPIC PARTITIONS EVENTS
"""

import json
import resource
import sys
import time
from datetime import datetime

import msgspec
from confluent_kafka import Consumer, TopicPartition


class Sale(msgspec.Struct):
    """What a sale holds, without the bounds that schemas.pos.Sale checks."""

    event_id: str
    occurred_at: datetime
    location: str
    sku: str
    quantity: int
    unit_price: float | None = None


def main() -> None:
    """Consume and decode so many events, and print what it took."""
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
    wanted, seen, begin, cpu = int(events), 0, 0.0, 0.0
    while seen < wanted:
        for message in consumer.consume(10_000, 1.0):
            decode(message.value())
            seen += 1
        if not begin and seen:
            begin, cpu, first = time.perf_counter(), time.process_time(), seen
    print(
        json.dumps(
            {
                "events": seen - first,
                "seconds": time.perf_counter() - begin,
                "cpu_seconds": time.process_time() - cpu,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )
    consumer.close()


if __name__ == "__main__":
    main()
