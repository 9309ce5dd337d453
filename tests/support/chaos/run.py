"""A chaos run: sales go in without pause while workers and brokers are killed, stopped, paused, added and removed.

The schedule is drawn from a seed. After every blow the workers must be seen to commit again. In the end everything must be
committed, the books must say what was fed, and an undisturbed run over the same events must have said the same.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from support.chaos.blows import Blows, Node
from support.chaos.crew import Crew
from support.chaos.feeding import Feeder, Tills
from support.chaos.judge import board_faults, judge
from support.chaos.outcome import Outcome
from support.chaos.sales import SeededSales
from support.chaos.verdict import Alerts, alerts_of, compare, faults, pace
from support.workers import all_committed, homes

from andon.streams.admin import TopicAdmin
from andon.streams.settings import Settings

_FED = ("pos", "stock", "shipments", "items", "lines")
_ROLLED = 3
#: Of broken laws so many are told whole.
_MOST_TOLD = 20
_ROLLING_REST = 5.0
#: So often the board is looked at before it is judged, and so long after each look.
_LOOKS_AT_BOARD = 20
_BOARD_SECONDS = 3.0
#: No partition may stand still for longer while workers are restarted one by one.
ROLLING_GAP_SECONDS = 5.0


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
        patience: float | None = None,
        rolling: bool = False,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.outcome = Outcome(seed, seconds)
        self._crew = Crew(settings, folder, self.outcome, fault)
        self._crew.patience = patience or self._crew.patience
        chance = random.Random(seed)
        self._blows = Blows(self._crew, self.outcome, chance, nodes or [], under_replicated)
        self._chance = chance
        self._folder = folder
        self._rate = rate
        self._wanted = workers
        self._pause = pause
        self._rolling = rolling
        self._say = say
        self._plan = plan

    def run(self) -> Outcome:
        """Run it, and an undisturbed one over the same events, and compare."""
        out = self.outcome
        sales = SeededSales(out.seed)
        feeder, tills = self._begin(sales)
        began = time.monotonic()
        try:
            for name in self._schedule():
                self._crew.rest(self._chance.uniform(*self._pause))
                self._strike(name)
            if self._rolling:
                self._roll()
            out.seconds = time.monotonic() - began
            feeder.finish()
            tills.finish()
            self._settle(sales)
        finally:
            self._crew.end_all()
        out.events, out.fed_again = feeder.count, feeder.repeated
        out.duplicates = sales.duplicates
        out.transactions = (tills.committed, tills.aborted)
        out.verdict = compare(self.settings, sales, self._crew.journal)
        if out.rolled_from:
            out.faults += self._judge_rolling()
        out.alerts = alerts_of(self.settings, sales.sellers)
        out.calm = self._calm(out.events)
        out.faults += faults(out.verdict, out.alerts, out.calm)
        out.broken_laws += judge(self.settings)
        out.faults += out.broken_laws[:_MOST_TOLD]
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
            self._crew.start()
        self._crew.until(lambda: self._committed("items", "stock"), "the opening is committed")
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
        self._crew.until(lambda: self._committed(*_FED), "everything is committed", 600.0)
        self._crew.until(lambda: self._committed(*_FED), "what came of it is committed", 600.0)
        # What a worker wrote on the board that had lost its partition is put right at the second look.
        for _ in range(_LOOKS_AT_BOARD):
            if not board_faults(self.settings):
                break
            self._crew.rest(_BOARD_SECONDS)

    def _calm(self, events: int) -> Alerts:
        """Return what an undisturbed run over the same events says."""
        settings = self.settings.model_copy(update={"prefix": f"{self.settings.prefix}-calm"})
        sales = SeededSales(self.outcome.seed)
        calm = ChaosRun(settings, self._folder, seed=self.outcome.seed, workers=1)
        with TopicAdmin(settings) as admin:
            admin.create()
        try:
            for records, families in (
                (iter(sales.opening()), ("items", "stock")),
                (iter(sales), ("pos",)),
            ):
                feeder = Feeder(settings, records, limit=events if families == ("pos",) else 2**62)
                feeder.start()
                if not calm._crew.workers:
                    calm._crew.start()
                feeder.join()
                feeder.finish()
                calm._crew.until(
                    lambda: calm._committed(*_FED), "the undisturbed run is done", 900.0
                )
        finally:
            calm._crew.end_all()
        self.outcome.broken_laws += [f"undisturbed: {one}" for one in judge(settings)]
        return alerts_of(settings, sales.sellers)

    def _schedule(self) -> Iterator[str]:
        """Yield the blows: those of the plan, then any until the time is over."""
        yield from self._plan
        ends_at = time.monotonic() + self.outcome.seconds
        while time.monotonic() < ends_at:
            yield self._blows.draw()

    def _strike(self, name: str) -> None:
        before = self._crew.progress()
        self._say(f"{name} ({len(self._crew.workers)} workers)")
        self._blows.strike(name)
        struck = time.monotonic()
        self._crew.until(lambda: self._crew.progress() > before, f"commits after: {name}")
        took = time.monotonic() - struck
        self._say(f"  commits again after {took:.1f} s")
        slowest = self.outcome.slowest_recovery
        slowest[name] = max(slowest.get(name, 0.0), took)

    def _roll(self) -> None:
        """Stop one worker after the other and start it anew, as an upgrade does, while sales go in."""
        crew = self._crew
        while len(crew.workers) < _ROLLED:
            crew.start()
        for one in crew.workers:
            crew.until(one.ready, "all are ready for the rolling restart")
        crew.rest(_ROLLING_REST)
        self._say(f"rolling restart of {len(crew.workers)} workers")
        self.outcome.rolled_from = time.time()
        for one in list(crew.workers):
            crew.stop(one)
            crew.until(crew.start().ready, "the restarted worker is ready")
        crew.rest(_ROLLING_REST)
        self.outcome.rolled_until = time.time()

    def _judge_rolling(self) -> list[str]:
        out = self.outcome
        within = (out.rolled_from, out.rolled_until)
        out.rolling_gap, out.rolling_read_again = pace(self.settings, self._crew.journal, *within)
        if out.rolling_gap > ROLLING_GAP_SECONDS:
            return [f"a partition stood still for {out.rolling_gap:.1f} s in the rolling restart"]
        return []

    def _committed(self, *families: str) -> bool:
        return all_committed(self.settings, *families)
