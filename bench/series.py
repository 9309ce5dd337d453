"""Real daily sales, as first day (days since 1970) and units by day."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

_EPOCH = date(1970, 1, 1).toordinal()
Series = tuple[int, list[int]]


def sample(series: list[Any], most: int | None) -> list[Any]:
    """Return so many of a list (all if None), spread over it."""
    return series[:: max(len(series) // most, 1)][:most] if most else series


def m5(folder: Path) -> Iterator[Series]:
    """Yield first day and daily sales of the M5 series."""
    for _, series in m5_by_department(folder):
        yield series


def m5_by_department(folder: Path) -> Iterator[tuple[tuple[str, str], Series]]:
    """Yield store and department of each M5 series, and the series."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    first: dict[tuple[str, str, str], int] = {}
    with gzip.open(folder / "m5" / "daily_sales.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            name = (row["item_id"], row["store_id"], row["dept_id"])
            first.setdefault(name, date.fromisoformat(row["date"]).toordinal() - _EPOCH)
            found[name].append(round(float(row["sales"])))
    for name, sold in found.items():
        yield name[1:], (first[name], sold)


def online_retail(folder: Path, most: int = 200) -> Iterator[Series]:
    """Yield the daily sales of the items of Online Retail that sell on most days."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    newest = 0
    with gzip.open(folder / "online_retail" / "online_retail.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            quantity = int(row["Quantity"])
            if quantity <= 0 or row["InvoiceNo"].startswith("C"):
                continue
            day = datetime.fromisoformat(row["InvoiceDate"]).toordinal() - _EPOCH
            found[row["StockCode"]][day] += quantity
            newest = max(newest, day)
    for sold in sorted(found.values(), key=len, reverse=True)[:most]:
        begin = min(sold)
        yield begin, [sold[day] for day in range(begin, newest + 1)]


def slow_ranks(folder: Path, least: int = 10, most: int = 80) -> Iterator[tuple[Series, float]]:
    """Yield the daily sales, and the last price, of the items of Online Retail that sell on so many of its 373 days."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    prices: dict[str, float] = {}
    newest = 0
    with gzip.open(folder / "online_retail" / "online_retail.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            quantity, price = int(row["Quantity"]), float(row["UnitPrice"])
            if quantity <= 0 or price <= 0 or row["InvoiceNo"].startswith("C"):
                continue
            day = datetime.fromisoformat(row["InvoiceDate"]).toordinal() - _EPOCH
            found[row["StockCode"]][day] += quantity
            prices[row["StockCode"]] = price
            newest = max(newest, day)
    for name, sold in found.items():
        if least <= len(sold) <= most:
            begin = min(sold)
            yield (begin, [sold[day] for day in range(begin, newest + 1)]), prices[name]


def favorita(folder: Path, seed: int = 1) -> Iterator[Series]:
    """Yield sales by day of 139 products in 21 shops, each week's spread over its days by chance."""
    with np.load(folder / "network" / "favorita21" / "weekly_sales.npz") as found:
        weekly = np.rint(found["weekly_sales"]).astype(np.int64).clip(min=0)
    chance = np.random.default_rng(seed)
    begin = date(2013, 1, 1).toordinal() - _EPOCH
    for product in weekly:
        for weeks in product:
            yield begin, chance.multinomial(weeks, [1 / 7] * 7).ravel().tolist()
