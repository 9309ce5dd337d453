"""Dead letters that are put back are applied once: replayed twice, written down twice, repaired, or killed half way."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaProducer
from support import replay_that_dies
from support.workers import WorkerProcess, publish, read, send, state, until_committed

from andon.schemas.common import encode, utc
from andon.schemas.pos import Sale
from andon.streams.topics import topic_name

pytestmark = pytest.mark.integration

NOW = 20_000 * 86400.0
#: Fewer than the letters: what an item remembers of its events is no help against a second replay.
WINDOW = 4
LETTERS = 40


def sale(name, day=0.0):
    at = utc(NOW + day * 86400.0)
    return Sale(event_id=name, occurred_at=at, location="S", sku="A", quantity=1)


def replay(settings, *arguments, command=("-m", "andon.cli.main"), code=0):
    """Run `andon deadletters replay` and return what it counted."""
    done = subprocess.run(
        [sys.executable, *command, "deadletters", "replay", "--json", *arguments],
        env=WorkerProcess(settings)._environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if not code else None


def reject(settings):
    """Let a worker reject sales from before the time it believes in, and a broken one; return settings that believe them."""
    strict = settings.model_copy(update={"earliest_event_time": utc(NOW)})
    with WorkerProcess(strict) as worker:
        send(settings, [("pos", sale(f"s{n}", day=-1.0)) for n in range(LETTERS)])
        publish(settings, [("pos", b"S/A", b'{"event_id":"broken"')])
        until_committed(settings, "pos", what="all are rejected")
        assert worker.stop() == 0
    return settings.model_copy(update={"duplicate_window": WINDOW, "duplicate_days": 0.0})


def work(settings):
    """Let a worker apply what is there, and return what it sold."""
    with WorkerProcess(settings) as worker:
        # What comes last in the topic must not be a transaction's mark.
        send(settings, [("pos", sale("last"))])
        until_committed(settings, "pos", what="all are applied")
        assert worker.stop() == 0
    return state(settings, "books")["S/A"].sold


def test_letters_that_are_replayed_twice_or_lie_there_twice_are_applied_once(topics, tmp_path):
    mended = reject(topics)
    letters = list(read(topics, "deadletters"))
    assert len(letters) == LETTERS + 1
    name = topic_name(topics, "deadletters")
    with KafkaProducer(bootstrap_servers=topics.servers) as client:  # as after a worker's crash
        client.send(name, letters[0].value, letters[0].key, letters[0].headers).get(10)
    figures = replay(mended, "--all", "--reason", "absurd_time")
    assert figures == {"replayed": LETTERS, "left": 0, "before": 1}
    broken = next(one for one in letters if b"broken" in one.value)
    repaired = tmp_path / "repaired.json"
    repaired.write_bytes(encode(sale("broken")))
    figures = replay(mended, f"{broken.partition}:{broken.offset}", "--value", str(repaired))
    assert figures == {"replayed": 1, "left": 0, "before": 0}
    assert replay(mended, "--all") == {"replayed": 0, "left": 0, "before": LETTERS + 2}
    assert work(mended) == LETTERS + 1 + 1


@pytest.mark.apache
def test_letters_whose_replay_was_killed_half_way_are_applied_once(topics):
    mended = reject(topics)
    entry = (str(Path(replay_that_dies.__file__)),)
    only = ("--all", "--reason", "absurd_time")
    replay(mended, *only, command=entry, code=-signal.SIGKILL)
    sent = sum(1 for _ in read(topics, "pos", isolation_level="read_uncommitted"))
    assert sent == 2 * LETTERS + 1, "it had sent all of them"
    assert replay(mended, *only) == {"replayed": LETTERS, "left": 0, "before": 0}
    assert work(mended) == LETTERS + 1
