"""The fuzzer of bench/fuzz_cost.py plays, says the same for the same seed, and what it plays stays within bounds."""

import importlib
import logging
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def fuzz():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        yield importlib.import_module("fuzz_cost")


#: Worlds with 399 open orders and a hundred disruptions, with worlds beside them that once held what nobody could encode,
#: decide on, or decode.
WORLDS = (2, 6, 10, 20, 200_003)


@pytest.mark.parametrize("world", WORLDS)
def test_random_events_over_all_bounds_are_decided_on_and_make_no_record_too_large(fuzz, world):
    """What they cost is not asserted here: a test's time says nothing. `python bench/fuzz_cost.py` does."""
    logging.disable(logging.ERROR)
    try:
        played = list(fuzz.play(world, 60))
    finally:
        logging.disable(logging.NOTSET)
    assert len(played) >= 60
    assert max(found.cost.largest for found in played) < fuzz.MOST_BYTES


def test_the_same_seed_plays_the_same(fuzz):
    def played():
        return [(one.place, one.cost.family, one.cost.largest) for one in fuzz.play(4, 40)]

    assert played() == played()
