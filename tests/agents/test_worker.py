import asyncio
from types import SimpleNamespace

import pytest

from andon.agents.worker import persistently
from andon.streams.admin import BrokerLost, BrokerUnavailable
from andon.streams.app import AndonApp


def test_a_worker_whose_write_failed_ends_and_commits_nothing_more():
    reasons = []

    async def crash(reason):
        reasons.append((reason, app.engine.generation))

    app = SimpleNamespace(engine=SimpleNamespace(generation=7), crash=crash)
    failure = ConnectionError("the broker did not acknowledge")
    asyncio.run(AndonApp.end(app, failure))
    assert reasons == [(failure, -1)]


def test_a_broker_that_goes_away_while_a_worker_starts_is_asked_again_and_then_another():
    """Of several brokers one may be ending just then: that is no reason for a worker not to start."""
    answers, pauses = [BrokerLost("gone"), BrokerLost("gone"), "topics"], []

    def ask():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert persistently(ask, pauses.append) == "topics"
    assert len(pauses) == 2

    answers[:] = [BrokerUnavailable("nobody")]
    with pytest.raises(BrokerUnavailable, match="nobody"):
        persistently(ask, pauses.append)
    answers[:] = [BrokerLost("gone")] * 100
    with pytest.raises(BrokerLost):
        persistently(ask, pauses.append)
