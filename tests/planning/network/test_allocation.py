"""Sharing what is short: as good as the best of all divisions, explained, and the same again from its record."""

import random

import pytest

from andon.planning.network.allocation import Claim, allocate, explained

CASES = 10_000


def worth(claim, given):
    """Return what some units are worth to a claim, in money."""
    return sum(claim.worth(done) * claim.lot for done in range(0, given, claim.lot))


def best(available, claims):
    """Return the most that a division of some units among claims in packs of one size can be worth: a dynamic program."""
    lot = claims[0].lot
    packs = max(available, 0) // lot
    value = [0.0] * (packs + 1)
    for claim in claims:
        gains = [0.0]
        for done in range(0, claim.wanted // lot * lot, lot):
            gains.append(gains[-1] + claim.worth(done) * lot)
        value = [
            max(value[left - some] + gains[some] for some in range(min(left, len(gains) - 1) + 1))
            for left in range(packs + 1)
        ]
    return value[packs]


def drawn(rng):
    """Return units to share and claims on them."""
    lot = rng.choice((1, 1, 2, 6))
    claims = []
    for number in range(rng.randint(1, 4)):
        mean = rng.choice((0.0, rng.uniform(0, 3), rng.uniform(0, 12)))
        claims.append(
            Claim(
                f"store-{number}",
                wanted=rng.randint(0, 4) * lot + rng.randint(0, lot - 1),
                position=rng.randint(-3, 12),
                mean=mean,
                variance=mean * rng.uniform(1, 4),
                shortage_cost=rng.choice((0.0, 1.0, rng.uniform(0, 9))),
                lot=lot,
            )
        )
    return rng.randint(-2, 12) * lot + rng.randint(0, lot - 1), claims


def test_no_division_is_worth_more():
    rng = random.Random(19)
    for _ in range(CASES):
        available, claims = drawn(rng)
        shares = allocate(available, claims)
        assert sum(share.given for share in shares) <= max(available, 0)
        for claim, share in zip(claims, shares, strict=True):
            assert 0 <= share.given <= claim.wanted
            assert share.given % claim.lot == 0
        found = sum(worth(claim, share.given) for claim, share in zip(claims, shares, strict=True))
        assert found == pytest.approx(best(available, claims), rel=1e-9, abs=1e-7)


def test_the_dynamic_program_finds_a_bad_division_out():
    dear, cheap = (Claim(name, 2, 0, 5.0, 5.0, cost) for name, cost in (("a", 2.0), ("b", 1.0)))
    assert worth(cheap, 2) < best(2, [dear, cheap]) == pytest.approx(worth(dear, 2))


def test_of_two_alike_the_one_with_less_comes_first_whatever_the_order():
    poor, rich = (Claim(name, 10, place, 8.0, 8.0, 1.0) for name, place in (("b", 0), ("a", 4)))
    assert [one.given for one in allocate(4, [poor, rich])] == [4, 0]
    assert [one.given for one in allocate(4, [rich, poor])] == [0, 4]


def test_a_lower_tier_waits_whatever_it_is_worth_there():
    first = Claim("hospital", 10, 0, 5.0, 5.0, 1.0, tier=0)
    other = Claim("shop", 10, 0, 5.0, 5.0, 99.0, tier=1)
    shares = allocate(12, [other, first])
    assert [one.given for one in shares] == [2, 10]
    assert explained([other, first], shares)[0] == "shop gets 2 of 10: hospital is served before it"


def test_it_says_in_words_why_one_gets_less():
    claims = [Claim("store 3", 12, 0, 10.0, 10.0, 3.0), Claim("store 7", 30, 0, 20.0, 20.0, 1.4)]
    shares = allocate(24, claims)
    words = explained(claims, shares)
    assert words[0] == f"store 3 gets {shares[0].given} of 12" or "a unit more" in words[0]
    assert words[1].startswith(f"store 7 gets {shares[1].given} of 30: a unit more is worth 1.")
    assert "the last of store 3" in words[1]


@pytest.mark.parametrize(
    "claim", [Claim("a", 1, 0, 1.0, 1.0, -1.0), Claim("a", 1, 0, 1.0, 1.0, 1.0, lot=0)]
)
def test_what_cannot_be_is_refused(claim):
    with pytest.raises(ValueError, match="^claims:"):
        allocate(1, [claim])


def test_nothing_is_shared_of_nothing():
    assert allocate(0, []) == []
    assert allocate(-5, [Claim("a", 3, 0, 1.0, 1.0, 1.0)])[0].given == 0
