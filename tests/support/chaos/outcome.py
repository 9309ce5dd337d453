"""The figures of a chaos run, and its report."""

from collections import Counter
from dataclasses import dataclass, field

from support.chaos.verdict import Alerts, Verdict


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
    broken_laws: list[str] = field(default_factory=list)
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
            ("laws of the alert stream and the ledger broken", str(len(self.broken_laws))),
            ("verdict", "exact" if not self.faults else "; ".join(self.faults)),
        ]

    def _rolling_lines(self) -> list[tuple[str, str]]:
        if not self.rolled_from:
            return []
        return [
            ("rolling restart: longest standstill of a partition, s", f"{self.rolling_gap:.1f}"),
            ("rolling restart: offsets delivered again", str(self.rolling_read_again)),
        ]
