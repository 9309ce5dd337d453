"""What items aim at on the last day of their record: a what-if that compares aims instead of living through the sales."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from andon.planning.backtest.core import DAY, learn
from andon.planning.backtest.history import Batch, Conditions, History, Reals
from andon.planning.book.book import Book
from andon.planning.forecasting.models import Models
from andon.planning.policy.policy import targets

_records: Final = msgspec.msgpack.Decoder(tuple[Book, Models])
#: Figures of all items together that are means; the others are sums.
MEANS: Final = ("service_level", "protection_days")


def aims(histories: Sequence[History], first_day: int, last_day: int) -> dict[str, Reals]:
    """Return what each item aims at once everything to the last day was learned; one entry an item a figure."""
    days = last_day - first_day + 1
    batch = Batch(histories, Conditions(warm_up_days=days), first_day, last_day)
    now = (last_day + 1) * DAY
    figures: dict[str, list[float]] = {}
    for history, encoded in zip(histories, learn(batch), strict=True):
        book, _ = _records.decode(encoded)
        item, demand = history.item, book.demand
        found = targets(item, demand, history.lead_time, now)
        for name, value in (
            ("service_level", found.service_level),
            ("daily_demand", demand.level),
            ("protection_days", found.protection_days),
            ("reorder_point", found.reorder_point),
            ("order_up_to", found.order_up_to),
            ("safety_stock", found.safety_stock),
            ("safety_stock_value", found.safety_stock * item.unit_cost),
            ("insurance_cost", found.insurance_cost),
            ("insured_cost", found.insured_cost),
        ):
            figures.setdefault(name, []).append(float(value))
    return {name: np.array(values) for name, values in figures.items()}


def together(figures: dict[str, Reals], weights: Reals) -> dict[str, Reals]:
    """Return the figures of all items together, for each row of weights."""
    return {
        name: weights @ values / (weights.sum(axis=1) if name in MEANS else 1.0)
        for name, values in figures.items()
    }
