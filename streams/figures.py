"""Figures of the business, kept as plain numbers by labels; places are bounded, and a scrape is a matter of milliseconds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from andon.streams.exposition import head, line

#: The label whose values are bounded, and what those beyond the bound are called.
PLACE: Final = "location"
OTHER: Final = "other"

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """One metric: its name, kind, labels and meaning."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    labels: Labels


class Figures:
    """Counters that are added to and gauges that are replaced as a whole.

    At most `places` locations have series of their own, the first by name, so that all workers choose the same; the
    others are summed up as `other`.
    """

    def __init__(self, figures: Iterable[Figure], places: int) -> None:
        self.figures = {figure.name: figure for figure in figures}
        self._places = places
        self._values: dict[str, dict[Labels, float]] = {
            name: defaultdict(float) for name in self.figures
        }

    def add(self, name: str, labels: Labels, amount: float) -> None:
        """Count further; `labels` are the values in the figure's order.

        Raises:
            ValueError: the amount is negative.
        """
        if amount < 0:
            msg = f"amount: expected >= 0, got {amount}"
            raise ValueError(msg)
        self._values[name][labels] += amount

    def replace(self, name: str, values: Mapping[Labels, float]) -> None:
        """Set a gauge for all its labels at once; what is not among them is gone."""
        self._values[name] = dict(values)

    def values(self, name: str) -> dict[Labels, float]:
        """Return a figure's values by labels, as they are published."""
        named = self._named()
        values = self._values[name]
        if named is None or self.figures[name].labels[0] != PLACE:
            return dict(values)
        return _rolled_up(values, named)

    def lines(self) -> Iterator[str]:
        """Yield all figures in Prometheus' text format."""
        named = self._named()
        for name, figure in self.figures.items():
            yield head(name, figure.kind, figure.help)
            values = self._values[name]
            if named is not None and figure.labels[0] == PLACE:
                values = _rolled_up(values, named)
            for labels, value in values.items():
                yield line(name, figure.labels, labels, value)

    def _named(self) -> set[str] | None:
        """Return the locations that keep their names, or None while all do."""
        places = {
            labels[0]
            for name, figure in self.figures.items()
            if figure.labels[0] == PLACE
            for labels in self._values[name]
        }
        return set(sorted(places)[: self._places]) if len(places) > self._places else None


def _rolled_up(values: Mapping[Labels, float], named: set[str]) -> dict[Labels, float]:
    rolled: dict[Labels, float] = defaultdict(float)
    for labels, value in values.items():
        place, *rest = labels
        rolled[(place if place in named else OTHER, *rest)] += value
    return rolled
