"""Arrivals predicted from what the scorecards learned, against what happened, on the SCMS deliveries in the order of time.

Run: python bench/lead_times.py [--data ../shared/data] [--json]

A shipment is all rows of one ASN with the same dates. Its delivery is learned from on the day after it was recorded, by the
code of the live pipeline. It is predicted when the promise is known (the order to the vendor, else the quote, else the promise
itself), and when it is due (on the promised day, or when it came if that was before). For comparison only, it is predicted on
the promised day even if it had come by then: a shipment that came early is in its own past, which flatters every estimator.
Intervals are central; as most deliveries share one day, their coverage is that of the randomised probability integral transform
(Czado, Gneiting and Held, 2009), in expectation. The exit code is 1 if a target is missed at one of the first two moments.
"""

import argparse
import csv
import gzip
import json
import statistics
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from verdict import tell
from xxhash import xxh3_64_digest

from andon.agents.supply import Scorecards
from andon.connect.formats import read
from andon.connect.formats.rows import Published
from andon.connect.tables.input_file import InputFile
from andon.planning.supply.delay_distribution import expected_days
from andon.planning.supply.delivery import delivered
from andon.planning.supply.scorecard import ScorecardState, apply_delivery
from andon.planning.supply.shipment import source_name
from andon.schemas.common import decode
from andon.schemas.shipments import Delivery, ShipmentEvent

DAY = 86_400.0
PROMISE = "the promise alone"
MEDIAN = "median by vendor, mode and country"
BEFORE = "counts with one discount (before)"
LIVE = "the scorecards"
#: What is asked of the scorecards: errors against the promise's, and how far from nominal the intervals may cover.
MOST_ERROR, MOST_CRPS, MOST_OFF = 0.88, 0.75, 0.04
#: The moments of prediction, and whether the targets are asked for then.
MOMENTS = {"known": True, "due": True, "promised, its own delivery perhaps known": False}


class Past(NamedTuple):
    """One shipment as it went; times in seconds since 1970, `days` whole days after the promised day."""

    name: str
    supplier: str
    lane: str | None
    mode: str | None
    known: float
    ordered: float | None
    promised: float
    received: float
    recorded: float
    days: int


def pasts(path: Path) -> list[Past]:
    """Return the shipments of the file, those without a usable date left out."""
    with gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="") as text:
        raw = list(csv.DictReader(text))
    found: dict[tuple[str, float, float], Past] = {}
    with InputFile(path) as source:
        for row, cells in zip(read(source, "scms", None, with_items=False), raw, strict=True):
            if not isinstance(row, Published):
                continue
            events = [one for _, _, one in row.records if isinstance(one, ShipmentEvent)]
            first, last = events[0], events[-1]
            promised, received = first.promised_at, last.occurred_at
            recorded = max(date.fromisoformat(cells["Delivery Recorded Date"]), received.date())
            midnight = datetime.combine(recorded, datetime.min.time(), UTC)
            key = (cells["ASN/DN #"], promised.timestamp(), received.timestamp())
            found.setdefault(
                key,
                Past(
                    name=first.shipment_id,
                    supplier=first.supplier,
                    lane=first.lane,
                    mode=first.mode,
                    known=first.at,
                    ordered=None if first.ordered_at is None else first.ordered_at.timestamp(),
                    promised=key[1],
                    received=key[2],
                    recorded=midnight.timestamp() + DAY,
                    days=(received.date() - promised.date()).days,
                ),
            )
    return list(found.values())


class Live:
    """The scorecards as the pipeline keeps, publishes and reads them."""

    def __init__(self) -> None:
        self.states: dict[str, ScorecardState] = defaultdict(ScorecardState)
        self.cards = Scorecards()

    def learn(self, past: Past) -> None:
        """Tell every scorecard of a delivery, as a shipment does that is received."""
        way = (past.supplier, past.lane, None, past.mode)
        cards = {
            "supplier": past.supplier,
            "lane": past.lane,
            "mode": past.mode,
            "network": "all",
            "source": source_name(*way),
        }
        dates = {"ordered": past.ordered, "first_heard": past.known, "promised": past.promised}
        told = delivered(
            past.name, cards, **dates, received=past.received, reported_delay_days=None
        )
        for one in told:
            state = self.states[one.key]
            apply_delivery(
                state, decode(one.body, Delivery), past.received, xxh3_64_digest(past.name.encode())
            )
            for said in state.outbox:
                if said.family == "scorecards":
                    self.cards.learn(said.key.encode(), said.body)
            state.outbox.clear()

    def delays(self, past: Past) -> dict[int, float]:
        """Return the distribution that is predicted."""
        return self.cards.delays(past.supplier, past.lane, None, past.mode)


