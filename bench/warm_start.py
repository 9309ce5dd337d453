"""Whether Prophet fits faster from the parameters of its last fit than from its own guess: the same series, in turn.

Each series is fitted without its last four weeks, and then with them, once from Prophet's guess and once from what came of the
first fit. Only `Prophet.fit` is timed.

Run: python bench/warm_start.py [--data ../shared/data] [--series 20] [--rounds 3]
"""

import argparse
import os
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from forecast import quiet
from rich.console import Console
from rich.table import Table
from series import m5, sample

from andon.agents.fitting import Configuration, prophet_of

PERIOD_DAYS = 28
CONFIGURATIONS = (
    Configuration(),
    Configuration(country="US"),
    Configuration(yearly=True),
    Configuration(yearly=True, country="US"),
)


def parameters(model: Any) -> dict[str, Any]:
    """Return what a fitted model ended with, as Prophet's documentation has it for updating fitted models."""
    found = {name: model.params[name][0][0] for name in ("k", "m", "sigma_obs")}
    return found | {name: model.params[name][0] for name in ("delta", "beta")}


def fitted(configuration: Configuration, frame: pd.DataFrame, **options: Any) -> tuple[Any, float]:
    """Return a fitted model, and the seconds that its fit took."""
    model = prophet_of(configuration)
    began = time.perf_counter()
    model.fit(frame, **options)
    return model, time.perf_counter() - began


def main() -> int:
    """Run the benchmark; 2 without data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ANDON_DATA", "../shared/data"))
    )
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not (options.data / "m5").is_dir():
        print(f"skipped: no data in {options.data}; name their folder with --data", file=sys.stderr)
        return 2
    quiet()
    warnings.simplefilter("ignore")
    series = sample(list(m5(options.data)), options.series)
    shown = Table(title=f"{len(series)} M5 series, best of {options.rounds}")
    for column in (
        "",
        "cold, s a fit",
        "warm, s a fit",
        "warm / cold",
        "largest difference of yhat",
    ):
        shown.add_column(column, justify="right" if column else "left")
    for configuration in CONFIGURATIONS:
        cold, warm, apart = [], [], []
        for first, sold in series:
            start = pd.Timestamp("1970-01-01") + pd.Timedelta(days=first)
            frame = pd.DataFrame({"ds": pd.date_range(start, periods=len(sold)), "y": sold})
            last = parameters(fitted(configuration, frame[:-PERIOD_DAYS])[0])
            seconds: dict[bool, list[float]] = {False: [], True: []}
            found = {}
            for _ in range(options.rounds):
                for is_warm in (False, True):
                    init = {"init": last} if is_warm else {}
                    found[is_warm], spent = fitted(configuration, frame, **init)
                    seconds[is_warm].append(spent)
            cold.append(min(seconds[False]))
            warm.append(min(seconds[True]))
            means = [found[is_warm].predict(frame[-91:])["yhat"] for is_warm in (False, True)]
            apart.append(
                float((means[0] - means[1]).abs().max()) / max(statistics.fmean(sold), 0.1)
            )
        shown.add_row(
            configuration.used,
            f"{statistics.median(cold):.4f}",
            f"{statistics.median(warm):.4f}",
            f"{sum(warm) / sum(cold):.2f}",
            f"{statistics.median(apart):.3f} of the mean",
        )
    Console(width=120).print(shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
