"""A worker for tests: `andon worker` with a journal of what it settled, and with the faults that the environment names.

ANDON_CHAOS_JOURNAL names a file that every batch and every assignment is noted in. ANDON_CHAOS_FAULT is one of

- `forget-applied`: the offsets a book has applied are not looked at, so that what is delivered again is applied again;
- `die-before-commit:N`: SIGKILL when the N-th checkpoint is durable in the changelog, but not committed;
- `die-after-alert:N`: SIGKILL when the N-th publication of alerts is acknowledged, but their outbox is not cleared.
"""

import os
import signal
import time
from collections.abc import Iterable
from typing import Any

from andon.agents import books
from andon.cli.main import run
from andon.streams.batches import RecordBatch
from andon.streams.engine import Engine
from andon.streams.producer import Producer
from andon.streams.state import Shard
from andon.streams.transport import BatchConsumer

JOURNAL = "ANDON_CHAOS_JOURNAL"
FAULT = "ANDON_CHAOS_FAULT"


def keep_journal(path: str) -> None:
    """Note every settled part of a batch and every assignment, one line each, written whole.

    A part is noted before a checkpoint can commit it: a batch may be left to another worker, or its worker killed, in between.
    """
    out = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    take, restore = Engine._take, Engine.restore

    async def take_and_note(self: Engine, shard: Shard, part: RecordBatch, apply: Any) -> Any:
        rest = await take(self, shard, part, apply)
        reached = shard.settled.get(part.topic, -1)
        if part.begin < reached <= part.end or part.begin == reached == part.end:
            line = f"settled {part.topic} {part.partition} {part.begin} {reached} {time.time()}"
            os.write(out, f"{line}\n".encode())
        return rest

    async def restore_and_note(self: Engine, assignment: set[Any], generation: int) -> None:
        await restore(self, assignment, generation)
        os.write(out, f"assigned {generation} {os.getpid()}\n".encode())

    Engine._take = take_and_note
    Engine.restore = restore_and_note


def forget_applied() -> None:
    """Turn the check of applied offsets off."""
    books._first_time = lambda book, record, source: True


def die_before_commit(number: int) -> None:
    """Die when the state is durable and the offsets are not committed."""
    commit = BatchConsumer.commit_offsets
    left = [number]

    async def commit_or_die(self: BatchConsumer, offsets: Any) -> bool:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return await commit(self, offsets)

    BatchConsumer.commit_offsets = commit_or_die


def die_after_alert(number: int) -> None:
    """Die when alerts are published and their outbox is not cleared."""
    publish = Producer.publish
    left = [number]

    async def publish_and_die(self: Producer, records: Iterable[Any]) -> None:
        records = list(records)
        await publish(self, records)
        if any("replenishment" in record.topic for record in records):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    Producer.publish = publish_and_die


def main() -> None:
    """Run the worker with what the environment asks for."""
    if path := os.environ.get(JOURNAL):
        keep_journal(path)
    fault, _, number = os.environ.get(FAULT, "").partition(":")
    if fault:
        faults = {
            "forget-applied": forget_applied,
            "die-before-commit": lambda: die_before_commit(int(number)),
            "die-after-alert": lambda: die_after_alert(int(number)),
        }
        faults[fault]()
    run()


if __name__ == "__main__":
    main()
