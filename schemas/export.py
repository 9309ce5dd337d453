"""The wire contract as documents: a JSON Schema of every family, and one AsyncAPI 3.0 document of all topics."""

import inspect
import json
from pathlib import Path
from typing import Any, Final

import msgspec

from andon.schemas.common import Record, json_schema
from andon.schemas.examples import EXAMPLES
from andon.schemas.families import FAMILIES, VERSION, Family
from andon.schemas.field_words import described
from andon.schemas.headers import CONTENT_TYPE, SPEC_VERSION

ASYNCAPI_VERSION: Final = "3.0.0"
KAFKA_BINDING_VERSION: Final = "0.5.0"

_TEXT: Final = {"type": "string"}
_CLOUDEVENTS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"],
    "properties": {
        SPEC_VERSION[0]: {"type": "string", "const": SPEC_VERSION[1].decode()},
        "ce_id": {**_TEXT, "description": "Names the event; a repeat carries the same one."},
        "ce_type": {**_TEXT, "description": "What happened, such as andon.replenishment.opened."},
        "ce_source": {**_TEXT, "description": "Who says so, a URI reference."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_partitionkey": {**_TEXT, "description": "The record's key."},
        CONTENT_TYPE[0]: {"type": "string", "const": CONTENT_TYPE[1].decode()},
    },
}
_DEAD_LETTER: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The original headers, and these.",
    "required": [
        "__streams.errors.exception",
        "__streams.errors.message",
        "__streams.errors.topic",
        "__streams.errors.partition",
        "__streams.errors.offset",
        "andon-reason",
    ],
    "properties": {
        "__streams.errors.exception": {**_TEXT, "description": "Class of the error."},
        "__streams.errors.message": {**_TEXT, "description": "Its text; it names the field."},
        "__streams.errors.topic": {**_TEXT, "description": "Where the record was."},
        "__streams.errors.partition": {"type": "string", "pattern": "^[0-9]+$"},
        "__streams.errors.offset": {"type": "string", "pattern": "^[0-9]+$"},
        "andon-reason": {
            "type": "string",
            "enum": [
                "not_json",
                "invalid",
                "empty",
                "too_large",
                "absurd_time",
                "unroutable",
                "too_many",
            ],
        },
        "andon-truncated": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "Bytes of the original value, of which only the first part is kept here.",
        },
    },
}


def export(folder: Path, prefix: str = "andon") -> list[Path]:
    """Write the documents into a folder and return the files; the same contract gives the same bytes.

    Args:
        folder: where to; it is made if it is missing.
        prefix: of the topics' names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    documents: dict[str, Any] = {
        f"{family.name}.v{VERSION}.schema.json": family_schema(family)
        for family in FAMILIES.values()
        if family.record is not None
    }
    documents["asyncapi.json"] = asyncapi(prefix)
    files = []
    for name, document in documents.items():
        file = folder / name
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        file.write_text(text + "\n", encoding="utf-8", newline="\n")
        files.append(file)
    return files


#: What holds between the fields of a family's values, which no single field can say.
_BETWEEN_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "pos": {"anyOf": [{"properties": {"quantity": {"minimum": 1}}}, {"required": ["corrects"]}]},
}


def family_schema(family: Family) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a family's values.

    Raises:
        ValueError: the family's values are no records.
    """
    if family.record is None:
        msg = f"family: the values of {family.name} are bytes without a schema"
        raise ValueError(msg)
    schema: dict[str, Any] = _tidy(json_schema(family.record))
    described(schema["$defs"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:andon:schema:{family.name}:v{VERSION}",
        "title": f"{family.name}.v{VERSION}",
        "description": family.summary,
        "examples": [example(family)],
        **schema,
        **_BETWEEN_FIELDS.get(family.name, {}),
    }


def example(family: Family) -> Any:
    """Return the family's example as JSON data.

    Raises:
        ValueError: the family's values are no records.
    """
    if family.name not in EXAMPLES:
        msg = f"family: the values of {family.name} are bytes without an example"
        raise ValueError(msg)
    return msgspec.to_builtins(EXAMPLES[family.name])


def asyncapi(prefix: str = "andon") -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of all topics, from the side of Andon: it receives inputs and sends outputs.

    Args:
        prefix: of the topics' names.
    """
    families = FAMILIES.values()
    records = list({family.record: None for family in families if family.record is not None})
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "id": f"urn:andon:{prefix}",
        "info": {
            "title": "Andon",
            "version": f"{VERSION}.0.0",
            "description": (
                "What Andon reads and writes. Values are JSON, one event a record; times are RFC 3339 with an offset. "
                "Unknown fields are ignored; optional fields may be added, a breaking change is a new topic."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "localhost:9092",
                "protocol": "kafka",
                "description": "Any Apache Kafka, or a broker that speaks its protocol.",
            }
        },
        "channels": {family.name: _channel(family, prefix) for family in families},
        "operations": dict(
            _operation(family, verb) for family in families for verb in _verbs(family)
        ),
        "components": {
            "messages": {family.name: _message(family) for family in families},
            "schemas": _components(records),
        },
    }


def _verbs(family: Family) -> tuple[str, ...]:
    return {"in": ("receive",), "out": ("send",), "internal": ("receive", "send")}[family.direction]


def _channel(family: Family, prefix: str) -> dict[str, Any]:
    return {
        "address": family.topic(prefix),
        "title": family.name,
        "summary": family.summary,
        "messages": {family.name: {"$ref": f"#/components/messages/{family.name}"}},
        "tags": [{"name": family.direction}],
        "bindings": {
            "kafka": {
                "topic": family.topic(prefix),
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if family.compact else "delete"]
                },
                "bindingVersion": KAFKA_BINDING_VERSION,
            }
        },
    }


def _operation(family: Family, verb: str) -> tuple[str, dict[str, Any]]:
    return f"{verb}-{family.name}", {
        "action": verb,
        "channel": {"$ref": f"#/channels/{family.name}"},
        "summary": family.summary,
        "messages": [{"$ref": f"#/channels/{family.name}/messages/{family.name}"}],
    }


def _message(family: Family) -> dict[str, Any]:
    key: dict[str, Any] = {"type": "string", "description": family.keyed_by}
    message: dict[str, Any] = {
        "name": family.name,
        "summary": family.summary,
        "bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING_VERSION}},
    }
    if family.record is None:
        message["contentType"] = "application/octet-stream"
        message["headers"] = _DEAD_LETTER
        return message
    message["contentType"] = "application/json"
    message["payload"] = {"$ref": f"#/components/schemas/{family.record.__name__}"}
    record = EXAMPLES[family.name]
    if family.key_of is not None:
        key["examples"] = [family.key_of(record)]
    if family.direction != "in":
        message["headers"] = _CLOUDEVENTS
    message["examples"] = [{"name": family.name, "payload": example(family)}]
    return message


def _components(records: list[type[Record]]) -> dict[str, Any]:
    _, components = msgspec.json.schema_components(
        records, ref_template="#/components/schemas/{name}"
    )
    tidy: dict[str, Any] = described(_tidy(components))
    return dict(sorted(tidy.items()))


def _tidy(schema: Any) -> Any:
    """Return the schema with docstrings as clean text."""
    if isinstance(schema, dict):
        return {
            name: inspect.cleandoc(part)
            if name == "description" and isinstance(part, str)
            else _tidy(part)
            for name, part in schema.items()
        }
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    return schema
