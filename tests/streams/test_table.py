"""A table is a dict whatever rests in it; what rests keeps its worth, and what is in use stays awake."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.streams.state import Shard, TableSpec
from andon.streams.table import Table


class Record(msgspec.Struct, array_like=True):
    worth: int
    outbox: list[str] = []


KEYS = st.sampled_from("abcdef")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers(-99, 99)),
        st.tuples(st.just("add"), KEYS, st.integers(-9, 9)),
        st.tuples(st.just("pop"), KEYS, st.none()),
        st.tuples(st.just("rest"), st.none(), st.integers(0, 4)),
        st.tuples(st.just("look"), KEYS, st.none()),
    ),
    max_size=40,
)


@given(STEPS)
def test_it_holds_what_a_dict_would_hold_whatever_rests(steps):
    table, plain = Table(Record), {}
    for what, key, number in steps:
        if what == "set":
            table[key] = Record(number)
            plain[key] = number
        elif what == "add" and key in plain:
            table[key].worth += number
            plain[key] += number
        elif what == "pop":
            found = table.pop(key)
            assert (found and found.worth) == plain.pop(key, None)
        elif what == "rest":
            table.pack(number, ())
            assert table.live <= number
        elif what == "look":
            found = table.peek(key)
            assert (found and found.worth) == plain.get(key)
        assert (len(table), set(table)) == (len(plain), set(plain))
        assert [key in table for key in "abcdef"] == [key in plain for key in "abcdef"]
    assert {key: record.worth for key, record in table.items()} == plain
    assert table.live == len(plain)


def test_looking_wakes_nobody_and_asking_does():
    table = Table(Record)
    table["a"] = Record(1)
    table.pack(0, ())
    assert (table.peek("a").worth, table.live) == (1, 0)
    assert (table.get("a").worth, table.live) == (1, 1)
    assert table.get("a") is table["a"]


def test_an_unknown_key_is_an_unknown_key():
    table = Table(Record)
    assert (table.get("a"), table.peek("a"), table.pop("a")) == (None, None, None)
    with pytest.raises(KeyError):
        table["a"]


def shard_of(count):
    shard = Shard(
        0,
        {
            "books": TableSpec(
                "books", Record, lambda _: Record(0), rests=lambda record: record.worth > 0
            )
        },
        1,
    )
    for number in range(count):
        shard.get("books", str(number))
        shard.touch("books", str(number))
    return shard


def test_only_what_two_checkpoints_have_passed_over_may_rest():
    shard, live = shard_of(6), []
    for changed in ("0", "1", "2"):
        shard.take_dirty()
        shard.pack(2)
        live.append(shard.tables["books"].live)
        shard.touch("books", changed)
    assert live == [6, 6, 2]
    assert set(dict.keys(shard.tables["books"])) == {"0", "1", "2"}


def test_what_has_something_to_say_stays_awake():
    shard = shard_of(3)
    shard.tables["books"]["0"].outbox.append("news")
    for _ in range(3):
        shard.take_dirty()
    shard.pack(0)
    assert shard.tables["books"].live == 1
    assert shard.tables["books"].peek("0").outbox == ["news"]


def test_what_is_read_back_beyond_the_limit_rests_unless_somebody_must_see_it():
    shard = shard_of(0)
    encode = msgspec.msgpack.encode
    for key, record in (
        ("a", Record(1)),
        ("b", Record(1)),
        ("c", Record(0)),
        ("d", Record(2, ["x"])),
    ):
        worth = msgspec.structs.replace(record)
        shard.add("books", key, worth, encode(worth), live=1)
    assert len(shard.tables["books"]) == 4
    assert set(dict.keys(shard.tables["books"])) == {"a", "c", "d"}
