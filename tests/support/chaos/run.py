"""A chaos run: sales go in without pause while workers and brokers are killed, stopped, paused, added and removed.

The schedule is drawn from a seed. After every blow the workers must be seen to commit again. In the end everything must be
committed, the books must say what was fed, and an undisturbed run over the same events must have said the same.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from kafka.errors import KafkaError
from support.chaos import worker as entry
from support.chaos.feeding import Feeder, Tills
from support.chaos.poison import poison
from support.chaos.sales import SeededSales
from support.chaos.verdict import Alerts, Verdict, alerts_of, compare, faults, pace
from support.workers import WorkerProcess, all_committed, committed, homes, publish

from andon.streams.admin import TopicAdmin
from andon.streams.settings import Settings

_FED = ("pos", "stock", "shipments", "items", "lines")
_POLL = 0.1
#: Within this time of any blow the workers must commit again.
RECOVERY_SECONDS = 120.0
_GRACE_SECONDS = 30.0
_MOST_WORKERS = 4
_ROLLED = 3
_ROLLING_REST = 5.0
#: No partition may stand still for longer while workers are restarted one by one.
ROLLING_GAP_SECONDS = 5.0


class Node(Protocol):
    """A broker that can be ended and started."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def run_out_of_disk(self) -> None: ...


class ChaosWorker(WorkerProcess):
    """A worker with a journal, and a fault if one is wanted."""

    command = (str(Path(entry.__file__)), "worker")

    def __init__(self, settings: Settings, journal: Path, fault: str = "") -> None:
        extra = {entry.JOURNAL: str(journal)}
        if fault:
            extra[entry.FAULT] = fault
        super().__init__(settings, **extra)


@dataclass
class Outcome:
    """The figures of a run, and what is wrong with it."""

    seed: int
    seconds: float
    events: int = 0
    duplicates: int = 0
    blows: Counter[str] = field(default_factory=Counter)
    ended_by_themselves: list[int] = field(default_factory=list)
    slowest_recovery: dict[str, float] = field(default_factory=dict)
    slowest_stop: float = 0.0
    rolled_from: float = 0.0
    rolled_until: float = 0.0
    rolling_gap: float = 0.0
    rolling_read_again: int = 0
    transactions: tuple[int, int] = (0, 0)
    fed_again: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    alerts: Alerts = field(default_factory=Alerts)
    calm: Alerts = field(default_factory=Alerts)
    faults: list[str] = field(default_factory=list)

    def lines(self) -> list[tuple[str, str]]:
        """Return the report, a name and a figure a line."""
        blows = [(name, str(count)) for name, count in sorted(self.blows.items())]
        return [
            ("seed", str(self.seed)),
            ("seconds of chaos", f"{self.seconds:.0f}"),
            ("events fed", str(self.events)),
            ("of them deliberate duplicates", str(self.duplicates)),
            ("sent again because a broker failed", str(self.fed_again)),
            ("transactions committed, aborted", "{}, {}".format(*self.transactions)),
            *blows,
            ("workers that ended by themselves", str(len(self.ended_by_themselves))),
            ("generations of the group", str(self.verdict.rebalances)),
            ("offsets delivered again and skipped", str(self.verdict.read_again)),
            *(
                (f"longest to the next commit, s: {name}", f"{seconds:.1f}")
                for name, seconds in sorted(self.slowest_recovery.items())
            ),
            ("longest standstill of a partition, s", f"{self.verdict.standstill:.1f}"),
            *self._rolling_lines(),
            ("longest graceful stop, s", f"{self.slowest_stop:.1f}"),
            ("alerts, changes of alerts", f"{len(self.alerts.names)}, {len(self.alerts.events)}"),
            ("published again under the same id", str(self.alerts.repeated)),
            ("units lost", str(self.verdict.lost)),
            ("units counted twice", str(self.verdict.counted_twice)),
            ("offsets never settled", str(len(self.verdict.holes))),
            ("alerts missing", str(len(self.calm.events - self.alerts.events))),
            ("alerts too many", str(len(self.alerts.events - self.calm.events))),
            ("verdict", "exact" if not self.faults else "; ".join(self.faults)),
        ]

    def _rolling_lines(self) -> list[tuple[str, str]]:
        if not self.rolled_from:
            return []
        return [
            ("rolling restart: longest standstill of a partition, s", f"{self.rolling_gap:.1f}"),
            ("rolling restart: offsets delivered again", str(self.rolling_read_again)),
        ]


