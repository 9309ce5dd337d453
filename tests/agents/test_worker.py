import asyncio
from types import SimpleNamespace

from andon.streams.app import AndonApp


def test_a_worker_whose_write_failed_ends_and_commits_nothing_more():
    reasons = []

    async def crash(reason):
        reasons.append((reason, app.engine.generation))

    app = SimpleNamespace(engine=SimpleNamespace(generation=7), crash=crash)
    failure = ConnectionError("the broker did not acknowledge")
    asyncio.run(AndonApp.end(app, failure))
    assert reasons == [(failure, -1)]
