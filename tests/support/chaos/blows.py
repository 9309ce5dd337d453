"""The blows of a chaos run: what happens to its workers, its brokers and its changelog."""

import os
import random
import signal
import time
from collections.abc import Callable
from typing import Protocol

from support.chaos.crew import Crew
from support.chaos.outcome import Outcome
from support.chaos.poison import poison
from support.workers import publish

_MOST_WORKERS = 4
#: So long a worker waits for an alert that is to be its last deed.
_ALERT_SECONDS = 30.0


class Node(Protocol):
    """A broker that can be ended and started."""

    @property
    def pid(self) -> int | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def run_out_of_disk(self) -> None: ...


class Blows:
    """What may happen, by name, and how often it does compared with the others."""

    def __init__(
        self,
        crew: Crew,
        outcome: Outcome,
        chance: random.Random,
        nodes: list[Node],
        under_replicated: Callable[[], int] | None,
    ) -> None:
        self._crew = crew
        self._outcome = outcome
        self._chance = chance
        self._nodes = nodes
        self._under_replicated = under_replicated
        self._all: dict[str, tuple[int, Callable[[], None]]] = {
            "workers killed": (8, self._kill),
            "all workers killed": (1, self._kill_all),
            "workers added": (3, self._add),
            "workers stopped": (3, self._stop),
            "workers paused beyond their session": (5, self._freeze),
            "workers killed before a commit": (1, lambda: self._kill_at("die-before-commit:3")),
            "workers killed after an alert": (1, self._kill_after_alert),
            "changelogs poisoned": (1, self._poison),
        }
        if nodes:
            self._all["brokers killed"] = (
                2,
                lambda: self._without("killed", lambda node: node.kill()),
            )
            self._all["brokers stopped"] = (
                2,
                lambda: self._without("stopped", lambda node: node.stop()),
            )
            self._all["brokers paused"] = (2, self._pause_broker)
            self._all["brokers killed during a restore"] = (1, self._kill_in_restore)
            self._all["brokers out of disk"] = (
                1,
                lambda: self._without("out of disk", lambda node: node.run_out_of_disk()),
            )

    def draw(self) -> str:
        """Return the name of the next one."""
        (name,) = self._chance.choices(
            list(self._all), [weight for weight, _ in self._all.values()]
        )
        return name

    def strike(self, name: str) -> None:
        """Let it happen."""
        self._all[name][1]()

    def _kill(self) -> None:
        victim = self._chance.choice(self._crew.workers)
        self._crew.workers.remove(victim)
        self._crew.kill(victim)
        self._crew.start()

    def _kill_all(self) -> None:
        for _ in range(self._crew.kill_all()):
            self._crew.start()

    def _add(self) -> None:
        if len(self._crew.workers) >= _MOST_WORKERS:
            self._stop()
            return
        self._outcome.blows["workers added"] += 1
        self._crew.start()

    def _stop(self) -> None:
        if len(self._crew.workers) < 2:
            self._add()
            return
        self._outcome.blows["workers stopped"] += 1
        self._crew.stop(self._chance.choice(self._crew.workers))

    def _freeze(self) -> None:
        process = self._chance.choice(self._crew.workers).process
        assert process is not None
        self._outcome.blows["workers paused beyond their session"] += 1
        process.send_signal(signal.SIGSTOP)
        time.sleep(self._crew.settings.session_timeout_seconds * 1.5)
        process.send_signal(signal.SIGCONT)

    def _kill_at(self, point: str) -> None:
        """Add a worker that kills itself at a point of its work, and wait until it did."""
        process = self._crew.alone(point)
        self._crew.until(lambda: process.poll() is not None, f"a worker reached {point}")
        if process.returncode != -signal.SIGKILL:
            text = f"a worker that was to {point} ended with {process.returncode}"
            self._outcome.faults.append(text)
        self._outcome.blows[f"workers killed at {point.partition(':')[0]}"] += 1

    def _kill_after_alert(self) -> None:
        """Kill an added worker between an alert and its outbox, or at any moment if it has none to publish: late in a run they are rare."""
        process = self._crew.alone("die-after-alert:1")
        if self._crew.within(_ALERT_SECONDS, lambda: process.poll() is not None):
            self._outcome.blows["workers killed at die-after-alert"] += 1
        else:
            self._outcome.blows["workers killed"] += 1
            process.kill()
        if process.wait() != -signal.SIGKILL:
            text = f"a worker that was to die after an alert ended with {process.returncode}"
            self._outcome.faults.append(text)

    def _poison(self) -> None:
        """Put a record that nobody can read into a changelog: a worker must refuse it, until it is taken out."""
        crew, blows = self._crew, self._outcome.blows
        blows["changelogs poisoned"] += 1
        key = f"books:poison-{blows['changelogs poisoned']}"
        count = crew.kill_all()
        before = crew.progress()
        poison(crew.settings, key, self._chance)
        process = crew.alone()
        crew.until(lambda: process.poll() is not None, "a worker refused the poisoned changelog")
        if not process.returncode or crew.progress() != before:
            self._outcome.faults.append("a worker went on with a poisoned changelog")
        publish(crew.settings, [("state", key.encode(), None)])
        for _ in range(count):
            crew.start()

    def _pause_broker(self) -> None:
        """Let a broker hang, long enough for the others to take over what it led, and come back as if nothing were."""
        pid = self._chance.choice(self._nodes).pid
        assert pid is not None
        self._outcome.blows["brokers paused"] += 1
        os.kill(pid, signal.SIGSTOP)
        self._crew.rest(self._chance.uniform(4, 10))
        os.kill(pid, signal.SIGCONT)
        self._until_whole()

    def _kill_in_restore(self) -> None:
        """Kill a broker while all workers begin and read their state."""
        for _ in range(self._crew.kill_all()):
            self._crew.start()
        self._crew.rest(self._chance.uniform(0, 8))
        self._without("killed during a restore", lambda node: node.kill())

    def _without(self, how: str, end: Callable[[Node], None]) -> None:
        """Go on without a broker for a while, and wait until it has caught up."""
        node = self._chance.choice(self._nodes)
        self._outcome.blows[f"brokers {how}"] += 1
        end(node)
        self._crew.rest(self._chance.uniform(2, 8))
        node.start()
        self._until_whole()

    def _until_whole(self) -> None:
        if self._under_replicated is not None:
            whole = self._under_replicated
            self._crew.until(lambda: not whole(), "every partition is whole again")
