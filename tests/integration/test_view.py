"""A view of a small topic: what is there, what comes, and what is deleted."""

import asyncio

import pytest
from support.workers import publish

from andon.streams.security import aiokafka_config
from andon.streams.topics import topic_name
from andon.streams.view import TopicView

pytestmark = pytest.mark.integration


def test_a_view_knows_what_was_there_and_what_comes(topics):
    known = {}

    def learn(key, value):
        known[key] = value
        if value is None:
            del known[key]
        changed.set()

    async def wait_for(expected):
        async with asyncio.timeout(20):
            while known != expected:
                changed.clear()
                await changed.wait()

    async def look():
        view = TopicView(topic_name(topics, "scorecards"), aiokafka_config(topics), learn)
        await view.start()
        try:
            async with asyncio.timeout(20):
                await view.caught_up.wait()
            await wait_for({f"supplier/{n}".encode(): b"1" for n in range(8)})
            news = [("scorecards", b"supplier/0", b"2"), ("scorecards", b"supplier/1", None)]
            await asyncio.to_thread(publish, topics, news)
            await wait_for(
                {b"supplier/0": b"2", **{f"supplier/{n}".encode(): b"1" for n in range(2, 8)}}
            )
        finally:
            await view.stop()

    changed = asyncio.Event()
    publish(topics, [("scorecards", f"supplier/{n}".encode(), b"1") for n in range(8)])
    asyncio.run(look())
