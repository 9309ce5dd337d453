"""Where safety stock belongs: the guaranteed-service model on a tree of stages (Graves and Willems, 2000).

Each stage promises to deliver within a service time S and is promised what it needs within SI; what it must cover itself is the
demand of its net replenishment time SI + T - S, by a safety stock of z sd sqrt(SI + T - S). The dynamic program finds the promises
of least holding cost: stages are taken in an order in which all neighbours of one but one come before it, and each tells that one
what it costs by the promise between them.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Stage(NamedTuple):
    """A stage of a supply chain: what it takes, costs and promises at the most.

    Args:
        days: its own processing time, in whole periods.
        cost: of holding a unit there for a year, in money.
        sd: of the demand that it meets in one period, in units.
        z: how many standard deviations of demand it covers.
        sources: the stages that it is made or comes from.
        longest_service: the longest time that it may promise; None where nobody outside waits for it.
    """

    days: int
    cost: float
    sd: float
    z: float
    sources: tuple[str, ...] = ()
    longest_service: int | None = None

    def holding(self, net: float) -> float:
        """Return what the safety stock for a net replenishment time costs a year."""
        return self.cost * self.z * self.sd * math.sqrt(net)


class Placement(NamedTuple):
    """Promises of least cost: `service` and `inbound` times by stage, in periods, safety stock in units, and the cost of all a year."""

    cost: float
    service: dict[str, int]
    inbound: dict[str, int]
    stock: dict[str, float]


class _Known(NamedTuple):
    """What a stage tells the neighbour that is taken after it: its least cost by the promise between them, and the promises of that."""

    cost: list[float]
    choice: list[int]


def place(stages: Mapping[str, Stage]) -> Placement:
    """Return where safety stock belongs in a tree of stages.

    Raises:
        ValueError: a source is no stage, the stages are no tree, or a time or cost is less than nothing.
    """
    _check(stages)
    sells: dict[str, list[str]] = {name: [] for name in stages}
    for name, stage in stages.items():
        for source in stage.sources:
            sells[source].append(name)
    longest = _longest(stages)
    order = _order(stages, sells)
    place_of = {name: number for number, name in enumerate(order)}
    told: dict[str, _Known] = {}
    for name in order:
        told[name] = _tell(name, stages, sells, place_of, longest, told)
    service: dict[str, int] = {}
    inbound: dict[str, int] = {}
    for name in reversed(order):
        _settle(name, stages, sells, place_of, longest, told, service, inbound)
    net = {name: inbound[name] + stage.days - service[name] for name, stage in stages.items()}
    stock = {name: stage.z * stage.sd * math.sqrt(net[name]) for name, stage in stages.items()}
    cost = math.fsum(stage.holding(net[name]) for name, stage in stages.items())
    return Placement(cost, service, inbound, stock)


def _check(stages: Mapping[str, Stage]) -> None:
    edges = 0
    for name, stage in stages.items():
        unknown = [source for source in stage.sources if source not in stages]
        if unknown:
            msg = f"stages: {name} comes from {unknown[0]}, which is no stage"
            raise ValueError(msg)
        if stage.days < 0 or stage.cost < 0 or stage.sd < 0 or stage.z < 0:
            msg = f"stages: expected times, costs and demand of at least 0, got {stage} for {name}"
            raise ValueError(msg)
        edges += len(stage.sources)
    if not stages or edges != len(stages) - 1:
        msg = f"stages: {edges} links between {len(stages)} stages are no tree"
        raise ValueError(msg)


def _longest(stages: Mapping[str, Stage]) -> dict[str, int]:
    """Return how long the whole way to each stage takes, itself included.

    Raises:
        ValueError: goods go round in a circle.
    """
    found: dict[str, int] = {}

    def of(name: str, above: tuple[str, ...]) -> int:
        if name in above:
            msg = f"stages: goods go round in a circle by {name}"
            raise ValueError(msg)
        if name not in found:
            ways = [of(source, (*above, name)) for source in stages[name].sources]
            found[name] = stages[name].days + max(ways, default=0)
        return found[name]

    for name in stages:
        of(name, ())
    return found


def _order(stages: Mapping[str, Stage], sells: Mapping[str, list[str]]) -> list[str]:
    """Return the stages in an order in which at most one neighbour of each comes after it.

    Raises:
        ValueError: they do not hang together.
    """
    around = {name: {*stage.sources, *sells[name]} for name, stage in stages.items()}
    found: list[str] = []
    ready = sorted(name for name, near in around.items() if len(near) <= 1)
    left = {name: set(near) for name, near in around.items()}
    while ready:
        name = ready.pop()
        if name in found:
            continue
        found.append(name)
        for other in left[name]:
            left[other].discard(name)
            if len(left[other]) == 1 or (not left[other] and other not in found):
                ready.append(other)
    if len(found) != len(stages):
        msg = "stages: they are no tree"
        raise ValueError(msg)
    return found


def _tell(
    name: str,
    stages: Mapping[str, Stage],
    sells: Mapping[str, list[str]],
    place_of: Mapping[str, int],
    longest: Mapping[str, int],
    told: Mapping[str, _Known],
) -> _Known:
    """Return what a stage's part of the tree costs at least, by its own promise (to one that it sells to, or nobody) or by its source's."""
    costs = _costs(name, stages, sells, place_of, longest, told)
    to_source = any(place_of[source] > place_of[name] for source in stages[name].sources)
    inbounds, services = longest[name] - stages[name].days + 1, longest[name] + 1
    best: list[float] = []
    choice: list[int] = []
    if to_source:
        for inbound in range(inbounds):
            row = [costs(service, inbound) for service in range(services)]
            best.append(min(row))
            choice.append(row.index(best[-1]))
        return _Known(best, choice)
    for service in range(services):
        row = [costs(service, inbound) for inbound in range(inbounds)]
        best.append(min(row))
        choice.append(row.index(best[-1]))
    return _Known(best, choice)


def _costs(
    name: str,
    stages: Mapping[str, Stage],
    sells: Mapping[str, list[str]],
    place_of: Mapping[str, int],
    longest: Mapping[str, int],
    told: Mapping[str, _Known],
) -> Callable[[int, int], float]:
    """Return the cost of a stage and of what was taken before it, by its service and inbound time; without end where it cannot be."""
    stage = stages[name]
    above = [told[source] for source in stage.sources if place_of[source] < place_of[name]]
    below = [
        (told[other], longest[other] - stages[other].days)
        for other in sells[name]
        if place_of[other] < place_of[name]
    ]
    inbounds, services = longest[name] - stage.days + 1, longest[name] + 1
    # What sources cost that must promise within SI, and those it sells to that are promised S.
    of_inbound = [
        math.fsum(min(one.cost[: inbound + 1]) for one in above) for inbound in range(inbounds)
    ]
    of_service = [
        math.fsum(min(one.cost[min(service, most) :]) for one, most in below)
        for service in range(services)
    ]
    limit = stage.longest_service

    def cost(service: int, inbound: int) -> float:
        net = inbound + stage.days - service
        if net < 0 or (limit is not None and service > limit):
            return math.inf
        return stage.holding(net) + of_inbound[inbound] + of_service[service]

    return cost


def _settle(
    name: str,
    stages: Mapping[str, Stage],
    sells: Mapping[str, list[str]],
    place_of: Mapping[str, int],
    longest: Mapping[str, int],
    told: Mapping[str, _Known],
    service: dict[str, int],
    inbound: dict[str, int],
) -> None:
    """Take the promises of one stage, those of the neighbour after it being known."""
    known = told[name]
    source = next((one for one in stages[name].sources if place_of[one] > place_of[name]), None)
    buyer = next((one for one in sells[name] if place_of[one] > place_of[name]), None)
    if source is not None:
        least = min(service[source], len(known.cost) - 1)
        inbound[name] = min(range(least, len(known.cost)), key=known.cost.__getitem__)
        service[name] = known.choice[inbound[name]]
        return
    most = longest[name] if buyer is None else min(inbound[buyer], longest[name])
    service[name] = min(range(most + 1), key=known.cost.__getitem__)
    inbound[name] = known.choice[service[name]]