class Before:
    """The scorecards' distribution as it was: 29 days apart, one discount and one weight for every group."""

    GRID = (
        *(-180, -120, -90, -60, -45, -30, -21, -14, -10, -7, -5, -3, -2, -1),
        *(0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180),
    )
    PRIOR = {-1: 0.05, 0: 0.65, 1: 0.1, 2: 0.08, 3: 0.05, 5: 0.04, 7: 0.02, 14: 0.01}  # noqa: RUF012

    def __init__(self) -> None:
        self.counts: dict[tuple, dict[int, float]] = defaultdict(dict)

    @staticmethod
    def groups(past: Past) -> list[tuple]:
        return [
            (),
            ("mode", past.mode),
            ("lane", past.lane),
            ("supplier", past.supplier),
            (past.supplier, past.lane, past.mode),
        ]

    def learn(self, past: Past) -> None:
        day = min(self.GRID, key=lambda one: (abs(one - past.days), -one))
        for group in self.groups(past):
            counts = self.counts[group]
            for one in counts:
                counts[one] *= 0.99
            counts[day] = counts.get(day, 0.0) + 1.0

    def delays(self, past: Past) -> dict[int, float]:
        found = self.PRIOR
        for group in self.groups(past):
            counts = self.counts[group]
            whole = 4.0 + sum(counts.values())
            found = {
                day: (4.0 * found.get(day, 0.0) + counts.get(day, 0.0)) / whole
                for day in found.keys() | counts.keys()
            }
        return dict(sorted(found.items()))


class Median:
    """The median of what the same vendor, mode and country did before; the promise until there are three."""

    def __init__(self) -> None:
        self.seen: dict[tuple, list[int]] = defaultdict(list)

    def learn(self, past: Past) -> None:
        self.seen[past.supplier, past.mode, past.lane].append(past.days)

    def delays(self, past: Past) -> dict[int, float]:
        seen = self.seen[past.supplier, past.mode, past.lane]
        return {(statistics.median(seen) if len(seen) > 2 else 0): 1.0}


class Promise:
    """Every delivery comes on the promised day."""

    def learn(self, _: Past) -> None:
        """Learn nothing."""

    def delays(self, _: Past) -> dict[int, float]:
        return {0: 1.0}


class Score(NamedTuple):
    """How one prediction did: errors in days, and the shares of the intervals' randomised transform that are inside."""

    error: float
    crps: float
    inside_50: float
    inside_90: float


def score(delays: Mapping[float, float], actual: float) -> Score:
    """Return how well a distribution of days, in ascending order, foresaw what happened.

    CRPS is the integral of the squared distance of both distribution functions (Gneiting and Raftery, 2007).
    """
    days = list(delays)
    point = expected_days(delays, days[0] - 1)
    reached, crps, below, at = 0.0, 0.0, 0.0, delays.get(actual, 0.0)
    edges = sorted({*days, actual})
    for low, high in pairwise(edges):
        reached += delays.get(low, 0.0)
        crps += (high - low) * (reached - (low >= actual)) ** 2
    below = sum(delays[day] for day in days[: bisect_left(days, actual)])
    return Score(
        abs(actual - point), crps, _inside(below, at, 0.25, 0.75), _inside(below, at, 0.05, 0.95)
    )


def _inside(below: float, at: float, low: float, high: float) -> float:
    """Return how probably a uniform draw from the atom's stretch of probabilities lies within an interval."""
    if at <= 0.0:
        return float(low <= below <= high)
    return max(min(below + at, high) - max(below, low), 0.0) / at


