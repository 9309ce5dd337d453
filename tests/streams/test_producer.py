"""The worker's producer has all its connections before anything is published."""

import asyncio

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
