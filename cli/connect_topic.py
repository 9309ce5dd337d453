"""`andon connect topic`: records of topics of the user's own, plain or as a schema registry describes them."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_counts
from andon.cli.support.secret_file import read_secret
from andon.cli.support.stopping import Stop
from andon.connect.imports.mapping import load_mapping
from andon.connect.topic.avro import avro_file
from andon.connect.topic.forms import Form, Framed, PlainAvro, PlainJson
from andon.connect.topic.reading import read_topic
from andon.connect.topic.records import Records
from andon.connect.topic.registry import Registry
from andon.streams.settings import Settings

#: The variable that holds the registry's credentials, if no file does.
AUTH: Final = "ANDON_REGISTRY_AUTH"

Url = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="URL",
        help="The schema registry by which values are framed; without it they are plain.",
    ),
]
Auth = Annotated[
    Path | None,
    typer.Option(
        "--registry-auth",
        metavar="FILE",
        help=f"Holds USER:PASSWORD or a token for it; else {AUTH}.",
    ),
]


@connected
def topic(
    name: Annotated[str, typer.Argument(metavar="TOPIC", help="By its whole name.")],
    mapping: Annotated[
        Path,
        typer.Option(
            "--mapping",
            metavar="FILE",
            help="Which kind its records are, and which column is which field.",
        ),
    ],
    registry: Url = None,
    registry_auth: Auth = None,
    schema: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A schema of Avro as which values are read; of plain values, the one that they were written with.",
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="The group whose place is committed; else PREFIX-topic-TOPIC."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take what is there, and end.")] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Make events of the records of a topic of sales or counts of your own, until Ctrl-C.

    With --registry values are Avro, JSON or Protobuf in Confluent's framing; without it they are JSON, or with --schema Avro. What
    cannot be read becomes a dead letter. While the registry is away it waits. A record's place is committed once its events are
    acknowledged.

    Examples:

        andon connect topic shop.receipts --mapping receipts.toml

        andon connect topic shop.receipts --mapping receipts.toml --registry https://registry.example:8081 --registry-auth secret

        andon connect topic shop.counts --mapping counts.toml --schema count.avsc --once
    """
    records = Records(
        name, load_mapping(mapping, None), _form(registry, auth_of(registry_auth), schema)
    )
    with Stop() as stop:
        counts = read_topic(
            settings,
            name,
            group or f"{settings.prefix}-topic-{name}",
            records,
            once=once,
            stopped=lambda: stop.asked,
        )
    told = {one: counts[one] for one in ("records", "events", "refused")}
    told["silent"] = counts["silent"]
    print_counts(told, as_json=as_json)


def auth_of(file: Path | None) -> str | None:
    """Return the registry's credentials: of a file, or of the environment.

    Raises:
        UserError: the file cannot be read.
    """
    return read_secret(file) if file is not None else os.environ.get(AUTH) or None


def _form(registry: str | None, auth: str | None, schema: Path | None) -> Form:
    as_read = None if schema is None else avro_file(schema)
    if registry is not None:
        return Framed(Registry(registry, auth), as_read)
    return PlainJson() if as_read is None else PlainAvro(as_read)
