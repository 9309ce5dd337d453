"""`andon send`: validate events and publish them under their canonical keys."""

import json
from typing import Annotated, Any

import msgspec
import typer

from andon.cli.clients import producer
from andon.cli.state import console, fail, print_json, read_text, settings_of
from andon.schemas.common import decode, encode
from andon.schemas.families import FAMILIES
from andon.streams.topics import topic_name

INPUTS = tuple(name for name, family in FAMILIES.items() if family.direction == "in")


def send(
    context: typer.Context,
    family: Annotated[str, typer.Argument(help=f"one of {', '.join(INPUTS)}")],
    events: Annotated[list[str] | None, typer.Argument(help="events as JSON")] = None,
    file: Annotated[
        str | None, typer.Option(help="JSON lines or one JSON array; - for standard input")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for scripts")] = False,
) -> None:
    """Publish events; nothing is sent if one of them is wrong.

    Examples:

        andon send pos '{"event_id":"e1","occurred_at":"2026-11-23T10:00:00Z","location":"store-3","sku":"TEA-01","quantity":2}'

        andon send items --file items.jsonl
    """
    if family not in INPUTS:
        raise fail(f"there is no input family {family!r}: use one of {', '.join(INPUTS)}", 2)
    texts = [*(events or ()), *(_split(read_text(file)) if file else ())]
    if not texts:
        raise fail("nothing to send: give events as JSON, or --file", 2)
    kind = FAMILIES[family]
    records: list[Any] = []
    for number, text in enumerate(texts, 1):
        try:
            records.append(decode(text.encode(), kind.record))
        except (msgspec.MsgspecError, ValueError) as error:
            raise fail(f"event {number}: {error}; nothing was sent", 2) from None
    settings = settings_of(context)
    client = producer(settings)
    topic = topic_name(settings, family)
    for record in records:
        client.send(topic, key=kind.key_of(record).encode(), value=encode(record))
    client.flush()
    client.close()
    if as_json:
        print_json({"sent": len(records), "topic": topic})
    else:
        console.print(f"{len(records)} sent to {topic}")


def _split(text: str) -> list[str]:
    if text.lstrip().startswith("["):
        return [json.dumps(one) for one in json.loads(text)]
    return [line for line in text.splitlines() if line.strip()]
