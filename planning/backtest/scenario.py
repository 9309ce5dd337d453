"""What is simulated: which policies at which settings, under which changes to the items, their supply and demand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import msgspec
import numpy as np

from andon.planning.backtest.clairvoyant import Clairvoyant
from andon.planning.backtest.comparators import Moving, Rival, Static
from andon.planning.backtest.core import Core, learn, oracle
from andon.planning.backtest.history import Batch, Conditions, History, Reals
from andon.planning.backtest.measure import Outcome, measure
from andon.planning.backtest.measure import added as add_outcomes
from andon.planning.backtest.run import run
from andon.planning.demand import special_functions as special
from andon.planning.policy import policy
from andon.planning.supply.lead_time import LeadTime, prior
from andon.schemas.items import Item

ANDON: Final = "andon"
CLAIRVOYANT: Final = "clairvoyant"
RIVALS: Final[tuple[Rival, ...]] = (
    "moving average",
    "periodic order-up-to",
    "static min/max",
    "weeks of cover",
)
#: The setting at which every policy follows the items' own service level or class.
OWN: Final = "own"
#: Weeks of cover that a just-in-case buyer holds by class.
_WEEKS: Final = {"lean": 1.0, "balanced": 2.0, "critical": 4.0}
SERVICE_LEVELS: Final = (0.8, 0.92, 0.97, 0.99, 0.998)
_DEVIATIONS: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
_COVERS: Final = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0)

#: What takes a cause of regret away: bounds of the class; packs and minimum orders; chance in lead times; not knowing demand.
Relief = Literal["service class", "constraints", "lead time", "forecast"]
#: No quantile of demand beyond this is worth reckoning with.
_SUREST: Final = 0.9995


@dataclass(frozen=True)
class Change:
    """What is different in a what-if; None or 1 leaves a thing as it is."""

    service_class: str | None = None
    service_level: float | None = None
    lead_time_days: float | None = None
    lead_time_sd_days: float | None = None
    supplier: str | None = None
    unit_cost: float | None = None
    price_factor: float = 1.0
    demand_factor: float = 1.0
    order_cost: float | None = None
    review_days: float | None = None

    def apply(self, history: History) -> History:
        """Return a history as it would have been.

        Raises:
            ValueError: the item cannot be bought from the supplier that is asked for.
        """
        item = self._item(history.item)
        source = policy.usual_source(item)
        lead_time = history.lead_time
        if self.supplier is not None or self.lead_time_days is not None:
            lead_time = prior(source.lead_time_days, source.lead_time_sd_days)
        elif self.lead_time_sd_days is not None:
            lead_time = prior(lead_time.mean_days, self.lead_time_sd_days)
        sold = history.sold
        if self.demand_factor != 1.0:
            # Rounding what has come up so far, not each day, keeps slow movers' demand from vanishing.
            sold = np.diff(np.floor(np.cumsum(sold) * self.demand_factor + 0.5), prepend=0.0)
            sold = sold.astype(np.int64)
        return replace(history, item=item, lead_time=lead_time, sold=sold)

    def _item(self, item: Item) -> Item:
        source = policy.usual_source(item)
        if self.supplier is not None:
            known = [one for one in item.sources if one.supplier == self.supplier]
            if not known:
                names = ", ".join(sorted({one.origin for one in item.sources}))
                msg = f"{item.location}/{item.sku}: no source {self.supplier!r}, only {names}"
                raise ValueError(msg)
            source = msgspec.structs.replace(known[0], expedite=False)
        of_source: dict[str, Any] = {
            "lead_time_days": self.lead_time_days,
            "lead_time_sd_days": self.lead_time_sd_days,
            "order_cost": self.order_cost,
        }
        source = msgspec.structs.replace(source, **_given(of_source))
        cost = self.unit_cost
        if cost is None and self.supplier is not None:
            cost = source.unit_cost
        of_item: dict[str, Any] = {
            "service_class": self.service_class,
            "service_level": self.service_level,
            "unit_cost": cost,
            "review_period_days": self.review_days,
        }
        price = item.unit_price
        changed = msgspec.structs.replace(
            item,
            sources=(source, *(one for one in item.sources if one.origin != source.origin)),
            unit_price=None if price is None else price * self.price_factor,
            **_given(of_item),
        )
        if self.service_class is not None and self.service_level is None:
            changed = msgspec.structs.replace(changed, service_level=None)
        return changed


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def relieved(history: History, relief: Relief) -> History:
    """Return a history without one source of error; the forecast's is taken away in the policy, not here."""
    if relief == "service class" and history.item.waiting_cost is None:
        cycle = policy.cycle_days(history.item, float(history.sold.mean()))
        lead_days = history.lead_time.mean_days
        asked = min(policy.cost_ratio(history.item, cycle, lead_days), _SUREST)
        item = msgspec.structs.replace(history.item, service_level=asked)
        return replace(history, item=item)
    if relief == "constraints":
        item = msgspec.structs.replace(history.item, pack_size=1, minimum_order=1)
        return replace(history, item=item)
    if relief == "lead time":
        whole = max(round(history.lead_time.mean_days), 0)
        return replace(history, lead_time=_certain(whole))
    return history


