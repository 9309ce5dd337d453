"""Master data as the console keeps them: one record for all locations that have an item alike."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.console import master
from andon.console.master import Master
from andon.schemas.common import encode
from andon.schemas.examples import EXAMPLES

ITEM = EXAMPLES["items"]
SOURCE = ITEM.sources[0]


def told(**fields):
    return encode(msgspec.structs.replace(ITEM, **fields))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([1.0, 2.0])), max_size=30))
def test_what_is_alike_is_one_record_and_nothing_else_is(items):
    reader = Master()
    kept = {}
    for place, (description, cost) in enumerate(items):
        value = told(location=f"s{place}", description=description, unit_cost=cost)
        known, _ = reader.read(value)
        assert (known.description, known.unit_cost) == (description, cost)
        assert kept.setdefault((description, cost), known) is known


def test_with_very_many_that_differ_no_more_than_some_are_known_again(monkeypatch):
    monkeypatch.setattr(master, "_MOST_SHARED", 3)
    reader = Master()
    found = [reader.read(told(description=str(number)))[0] for number in range(10)]
    assert [one.description for one in found] == [str(number) for number in range(10)]
    assert len(reader._shared) <= 3


@pytest.mark.parametrize(
    ("cost", "prices", "is_priced"),
    [
        (2.5, (None,), True),
        (None, (2.5,), True),
        (None, (2.5, None), False),
        (None, (None,), False),
        (None, (), False),
    ],
)
def test_an_item_has_a_price_if_it_or_all_of_its_sources_have(cost, prices, is_priced):
    sources = [
        {"supplier": "A", "lead_time_days": 1, **({} if one is None else {"unit_cost": one})}
        for one in prices
    ]
    value = {"sources": sources, **({} if cost is None else {"unit_cost": cost})}
    assert Master().read(msgspec.json.encode(value))[1] == is_priced


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"unit_cost":"x"}'])
def test_what_cannot_be_read_is_nothing(value):
    assert Master().read(value) is None
