"""Histories to simulate: short, seeded, and of known demand."""

import numpy as np

from andon.planning.backtest.history import Batch, Conditions, History
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source

FIRST = 20_000


def item(sku="A", *, lead_days=3.0, lead_sd=0.0, **fields):
    source = Source(supplier="ACME", lead_time_days=lead_days, lead_time_sd_days=lead_sd)
    return Item(location="S", sku=sku, updated_at=utc(0), sources=(source,), **fields)


def history(sold, *, first=FIRST, in_stock=None, **fields):
    own = item(**fields)
    source = own.sources[0]
    return History(
        own,
        first,
        np.asarray(sold, dtype=np.int64),
        prior(source.lead_time_days, source.lead_time_sd_days),
        None if in_stock is None else np.asarray(in_stock, dtype=bool),
    )


def poisson(mean, days, seed=1):
    return np.random.default_rng(seed).poisson(mean, days)


def batch(*histories, **conditions):
    chosen = {"warm_up_days": 60, "settle_days": 10, **conditions}
    first = min(one.first_day for one in histories)
    return Batch(histories, Conditions(**chosen), first, max(one.last_day for one in histories))
