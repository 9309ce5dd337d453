"""Run a policy through a batch of histories."""

from typing import Protocol

from andon.planning.backtest.history import Batch, Units
from andon.planning.backtest.world import World


class Policy(Protocol):
    """What decides: how much to begin with, and what to order when a day is over."""

    def initial(self) -> Units:
        """Return what each item begins with."""
        ...

    def close(self, row: int, world: World) -> Units:
        """Take in what a day brought, and return what to order of each item now that it is over."""
        ...


def run(batch: Batch, policy: Policy) -> World:
    """Return the world after every day of the batch was lived under a policy."""
    world = World(batch)
    starts = set(batch.begin.tolist())
    initial = policy.initial()
    for row in range(int(batch.begin.min(initial=batch.days)), batch.days):
        if row in starts:
            world.start(row, initial)
        world.live(row)
        world.order(row, policy.close(row, world))
    return world
