"""What the compiled loop reads of a sale is what its decoder reads of it, or nothing."""

import gc
import json
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.schemas.pos import Sale

compiled = pytest.importorskip(
    "andon.agents._plain_sales", reason="the compiled loop was not built: make compiled"
)

DECODER = msgspec.json.Decoder(Sale)
PLAIN = {
    "event_id": '"till-1"',
    "occurred_at": '"2025-10-10T08:20:34Z"',
    "location": '"S1"',
    "sku": '"sku-7"',
    "quantity": "3",
}
#: How a value may be written that is right, wrong or odd, whatever the field.
ANY = st.one_of(
    st.sampled_from(
        ["null", "true", "false", "[]", "{}", '""', "0", "-1", "1.0", "1e3", "01", "1.", "-0", "1,"]
    ),
    st.sampled_from(['"a/b"', '"\\u0041"', '"\\n"', '"é"', '"\x7f"', '"\x1f"', '" a "', '"a', '"']),
    st.integers(-5, 2_000_000_000).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(120, 130).map(lambda size: f'"{"x" * size}"'),
    st.text(max_size=5).map(json.dumps),
)
#: How the parts of an instant may be written.
PARTS = st.tuples(
    st.sampled_from(
        ["1969", "1970", "2000", "2024", "2025", "2100", "2200", "9999", "0000", "20x5"]
    ),
    st.sampled_from(["-", "/"]),
    st.sampled_from(["00", "01", "02", "06", "12", "13", " 1"]),
    st.sampled_from(["00", "01", "28", "29", "30", "31", "32"]),
    st.sampled_from(["T", "t", " ", "_"]),
    st.sampled_from(["00", "23", "24", "8"]),
    st.sampled_from(["00:00", "59:59", "60:00", "00:60", "00:61", "0000"]),
    st.sampled_from(["", ".", ".5", ".25", ".000001", ".999999", ".9999999", ",5"]),
    st.sampled_from(["Z", "z", "+00:00", "-00:00", "+02:00", "", "+0000", "Z "]),
)
INSTANT = st.one_of(
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.datetimes().map(lambda at: at.isoformat() + "+00:00"),
    PARTS.map(lambda part: f"{part[0]}{part[1]}{part[2]}{part[1]}" + "".join(part[3:])),
).map(lambda text: f'"{text}"')
MONEY = st.one_of(
    st.floats(0, 1e13).map(repr),
    st.decimals(0, 10**13, places=3).map(str),
    st.integers(0, 10**13).map(str),
)
OTHERS = st.sampled_from(
    [
        *("kind", "unit_price", "transaction_id", "promotion", "exceptional", "source", "sequence"),
        *("corrects", "due_at", "sold_at", "note", "", "Kind", "quantity", "sku", "a" * 40),
    ]
)
FIELDS = st.one_of(
    st.tuples(st.sampled_from(list(PLAIN)), ANY),
    st.tuples(st.just("occurred_at"), INSTANT),
    st.tuples(st.just("unit_price"), MONEY),
    st.tuples(st.just("kind"), st.sampled_from(['"sale"', '"return"', '"sales"'])),
    st.tuples(OTHERS, ANY),
)
GLUE = st.tuples(
    st.sampled_from([",", ", ", " ,", ",\n", ",,"]),
    st.sampled_from([":", ": ", " :", "::"]),
    st.sampled_from(["", " ", "{"]),
    st.sampled_from(["}", "}", "}", " }", "} ", "}}", ""]),
)


def read(value):
    """Return what both read, having seen that the compiled loop reads nothing else than the decoder."""
    found = compiled.read(value)
    if found is not None:
        sale = DECODER.decode(value)
        assert found == (
            sale.event_id,
            sale.occurred_at.timestamp(),
            sale.location,
            sale.sku,
            sale.quantity,
        )
        known = {"unit_price": sale.unit_price, "transaction_id": sale.transaction_id}
        assert sale == Sale(
            event_id=sale.event_id,
            occurred_at=sale.occurred_at,
            location=sale.location,
            sku=sale.sku,
            quantity=sale.quantity,
            **known,
        )
    return found


def written(fields, between=",", after=":", begin="", end="}"):
    return (
        begin + "{" + between.join(f'"{name}"{after}{text}' for name, text in fields) + end
    ).encode(errors="surrogatepass")


@settings(max_examples=1000)
@given(st.lists(FIELDS, max_size=4), st.booleans(), st.data())
def test_whatever_is_written_is_read_as_the_decoder_reads_it_or_not_at_all(odd, in_place, data):
    fields = list((PLAIN | dict(odd)).items()) if in_place else [*PLAIN.items(), *odd]
    fields = data.draw(st.permutations(fields))
    glue = data.draw(st.one_of(st.just(()), GLUE))
    value = written(fields, *glue)
    read(value)
    cut = data.draw(st.integers(0, len(value)))
    read(value[:cut])
    read(value[:cut] + data.draw(st.binary(max_size=2)) + value[cut:])


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"kind": '"sale"'},
        {"unit_price": "9.95"},
        {"unit_price": "0"},
        {"transaction_id": '"receipt 7"'},
        {"occurred_at": '"2024-02-29T23:59:59.000001+00:00"'},
        {"quantity": "1000000000"},
    ],
)
def test_what_a_till_sends_is_plain(more):
    fields = (PLAIN | more).items()
    assert read(written(fields)) is not None
    assert read(written(fields, ", ", ": ")) is not None


def test_instants_of_every_year_are_those_of_the_calendar():
    for year in range(1970, 2201):
        for day in ("01-01", "02-28", "03-01", "12-31"):
            assert read(written((PLAIN | {"occurred_at": f'"{year}-{day}T12:00:00.1Z"'}).items()))


def test_reading_keeps_nothing():
    value = written(PLAIN.items())
    compiled.read(value)
    gc.collect()
    before, held = sys.getallocatedblocks(), sys.getrefcount(value)
    for _ in range(1000):
        compiled.read(value)
        compiled.read(value[:-1])
    assert sys.getrefcount(value) == held
    assert sys.getallocatedblocks() - before < 100