def _certain(days: int) -> LeadTime:
    return prior(max(days, 0.01), 0.0)


Setting = float | str


@dataclass(frozen=True)
class Study:
    """What to simulate: a curve for each policy, its own setting, and the split of the regret."""

    conditions: Conditions
    rivals: tuple[Rival, ...] = RIVALS
    levels: tuple[float, ...] = SERVICE_LEVELS
    splits: bool = True
    curves: bool = True
    first_day: int = 0
    last_day: int = 0


@dataclass
class Results:
    """Outcomes by policy and setting, and costs of Andon and the clairvoyant under each relief in turn."""

    keys: list[str] = field(default_factory=list)
    outcomes: dict[tuple[str, Setting], Outcome] = field(default_factory=dict)
    reliefs: list[tuple[Reals, Reals]] = field(default_factory=list)


def simulate(study: Study, histories: Sequence[History]) -> Results:
    """Return what every policy came to, item by item."""
    batch = Batch(histories, study.conditions, study.first_day, study.last_day)
    results = Results(keys=[history.key for history in histories])
    learned = learn(batch)
    outcomes = results.outcomes
    outcomes[ANDON, OWN] = measure(batch, run(batch, Core(batch, learned)))
    outcomes[CLAIRVOYANT, OWN] = measure(batch, run(batch, Clairvoyant(batch)))
    own = own_levels(batch)
    for rival in study.rivals:
        dials = _COVERS if rival == "weeks of cover" else _DEVIATIONS
        settings: list[Setting] = [OWN, *(dials if study.curves else ())]
        for setting in settings:
            dial = own[rival] if setting == OWN else np.full(len(histories), setting)
            made = Static(batch, dial) if rival == "static min/max" else Moving(batch, rival, dial)
            outcomes[rival, setting] = measure(batch, run(batch, made))
    if study.curves:
        for level in study.levels:
            core = Core(batch, learned, service_level=level)
            outcomes[ANDON, level] = measure(batch, run(batch, core))
    if study.splits:
        results.reliefs = _split(study, histories, results)
    return results


def own_levels(batch: Batch) -> dict[Rival, Reals]:
    """Return every rival's dial at the items' own service level."""
    levels = []
    for item, mean in zip(batch.items, batch.demand.mean(axis=0).tolist(), strict=True):
        levels.append(policy.service_level(item, policy.cycle_days(item, mean)))
    z = np.array([special.ndtri(level) for level in levels])
    weeks = np.array([_WEEKS[item.service_class] for item in batch.items])
    return {rival: weeks if rival == "weeks of cover" else z for rival in RIVALS}


def _split(
    study: Study, histories: Sequence[History], results: Results
) -> list[tuple[Reals, Reals]]:
    """Return Andon's and the clairvoyant's cost as it is, and with one cause of regret after the other taken away.

    The first to go are the bounds of the items' classes: an error is worth what it costs a policy that weighs its costs.
    """
    found = [(results.outcomes[ANDON, OWN].cost, results.outcomes[CLAIRVOYANT, OWN].cost)]
    eased = list(histories)
    reliefs: tuple[Relief, ...] = ("service class", "constraints", "lead time")
    for relief in reliefs:
        eased = [relieved(history, relief) for history in eased]
        batch = Batch(eased, study.conditions, study.first_day, study.last_day)
        andon = measure(batch, run(batch, Core(batch, learn(batch)))).cost
        clear = measure(batch, run(batch, Clairvoyant(batch))).cost
        found.append((andon, clear))
    knowing = measure(batch, run(batch, oracle(batch))).cost
    found.append((knowing, clear))
    return found


def joined(parts: Sequence[Results], join: Any) -> Results:
    """Return the results of several batches as one; `join` puts a list of outcomes together."""
    whole = Results()
    for part in parts:
        whole.keys += part.keys
    for name in parts[0].outcomes:
        whole.outcomes[name] = join([part.outcomes[name] for part in parts])
    whole.reliefs = [
        (np.concatenate([a for a, _ in pairs]), np.concatenate([c for _, c in pairs]))
        for pairs in zip(*(part.reliefs for part in parts), strict=True)
    ]
    return whole


def added(worlds: Sequence[Results]) -> Results:
    """Return the results of the same items under several seeds as one: outcomes and costs added up."""
    return Results(
        keys=worlds[0].keys,
        outcomes={
            name: add_outcomes([one.outcomes[name] for one in worlds])
            for name in worlds[0].outcomes
        },
        reliefs=[
            (np.sum([a for a, _ in pairs], axis=0), np.sum([c for _, c in pairs], axis=0))
            for pairs in zip(*(one.reliefs for one in worlds), strict=True)
        ],
    )
