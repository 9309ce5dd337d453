"""Whatever a record may hold, it reads back the same."""

from datetime import UTC, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from andon.schemas.common import Record, decode, encode
from andon.schemas.families import FAMILIES

CHARACTERS = st.characters(codec="utf-8")
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
#: Where a type sets no bounds of its own; a delay's hours are checked in the record.
ANY_FLOAT = 8760.0
FAMILY_NAMES = [family.name for family in FAMILIES.values() if family.record is not None]


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Return whatever a type of the wire contract allows, in moderate sizes."""
    match kind:
        case inspect.Metadata():
            return values(kind.type)
        case inspect.StrType(pattern=str(pattern)):
            longest = kind.max_length or 40
            return st.from_regex(pattern, fullmatch=True, alphabet=CHARACTERS).filter(
                lambda text: len(text) <= longest
            )
        case inspect.StrType():
            return st.text(CHARACTERS, min_size=kind.min_length or 0, max_size=20)
        case inspect.IntType():
            return st.integers(kind.ge, kind.le)
        case inspect.FloatType():
            low = next((bound for bound in (kind.ge, kind.gt) if bound is not None), -ANY_FLOAT)
            high = next((bound for bound in (kind.le, kind.lt) if bound is not None), ANY_FLOAT)
            return st.floats(
                low, high, exclude_min=kind.gt is not None, exclude_max=kind.lt is not None
            )
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.DateTimeType():
            return st.datetimes(timezones=st.just(UTC) | OFFSETS)
        case inspect.BytesType():
            return st.binary(max_size=20)
        case inspect.DateType():
            return st.dates()
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.UnionType():
            return st.one_of([values(part) for part in kind.types])
        case inspect.VarTupleType():
            items = st.lists(values(kind.item_type), min_size=kind.min_length or 0, max_size=2)
            return items.map(tuple)
        case inspect.TupleType():
            return st.tuples(*(values(part) for part in kind.item_types))
        case inspect.DictType():
            return st.dictionaries(values(kind.key_type), values(kind.value_type), max_size=2)
        case inspect.StructType():
            return records(kind)
    message = f"no values for {kind}"
    raise NotImplementedError(message)


def records(kind: inspect.StructType) -> st.SearchStrategy[Any]:
    """Return records of a type: required fields always, optional ones now and then, rules between fields kept."""
    required = {field.name: values(field.type) for field in kind.fields if field.required}
    optional = {field.name: values(field.type) for field in kind.fields if not field.required}

    def build(fields: dict[str, Any]) -> Record | None:
        try:
            return kind.cls(**fields)
        except ValueError:
            return None

    return (
        st.fixed_dictionaries(required, optional=optional)
        .map(build)
        .filter(lambda record: record is not None)
    )


def of(family: str) -> tuple[type[Record], st.SearchStrategy[Any]]:
    """Return a family's record type and its records."""
    kind = FAMILIES[family].record
    assert kind is not None
    return kind, values(inspect.type_info(kind))


@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_what_is_encoded_decodes_to_the_same(family: str) -> None:
    """Encoding loses nothing, and encoding what was read gives the same bytes."""
    kind, all_records = of(family)

    @settings(max_examples=25)
    @given(all_records)
    def law(record: Any) -> None:
        value = encode(record)
        read = decode(value, kind)
        assert read == record
        assert encode(read) == value

    law()


@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_any_bytes_decode_or_are_refused_with_a_reason(family: str) -> None:
    """No other exception than those that become dead letters."""
    kind, all_records = of(family)

    @settings(max_examples=25)
    @given(all_records, st.integers(0, 10_000), st.binary(max_size=3))
    def law(record: Any, place: int, noise: bytes) -> None:
        value = encode(record)
        place %= len(value)
        spoilt = value[:place] + noise + value[place + len(noise) :]
        try:
            assert isinstance(decode(spoilt, kind), kind)
        except (msgspec.MsgspecError, ValueError) as error:
            assert str(error)

    law()
