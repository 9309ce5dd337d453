"""Safety stock placed in a tree: the published chains, and no better promises among all that there are."""

import csv
import itertools
import math
import random

import pytest
from support.data import data_file

from andon.planning.network.guaranteed_service import Stage, place

# Graves and Willems (2000), whose totals are 633,000 and 853,000; the exact ones are stockpyl's.
PUBLISHED = [("bulldozer", 0.30, 632_775), ("battery", 0.25, 853_077)]
Z = 1.645


def chain_of(path, rate):
    """Return the stages of a chain as its file has them: costs are what each stage adds, demand is that of those who sell."""
    added, days, sources, sold, limits = {}, {}, {}, {}, {}
    with path.open(encoding="utf-8") as file:
        for row in itertools.islice(csv.reader(file), 1, None):
            name = row[0]
            days[name], added[name] = int(row[1]), float(row[3])
            sources[name] = tuple(part for part in row[8::2] if part)
            if row[6]:
                sold[name] = float(row[6])
            limits[name] = int(row[2]) if row[2] else None

    def cost_of(name):
        return added[name] + sum(cost_of(source) for source in sources[name])

    def variance_of(name):
        if name in sold:
            return sold[name] ** 2
        return sum(variance_of(other) for other, all_ in sources.items() if name in all_)

    return {
        name: Stage(
            days[name],
            rate * cost_of(name),
            math.sqrt(variance_of(name)),
            Z,
            sources[name],
            limits[name],
        )
        for name in added
    }


@pytest.mark.parametrize(("name", "rate", "cost"), PUBLISHED, ids=[case[0] for case in PUBLISHED])
def test_a_published_chain_costs_what_was_published(name, rate, cost):
    path = data_file(f"network/gsm/{name}.txt")
    assert place(chain_of(path, rate)).cost == pytest.approx(cost, abs=1.0)


def drawn(rng, stages):
    """Return a small tree of stages."""
    found = {}
    sources = {number: [] for number in range(stages)}
    for number in range(1, stages):
        other = rng.randrange(number)
        above, below = (other, number) if rng.random() < 0.5 else (number, other)
        sources[below].append(str(above))
    for number in range(stages):
        sells = any(str(number) in all_ for all_ in sources.values())
        found[str(number)] = Stage(
            rng.randint(0, 3),
            rng.uniform(0.5, 5),
            rng.uniform(0.5, 3),
            Z,
            tuple(sources[number]),
            None if sells else rng.randint(0, 1),
        )
    return found


def least(stages):
    """Return the least cost of all promises that there are, each tried."""
    names = list(stages)
    best = math.inf
    longest = sum(stage.days for stage in stages.values())
    for promised in itertools.product(range(longest + 1), repeat=len(names)):
        service = dict(zip(names, promised, strict=True))
        cost = 0.0
        for name, stage in stages.items():
            inbound = max((service[source] for source in stage.sources), default=0)
            net = inbound + stage.days - service[name]
            if net < 0 or (
                stage.longest_service is not None and service[name] > stage.longest_service
            ):
                cost = math.inf
                break
            cost += stage.holding(net)
        best = min(best, cost)
    return best


def test_no_promises_cost_less():
    rng = random.Random(2000)
    for _ in range(150):
        stages = drawn(rng, rng.randint(1, 4))
        found = place(stages)
        assert found.cost == pytest.approx(least(stages), rel=1e-9)
        for name, stage in stages.items():
            assert found.inbound[name] >= max(
                (found.service[one] for one in stage.sources), default=0
            )
            assert found.inbound[name] + stage.days >= found.service[name]


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ({}, "no tree"),
        ({"a": Stage(1, 1, 1, 1, ("b",))}, "which is no stage"),
        ({"a": Stage(1, 1, 1, 1), "b": Stage(1, 1, 1, 1)}, "no tree"),
        ({"a": Stage(-1, 1, 1, 1)}, "at least 0"),
        ({"a": Stage(1, 1, 1, 1, ("a",)), "b": Stage(1, 1, 1, 1)}, "circle"),
    ],
)
def test_what_is_no_tree_is_refused(stages, message):
    with pytest.raises(ValueError, match=message):
        place(stages)