def in_time_order(history: list[Past], moment: str) -> Iterator[tuple[bool, Past]]:
    """Yield what is to be predicted (False) and to be learned (True), as time goes by."""

    def when(past: Past) -> float:
        if moment == "known":
            return past.known
        return min(past.promised, past.received - DAY / 2) if moment == "due" else past.promised

    steps = [(when(past), 0, past) for past in history]
    steps += [(past.recorded, 1, past) for past in history]
    for _, learning, past in sorted(steps, key=lambda step: step[:2]):
        yield bool(learning), past


def measure(history: list[Past], moment: str) -> dict[str, list[tuple[Past, Score]]]:
    """Return every prediction's score, by estimator."""
    estimators = {PROMISE: Promise(), MEDIAN: Median(), BEFORE: Before(), LIVE: Live()}
    found: dict[str, list[tuple[Past, Score]]] = {name: [] for name in estimators}
    for learning, past in in_time_order(history, moment):
        for name, estimator in estimators.items():
            if learning:
                estimator.learn(past)
            else:
                found[name].append((past, score(estimator.delays(past), past.days)))
    return found


def summed(scores: list[tuple[Past, Score]]) -> dict[str, float]:
    """Return the means."""
    return {
        name: statistics.fmean(getattr(one, name) for _, one in scores) for name in Score._fields
    }


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=here)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    history = pasts(asked.data / "scms" / "deliveries.csv.gz")
    out = Console(stderr=asked.json, width=120)
    found: dict[str, object] = {"shipments": len(history)}
    met: dict[str, bool] = {}
    for moment, is_judged in MOMENTS.items():
        scores = measure(history, moment)
        table = {name: summed(one) for name, one in scores.items()}
        half = len(history) // 2
        table[f"{LIVE}, first half"] = summed(scores[LIVE][:half])
        table[f"{LIVE}, second half"] = summed(scores[LIVE][half:])
        promises = {
            f"{LIVE}, first half": summed(scores[PROMISE][:half]),
            f"{LIVE}, second half": summed(scores[PROMISE][half:]),
        }
        show(f"{len(history):,} shipments, predicted when {moment}", table, promises, out)
        if is_judged:
            met |= verdict(table, moment)
        found[moment] = table
    all_met = tell(met, out)
    if asked.json:
        print(json.dumps(found | {"met": met}))
    return 0 if all_met else 1


def show(
    title: str,
    table: dict[str, dict[str, float]],
    promises: dict[str, dict[str, float]],
    out: Console,
) -> None:
    """Print the figures of one moment, errors also against the promise's on the same shipments."""
    shown = Table(title=title)
    for column in ("", "MAE days", "", "CRPS days", "", "in 50%", "in 90%"):
        shown.add_column(column, justify="right" if column != "" or shown.columns else "left")
    for name, row in table.items():
        rival = promises.get(name, table[PROMISE])["error"]
        covered = [f"{row[one]:.1%}" for one in ("inside_50", "inside_90")]
        shown.add_row(
            name,
            f"{row['error']:.2f}",
            f"{row['error'] / rival - 1:+.1%}",
            f"{row['crps']:.2f}",
            f"{row['crps'] / rival - 1:+.1%}",
            *(["", ""] if name in (PROMISE, MEDIAN) else covered),
        )
    out.print(shown)


def verdict(table: dict[str, dict[str, float]], moment: str) -> dict[str, bool]:
    """Return which targets are met."""
    row, promise = table[LIVE], table[PROMISE]
    return {
        f"{moment}: mean absolute error at least 12% below the promise's": row["error"]
        <= MOST_ERROR * promise["error"],
        f"{moment}: CRPS at least 25% below the promise's": row["crps"]
        <= MOST_CRPS * promise["error"],
        f"{moment}: 50% interval within 4 points": abs(row["inside_50"] - 0.5) <= MOST_OFF,
        f"{moment}: 90% interval within 4 points": abs(row["inside_90"] - 0.9) <= MOST_OFF,
    }


if __name__ == "__main__":
    sys.exit(main())
