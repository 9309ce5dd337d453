"""The documents made from the structs are current, valid, and their examples are real."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from andon.schemas.common import decode, encode
from andon.schemas.examples import EXAMPLES
from andon.schemas.export import asyncapi, export, family_schema
from andon.schemas.families import FAMILIES, Family
from andon.schemas.field_words import words_of
from andon.schemas.headers import cloudevents_headers
from andon.schemas.items import PriceBreak
from andon.streams import deadletters
from andon.streams.topics import TOPICS

ROOT = Path(__file__).parents[2]
CHECKED_IN = ROOT / "docs" / "schemas"
#: The official schema, from the npm package @asyncapi/specs 6.11.1 (Apache-2.0), whitespace removed.
ASYNCAPI_SCHEMA = json.loads(Path(__file__).with_name("asyncapi-3.0.0.json").read_text())
RECORDS = [family for family in FAMILIES.values() if family.record is not None]


def by_name(family: Family) -> str:
    """Name a test after its family."""
    return family.name


def test_the_checked_in_documents_are_current(tmp_path: Path) -> None:
    """If this fails: `andon schemas export docs/schemas`, and read the difference before it is committed."""
    made = {file.name: file.read_text(encoding="utf-8") for file in export(tmp_path)}
    kept = {file.name: file.read_text(encoding="utf-8") for file in CHECKED_IN.iterdir()}
    assert kept.keys() == made.keys()
    assert [name for name in made if kept[name] != made[name]] == []


def test_the_same_contract_gives_the_same_bytes(tmp_path: Path) -> None:
    """No clock, no order of chance."""
    first, second = (export(tmp_path / name) for name in ("first", "second"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


@pytest.mark.parametrize("prefix", ["andon", "acme.test"])
def test_the_asyncapi_document_is_valid(prefix: str) -> None:
    """Against the official schema."""
    errors = jsonschema.Draft7Validator(ASYNCAPI_SCHEMA).iter_errors(asyncapi(prefix))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_validation_would_find_an_error() -> None:
    """The control: a direction that does not exist."""
    document = asyncapi()
    document["operations"]["receive-pos"]["action"] = "devour"
    assert not jsonschema.Draft7Validator(ASYNCAPI_SCHEMA).is_valid(document)


def references(part: Any) -> Iterator[str]:
    """Yield every reference in a document."""
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def resolve(document: Any, reference: str) -> Any:
    """Return what a reference inside a document points to."""
    assert reference.startswith("#/")
    for name in reference.removeprefix("#/").split("/"):
        document = document[name]
    return document


def test_every_reference_resolves() -> None:
    """The document stands alone."""
    document = asyncapi()
    found = set(references(document))
    assert found
    for reference in found:
        assert resolve(document, reference)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=by_name)
def test_every_family_has_its_topic_and_direction(family: Family) -> None:
    """Andon receives what is in, sends what is out, and does both with what is internal."""
    document = asyncapi("acme")
    channel = document["channels"][family.name]
    actions = {
        operation["action"]
        for operation in document["operations"].values()
        if operation["channel"]["$ref"] == f"#/channels/{family.name}"
    }
    assert channel["address"] == f"acme.{family.name}.v1"
    assert (
        actions
        == {"in": {"receive"}, "out": {"send"}, "internal": {"receive", "send"}}[family.direction]
    )


@pytest.mark.parametrize("family", RECORDS, ids=by_name)
def test_every_example_decodes_under_its_own_key(family: Family) -> None:
    """What the document shows is what the structs take."""
    message = asyncapi()["components"]["messages"][family.name]
    (shown,) = message["examples"]
    (key,) = message["bindings"]["kafka"]["key"]["examples"]
    assert family.record is not None
    assert family.key_of is not None
    record = decode(json.dumps(shown["payload"]).encode(), family.record)
    assert record == EXAMPLES[family.name]
    assert family.key_of(record) == key


@pytest.mark.parametrize("family", RECORDS, ids=by_name)
def test_every_example_fits_its_json_schema(family: Family) -> None:
    """The exported schema and msgspec say the same of what is good."""
    schema = family_schema(family)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(encode(EXAMPLES[family.name])), schema)


@pytest.mark.parametrize(
    "changes", [{"quantity": 0}, {"quantity": "2"}, {"location": "a/b"}, {"kind": "theft"}]
)
def test_the_json_schema_refuses_what_decoding_refuses(changes: dict[str, Any]) -> None:
    """A producer may check its events before it sends them."""
    sale = json.loads(encode(EXAMPLES["pos"])) | changes
    assert not jsonschema.Draft202012Validator(family_schema(FAMILIES["pos"])).is_valid(sale)


def test_the_bytes_of_dead_letters_have_no_schema() -> None:
    """The message names the argument."""
    with pytest.raises(ValueError, match="^family: "):
        family_schema(FAMILIES["deadletters"])


def test_the_families_are_the_topics() -> None:
    """The wire contract and the registry of topics agree; only what Andon notes for itself is no one's to read."""
    topics = {spec.family: (spec.keyed_by, spec.direction, spec.compact) for spec in TOPICS}
    for own in ("state", "imports", "files"):
        del topics[own]
    assert topics == {
        family.name: (family.keyed_by, family.direction, family.compact)
        for family in FAMILIES.values()
    }


def test_the_headers_of_outgoing_records_are_documented() -> None:
    """All that are sent, and no others."""
    messages = asyncapi()["components"]["messages"]
    documented = messages["replenishment"]["headers"]["properties"]
    sent = cloudevents_headers("e", "andon.replenishment.opened", "/andon", 0.0, "a/b")
    assert set(documented) == {name for name, _ in sent}
    assert "headers" not in messages["pos"]


def test_the_headers_of_dead_letters_are_documented() -> None:
    """By the names under which they are written."""
    documented = asyncapi()["components"]["messages"]["deadletters"]["headers"]["properties"]
    assert set(documented) == {
        deadletters.EXCEPTION,
        deadletters.MESSAGE,
        deadletters.TOPIC,
        deadletters.PARTITION,
        deadletters.OFFSET,
        deadletters.REASON,
        deadletters.TRUNCATED,
    }


def test_a_field_is_described_by_the_comment_above_it_under_its_name_in_json():
    assert words_of(PriceBreak)["from"].startswith("The least quantity for which it holds")
    schema = family_schema(FAMILIES["items"])
    assert schema["$defs"]["Item"]["properties"]["lifecycle"]["description"].startswith("Whether")
    assert "description" in schema["$defs"]["PriceBreak"]["properties"]["from"]
