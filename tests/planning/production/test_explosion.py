"""The explosion of requirements: a textbook's tree, Leontief's totals, and the same step by step as all at once."""

import random
from datetime import date

import numpy as np
import pytest
from support.data import data_file
from support.mrp import WHERE, Plant, bill

from andon.planning.production.explosion import planned_orders, usages
from andon.schemas.boms import Alternate

WILLEMS = "network/willems/MSOM-06-038-R2.xlsx"
STEPS = 10_000


def test_the_tree_of_a_textbook():
    plant = Plant()
    plant.lead_days = {"Z": 2, "A": 1, "B": 1, "C": 1, "D": 1, "E": 3}
    plant.set_bill(bill("Z", [("A", 2), ("B", 3)]))
    plant.set_bill(bill("A", [("C", 4), ("D", 4)]))
    plant.set_bill(bill("D", [("E", 2)]))
    plant.set_demand("Z", {10: 59.0})
    found = {sku: (plant.wants(sku), plant.orders(sku)) for sku in "ZABCDE"}
    assert found == {
        "Z": ({10: 59.0}, {8: 59.0}),
        "A": ({8: 118.0}, {7: 118.0}),
        "B": ({8: 177.0}, {7: 177.0}),
        "C": ({7: 472.0}, {6: 472.0}),
        "D": ({7: 472.0}, {6: 472.0}),
        "E": ({6: 944.0}, {3: 944.0}),
    }


def random_plant(rng, items):
    """Return a plant of random bills without circles."""
    plant = Plant()
    for number in range(items):
        redraw(plant, rng, items, number)
        plant.set_demand(f"i{number}", {0: float(rng.randint(0, 50))} if rng.random() < 0.3 else {})
    return plant


def redraw(plant, rng, items, number):
    below = range(number + 1, min(items, number + 15))
    parts = rng.sample(below, min(len(below), rng.randint(1, 4))) if below else []
    if parts:
        chosen = [
            (f"i{one}", rng.choice((1, 2, 0.5, 0.125)), {"scrap": rng.choice((0.0, 0.05))})
            for one in parts
        ]
        plant.set_bill(bill(f"i{number}", chosen, yield_share=rng.choice((1.0, 0.9))))


@pytest.mark.parametrize("seed", range(10))
def test_totals_are_those_of_leontief(seed):
    rng = random.Random(seed)
    plant = random_plant(rng, 40)
    matrix, demand = np.zeros((40, 40)), np.zeros(40)
    for number in range(40):
        demand[number] = sum(plant.outside.get(f"i{number}", {}).values())
        made = plant.bills.get(f"i{number}")
        for one in () if made is None else made.components:
            matrix[int(one.sku[1:]), number] += one.quantity * (1 + one.scrap) / made.yield_share
    expected = np.linalg.solve(np.eye(40) - matrix, demand)
    found = [sum(plant.wants(f"i{number}").values()) for number in range(40)]
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-9)


def agree(plant):
    other = plant.anew()
    for sku in {*plant.heard, *other.heard}:
        one, two = plant.wants(sku), other.wants(sku)
        for day in {*one, *two}:
            assert one.get(day, 0.0) == pytest.approx(two.get(day, 0.0), rel=1e-9, abs=1e-9), (
                sku,
                day,
            )


