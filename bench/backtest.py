"""How long a backtest of 1,000 item-locations over two years takes.

    python bench/backtest.py [--items 1000] [--days 730] [--processes N] [--full]

The items' demand is negative binomial with a weekday shape, from two a week to thirty a day. Without --full it is what
`andon backtest --quick` does: every policy at the items' own service level. The target is a minute on two cores.
"""

import argparse
import os
import resource
import sys
import time

import numpy as np

from andon.planning.backtest.history import Conditions, History
from andon.planning.backtest.scenario import Study
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.studies.report import report
from andon.studies.study import run_study

FIRST = 19_000
WEEK = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.3, 1.0])
TARGET_SECONDS = 60.0


def made(number, days):
    chance = np.random.default_rng(number)
    daily = float(np.exp(chance.uniform(np.log(0.3), np.log(30))))
    level = daily * chance.gamma(4, 0.25, days)
    sold = chance.poisson(level * WEEK[np.arange(days) % 7])
    item = Item(
        location=f"L{number % 20}",
        sku=f"N{number}",
        updated_at=utc(0.0),
        unit_cost=2.0,
        unit_price=3.0,
        order_cost=2.0,
        sources=(Source(supplier="S", lead_time_days=5.0),),
    )
    return History(item, FIRST, sold, prior(5.0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--full", action="store_true")
    asked = parser.parse_args()
    histories = [made(number, asked.days) for number in range(asked.items)]
    study = Study(
        Conditions(warm_up_days=asked.days // 2),
        curves=asked.full,
        splits=asked.full,
        first_day=FIRST,
        last_day=FIRST + asked.days - 1,
    )
    began = time.perf_counter()
    results = run_study(study, histories, processes=asked.processes, progress=lambda _: None)
    report(results, histories, 1)
    took = time.perf_counter() - began
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    busy = sum(one.ru_utime + one.ru_stime for one in used)
    rows = asked.items * asked.days
    print(
        f"{asked.items} items x {asked.days} days on {asked.processes} processes: {took:.1f} s, "
        f"{busy:.0f} s of processor time, {busy / rows * 1e6:.0f} microseconds an item-day"
    )
    return 0 if took <= TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
