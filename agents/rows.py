"""What a row of the topology says: of an agent, a view, a timer, a program beside the workers, and a table."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from andon.agents.context import Context
from andon.streams.app import AndonApp
from andon.streams.engine import Apply

#: Takes in a record of a view's topic: key, and value or None for a removal.
Learn = Callable[[bytes, bytes | None], None]
#: Runs until the worker is told to stop.
Run = Callable[[AndonApp, Context], Awaitable[None]]


class Agent(NamedTuple):
    """Applies the events of one family to the state of their partition; what cannot be believed is a dead letter."""

    #: The family whose events it applies; also its name.
    reads: str
    #: The table that it is there for, one of those that it writes.
    home: str
    #: Makes what applies a batch.
    make: Callable[[Context], Apply]
    #: What it does, in a sentence.
    does: str
    #: The tables whose records it changes.
    writes: frozenset[str]
    #: The families of the messages that these records publish because of it.
    publishes: frozenset[str]
    #: Whether it puts an event back on its own topic, for the partition or partitions where it belongs.
    puts_back: bool = False


class View(NamedTuple):
    """Keeps the newest value of every key of a compacted topic, which each worker reads whole; writes nothing."""

    #: The family that it reads.
    reads: str
    #: The table whose records it is a parameter of.
    serves: str
    #: Returns what of the context takes in the records.
    learns: Callable[[Context], Learn]
    #: What it is for, in a sentence.
    does: str
    #: Returns what of the context hears that all was read that was there at the start.
    hears_the_end: Callable[[Context], Callable[[], None]] = lambda _: lambda: None


class Timer(NamedTuple):
    """Does something again and again beside the events; reads the state of the worker's own partitions."""

    name: str
    run: Run
    #: What it does, in a sentence.
    does: str
    #: The tables whose records it changes.
    writes: frozenset[str] = frozenset()
    #: The families of the messages that these records publish because of it.
    publishes: frozenset[str] = frozenset()


class Program(NamedTuple):
    """A process of its own beside the workers, which keeps no state."""

    name: str
    #: The family whose events it takes.
    reads: str
    #: What it does, in a sentence.
    does: str
    #: The families that it publishes.
    publishes: frozenset[str]


class Kept(NamedTuple):
    """What a table keeps, and what its records publish."""

    table: str
    keyed_by: str
    #: What a record of it is, in a sentence.
    keeps: str
    #: The families of the messages that may wait in a record's outbox.
    publishes: frozenset[str]
