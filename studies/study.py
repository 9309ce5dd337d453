"""Simulate on all cores: the items in batches, each worker its own, the results put together."""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace

from andon.planning.backtest.history import History, long_enough
from andon.planning.backtest.measure import joined as joined_outcomes
from andon.planning.backtest.scenario import Results, Study, added, joined, simulate
from andon.planning.backtest.years import with_years

#: A batch is large enough for its rows to be worth an array operation, and small enough to show progress by.
_MOST_ITEMS = 40


def judged(study: Study, histories: Sequence[History]) -> list[History]:
    """Return the histories that are long enough to be judged by."""
    return [
        history
        for history in histories
        if long_enough(history, study.conditions, study.first_day, study.last_day)
    ]


def run_study(
    study: Study,
    histories: Sequence[History],
    *,
    processes: int | None = None,
    seeds: int = 1,
    progress: Callable[[int], None],
) -> Results:
    """Return the results of all items, in their order, over as many chances of the lead times as there are seeds.

    Each item is lent the year of its kind, as far as it was known by then. `progress` is told how many items each batch had, once a seed.
    """
    histories = with_years(histories)
    first = study.conditions.seed
    worlds = [
        replace(study, conditions=replace(study.conditions, seed=first + number))
        for number in range(seeds)
    ]
    return added([_run(world, histories, processes, progress) for world in worlds])


def _run(
    study: Study,
    histories: Sequence[History],
    processes: int | None,
    progress: Callable[[int], None],
) -> Results:
    count = processes if processes is not None else os.cpu_count() or 1
    size = max(min(_MOST_ITEMS, math.ceil(len(histories) / (4 * count))), 1)
    batches = [histories[place : place + size] for place in range(0, len(histories), size)]
    parts: dict[int, Results] = {}
    if count == 1 or len(batches) == 1:
        for number, batch in enumerate(batches):
            parts[number] = simulate(study, batch)
            progress(len(batch))
    else:
        with ProcessPoolExecutor(count) as pool:
            jobs = {pool.submit(simulate, study, batch): n for n, batch in enumerate(batches)}
            try:
                for job in as_completed(jobs):
                    number = jobs[job]
                    parts[number] = job.result()
                    progress(len(batches[number]))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return joined([parts[number] for number in range(len(batches))], joined_outcomes)
