"""A backtest's results as one report: what is printed, written as JSON, or drawn."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from andon.planning.backtest.compare import (
    Interval,
    dearer,
    interval,
    less_stock,
    resamples,
    stock_at,
)
from andon.planning.backtest.history import History
from andon.planning.backtest.measure import DAYS_A_YEAR, Outcome, figures, subset, summary
from andon.planning.backtest.scenario import ANDON, CLAIRVOYANT, OWN, Results
from andon.schemas.common import utc

FILL_RATES: Final = (0.95, 0.98)
_DRAWS: Final = 400
_DAY: Final = 86400.0


def report(results: Results, histories: Sequence[History], seed: int) -> dict[str, Any]:
    """Return what there is to say of a backtest."""
    weights = resamples(len(results.keys), _DRAWS, seed)
    policies = list(dict.fromkeys(name for name, _ in results.outcomes))
    curves = {name: curve_of(results, name) for name in policies}
    return {
        "items": len(results.keys),
        "policies": [_policy(results, name, weights) for name in policies],
        "curves": {
            name: [_point(setting, one) for setting, one in curve]
            for name, curve in curves.items()
            if len(curve) > 1
        },
        "equal_fill": _equal_fill(curves, weights),
        "regret": _regret(results, weights),
        "by_class": _groups(results, histories, lambda one: one.item.service_class, seed),
        "by_location": _groups(results, histories, lambda one: one.item.location, seed),
    }


def curve_of(results: Results, name: str) -> list[tuple[float, Outcome]]:
    """Return a policy's outcomes along its dial."""
    return sorted(
        (float(setting), one)
        for (policy, setting), one in results.outcomes.items()
        if policy == name and setting != OWN
    )


def _policy(results: Results, name: str, weights: Any) -> dict[str, Any]:
    outcome, ours = results.outcomes[name, OWN], results.outcomes[ANDON, OWN]
    regret = dearer(outcome, results.outcomes[CLAIRVOYANT, OWN], weights)
    return {
        "policy": name,
        **_figures(outcome, weights),
        "cost_above_andon": _spread(dearer(outcome, ours, weights)),
        "regret": _spread(regret),
    }


def _figures(outcome: Outcome, weights: Any) -> dict[str, Any]:
    """Return an outcome's figures, and under `intervals` what the resamplings make of each."""
    intervals = {name: interval(rows) for name, rows in figures(outcome, weights).items()}
    return {
        **asdict(summary(outcome)),
        "intervals": {
            name: None if found is None else [found.low, found.high]
            for name, found in intervals.items()
        },
    }


def _spread(found: Interval | None) -> dict[str, float | None] | None:
    return None if found is None else asdict(found)


def _point(setting: float, outcome: Outcome) -> dict[str, float]:
    total = summary(outcome)
    return {
        "setting": setting,
        "fill_rate": total.fill_rate,
        "average_stock": total.average_stock,
        "average_stock_value": total.average_stock_value,
        "cost": total.cost,
    }


def _equal_fill(
    curves: dict[str, list[tuple[float, Outcome]]], weights: Any
) -> list[dict[str, Any]]:
    found = []
    ours = [one for _, one in curves[ANDON]]
    for fill_rate in FILL_RATES:
        for name, curve in curves.items():
            if len(curve) < 2:
                continue
            outcomes = [one for _, one in curve]
            units, value = (
                float(stock_at(outcomes, fill_rate, weights[:1], money=money)[0])
                for money in (False, True)
            )
            less = None if name == ANDON else less_stock(ours, outcomes, fill_rate, weights)
            found.append(
                {
                    "fill_rate": fill_rate,
                    "policy": name,
                    "average_stock": None if np.isnan(units) else units,
                    "average_stock_value": None if np.isnan(value) else value,
                    "andon_needs_less": _spread(less),
                }
            )
    return found


def _regret(results: Results, weights: Any) -> dict[str, Any] | None:
    """Return the regret a year, and the shares of it that go when one error after the other is taken away."""
    if not results.reliefs:
        return None
    years = results.outcomes[ANDON, OWN].days / DAYS_A_YEAR
    left = [weights @ ((andon - clear) / years) for andon, clear in results.reliefs]
    causes = ("service_class", "constraints", "lead_time", "forecast")
    parts: dict[str, Any] = {"total": _spread(interval(left[0]))}
    for place, cause in enumerate(causes):
        parts[cause] = _spread(interval(left[place] - left[place + 1]))
    parts["policy"] = _spread(interval(left[-1]))
    return parts


def _groups(
    results: Results, histories: Sequence[History], group: Callable[[History], str], seed: int
) -> dict[str, Any]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, history in enumerate(histories):
        places[group(history)].append(place)
    named = [name for name, setting in results.outcomes if setting == OWN]
    found = {}
    for name, members in sorted(places.items()):
        weights = resamples(len(members), _DRAWS, seed)
        found[name] = {
            policy: _figures(subset(results.outcomes[policy, OWN], members), weights)
            for policy in named
        }
    return found


def span(first_day: int, last_day: int) -> str:
    """Return the first and last day of a record for people."""
    return f"{utc(first_day * _DAY):%Y-%m-%d} to {utc(last_day * _DAY):%Y-%m-%d}"
