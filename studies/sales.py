"""What a file of sales holds: units by item and day, and what could not be read."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from andon.connect.imports.grain import Grain, Spread, grain_of, spread

EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass
class Sales:
    """What was sold by item and day (days since 1970), the last price of each item, and the rows that could not be read.

    `understood` is how the file was read, `has_times` whether its rows say a time of day, `fractions` what there is of quantities
    that are no whole units.
    """

    sold: dict[tuple[str, str], dict[int, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    out_of_stock: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    promoted: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    prices: dict[tuple[str, str], float] = field(default_factory=dict)
    rows: int = 0
    understood: dict[str, Any] = field(default_factory=dict)
    bad: Counter[str] = field(default_factory=Counter)
    has_times: bool = False
    fractions: list[str] = field(default_factory=list)

    @property
    def grain(self) -> Grain | None:
        """Of what the rows seem to be, if not of days."""
        if self.has_times:
            return None
        return grain_of({EPOCH + day for by_day in self.sold.values() for day in by_day})

    def spread(self, grain: Spread) -> None:
        """Spread what is of a week or month evenly over its days; a mark of it is one of all its days."""
        for key, by_day in self.sold.items():
            parts: dict[int, int] = defaultdict(int)
            for day, units in by_day.items():
                for one, part in spread(units, EPOCH + day, grain):
                    parts[one - EPOCH] += part
            self.sold[key] = parts
        for marked in (self.out_of_stock, self.promoted):
            for key, days in marked.items():
                marked[key] = {
                    one - EPOCH for day in days for one, _ in spread(0, EPOCH + day, grain)
                }