class ChaosRun:
    """One run on a broker that is there: make, `run()`, and read the outcome."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        seed: int,
        seconds: float = 0.0,
        plan: Sequence[str] = (),
        rate: float = 400.0,
        workers: int = 2,
        pause: tuple[float, float] = (4.0, 16.0),
        nodes: list[Node] | None = None,
        under_replicated: Callable[[], int] | None = None,
        fault: str = "",
        rolling: bool = False,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.outcome = Outcome(seed, seconds)
        self._journal = folder / "journal"
        self._log: IO[bytes] = (folder / "workers.log").open("ab")
        self._rate = rate
        self._wanted = workers
        self._pause = pause
        self._nodes = nodes or []
        self._under_replicated = under_replicated
        self._fault = fault
        self._rolling = rolling
        self._say = say
        self._chance = random.Random(seed)
        self._workers: list[ChaosWorker] = []
        self._plan = plan
        self._blows: dict[str, tuple[int, Callable[[], None]]] = {
            "workers killed": (8, self._kill),
            "all workers killed": (1, self._kill_all),
            "workers added": (3, self._add),
            "workers stopped": (3, self._remove),
            "workers paused beyond their session": (1, self._freeze),
            "workers killed before a commit": (1, lambda: self._kill_at("die-before-commit:3")),
            "workers killed after an alert": (1, lambda: self._kill_at("die-after-alert:1")),
            "changelogs poisoned": (1, self._poison),
        }
        if self._nodes:
            self._blows["brokers out of disk"] = (1, self._fill_disk)
            self._blows["brokers killed"] = (2, self._kill_broker)
            self._blows["brokers stopped"] = (2, self._stop_broker)

    def run(self) -> Outcome:
        """Run it, and an undisturbed one over the same events, and compare."""
        out = self.outcome
        sales = SeededSales(out.seed)
        feeder, tills = self._begin(sales)
        began = time.monotonic()
        try:
            for name in self._schedule():
                self._rest(self._chance.uniform(*self._pause))
                self._strike(name)
            if self._rolling:
                self._roll()
            out.seconds = time.monotonic() - began
            feeder.finish()
            tills.finish()
            self._settle(sales)
        finally:
            self._end_all()
        out.events, out.fed_again = feeder.count, feeder.repeated
        out.duplicates = sales.duplicates
        out.transactions = (tills.committed, tills.aborted)
        out.verdict = compare(self.settings, sales, self._journal)
        if out.rolled_from:
            out.faults += self._judge_rolling()
        out.alerts = alerts_of(self.settings, sales.sellers)
        out.calm = self._calm(out.events)
        out.faults += faults(out.verdict, out.alerts, out.calm)
        if any(code for code in out.ended_by_themselves):
            self._say(f"workers ended by themselves: {out.ended_by_themselves}")
        return out

    def _begin(self, sales: SeededSales) -> tuple[Feeder, Tills]:
        opening = sales.opening()
        with TopicAdmin(self.settings) as admin:
            admin.create()
        first = Feeder(self.settings, iter(opening))
        first.start()
        first.join()
        first.finish()
        for _ in range(self._wanted):
            self._start()
        self._until(lambda: self._committed("items", "stock"), "the opening is committed")
        feeder = Feeder(self.settings, iter(sales), rate=self._rate)
        tills = Tills(self.settings, self.outcome.seed)
        feeder.start()
        tills.start()
        return feeder, tills

    def _settle(self, sales: SeededSales) -> None:
        """Let everything be applied; a last sale in every partition stands behind the marks of transactions."""
        places: dict[int, str] = {}
        for key, place in homes(self.settings, (f"Z/{number}" for number in range(500))).items():
            places.setdefault(place, key)
        last = Feeder(self.settings, iter(sales.last(sorted(places.values()))))
        last.start()
        last.join()
        last.finish()
        self._until(lambda: self._committed(*_FED), "everything is committed", 600.0)
        self._until(lambda: self._committed(*_FED), "what came of it is committed", 600.0)

    def _calm(self, events: int) -> Alerts:
        """Return what an undisturbed run over the same events says."""
        settings = self.settings.model_copy(update={"prefix": f"{self.settings.prefix}-calm"})
        sales = SeededSales(self.outcome.seed)
        calm = ChaosRun(settings, self._journal.parent, seed=self.outcome.seed, workers=1)
        with TopicAdmin(settings) as admin:
            admin.create()
        try:
            for records, families in (
                (iter(sales.opening()), ("items", "stock")),
                (iter(sales), ("pos",)),
            ):
                feeder = Feeder(settings, records, limit=events if families == ("pos",) else 2**62)
                feeder.start()
                if not calm._workers:
                    calm._start()
                feeder.join()
                feeder.finish()
                calm._until(lambda: calm._committed(*_FED), "the undisturbed run is done", 900.0)
        finally:
            calm._end_all()
        return alerts_of(settings, sales.sellers)

    # What the schedule does.

    def _schedule(self) -> Iterator[str]:
        """Yield the blows: those of the plan, then any until the time is over."""
        yield from self._plan
        names = list(self._blows)
        ends_at = time.monotonic() + self.outcome.seconds
        while time.monotonic() < ends_at:
            yield from self._chance.choices(names, [self._blows[name][0] for name in names])

    def _strike(self, name: str) -> None:
        before = self._progress()
        self._say(f"{name} ({len(self._workers)} workers)")
        self._blows[name][1]()
        struck = time.monotonic()
        self._until(lambda: self._progress() > before, f"commits after: {name}")
        took = time.monotonic() - struck
        self._say(f"  commits again after {took:.1f} s")
        slowest = self.outcome.slowest_recovery
        slowest[name] = max(slowest.get(name, 0.0), took)

    def _kill(self) -> None:
        victim = self._chance.choice(self._workers)
        self._workers.remove(victim)
        self._end(victim)
        self._start()

    def _kill_all(self) -> None:
        count = len(self._workers)
        for one in self._workers:
            self._end(one)
        self._workers.clear()
        for _ in range(count):
            self._start()

    def _end(self, one: ChaosWorker) -> None:
        assert one.process is not None
        self.outcome.blows["workers killed"] += 1
        os.kill(one.process.pid, signal.SIGKILL)
        one.process.wait()

    def _add(self) -> None:
        if len(self._workers) >= _MOST_WORKERS:
            self._remove()
            return
        self.outcome.blows["workers added"] += 1
        self._start()

    def _start(self) -> None:
        one = ChaosWorker(self.settings, self._journal, self._fault)
        one.log = self._log
        self._workers.append(one.start(wait=False))

    def _remove(self) -> None:
        if len(self._workers) < 2:
            self._add()
            return
        self.outcome.blows["workers stopped"] += 1
        one = self._workers.pop(self._chance.randrange(len(self._workers)))
        assert one.process is not None
        running = one.page("/health") is not None  # before that nobody listens to signals yet
        began = time.monotonic()
        one.process.terminate()
        one.process.wait(_GRACE_SECONDS)
        self.outcome.slowest_stop = max(self.outcome.slowest_stop, time.monotonic() - began)
        if running and one.process.returncode:
            self.outcome.faults.append(
                f"a worker that was stopped ended with {one.process.returncode}"
            )

    def _kill_at(self, point: str) -> None:
        """Add a worker that kills itself at a point of its work, and wait until it did."""
        one = ChaosWorker(self.settings, self._journal, point)
        one.log = self._log
        process = one.start(wait=False).process
        assert process is not None
        self._until(lambda: process.poll() is not None, f"a worker reached {point}")
        if process.returncode != -signal.SIGKILL:
            self.outcome.faults.append(f"a worker that was to {point} ended: {process.returncode}")
        self.outcome.blows[f"workers killed at {point.partition(':')[0]}"] += 1

    def _poison(self) -> None:
        """Put a record that nobody can read into a changelog: a worker must refuse it, until it is taken out."""
        count = len(self._workers)
        for one in self._workers:
            self._end(one)
        self._workers.clear()
        self.outcome.blows["changelogs poisoned"] += 1
        number = self.outcome.blows["changelogs poisoned"]
        before = self._progress()
        poison(self.settings, f"books:poison-{number}", self._chance)
        one = ChaosWorker(self.settings, self._journal, self._fault)
        one.log = self._log
        process = one.start(wait=False).process
        assert process is not None
        self._until(lambda: process.poll() is not None, "a worker refused the poisoned changelog")
        if not process.returncode or self._progress() != before:
            self.outcome.faults.append("a worker went on with a poisoned changelog")
        publish(self.settings, [("state", f"books:poison-{number}".encode(), None)])
        for _ in range(count):
            self._start()

    def _roll(self) -> None:
        """Stop one worker after the other and start it anew, as an upgrade does, while sales go in."""
        while len(self._workers) < _ROLLED:
            self._start()
        for one in self._workers:
            self._until(one.ready, "all are ready for the rolling restart")
        self._rest(_ROLLING_REST)
        self._say(f"rolling restart of {len(self._workers)} workers")
        self.outcome.rolled_from = time.time()
        for one in list(self._workers):
            assert one.process is not None
            self._workers.remove(one)
            one.process.terminate()
            one.process.wait(_GRACE_SECONDS)
            self._start()
            self._until(self._workers[-1].ready, "the restarted worker is ready")
        self._rest(_ROLLING_REST)
        self.outcome.rolled_until = time.time()

    def _judge_rolling(self) -> list[str]:
        out = self.outcome
        within = (out.rolled_from, out.rolled_until)
        out.rolling_gap, out.rolling_read_again = pace(self.settings, self._journal, *within)
        if out.rolling_gap > ROLLING_GAP_SECONDS:
            return [f"a partition stood still for {out.rolling_gap:.1f} s in the rolling restart"]
        return []

    def _freeze(self) -> None:
        one = self._chance.choice(self._workers)
        assert one.process is not None
        self.outcome.blows["workers paused beyond their session"] += 1
        one.process.send_signal(signal.SIGSTOP)
        time.sleep(self.settings.session_timeout_seconds * 1.5)
        one.process.send_signal(signal.SIGCONT)

    def _kill_broker(self) -> None:
        node = self._chance.choice(self._nodes)
        self.outcome.blows["brokers killed"] += 1
        node.kill()
        self._without(node)

    def _stop_broker(self) -> None:
        node = self._chance.choice(self._nodes)
        self.outcome.blows["brokers stopped"] += 1
        node.stop()
        self._without(node)

    def _fill_disk(self) -> None:
        node = self._chance.choice(self._nodes)
        self.outcome.blows["brokers out of disk"] += 1
        node.run_out_of_disk()
        self._without(node)

    def _without(self, node: Node) -> None:
        self._rest(self._chance.uniform(2, 8))
        node.start()
        if self._under_replicated is not None:
            self._until(lambda: not self._under_replicated(), "every partition is whole again")

    # How it goes on.

    def _rest(self, seconds: float) -> None:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            self._supervise()
            time.sleep(_POLL)

    def _supervise(self) -> None:
        """Start workers anew that ended by themselves, as whoever runs them would, and note it."""
        for one in list(self._workers):
            assert one.process is not None
            code = one.process.poll()
            if code is not None:
                self.outcome.ended_by_themselves.append(code)
                self._workers.remove(one)
                self._start()

    def _until(
        self, condition: Callable[[], Any], what: str, patience: float = RECOVERY_SECONDS
    ) -> None:
        ends_at = time.monotonic() + patience
        while True:
            try:
                if condition():
                    return
            except (KafkaError, OSError):
                pass  # a broker is away; what is asked is asked again
            if time.monotonic() > ends_at:
                raise AssertionError(f"not within {patience:.0f} s: {what}")
            self._supervise()
            time.sleep(_POLL)

    def _progress(self) -> int:
        while True:
            try:
                return sum(committed(self.settings, ("pos",)).values())
            except (KafkaError, OSError):
                time.sleep(_POLL)

    def _committed(self, *families: str) -> bool:
        return all_committed(self.settings, *families)

    def _end_all(self) -> None:
        for one in self._workers:
            assert one.process is not None
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGCONT)
                one.process.terminate()
        for one in self._workers:
            assert one.process is not None
            try:
                one.process.wait(_GRACE_SECONDS)
            except TimeoutError:
                one.process.kill()
        self._workers.clear()
