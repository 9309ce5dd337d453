"""Batches are applied in turns: dear ones in parts that meet without a hole, one at a time, with others in between."""

import asyncio
import time
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.streams.batches import RecordBatch
from andon.streams.time_slices import SLICE_SECONDS, TimeSlices, give_way


def batch(offsets, topic="t", partition=0):
    records = [SimpleNamespace(offset=offset) for offset in offsets]
    begin = records[0].offset - 1 if records else 7
    end = records[-1].offset + 3 if records else 9
    return RecordBatch(topic, partition, records, begin=begin, end=end, generation=1)


class Clock:
    """A clock that others move."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def taken(slices, one, seconds_each):
    """Return the parts that a batch is applied in, if each of its records takes so long."""

    async def story():
        parts = []
        for part in slices.parts(one):
            async with slices.take(part):
                slices._clock.now += seconds_each * len(part)
            parts.append(part)
        return parts

    return asyncio.run(story())


@given(
    st.sets(st.integers(0, 10_000), max_size=400).map(sorted), st.sampled_from((1e-7, 1e-4, 3e-4))
)
def test_the_parts_hold_every_record_once_and_meet_without_a_hole(offsets, cost):
    slices = TimeSlices()
    slices._cost["t"] = cost
    one = batch(offsets)
    parts = list(slices.parts(one))
    assert [record.offset for part in parts for record in part.records] == offsets
    assert (parts[0].begin, parts[-1].end) == (one.begin, one.end)
    for before, after in pairwise(parts):
        assert before.end == after.begin == after.records[0].offset


@pytest.mark.parametrize(
    ("cost", "parts"),
    [(SLICE_SECONDS / 1000, 1), (SLICE_SECONDS / 100, 2), (SLICE_SECONDS / 10, 20), (1.0, 200)],
)
def test_a_batch_is_cut_by_what_records_of_its_topic_have_cost(cost, parts):
    slices = TimeSlices()
    slices._cost["t"] = cost
    assert len(list(slices.parts(batch(range(200))))) == parts
    slices._cost["t"] = SLICE_SECONDS / 200
    assert len(list(slices.parts(batch(range(200))))) == 1


def test_it_learns_that_records_are_dear_and_that_they_are_cheap_again():
    slices = TimeSlices(Clock())
    first = [len(part) for part in taken(slices, batch(range(120)), 0.001)]
    assert first[0] == 100
    assert max(first[1:]) <= 20
    taken(slices, batch(range(120)), 0.0)
    assert len(taken(slices, batch(range(120)), 0.0)) == 1


def test_what_other_programs_take_of_the_processor_makes_no_slice_smaller():
    """By the clock on the wall these records are dear; this process has spent nothing on them."""
    slices = TimeSlices()

    async def story():
        parts = []
        for part in slices.parts(batch(range(400))):
            async with slices.take(part):
                time.sleep(0.05)  # noqa: ASYNC251 - as if somebody else had the processor
            parts.append(part)
        return parts

    assert [len(part) for part in asyncio.run(story())] == [100, 300]


def test_others_go_on_between_two_parts_and_only_one_batch_is_applied_at_a_time():
    slices, seen = TimeSlices(), []

    async def handle(name):
        for part in slices.parts(batch(range(250), name)):
            async with slices.take(part):
                seen.append(name)

    async def story():
        handling = asyncio.gather(handle("a"), handle("b"))
        while not handling.done():
            await asyncio.sleep(0)
            seen.append("other")
        await handling

    asyncio.run(story())
    applied = [place for place, name in enumerate(seen) if name != "other"]
    assert len(applied) == 4
    assert all(after - before > 1 for before, after in pairwise(applied))


def given_way(seconds, others, each):
    """Return how much time went by while way was given so long to others, who want so many slices each."""
    clock = Clock()
    lock = asyncio.Lock()

    async def other():
        for _ in range(each):
            async with lock:
                clock.now += SLICE_SECONDS
                await asyncio.sleep(0)

    async def story():
        async with asyncio.TaskGroup() as group:
            for _ in range(others):
                group.create_task(other())
            await give_way(seconds, clock)
            return clock.now

    return asyncio.run(story())


@given(st.integers(1, 8), st.floats(0.001, 0.5))
def test_what_can_wait_gives_way_as_long_as_it_said_while_others_want_to_go_on(others, seconds):
    went_by = given_way(seconds, others, each=100)
    assert seconds <= went_by <= seconds + SLICE_SECONDS + 1e-9


@given(st.integers(0, 8), st.integers(1, 5))
def test_what_can_wait_goes_on_at_once_when_nobody_wants_anything_more(others, each):
    assert given_way(1e9, others, each) == pytest.approx(others * each * SLICE_SECONDS)
