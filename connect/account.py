"""The account of a replayed file: what became of each row."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from andon.connect.formats.rows import Bad, Published, Row, Skipped


@dataclass
class Account:
    """Counts of rows: each is published, skipped or a dead letter, and none is anything else."""

    rows: int = 0
    published: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    dead_letters: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def enter(self, row: Row) -> None:
        """Count a row."""
        self.rows += 1
        match row:
            case Published():
                self.published[row.outcome] += 1
                self.units[row.outcome] += row.units
                for family, _, _ in row.records:
                    self.records[family] += 1
            case Skipped():
                self.skipped[row.reason] += 1
            case Bad():
                self.dead_letters[row.reason] += 1
                self.records["deadletters"] += 1

    @property
    def balanced(self) -> bool:
        """Whether published + skipped + dead letters = rows."""
        parts = (self.published, self.skipped, self.dead_letters)
        return sum(part.total() for part in parts) == self.rows

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the account for scripts."""
        others = {name: n for name, n in self.published.items() if name not in ("sale", "return")}
        return {
            "rows": self.rows,
            "sales": self.published["sale"],
            "returns": self.published["return"],
            **({"others": others} if others else {}),
            "skipped": self.skipped.total(),
            "dead_letters": self.dead_letters.total(),
            "balanced": self.balanced,
            "units_sold": self.units["sale"],
            "units_returned": self.units["return"],
            "skipped_by_reason": dict(self.skipped),
            "dead_letters_by_reason": dict(self.dead_letters),
            "records": dict(self.records),
            "seconds": round(self.seconds, 2),
            "rows_per_second": round(self.rate),
        }
