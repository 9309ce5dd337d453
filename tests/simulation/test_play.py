"""The pace of the player: as fast as it is told, and no faster than the pipeline can follow."""

import time

from andon.simulation import play
from andon.simulation.play import Player
from andon.streams.settings import load_settings


class Publisher:
    """Publishes nothing."""

    def __init__(self, settings):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def check(self, families):
        pass

    async def flush(self):
        pass


class Network:
    """A network in which nothing happens but time."""

    def __init__(self):
        self.now, self.looks, self.plant = 0.0, 0, None

    def opening(self):
        return []

    def advance(self, until):
        self.now, self.looks = until, self.looks + 1
        return []


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_simulated_time_stands_still_while_the_pipeline_is_behind(monkeypatch):
    monkeypatch.setattr(play, "BulkPublisher", Publisher)
    network = Network()
    player = Player(load_settings(), network, 1000.0, cancel=False)
    player.hold(still=True)
    player.start()
    try:
        until(lambda: network.looks > 3)
        assert network.now == 0.0
        player.hold(still=False)
        until(lambda: network.now > 0.0)
    finally:
        player.stop()
        player.join(60)
    assert player.error is None
