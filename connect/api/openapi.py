"""What can be posted, as an OpenAPI document and as a page for people."""

from html import escape
from typing import Any, Final

from andon.connect.api.events import INPUTS, MOST_EVENTS
from andon.schemas.export import example, family_schema
from andon.schemas.families import FAMILIES

_ANSWERS: Final = {
    "202": "Every event that is right was written to Kafka; the answer says what became of each.",
    "400": "Nothing of it can be read.",
    "401": "The token is missing or wrong.",
    "408": "The request did not come in time.",
    "413": "The request is too large.",
    "415": "The body is neither JSON nor JSON lines.",
    "422": "No event of it is right; the answer says why.",
    "503": "No broker took it: send it again, with the same ids.",
}


def openapi(most_bytes: int) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document.

    Args:
        most_bytes: that a request may have.
    """
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for name in INPUTS:
        family = FAMILIES[name]
        schemas[name] = family_schema(family)
        one = {"$ref": f"#/components/schemas/{name}"}
        one_or_more = {"oneOf": [one, {"type": "array", "items": one, "maxItems": MOST_EVENTS}]}
        paths[f"/v1/{name}"] = {
            "post": {
                "summary": family.summary,
                "description": (
                    f"One event, a list, or JSON lines: up to {MOST_EVENTS:,} events and {most_bytes:,} bytes. "
                    "Sending an event again under its `event_id` changes nothing."
                ),
                "parameters": [
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "schema": {"type": "string", "maxLength": 100},
                        "description": "Names events that have no `event_id`; the same when the request is sent again.",
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": one_or_more, "example": example(family)},
                        "application/x-ndjson": {"schema": {"type": "string"}},
                    },
                },
                "responses": {code: {"description": text} for code, text in _ANSWERS.items()},
                "security": [{}, {"token": []}],
            },
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Andon",
            "version": "1",
            "summary": "Events of a supply network, by HTTP.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def page(most_bytes: int) -> str:
    """Return the page for people.

    Args:
        most_bytes: that a request may have.
    """
    rows = "".join(
        f"<tr><td><code>POST /v1/{name}</code></td><td>{escape(FAMILIES[name].summary)}</td></tr>"
        for name in INPUTS
    )
    answers = "".join(
        f"<tr><td>{code}</td><td>{escape(text)}</td></tr>" for code, text in _ANSWERS.items()
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Andon by HTTP</title>"
        "<h1>Andon by HTTP</h1><p>Events as JSON, a list of them, or JSON lines "
        f"(<code>application/x-ndjson</code>): up to {MOST_EVENTS:,} and {most_bytes:,} bytes a request. "
        "<a href=/openapi.json>openapi.json</a> has the fields.</p>"
        f"<table>{rows}</table><h2>Answers</h2><table>{answers}</table></html>"
    )
