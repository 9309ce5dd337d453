"""A warehouse and its stores as one network against each planned for itself, on real sales, with a verdict on the targets.

    python bench/network.py [--data FOLDER] [--products N] [--seed N]

Needs `network/favorita21` of the public data: weekly sales of products in 21 stores. One warehouse feeds them (three weeks from the
supplier, one or two to the stores), sales that cannot be served are lost, and all policies plan by the same forecasts, learned in
the loop: a smoothed mean, and the spread of its errors. Compared is the stock on hand, of warehouse and stores, at equal fill:

- `textbook`: base stock at each location for itself; the warehouse sees orders and keeps two standard deviations of them; what is
  short is shared in proportion to orders;
- `tuned`: the same with whichever number of standard deviations at the warehouse is best, in hindsight;
- `network`: as Andon plans: the warehouse sees sales, its target is one quantile of the demand of its echelon, and what is short is
  shared a pack at a time to whom it is worth most (`planning/network`).

Exits 1 where a target is missed.
"""

import argparse
import itertools
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from verdict import tell

from andon.planning.demand import special_functions as special
from andon.planning.demand.distributions import Distribution
from andon.planning.network.allocation import Claim, allocate

WAREHOUSE_WEEKS = 3
#: From the second warehouse of the data's own setting to each store.
STORE_WEEKS = np.array([1, 1, 1, 1, 1, 2, 2, 2, 1, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 2])
SHORTAGE_COST = (6.3, 11.7)
WARM_UP = 52
SMOOTHING = 0.2
SPREAD_SMOOTHING = 0.1
SPIKE = 3.0
#: A pack is about so much of what a store sells in a week.
PACKS_A_WEEK = 6
CARRIED = 0.9
FILL_RATES = (0.93, 0.96)
TEXTBOOK = 2.0
STORE_DIAL = (0.4, 0.8, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0)
WAREHOUSE_DIAL = (-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
NETWORK_DIAL = (0.70, 0.80, 0.88, 0.93, 0.96, 0.98, 0.99, 0.997, 0.9993)
SHORT_BY = (0.1, 0.2, 0.3, 0.4, 0.5)
TARGETS = {"textbook": 0.25, "tuned": 0.05}
SHORTAGE_TARGET = 0.15


class Forecast:
    """A smoothed mean by series, the spread of its errors, and how the errors of a product's stores go together."""

    def __init__(self, first):
        self.mean = first.mean(axis=-1)
        self.variance = np.maximum(first.var(axis=-1), self.mean)
        self.alone = self.variance.sum(axis=1)
        self.together = self.alone.copy()

    def learn(self, seen):
        # A spike counts as one of three standard deviations.
        most = SPIKE * np.sqrt(self.variance)
        error = np.clip(seen - self.mean, -most, most)
        self.mean += SMOOTHING * error
        self.variance += SPREAD_SMOOTHING * (error**2 - self.variance)
        self.variance = np.maximum(self.variance, np.maximum(self.mean, 1.0))
        self.alone += SPREAD_SMOOTHING * ((error**2).sum(axis=1) - self.alone)
        self.together += SPREAD_SMOOTHING * (error.sum(axis=1) ** 2 - self.together)


def quantile(mean, variance, probability):
    """Return quantiles of demands by Andon's law, in units."""
    flat = [
        Distribution(max(m, 0.0), max(v, 0.0)).quantile(probability)
        for m, v in zip(np.ravel(mean), np.ravel(variance), strict=True)
    ]
    return np.array(flat, dtype=float).reshape(np.shape(mean))


def in_proportion(available, wants, state):
    del state
    total = wants.sum(axis=1)
    share = np.where(total > 0, np.minimum(available / np.maximum(total, 1e-9), 1.0), 0.0)
    return np.floor(wants * share[:, None])


class ByWorth:
    """Shares a pack at a time to whom it is worth most, as Andon does; it remembers what a unit was worth in the wave before."""

    def __init__(self):
        self.worth = None

    def __call__(self, available, wants, state):
        if self.worth is None:
            self.worth = np.zeros(len(wants))
        return by_worth(available, wants, state, self.worth)


def by_worth(available, wants, state, before):
    """Share a pack at a time; `before` is what a unit was worth in the wave before, by product, and is brought up to date."""
    forecast, position, cost, coming = state
    # Whether what comes next is more likely than not too little, too.
    will_sell = (forecast.mean * (STORE_WEEKS + 2)).sum(axis=1)
    lasts = will_sell > position.sum(axis=1) + available + coming
    given = np.zeros_like(wants)
    cover = STORE_WEEKS + 1
    for product in range(len(wants)):
        if wants[product].sum() <= available[product]:
            given[product], before[product] = wants[product], 0.0
            continue
        lot = max(int(forecast.mean[product].mean() / PACKS_A_WEEK), 1)
        claims = [
            Claim(
                f"{store:02}",
                math.ceil(wants[product, store] / lot) * lot,
                int(position[product, store]),
                float(max(forecast.mean[product, store], 0.0) * cover[store]),
                float(forecast.variance[product, store] * cover[store]),
                float(cost[product, store]),
                lot,
                later=CARRIED * float(before[product]) * bool(lasts[product]),
            )
            for store in range(wants.shape[1])
        ]
        shares = allocate(int(available[product]), claims)
        given[product] = [share.given for share in shares]
        # What the dearest unit that nobody got would have been worth.
        unmet = [
            share.worth_next
            for claim, share in zip(claims, shares, strict=True)
            if share.given + lot <= claim.wanted
        ]
        before[product] = max(unmet, default=0.0)
    return given


def play(sales, cost, store_target, warehouse_order, share, short_by=0.0):
    """Play the loop; return fill, mean stock on hand, and what lost sales cost, after the warm-up.

    Args:
        sales: by product, store and week.
        cost: of a unit lost, by product and store.
        store_target: from the forecast of the stores to their targets.
        warehouse_order: what the warehouse orders, of what it knows.
        share: how it shares what is short.
        short_by: by which share of what is expected to sell the supplier is short; 0 where it delivers whatever is ordered.
    """
    products, stores, weeks = sales.shape
    forecast = Forecast(sales[:, :, :12])
    orders = Forecast(sales[:, :, :12].sum(axis=1)[:, None, :])
    on_hand = np.round(forecast.mean * 3)
    moving = np.zeros((3, products, stores))
    stock = np.round(forecast.mean.sum(axis=1) * 2)
    pipeline = [np.round(forecast.mean.sum(axis=1)) for _ in range(WAREHOUSE_WEEKS)]
    unmet = np.zeros((products, stores))
    sold = wanted = held = lost = 0.0
    for week in range(12, weeks):
        stock += pipeline.pop(0)
        on_hand += moving[0]
        moving = np.concatenate([moving[1:], np.zeros((1, products, stores))])
        position = on_hand + moving.sum(axis=0)
        wants = np.maximum(np.ceil(store_target(forecast) - position), 0.0)
        seen = np.maximum((wants - unmet).sum(axis=1), 0.0)
        given = share(stock, wants, (forecast, position, cost, pipeline[0]))
        over = np.maximum(given.sum(axis=1) - stock, 0.0)
        assert not over.any()
        stock -= given.sum(axis=1)
        unmet = np.maximum(wants - given, 0.0)
        for store in range(stores):
            moving[STORE_WEEKS[store] - 1, :, store] += given[:, store]
        demand = sales[:, :, week]
        served = np.minimum(demand, on_hand)
        on_hand -= served
        forecast.learn(demand)
        orders.learn(seen[:, None])
        below = on_hand.sum(axis=1) + moving.sum(axis=0).sum(axis=1)
        on_order = sum(pipeline, np.zeros(products))
        ordered = np.maximum(
            np.ceil(warehouse_order(forecast, orders, stock + on_order, below, unmet.sum(axis=1))),
            0.0,
        )
        if short_by:
            ordered = np.minimum(ordered, (1 - short_by) * forecast.mean.sum(axis=1))
        pipeline.append(np.floor(ordered))
        if week >= WARM_UP:
            sold += served.sum()
            wanted += demand.sum()
            held += stock.sum() + on_hand.sum()
            lost += ((demand - served) * cost).sum()
    return sold / wanted, held / (weeks - WARM_UP), lost


def textbook(z_store, z_warehouse):
    """Return the policy of each location for itself, with these numbers of standard deviations."""

    def store_target(forecast):
        weeks = STORE_WEEKS + 1
        return forecast.mean * weeks + z_store * np.sqrt(forecast.variance * weeks)

    def warehouse_order(forecast, orders, position, below, unmet):
        del forecast, below
        mean, variance = orders.mean[:, 0], orders.variance[:, 0]
        level = mean * WAREHOUSE_WEEKS + z_warehouse * np.sqrt(variance * WAREHOUSE_WEEKS)
        return level - (position - unmet)

    return store_target, warehouse_order, in_proportion


def network(service):
    """Return Andon's policy: one service level for the stores and for the echelon."""

    def store_target(forecast):
        weeks = STORE_WEEKS + 1
        return quantile(forecast.mean * weeks, forecast.variance * weeks, service)

    def warehouse_order(forecast, orders, position, below, unmet):
        del orders, unmet
        weeks = WAREHOUSE_WEEKS + STORE_WEEKS
        mean = (forecast.mean * weeks).sum(axis=1)
        together = np.maximum(forecast.together / np.maximum(forecast.alone, 1e-9), 1.0)
        variance = (forecast.variance * weeks).sum(axis=1) * together
        return quantile(mean, variance, service) - (position + below)

    return store_target, warehouse_order, ByWorth()


def stock_at(points, fill):
    """Return the least stock of a set of points of fill and stock that reaches a fill, straight between neighbours; None if none does."""
    best = None
    ordered = sorted(points)
    for (low, less), (high, more) in itertools.pairwise(ordered):
        if low <= fill <= high and high > low:
            at = less + (more - less) * (fill - low) / (high - low)
            best = at if best is None else min(best, at)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    home = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("ANDON_DATA", home)))
    parser.add_argument("--products", type=int, default=15)
    parser.add_argument("--seed", type=int, default=28)
    options = parser.parse_args()
    path = options.data / "network" / "favorita21" / "weekly_sales.npz"
    if not path.exists():
        print(f"skipped: {path} is missing")
        return 0
    sales = np.maximum(np.load(path)["weekly_sales"].astype(float), 0.0)
    rng = np.random.default_rng(options.seed)
    sales = sales[np.sort(rng.permutation(len(sales))[: options.products])]
    cost = rng.uniform(*SHORTAGE_COST, size=sales.shape[:2])
    out, began = Console(), time.monotonic()
    curves = {
        z: [play(sales, cost, *textbook(s, z))[:2] for s in STORE_DIAL] for z in WAREHOUSE_DIAL
    }
    ours = [play(sales, cost, *network(service))[:2] for service in NETWORK_DIAL]
    met = {}
    table = Table(
        title=f"{len(sales)} products, {sales.shape[1]} stores, stock on hand at equal fill"
    )
    for name in (
        "fill",
        "textbook",
        "tuned (z)",
        "network",
        "less than textbook",
        "less than tuned",
    ):
        table.add_column(name, justify="right")
    for fill in FILL_RATES:
        book = stock_at(curves[TEXTBOOK], fill)
        tuned = min(
            (found, z)
            for z, curve in curves.items()
            if (found := stock_at(curve, fill)) is not None
        )
        own = stock_at(ours, fill)
        gains = {"textbook": 1 - own / book, "tuned": 1 - own / tuned[0]}
        table.add_row(
            f"{fill:.0%}",
            f"{book:,.0f}",
            f"{tuned[0]:,.0f} ({tuned[1]:g})",
            f"{own:,.0f}",
            *(f"{gain:.1%}" for gain in gains.values()),
        )
        for name, gain in gains.items():
            met[f"{TARGETS[name]:.0%} less stock than {name} at {fill:.0%}"] = gain >= TARGETS[name]
    out.print(table)
    table = Table(title="what is lost where the warehouse is short, by how it shares")
    for name in ("short by", "in proportion", "by worth", "costs less"):
        table.add_column(name, justify="right")
    store_target, order, _ = network(0.96)
    for short in SHORT_BY:
        plain = play(sales, cost, store_target, order, in_proportion, short)[2]
        worth = play(sales, cost, store_target, order, ByWorth(), short)[2]
        table.add_row(f"{short:.0%}", f"{plain:,.0f}", f"{worth:,.0f}", f"{1 - worth / plain:.1%}")
        met[f"shortage of {short:.0%} costs {SHORTAGE_TARGET:.0%} less"] = (
            1 - worth / plain >= SHORTAGE_TARGET
        )
    out.print(table)
    out.print(
        f"{time.monotonic() - began:.0f} s; z of a service level of 96%: {special.ndtri(0.96):.2f}"
    )
    return 0 if tell(met, out) else 1


if __name__ == "__main__":
    sys.exit(main())
