"""What a closed day costs: the level and all candidates learn from it, forecast, and are scored; a shape comes every four weeks.

Run: python bench/update_cost.py [--data ../shared/data] [--series 20]
"""

import argparse
import gc
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

from series import Series, m5

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.planning.forecasting.models import Models

_ROUNDS = 10
_PERIOD_DAYS = 28
_PAST_DAYS, _AHEAD_DAYS = 120, 92
_WEEK = (0.9, 0.8, 0.9, 1.0, 1.1, 1.2, 1.1)


class Cost(NamedTuple):
    """Microseconds of CPU a closed day, for all candidates and for the level alone, and a shape that comes; the best of some rounds."""

    update_us: float
    level_us: float
    shape_us: float

    @property
    def in_words(self) -> str:
        """What it says."""
        return (
            f"{self.update_us / 1e3:.4f} s per 1,000 item-days for all candidates "
            f"({self.level_us / 1e3:.4f} of it for the level), "
            f"{self.shape_us / 1e3:.2f} ms to take in a shape; best of {_ROUNDS} rounds"
        )


def update_cost(series: list[Series]) -> Cost:
    """Return what updates of some series cost; each series counts with the best of its rounds, as others use the machine, too."""
    gc.collect()
    best = [[min(times) for times in zip(*_rounds(one), strict=True)] for one in series]
    days = sum(len(sold) for _, sold in series)
    shapes = sum((len(sold) - 1) // _PERIOD_DAYS for _, sold in series)
    updating, levelling, shaping = (sum(times) for times in zip(*best, strict=True))
    return Cost(updating / days * 1e6, levelling / days * 1e6, shaping / shapes * 1e6)


def _rounds(series: Series) -> list[tuple[float, float, float]]:
    return [_round(*series) for _ in range(_ROUNDS)]


def _round(first: int, sold: list[int]) -> tuple[float, float, float]:
    """Return the seconds that all updates of a series, those of the level alone, and all its shapes took."""
    level, alone, models = Demand(closed=first - 1), Demand(closed=first - 1), Models()
    hear = models.observer(level)
    updating = levelling = shaping = 0.0
    for start in range(0, len(sold), _PERIOD_DAYS):
        units = sold[start : start + _PERIOD_DAYS]
        begin = max(start - _PAST_DAYS, 0)
        shape = [_WEEK[(first + day) % 7] for day in range(begin, start + _AHEAD_DAYS)]
        times = [time.process_time()]
        if start:
            models.reshape(shape, first + begin, first + start, "week")
        times.append(time.process_time())
        for day, one in enumerate(units, first + start):
            demands.record(level, day, one)
            demands.close_through(level, day, observe=hear)
        times.append(time.process_time())
        for day, one in enumerate(units, first + start):
            demands.record(alone, day, one)
            demands.close_through(alone, day)
        times.append(time.process_time())
        shaping += times[1] - times[0]
        updating += times[2] - times[1]
        levelling += times[3] - times[2]
    return updating, levelling, shaping


def main() -> int:
    """Run the benchmark; 2 without data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ANDON_DATA", "../shared/data"))
    )
    parser.add_argument("--series", type=int, default=20)
    options = parser.parse_args()
    if not (options.data / "m5").is_dir():
        print(f"skipped: no data in {options.data}; name their folder with --data", file=sys.stderr)
        return 2
    series = list(m5(options.data))
    print(update_cost(series[:: max(len(series) // options.series, 1)]).in_words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
