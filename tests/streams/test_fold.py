"""What the records of a changelog partition come to, whoever wrote some of them."""

from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.streams.fold import Fold
from andon.streams.state import MARK, Codec, Mark, TableSpec


class Counter(msgspec.Struct, array_like=True):
    """State that counts."""

    count: int = 0


CODEC = Codec({"counters": TableSpec("counters", Counter, lambda _: Counter())})
MARK_KEY = CODEC.encode_key(*MARK)
_BYTES = st.binary(max_size=40)


def record(key, value, headers=()):
    return SimpleNamespace(key=key, value=value, headers=headers)


def kept(key, count, epoch=1):
    return record(CODEC.encode_key("counters", key), CODEC.encode(Counter(count), epoch))


def removed(key, epoch=1):
    return record(CODEC.encode_key("counters", key), None, CODEC.stamp(epoch))


def mark(applied, records, epoch=1, *, repaired=False):
    return record(MARK_KEY, CODEC.encode(Mark(applied, records, repaired), epoch))


def folded(*records):
    fold = Fold(CODEC)
    for one in records:
        fold.take(one)
    return fold


def counts(fold):
    """Return what can be read."""
    return {
        key: CODEC.decode("counters", value).count
        for key, value in fold.latest.items()
        if value is not None and key not in fold.unreadable()
    }


OURS = [
    kept("a", 1),
    kept("b", 2),
    mark({"pos": 10}, 2),
    kept("a", 3, 2),
    removed("b", 2),
    kept("c", 4, 2),
    mark({"pos": 20}, 2, 2),
    kept("d", 5, 3),
]


def test_an_older_mark_after_a_newer_one_takes_nothing_back():
    """It was written by a version that let marks go back, or by hand."""
    marks = mark({"pos": 1035, "stock": 2}, 1), mark({"pos": 26, "acks": 4}, 1)
    assert folded(kept("a", 1), *marks).mark.applied == {"pos": 1035, "stock": 2, "acks": 4}


@given(st.lists(st.dictionaries(st.sampled_from("xyz"), st.integers(0, 99)), min_size=1))
def test_a_mark_is_the_furthest_of_all_whatever_their_order(marks):
    fold = folded(*(mark(applied, 0) for applied in marks))
    topics = {topic for applied in marks for topic in applied}
    assert fold.mark.applied == {
        topic: max(applied.get(topic, 0) for applied in marks) for topic in topics
    }


def test_the_mark_of_a_repair_stands_as_it_is():
    assert folded(mark({"pos": 1035}, 9), mark({"pos": 26}, 1, repaired=True)).mark.applied == {
        "pos": 26
    }


def test_what_is_missing_is_what_the_last_mark_counted_and_nobody_removed():
    assert folded(*OURS).missing == 0
    assert folded(*OURS[3:]).missing == 0, "a mark counts what is in the changelog then"
    assert folded(OURS[3], *OURS[6:]).missing == 0, "another record stands where one is missing"
    assert folded(OURS[6]).missing == 2
    assert folded(OURS[6], removed("c", 2)).missing == 1


FOREIGN = {
    "JSON": b'{"sku": "TEA-01"}',
    "text": b"hello, world",
    "nothing": b"",
    "short": b"\x00\x00",
    "an epoch and no record": b"\xff\xff\xff\xff",
    "an epoch and an object": b"\xff\xff\xff\xff\x80",
    "an epoch and another array": b"\xff\xff\xff\xff\x93\xc0\xc0\xc0",
    "an old epoch and half an array": b"\x00\x00\x00\x00\x9f",
}


@pytest.mark.parametrize("value", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("key", [b"counters:z", b"elsewhere:z", b"\xff", None])
def test_a_foreign_record_is_named_and_makes_no_zombie_of_those_after_it(value, key):
    for place in range(len(OURS) + 1):
        fold = folded(*OURS[:place], record(key, value), *OURS[place:])
        assert set(fold.unreadable()) == {key}
        assert counts(fold) == counts(folded(*OURS))
        assert fold.newest == 3
        assert fold.mark == folded(*OURS).mark


@given(st.none() | _BYTES, st.none() | _BYTES, st.integers(0, len(OURS)), st.data())
def test_whatever_somebody_else_writes_under_another_key_our_records_stay_what_they_are(
    key, value, place, data
):
    headers = [("epoch", data.draw(_BYTES))] if data.draw(st.booleans()) else []
    fold = folded(*OURS[:place], record(key, value, headers), *OURS[place:])
    assert counts(fold) == counts(folded(*OURS))
    assert fold.newest == 3
    assert set(fold.unreadable()) <= {key}
