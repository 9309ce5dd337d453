"""Records as the world sends them: however packed, named and dated, none ends a worker, and a sale after them counts."""

import asyncio
import time
import uuid

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from support.workers import WorkerProcess, read, send, state, until

from andon.schemas.common import encode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement
from andon.streams import deadletters
from andon.streams.topics import topic_name

pytestmark = [pytest.mark.integration, pytest.mark.apache]

HOUR = 3600.0
KEY = b"S/TEA"
CODECS = ("gzip", "snappy", "lz4", "zstd")
FOREVER = 2**63 - 1


class Name(str):
    """A header's name in Latin-1."""

    __slots__ = ()

    def encode(self, *_):
        return b"\xe9tat"


def sale(name, sku="TEA", at=None):
    at = time.time() - HOUR if at is None else at
    return Sale(event_id=name, occurred_at=utc(at), location="S", sku=sku, quantity=1)


def stocked(sku="TEA"):
    now = time.time()
    return [
        (
            "items",
            Item(
                location="S",
                sku=sku,
                updated_at=utc(now - 9 * HOUR),
                sources=(Source(supplier="ACME", lead_time_days=5.0),),
            ),
        ),
        (
            "stock",
            StockMovement(
                event_id="c",
                occurred_at=utc(now - 8 * HOUR),
                location="S",
                sku=sku,
                kind="count",
                quantity=40,
            ),
        ),
    ]


def alter(settings, family, **config):
    names = {name.replace("_", "."): str(value) for name, value in config.items()}
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic_name(settings, family), names)]
        )


def put(settings, family, value, key=KEY, codec=None, **options):
    """Publish one record as it is."""
    client = KafkaProducer(
        bootstrap_servers=settings.servers, max_request_size=30_000_000, compression_type=codec
    )
    try:
        client.send(topic_name(settings, family), value=value, key=key, **options).get(30)
    finally:
        client.close()


def put_by_aiokafka(settings, family, value, headers):
    async def story():
        async with AIOKafkaProducer(bootstrap_servers=settings.servers) as client:
            await client.send_and_wait(
                topic_name(settings, family), value, key=KEY, headers=headers
            )

    asyncio.run(story())


def micro():
    return int(time.time() * 1_000_000)


def put_dated_in_microseconds(settings, family, value, key=KEY):
    alter(settings, family, message_timestamp_after_max_ms=FOREVER)
    put(settings, family, value, key, timestamp_ms=micro())


def applied(worker, settings):
    topic = topic_name(settings, "pos")
    return worker.metric("andon_events_total", topic=topic, outcome="applied")


#: What is sent, how many sales of it count, and what becomes of the others.
PILLS = {
    "a header name that is no UTF-8": (
        lambda s: put(s, "pos", encode(sale("p" + uuid.uuid4().hex)), headers=[(Name("x"), b"1")]),
        1,
        [],
    ),
    "a header without a value": (
        lambda s: put_by_aiokafka(s, "pos", b"nonsense", [("traceparent", None)]),
        0,
        ["not_json"],
    ),
    "keys that are no text": (
        lambda s: put(s, "pos", encode(sale("p" + uuid.uuid4().hex)), b"\xff\x00"),
        1,
        [],
    ),
    "no timestamp": (
        lambda s: put(s, "pos", encode(sale("p" + uuid.uuid4().hex)), timestamp_ms=0),
        1,
        [],
    ),
    "microseconds": (
        lambda s: put_dated_in_microseconds(s, "pos", encode(sale("p" + uuid.uuid4().hex))),
        1,
        [],
    ),
    "nonsense in microseconds": (
        lambda s: put_dated_in_microseconds(s, "pos", b"nonsense"),
        0,
        ["not_json"],
    ),
    "a wrong key in microseconds": (
        lambda s: put_dated_in_microseconds(
            s, "pos", encode(sale("p" + uuid.uuid4().hex)), b"wrong"
        ),
        1,
        [],
    ),
    "nonsense of last month": (
        lambda s: put(s, "pos", b"nonsense", timestamp_ms=micro() // 1000 - 30 * 86_400_000),
        0,
        ["not_json"],
    ),
    "a huge key": (lambda s: put(s, "pos", b"no", b"k" * 2_000_000, "gzip"), 0, ["not_json"]),
    "a huge header": (
        lambda s: put(s, "pos", b"no", KEY, "gzip", headers=[("trace", b"a" * 2_000_000)]),
        0,
        ["not_json"],
    ),
    "a huge value": (lambda s: put(s, "pos", b"x" * 8_000_000, KEY, "gzip"), 0, ["too_large"]),
    "all of it large": (
        lambda s: put(s, "pos", b"x" * 900_000, KEY, headers=[("trace", b"a" * 140_000)]),
        0,
        ["not_json", "too_large"],
    ),
}


def test_no_record_ends_a_worker_and_every_dead_letter_is_there(topics):
    """All of them, one after the other, on one worker; each is followed by a sale that must count."""
    expected = 40
    letters = 0
    with WorkerProcess(topics) as worker:
        send(topics, stocked())
        until(lambda: worker.metric("andon_events_total", outcome="applied") >= 1, "a count")
        for number, (name, (pill, counts, reasons)) in enumerate(PILLS.items()):
            pill(topics)
            send(topics, [("pos", sale(f"after {number}"))])
            expected -= counts + 1
            letters += bool(reasons)
            sold = 40 - expected
            until(lambda n=sold: applied(worker, topics) == n, f"{name}: the sales are applied", 60)
        assert worker.metric("andon_deadletters_total") == letters
        assert worker.stop() == 0
    assert state(topics, "books")["S/TEA"].on_hand == expected
    found = list(read(topics, "deadletters"))
    assert len(found) == letters
    lately = (time.time() - HOUR) * 1000
    for letter in found:
        assert letter.timestamp > lately, "its own time: retention would take an old one at once"
        assert deadletters.TIMESTAMP in dict(letter.headers)


@pytest.mark.parametrize("codec", CODECS)
def test_producers_topics_and_brokers_may_compress_as_they_like(topics, codec):
    """The state, too, is read again after a restart."""
    for family in ("state", "pos", "items", "stock", "replenishment", "scorecards", "forecasts"):
        alter(topics, family, compression_type=codec)
    with WorkerProcess(topics) as worker:
        send(topics, stocked())
        put(topics, "pos", encode(sale("a")) + b" " * 900, codec=codec)
        until(lambda: worker.metric("andon_events_total", outcome="applied") >= 2, "all is applied")
        assert worker.stop() == 0
    with WorkerProcess(topics) as worker:
        put(topics, "pos", encode(sale("b")) + b" " * 900, codec=codec)
        until(lambda: worker.metric("andon_events_total", outcome="applied") >= 1, "one more")
        assert worker.stop() == 0
    assert state(topics, "books")["S/TEA"].on_hand == 38
