"""What an item has shown of its forecast and of what following its alerts would have come to."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import msgspec
import numpy as np

from andon.planning.backtest.comparators import Moving, Rival, Static
from andon.planning.backtest.core import Core, learn
from andon.planning.backtest.history import Batch, Units
from andon.planning.backtest.measure import DAYS_A_YEAR, measure
from andon.planning.backtest.run import run
from andon.planning.backtest.scenario import own_levels
from andon.planning.backtest.world import World
from andon.planning.decision.stage import Evidence
from andon.planning.demand.demand import DAY
from andon.schemas.alerts import AlertKind, AlertOutcome


class _Ended(msgspec.Struct):
    """What is counted of an alert that ended."""

    kind: AlertKind
    outcome: AlertOutcome | None = None


_ended: Final = msgspec.json.Decoder(_Ended)


@dataclass
class Tally:
    """Sums that evidence is made of, so that the evidence of a group is that of its items added up.

    Errors are of the demand over protection intervals that do not overlap; `covered` counts those whose demand stayed
    within the quantile aimed at, `aimed` sums that quantile. Alerts are those of stock-outs that ended; true are late ones, too.
    """

    days: float = float("inf")
    intervals: float = 0.0
    demand: float = 0.0
    error: float = 0.0
    naive_error: float = 0.0
    signed_error: float = 0.0
    covered: float = 0.0
    aimed: float = 0.0
    deliveries: int = 0
    on_time: int = 0
    counts: int = 0
    counts_right: int = 0
    wanted: float = 0.0
    served: float = 0.0
    served_before: float = 0.0
    cost: float = 0.0
    cost_before: float = 0.0
    alerts_true: int = 0
    alerts_false: int = 0
    alerts_overtaken: int = 0

    def evidence(self) -> Evidence:
        """Return the evidence that the sums amount to."""

        def share(part: float, whole: float) -> float | None:
            return part / whole if whole > 0 else None

        return Evidence(
            days=int(self.days) if np.isfinite(self.days) else 0,
            wape=share(self.error, self.demand),
            naive_wape=share(self.naive_error, self.demand),
            bias=share(self.signed_error, self.demand),
            coverage=share(self.covered, self.intervals),
            service_level=share(self.aimed, self.intervals),
            punctuality=share(self.on_time, self.deliveries),
            deliveries=self.deliveries,
            count_accuracy=share(self.counts_right, self.counts),
            counts=self.counts,
            fill_rate=share(self.served, self.wanted),
            fill_rate_before=share(self.served_before, self.wanted),
            cost=self.cost,
            cost_before=self.cost_before,
            alerts_true=self.alerts_true,
            alerts_false=self.alerts_false,
            alerts_overtaken=self.alerts_overtaken,
        )


def added(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of a group; its youngest item says how many days were learned from."""
    total = Tally()
    for one in tallies:
        for field in fields(Tally):
            name = field.name
            if name == "days":
                total.days = min(total.days, one.days)
            else:
                setattr(total, name, getattr(total, name) + getattr(one, name))
    return total


class _Noted:
    """The core, with what it expected of each protection interval noted against what came."""

    def __init__(self, batch: Batch) -> None:
        self._core = Core(batch, learn(batch), aloud=True)
        self.tallies = [Tally() for _ in batch.histories]
        self._next = batch.judged.tolist()

    def initial(self) -> Units:
        return self._core.initial()

    def close(self, row: int, world: World) -> Units:
        orders = self._core.close(row, world)
        batch = self._core.batch
        for column, book in enumerate(self._core.books):
            aims = book.targets
            if row < self._next[column] or aims is None:
                continue
            length = max(round(aims.protection_days), 1)
            if row + length >= batch.days or row + 1 < length:
                continue
            self._next[column] = row + length
            came = float(batch.demand[row + 1 : row + 1 + length, column].sum())
            before = float(batch.demand[row + 1 - length : row + 1, column].sum())
            tally = self.tallies[column]
            tally.intervals += 1
            tally.demand += came
            tally.error += abs(aims.protection_mean - came)
            tally.naive_error += abs(before - came)
            tally.signed_error += aims.protection_mean - came
            tally.covered += came <= aims.protection_mean + aims.safety_stock
            tally.aimed += aims.service_level
            tally.days = float(book.demand.days)
        return orders

    def count_alerts(self) -> None:
        """Count what became of the stock-out alerts of the days that are judged."""
        batch = self._core.batch
        for tally, said, judged in zip(
            self.tallies, self._core.said, batch.judged.tolist(), strict=True
        ):
            begin = (batch.first_day + judged) * DAY
            for message in said:
                if message.at < begin or not message.type.endswith("disruptions.resolved"):
                    continue
                ended = _ended.decode(message.body)
                if ended.kind != "stockout_risk" or ended.outcome is None:
                    continue
                tally.alerts_true += ended.outcome in ("true", "late")
                tally.alerts_false += ended.outcome == "false"
                tally.alerts_overtaken += ended.outcome == "overtaken"


def tallies(batch: Batch, present: Rival) -> list[Tally]:
    """Return each item's tally: forecasts against what came, and what its alerts would have done beside the present way."""
    noted = _Noted(batch)
    ours = measure(batch, run(batch, noted))
    noted.count_alerts()
    dial = own_levels(batch)[present]
    way = Static(batch, dial) if present == "static min/max" else Moving(batch, present, dial)
    before = measure(batch, run(batch, way))
    for place, tally in enumerate(noted.tallies):
        years = float(ours.days[place]) / DAYS_A_YEAR
        tally.wanted = float(ours.demand[place])
        tally.served = float(ours.sold[place])
        tally.served_before = float(before.sold[place])
        tally.cost = float(ours.cost[place]) / years
        tally.cost_before = float(before.cost[place]) / years
    return noted.tallies
