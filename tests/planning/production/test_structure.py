"""The structure of bills: low-level codes as if computed anew, circles refused by a rule that no order of news changes."""

import random

import pytest

from andon.planning.production.structure import Structure


def levels(bills):
    """Return low-level codes by the definition: the longest way from the top."""
    known = {}
    users = {}
    for key, components in bills.items():
        for one in components:
            users.setdefault(one, set()).add(key)

    def level(key):
        if key not in known:
            known[key] = 1 + max((level(one) for one in users.get(key, ())), default=-1)
        return known[key]

    return {key: level(key) for key in {*bills, *users}}


def test_low_level_codes_follow_the_bills():
    structure = Structure()
    structure.learn("Z", ["A", "B"], 1.0)
    structure.learn("A", ["C", "D"], 2.0)
    assert [structure.level(one) for one in "ZABCD"] == [0, 1, 1, 2, 2]
    structure.learn("B", ["A"], 3.0)
    assert [structure.level(one) for one in "ZABCD"] == [0, 2, 1, 3, 3]
    structure.learn("B", [], 4.0)
    assert [structure.level(one) for one in "ZABCD"] == [0, 1, 1, 2, 2]


def test_codes_kept_current_are_those_computed_anew():
    rng = random.Random(19)
    names = [f"part-{number}" for number in range(60)]
    structure, bills = Structure(), {}
    for step in range(3000):
        place = rng.randrange(len(names) - 1)
        below = names[place + 1 :]
        given = rng.sample(below, rng.randint(0, min(4, len(below))))
        bills[names[place]] = given
        assert structure.learn(names[place], given, float(step)) == set()
        if step % 10 == 0:
            expected = levels(bills)
            assert {one: structure.level(one) for one in expected} == expected


def test_a_circle_is_refused_with_its_way():
    structure = Structure()
    structure.learn("A", ["B"], 1.0)
    structure.learn("B", ["C"], 2.0)
    assert structure.learn("C", ["A", "D"], 3.0) == {"C"}
    assert structure.refused("C") == {"A": ("C", "A", "B", "C")}
    assert structure.uses("C") == ("D",)
    assert [structure.level(one) for one in "ABCD"] == [0, 1, 2, 3]
    assert structure.learn("B", [], 4.0) == {"C"}
    assert structure.uses("C") == ("A", "D")


@pytest.mark.parametrize("seed", range(30))
def test_what_is_refused_does_not_depend_on_the_order_of_news(seed):
    rng = random.Random(seed)
    names = [f"part-{number}" for number in range(12)]
    bills = {
        one: (float(rng.randint(0, 6)), rng.sample([o for o in names if o != one], 2))
        for one in names
    }
    found = []
    for _ in range(4):
        structure, order = Structure(), list(bills)
        rng.shuffle(order)
        # Some were told otherwise before.
        for one in order[:5]:
            structure.learn(one, rng.sample([o for o in names if o != one], 3), 0.0)
        changed = set()
        for one in order:
            at, components = bills[one]
            changed |= structure.learn(one, components, at)
        found.append({one: (structure.uses(one), dict(structure.refused(one))) for one in names})
        assert levels(
            {one: structure.uses(one) for one in names}
        )  # it ends: nothing is in a circle
        assert {one: structure.level(one) for one in names} == levels(
            {one: structure.uses(one) for one in names}
            | {one: [] for one in names if not structure.uses(one)}
        )
        for one in names:
            for component, path in structure.refused(one).items():
                assert path[0] == path[-1] == one
                assert path[1] == component
    assert all(one == found[0] for one in found)


def test_refusals_that_change_are_told():
    rng = random.Random(7)
    names = [f"part-{number}" for number in range(10)]
    structure, known = Structure(), {}
    for step in range(500):
        one = rng.choice(names)
        given = rng.sample([o for o in names if o != one], rng.randint(0, 3))
        changed = structure.learn(one, given, float(step))
        now = {name: dict(structure.refused(name)) for name in names}
        assert changed == {name for name in names if known.get(name, {}) != now[name]}
        known = now
