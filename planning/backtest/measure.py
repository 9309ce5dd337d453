"""What a simulated world came to, item by item, and summed up."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from andon.planning.backtest.history import Batch, Reals
from andon.planning.backtest.world import World
from andon.planning.policy import policy

DAYS_A_YEAR: Final = 365.25


@dataclass(frozen=True)
class Outcome:
    """What became of each item over the days that count; one entry an item, units and money as sums over those days.

    `stock` is the stock at the end of each day, summed; a cycle lasts from one receipt to the next.
    """

    days: Reals
    demand: Reals
    sold: Reals
    short: Reals
    stockout_days: Reals
    cycles: Reals
    short_cycles: Reals
    stock: Reals
    stock_value: Reals
    sold_value: Reals
    orders: Reals
    wasted: Reals
    holding_cost: Reals
    shortage_cost: Reals
    ordering_cost: Reals
    waste_cost: Reals

    @property
    def cost(self) -> Reals:
        """Holding, shortages, orders and waste together."""
        total: Reals = self.holding_cost + self.shortage_cost + self.ordering_cost + self.waste_cost
        return total


def measure(batch: Batch, world: World) -> Outcome:
    """Return what became of a batch's items.

    Where a batch's sales wait instead of being lost, a shortage costs once, when it occurs.
    """
    counts = batch.counts
    items = batch.items
    unit_cost = np.array([item.unit_cost for item in items])
    daily = np.array([policy.holding_cost(item, 1.0) for item in items])
    shortage = np.array([policy.shortage_cost(item) for item in items])
    ordering = np.array([policy.order_cost(item) for item in items])

    def over(values: object) -> Reals:
        total: Reals = (np.asarray(values) * counts).sum(axis=0, dtype=np.float64)
        return total

    stock, short, wasted = over(world.stock), over(world.short), over(world.wasted)
    sold, orders = over(world.sold), over(world.ordered[: batch.days] > 0)
    cycles, short_cycles = _cycles(world, batch)
    return Outcome(
        days=counts.sum(axis=0, dtype=np.float64),
        demand=sold + short,
        sold=sold,
        short=short,
        stockout_days=over(world.short > 0),
        cycles=cycles,
        short_cycles=short_cycles,
        stock=stock,
        stock_value=stock * unit_cost,
        sold_value=sold * unit_cost,
        orders=orders,
        wasted=wasted,
        holding_cost=stock * daily,
        shortage_cost=short * shortage,
        ordering_cost=orders * ordering,
        waste_cost=wasted * unit_cost,
    )


def _cycles(world: World, batch: Batch) -> tuple[Reals, Reals]:
    """Return how many cycles each item had, and in how many of them it ran short."""
    counts = batch.counts
    number = np.cumsum((world.received > 0) & counts, axis=0)
    columns = np.arange(number.shape[1])
    cycles = number[-1] + 1.0
    names = number + columns[None, :] * (batch.days + 1)
    short = np.unique(names[(world.short > 0) & counts]) // (batch.days + 1)
    return cycles, np.bincount(short, minlength=len(columns)).astype(np.float64)


def joined(outcomes: list[Outcome]) -> Outcome:
    """Return the outcomes of several batches as one."""
    return Outcome(
        **{
            field.name: np.concatenate([getattr(one, field.name) for one in outcomes])
            for field in fields(Outcome)
        }
    )


def added(outcomes: list[Outcome]) -> Outcome:
    """Return what became of the same items in several worlds, added up."""
    return Outcome(
        **{
            field.name: np.sum([getattr(one, field.name) for one in outcomes], axis=0)
            for field in fields(Outcome)
        }
    )


@dataclass(frozen=True)
class Summary:
    """An outcome summed up over items: shares, units, money a year and days."""

    items: int
    fill_rate: float
    cycle_service: float
    stockout_days: float
    average_stock: float
    average_stock_value: float
    turns: float
    days_of_supply: float
    wasted: float
    orders: float
    holding_cost: float
    shortage_cost: float
    ordering_cost: float
    waste_cost: float
    cost: float


def figures(outcome: Outcome, weights: Reals) -> dict[str, Reals]:
    """Return the figures of a summary for each row of weights, which counts each item so many times.

    Waste, orders, costs and the days that ran short are those of an average year.
    """
    sums = {field.name: weights @ getattr(outcome, field.name) for field in fields(Outcome)}
    days = np.maximum(outcome.days, 1.0)
    mean = {  # of a day, over the days that each item was judged by
        name: weights @ (getattr(outcome, name) / days)
        for name in ("stock", "stock_value", "sold", "sold_value")
    }

    def yearly(name: str) -> Reals:
        found: Reals = weights @ (getattr(outcome, name) / days * DAYS_A_YEAR)
        return found

    def share(part: Reals, whole: Reals, otherwise: float) -> Reals:
        found: Reals = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), otherwise)
        return found

    return {
        "fill_rate": share(sums["sold"], sums["demand"], 1.0),
        "cycle_service": 1.0 - share(sums["short_cycles"], sums["cycles"], 0.0),
        "stockout_days": yearly("stockout_days"),
        "average_stock": mean["stock"],
        "average_stock_value": mean["stock_value"],
        "turns": share(mean["sold_value"] * DAYS_A_YEAR, mean["stock_value"], 0.0),
        "days_of_supply": share(mean["stock"], mean["sold"], 0.0),
        "wasted": yearly("wasted"),
        "orders": yearly("orders"),
        "holding_cost": yearly("holding_cost"),
        "shortage_cost": yearly("shortage_cost"),
        "ordering_cost": yearly("ordering_cost"),
        "waste_cost": yearly("waste_cost"),
        "cost": yearly("cost"),
    }


def summary(outcome: Outcome) -> Summary:
    """Return an outcome summed up over its items, as `figures` has it."""
    found = figures(outcome, np.ones((1, len(outcome.days))))
    return Summary(len(outcome.days), **{name: float(rows[0]) for name, rows in found.items()})


def subset(outcome: Outcome, columns: list[int]) -> Outcome:
    """Return the outcome of some of the items."""
    return Outcome(
        **{field.name: getattr(outcome, field.name)[columns] for field in fields(Outcome)}
    )
