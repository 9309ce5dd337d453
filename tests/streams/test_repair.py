"""What `andon state repair` finds is what no worker begins with, and what it mends, a worker begins with."""

import asyncio
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.streams.admin import Lag
from andon.streams.changelog import Changelog, StateCorrupt
from andon.streams.fold import Fold
from andon.streams.metrics import Metrics
from andon.streams.repair import as_dict, examine
from andon.streams.state import MARK, Codec, Mark, Shard, TableSpec

TOPIC = "andon.pos.v1"
STATE = "andon.state.v1"


class Counter(msgspec.Struct, array_like=True):
    """State that counts."""

    count: int = 0
    outbox: list[int] = []


SPEC = TableSpec("counters", Counter, lambda _: Counter())
SPECS = {SPEC.name: SPEC}
CODEC = Codec(SPECS)
MARK_KEY = CODEC.encode_key(*MARK)


def record(key, value, headers=()):
    return SimpleNamespace(key=key, value=value, headers=headers)


def kept(key, epoch=1):
    return record(CODEC.encode_key("counters", key), CODEC.encode(Counter(1), epoch))


def mark(applied, records, epoch=1):
    return record(MARK_KEY, CODEC.encode(Mark({TOPIC: applied}, records), epoch))


def folded(records):
    fold = Fold(CODEC)
    for one in records:
        fold.take(one)
    return fold


def lag(committed, end, begin=0):
    return Lag(TOPIC, 0, committed, begin, end)


def refusal(records, of):
    """Return why a worker would not begin with these, or None."""
    changelog = Changelog(STATE, CODEC, None, {}, Metrics())
    shard, fold = Shard(0, SPECS, 9), folded(records)
    try:
        changelog._check(shard, fold)
        asyncio.run(changelog._fill(shard, fold.latest, 100))
        changelog.compare(shard, TOPIC, of.end)
        if of.committed:
            changelog.vouch(shard, TOPIC, of.committed)
    except StateCorrupt as error:
        return str(error)
    return None


def mended(records, of, mending):
    """Return records and offsets as they are after a mending."""
    committed = mending.commits.get((TOPIC, 0), of.committed)
    written = [record(*one) for one in mending.records]
    return [*records, *written], Lag(TOPIC, 0, committed, of.begin, of.end)


RUBBISH = record(b"counters:z", b'{"no": "state"}')
NO_MARK = record(MARK_KEY, b"\xff\xff\xff\xffrubbish")
WHOLE = [kept("a"), kept("b"), mark(50, 2)]
CASES = {
    "whole": (WHOLE, lag(50, 90), []),
    "nothing yet": ([], lag(None, 90), []),
    "a commit before the mark": (WHOLE, lag(20, 90), []),
    "a commit beyond the mark": (WHOLE, lag(60, 90), ["behind"]),
    "an empty changelog": ([], lag(60, 90), ["behind"]),
    "records are missing": (WHOLE[1:], lag(50, 90), ["missing"]),
    "an unreadable record": ([*WHOLE, RUBBISH], lag(50, 90), ["unreadable"]),
    "an unreadable mark": ([*WHOLE, NO_MARK], lag(50, 90), ["mark"]),
    "no mark can be read": ([kept("a"), NO_MARK], lag(50, 90), ["mark", "behind"]),
    "a topic too short": (WHOLE, lag(None, 40), ["shorter"]),
    "everything": ([WHOLE[0], WHOLE[2], RUBBISH, NO_MARK], lag(60, 40), None),
}


@pytest.mark.parametrize(("records", "of", "faults"), CASES.values(), ids=CASES)
def test_each_fault_is_named_and_a_worker_refuses_it_with_the_command_that_tells_more(
    records, of, faults
):
    findings, _ = examine(CODEC, 0, folded(records), [of])
    if faults is not None:
        assert [one.fault for one in findings] == faults
    said = refusal(records, of)
    assert bool(findings) == (said is not None)
    if said:
        assert "`andon state repair`" in said


RECORDS = st.lists(
    st.one_of(
        st.builds(kept, st.sampled_from("abc"), st.integers(1, 3)),
        st.builds(mark, st.integers(0, 60), st.integers(0, 4), st.integers(1, 3)),
        st.sampled_from([RUBBISH, NO_MARK, record(b"elsewhere:x", b"?")]),
        st.sampled_from("abc").map(
            lambda key: record(CODEC.encode_key("counters", key), None, CODEC.stamp(1))
        ),
    ),
    max_size=8,
)
LAGS = st.builds(lag, st.none() | st.integers(0, 80), st.integers(40, 90), begin=st.integers(0, 40))


@given(RECORDS, LAGS)
def test_it_finds_something_exactly_when_a_worker_would_not_begin(records, of):
    findings, _ = examine(CODEC, 0, folded(records), [of])
    assert bool(findings) == (refusal(records, of) is not None)


@given(RECORDS, LAGS)
def test_what_it_mends_a_worker_begins_with_and_nothing_readable_is_removed(records, of):
    fold = folded(records)
    forget = {"counters:z", "elsewhere:x"}
    findings, mending = examine(CODEC, 0, fold, [of], forget)
    after, now = mended(records, of, mending)
    left, _ = examine(CODEC, 0, folded(after), [now], forget)
    assert left == [one for one in findings if not one.mendable]
    if not left:
        assert refusal(after, now) is None
    readable = {k: v for k, v in fold.latest.items() if v and k not in fold.unreadable()}
    assert {k: v for k, v in folded(after).latest.items() if v} == readable


def test_an_unreadable_record_is_removed_only_by_its_name():
    findings, mending = examine(CODEC, 0, folded([*WHOLE, RUBBISH]), [lag(50, 90)])
    assert [one.mendable for one in findings] == [False]
    assert "--forget 'counters:z'" in findings[0].mend
    assert mending.records == []
    findings, mending = examine(CODEC, 0, folded([*WHOLE, RUBBISH]), [lag(50, 90)], {"counters:z"})
    assert [one.mendable for one in findings] == [True]
    assert [(key, value is None) for key, value, _ in mending.records] == [
        (b"counters:z", True),
        (MARK_KEY, False),
    ]


def test_what_cannot_be_read_again_is_said():
    [finding], mending = examine(CODEC, 0, folded(WHOLE), [lag(80, 90, begin=70)])
    assert "20 of these offsets the topic no longer has" in finding.mend
    assert mending.commits == {(TOPIC, 0): 50}
    assert as_dict(finding, mended=True) == {
        "partition": 0,
        "fault": "behind",
        "text": finding.text,
        "mend": finding.mend,
        "mendable": True,
        "mended": True,
    }