@pytest.mark.parametrize("seed", range(2))
def test_step_by_step_is_the_same_as_all_at_once(seed):
    rng = random.Random(seed)
    plant = random_plant(rng, 50)
    for step in range(STEPS // 2):
        sku = f"i{rng.randrange(50)}"
        kind = rng.random()
        if kind < 0.2:
            redraw(plant, rng, 50, int(sku[1:]))
        elif kind < 0.3:
            plant.lead_days[sku] = rng.randint(0, 4)
            plant.work([sku])
        elif kind < 0.4:
            plant.stock[sku] = float(rng.randint(0, 100))
            plant.work([sku])
        else:
            plant.set_demand(sku, {rng.randint(0, 20): float(rng.randint(0, 50)) for _ in range(3)})
        if step % 1000 == 0:
            agree(plant)
    agree(plant)


def chains():
    """Return the arcs (part, what it goes into) of the 38 chains of Willems (2008), by the names of their sheets."""
    calamine = pytest.importorskip("python_calamine")
    book = calamine.load_workbook(str(data_file(WILLEMS)))
    names = [name for name in book.sheet_names if name.endswith("_LL") and name != "00_LL"]
    return {
        name: [tuple(row[:2]) for row in book.get_sheet_by_name(name).to_python()[1:]]
        for name in names
    }


def test_chains_of_practice_step_by_step():
    rng = random.Random(2008)
    known = chains()
    assert len(known) == 38
    steps = STEPS // len(known) + 1
    for name, arcs in known.items():
        plant, parts = Plant(), {}
        for source, user in arcs:
            parts.setdefault(user, []).append((source, rng.choice((1, 2, 3, 0.5))))
        for user, used in parts.items():
            plant.bills[user] = bill(user, list(dict(used).items()))
            assert plant.structure.learn(user, dict(used), 0.0) == set(), name
        tops = [sku for sku in parts if not plant.structure.users(sku)]
        for step in range(steps):
            sku = rng.choice(tops if step % 3 else list(parts))
            if step % 5 == 4:
                used = {part: rng.choice((1, 2, 3, 0.5)) for part, _ in parts[sku]}
                plant.set_bill(bill(sku, list(used.items()), at=step))
            else:
                plant.set_demand(sku, {rng.randint(0, 5): float(rng.randint(1, 90))})
        agree(plant)


def test_a_phantom_is_what_it_is_made_of():
    bills = {
        f"{WHERE}/KIT": bill(
            "KIT", [("BOLT", 4, {"scrap": 0.5}), ("NUT", 2, {"offset_days": 1})], yield_share=0.5
        ),
        f"{WHERE}/BOX": bill("BOX", [("WOOD", 1)]),
    }
    made = bill("Z", [("KIT", 3, {"phantom": True, "offset_days": 2}), ("BOX", 1)])
    found = {one.sku: (one.takes, one.offset_days) for one in usages(made, bills.get)}
    assert found == {"BOLT": (36.0, 2.0), "NUT": (12.0, 3.0), "BOX": (1.0, 0.0)}
    unknown = bill("Z", [("GLUE", 3, {"phantom": True})])
    assert [one.sku for one in usages(unknown, bills.get)] == ["GLUE"]


def test_phantoms_in_a_circle_end():
    bills = {
        f"{WHERE}/{one}": bill(one, [(other, 1, {"phantom": True})]) for one, other in ("AB", "BA")
    }
    assert len(usages(bills[f"{WHERE}/A"], bills.get)) == 1
    assert (
        usages(bills[f"{WHERE}/A"], bills.get, lambda key: ["plant/A"] if key == "plant/B" else ())
        == ()
    )


def test_a_component_is_valid_from_its_first_to_its_last_day():
    made = bill(
        "Z",
        [
            ("OLD", 1, {"valid_until": date(1970, 1, 11)}),
            ("NEW", 1, {"valid_from": date(1970, 1, 12)}),
        ],
    )
    assert [one.sku for one in usages(made, day=10)] == ["OLD"]
    assert [one.sku for one in usages(made, day=11)] == ["NEW"]
    assert len(usages(made)) == 2


def test_what_is_taken_of_an_alternate():
    (one,) = usages(
        bill(
            "Z",
            [
                (
                    "A",
                    2,
                    {
                        "scrap": 0.1,
                        "alternates": (Alternate(sku="B"), Alternate(sku="C", quantity=5)),
                    },
                )
            ],
        )
    )
    assert [one.of(other) for other in one.alternates] == pytest.approx([2.2, 5.5])


def test_orders_are_what_stock_and_receipts_do_not_cover():
    assert planned_orders({3: 10, 5: 10}, {4: 5}, 8, 0, 2) == {1: 2, 3: 5}
    assert planned_orders({3: 10}, {}, 8, 2, 9) == {2: 2}, "what is late is begun today"
    assert planned_orders(
        {3: 10}, {}, 8, 0, 0, keeps=4, lot=lambda missing: 20 * -(-missing // 20)
    ) == {3: 20}
    assert planned_orders({1: 5}, {}, 0, 3, 1) == {3: 5}, (
        "what was needed before today is needed today"
    )
