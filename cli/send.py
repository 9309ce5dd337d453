"""`andon send`: validates events, keys them as the workers expect, and publishes them."""

import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stdout
from andon.schemas.common import Event, Record
from andon.schemas.families import FAMILIES
from andon.schemas.unknown import unknown_fields
from andon.streams.clients import publish
from andon.streams.errors import UserError
from andon.streams.settings import Settings

_INPUTS = tuple(name for name, family in FAMILIES.items() if family.direction == "in")


def _complete(incomplete: str) -> list[str]:
    return [name for name in _INPUTS if name.startswith(incomplete)]


@connected
def send(
    family: Annotated[
        str,
        typer.Argument(
            metavar="FAMILY", help=f"One of {', '.join(_INPUTS)}.", autocompletion=_complete
        ),
    ],
    events: Annotated[
        list[str] | None, typer.Argument(metavar="[JSON]...", help="Events, each a JSON object.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", help="JSON lines, or - for standard input.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a field that the schema does not have.")
    ] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Check events against their schema, key them canonically and publish them; one bad event, and none is sent.

    An event without `event_id` gets a new one, one without `occurred_at` (or `updated_at`) happened now.

    Examples:

        andon send pos '{"location": "store-3", "sku": "TEA-01", "quantity": 2}'

        andon send items --file items.jsonl
    """
    if family not in _INPUTS:
        msg = f"family {family} is unknown or not yours to send: it is one of {', '.join(_INPUTS)}"
        raise UserError(msg)
    records = [
        parse(family, text, where, strict=strict) for where, text in _texts(events or [], file)
    ]
    if not records:
        msg = "nothing to send: give events as JSON, or --file"
        raise UserError(msg)
    for record, at in zip(records, publish(settings, family, records), strict=True):
        if as_json:
            print_json({"topic": at.topic, "partition": at.partition, "offset": at.offset})
        else:
            key_of = FAMILIES[family].key_of
            key = key_of(record) if key_of is not None else ""
            text = f"{key} -> {at.topic} partition {at.partition} offset {at.offset}"
            stdout().print(text, markup=False, soft_wrap=True)


def parse(family: str, text: str, where: str, *, strict: bool = False) -> Record:
    """Return the record that a text holds, with an id and a time if it has none.

    Raises:
        UserError: it is not JSON or does not fit the schema, or, if `strict`, has a field that the schema has not; the text
            names place and field.
    """
    kind = FAMILIES[family].record
    if kind is None:
        msg = f"family: {family} has no schema"
        raise UserError(msg)
    try:
        value: Any = msgspec.json.decode(text)
        if isinstance(value, dict):
            value = {**_defaults(kind), **value}
        record = msgspec.convert(value, type=kind)
        unknown = unknown_fields(kind, value) if strict else ()
    except (msgspec.MsgspecError, RecursionError) as error:
        msg = f"{where}: {error}"
        raise UserError(msg) from error
    if unknown:
        msg = f"{where}: {family} knows no field {', '.join(unknown)}"
        raise UserError(msg)
    return record


def _defaults(kind: type[Record]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    if issubclass(kind, Event):
        return {"event_id": str(uuid.uuid4()), "occurred_at": now}
    return {"updated_at": now} if "updated_at" in kind.__struct_fields__ else {}


def _texts(events: list[str], file: str | None) -> Iterator[tuple[str, str]]:
    yield from ((f"event {number}", text) for number, text in enumerate(events, 1))
    if file is None:
        return
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        msg = f"cannot read {file}: {error}"
        raise UserError(msg) from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield f"{file} line {number}", line
