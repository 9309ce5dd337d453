"""The guide for producers says what the structs say, and its examples work as they stand."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from andon.schemas.boms import Alternate, Component
from andon.schemas.common import Record, decode
from andon.schemas.delays import Scope
from andon.schemas.families import FAMILIES, Family
from andon.schemas.items import PriceBreak, Promotion, Source
from andon.schemas.orders import OrderLine
from andon.schemas.production import Substitute
from andon.schemas.shipments import ShipmentLine
from andon.schemas.stock import CountedLot
from andon.schemas.succession import Replaces

GUIDE = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
INPUTS = [family for family in FAMILIES.values() if family.direction == "in"]
NUMBER = r"\d(?:[\d,.]*\d)?"
NESTED: dict[str, tuple[type[Record], ...]] = {
    "stock": (CountedLot,),
    "shipments": (ShipmentLine,),
    "delays": (Scope,),
    "orders.events": (OrderLine,),
    "items": (Source, PriceBreak, Promotion, Replaces),
    "boms": (Component, Alternate),
    "production": (Substitute,),
}


def by_name(family: Family) -> str:
    """Name a test after its family."""
    return family.name


def section(family: Family) -> str:
    """Return the family's part of the guide."""
    (found,) = re.findall(rf"^## {family.name}: .*?(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    return found


def code(family: Family, language: str) -> str:
    """Return the only code block of a language in a family's section."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", section(family), re.DOTALL)
    return found


def tables(family: Family) -> list[dict[str, bool]]:
    """Return each table's fields, and whether they are required."""
    found: list[dict[str, bool]] = []
    for line in section(family).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| field"):
            found.append({})
        elif line.startswith("| `"):
            found[-1][cells[0].strip("`")] = cells[2] == "yes"
    return found


def cells_of(family: Family) -> list[dict[str, str]]:
    """Return what each table says of the type of each field."""
    found: list[dict[str, str]] = []
    for line in section(family).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| field"):
            found.append({})
        elif line.startswith("| `"):
            found[-1][cells[0].strip("`")] = cells[1]
    return found


def bounds_of(kind: Any) -> str:
    """Return the bounds that the code puts on a field, in the guide's words; nothing if it has none."""
    if isinstance(kind, inspect.UnionType):
        kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    if isinstance(kind, inspect.Metadata):
        kind = kind.type
    low: Any = None
    high: Any = None
    words = {
        inspect.StrType: "text, ",
        inspect.IntType: "whole number, ",
        inspect.FloatType: "number, ",
    }
    if isinstance(kind, inspect.StrType | inspect.VarTupleType):
        low, high = kind.min_length, kind.max_length
    elif isinstance(kind, inspect.IntType | inspect.FloatType):
        low, high = kind.ge, kind.le
        if kind.gt is not None:
            least = f"{words[type(kind)]}more than {kind.gt:,g}"
            return f"{least}, " + (
                f"less than {kind.lt:,g}" if high is None else f"at most {high:,.0f}"
            )
    if high is None:
        return ""
    reach = f"{low:,} to {high:,.0f}" if low is not None else f"up to {high:,}"
    return words.get(type(kind), "") + reach


def fields_of(kind: type[Record]) -> dict[str, bool]:
    """Return a struct's fields, and whether they are required."""
    return {field.encode_name: field.required for field in msgspec.structs.fields(kind)}


def checked(family: Family, topic: str, key: str, value: bytes) -> None:
    """Check that a record is one of the family's, under its key and on its topic."""
    assert family.record is not None
    assert family.key_of is not None
    assert topic == family.topic("andon")
    assert key == family.key_of(decode(value, family.record))


@pytest.mark.parametrize("family", INPUTS, ids=by_name)
def test_the_tables_have_every_field(family: Family) -> None:
    """No more, no less, and as required as the struct has it."""
    kinds = [family.record, *NESTED.get(family.name, ())]
    assert tables(family) == [fields_of(kind) for kind in kinds if kind is not None]


@pytest.mark.parametrize("family", INPUTS, ids=by_name)
def test_the_tables_have_the_bounds_that_the_code_takes(family: Family) -> None:
    """Each number in the guide is the code's, and each of the code's is in the guide."""
    kinds = [kind for kind in (family.record, *NESTED.get(family.name, ())) if kind is not None]
    for kind, cells in zip(kinds, cells_of(family), strict=True):
        for field in inspect.type_info(kind).fields:  # type: ignore[attr-defined]
            bounds = bounds_of(field.type)
            assert bounds in cells[field.encode_name], (field.encode_name, bounds)
            said = re.findall(NUMBER, re.sub(r"`[^`]*`", "", cells[field.encode_name]))
            assert said == re.findall(NUMBER, bounds) or "3166" in said, field.encode_name


@pytest.mark.parametrize("family", INPUTS, ids=by_name)
def test_the_json_example_decodes(family: Family) -> None:
    """As it stands in the guide."""
    assert family.record is not None
    decode(code(family, "json").encode(), family.record)


@pytest.mark.parametrize("family", INPUTS, ids=by_name)
def test_the_kcat_example_sends_the_json_example(family: Family) -> None:
    """To the right topic, under the right key, to the right partition."""
    command = code(family, "sh")
    key, value = re.findall(r"^echo '(.*?)\|(\{.*\})' \|$", command, re.MULTILINE)[0]
    (topic,) = re.findall(r"-t (\S+)", command)
    assert value == code(family, "json").strip()
    assert "-X topic.partitioner=murmur2_random" in command
    checked(family, topic, key, value.encode())


class Sent:
    """Stands in for the producer and keeps what it is told to send."""

    records: list[tuple[str, bytes, bytes]]

    def __init__(self, **options: Any) -> None:
        assert options == {"bootstrap_servers": "localhost:9092", "acks": "all"}

    def send(self, topic: str, *, key: bytes, value: bytes) -> "Sent":
        """Keep a record."""
        self.records.append((topic, key, value))
        return self

    def get(self, timeout: float) -> None:
        """Wait for nothing."""

    def close(self) -> None:
        """Have nothing to close."""


@pytest.mark.parametrize("family", INPUTS, ids=by_name)
def test_the_python_example_runs(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for the producer; what it sends decodes."""
    kafka = ModuleType("kafka")
    kafka.KafkaProducer = Sent  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kafka", kafka)
    monkeypatch.setattr(Sent, "records", [], raising=False)
    source = compile(code(family, "python"), f"{family.name} example", "exec")
    exec(source, {})
    ((topic, key, value),) = Sent.records
    checked(family, topic, key.decode(), value)
