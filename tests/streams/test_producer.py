"""The worker's producer has all its connections before anything is published."""

import asyncio
from types import SimpleNamespace

import pytest

from andon.streams import producer as module
from andon.streams.producer import Outgoing, Producer


class Client:
    """A client of a broker that goes away when it is told to."""

    broker_is_there = True

    def __init__(self, *, enable_idempotence, **_):
        self.idempotent = enable_idempotence
        self.sent = []

    async def start(self):
        if not self.broker_is_there:
            raise ConnectionError

    async def stop(self):
        pass

    async def send(self, topic, **record):
        self.sent.append((topic, record["value"]))
        answer = asyncio.get_running_loop().create_future()
        answer.set_result(None)
        return answer


@pytest.mark.parametrize("refusable", [False, True])
def test_the_first_record_that_may_be_refused_needs_no_new_connection(monkeypatch, refusable):
    """While brokers are restarted none could be made, and the worker would end by a dead letter."""
    monkeypatch.setattr(module, "AIOKafkaProducer", Client)

    async def story():
        producer = Producer({})
        await producer.start()
        monkeypatch.setattr(Client, "broker_is_there", False)
        letter = Outgoing("deadletters", None, b"why")
        record = Outgoing("pos", b"S/A", b"sale", instead=letter if refusable else None)
        await producer.publish([record])
        return producer

    producer = asyncio.run(story())
    used = producer._refusable if refusable else producer.client
    assert used.sent == [("pos", b"sale")]
    assert used.idempotent is not refusable


class Batch(list):
    """A batch of a client, which takes as many records as there are."""

    def append(self, *, value, **_):
        super().append(value)
        return self

    def record_count(self):
        return len(self)

    def close(self):
        pass


class Busy(Client):
    """A client whose batches are answered only when the test says so."""

    def create_batch(self):
        return Batch()

    async def send_batch(self, batch, topic, *, partition):
        self.sent.append((topic, partition, batch))
        self.answer = asyncio.get_running_loop().create_future()
        return self.answer


def test_what_is_urgent_does_not_wait_for_a_checkpoint(monkeypatch):
    monkeypatch.setattr(module, "AIOKafkaProducer", Busy)

    async def story():
        producer = Producer({})
        await producer.start()
        checkpoint = asyncio.create_task(
            producer.write("state", 1, [(b"a", b"book", [])], is_urgent=False)
        )
        await asyncio.sleep(0)
        urgent = asyncio.create_task(producer.write("state", 2, [(b"b", b"alert", [])]))
        await asyncio.sleep(0)
        producer.client.answer.set_result(SimpleNamespace(offset=7))
        assert await urgent == [(7, 1)]
        assert not checkpoint.done()
        producer._patient.answer.set_result(SimpleNamespace(offset=3))
        assert await checkpoint == [(3, 1)]
        return producer

    producer = asyncio.run(story())
    assert producer.client.sent == [("state", 2, [b"alert"])]
    assert producer._patient.sent == [("state", 1, [b"book"])]
    assert producer._patient.idempotent
