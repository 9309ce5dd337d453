"""`andon connect cdc`: changes of a table, as Debezium tells them."""

from pathlib import Path
from typing import Annotated

import typer

from andon.cli.connect_topic import Auth, Url, auth_of
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_counts
from andon.cli.support.stopping import Stop
from andon.connect.cdc.changes import Changes
from andon.connect.cdc.rows import Rows
from andon.connect.imports.mapping import load_mapping
from andon.connect.topic.forms import Framed
from andon.connect.topic.reading import read_topic
from andon.connect.topic.registry import Registry
from andon.streams.settings import Settings


@connected
def cdc(
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="That Debezium writes, by its whole name.")
    ],
    mapping: Annotated[
        Path,
        typer.Option(
            "--mapping",
            metavar="FILE",
            help="Which kind the table is, and which column is which field.",
        ),
    ],
    registry: Url = None,
    registry_auth: Auth = None,
    group: Annotated[
        str | None, typer.Option(help="The group whose place is committed; else PREFIX-cdc-TOPIC.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take what is there, and end.")] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Make events of the changes of a table of sales or stock, until Ctrl-C.

    A new row is a sale, a changed one corrects it, a deleted one takes it back; of a table of stock, each new state is a count. What
    cannot be read becomes a dead letter. Changes are JSON, or with --registry in Confluent's framing, their keys too. Each change's place is committed once its events are acknowledged.

    Examples:

        andon connect cdc shop.public.sales --mapping sales.toml

        andon connect cdc shop.public.stock --mapping stock.toml --once

        andon connect cdc shop.public.sales --mapping sales.toml --registry http://registry:8081
    """
    form = None if registry is None else Framed(Registry(registry, auth_of(registry_auth)))
    rows = Rows(topic, load_mapping(mapping, None))
    with Stop() as stop:
        counts = read_topic(
            settings,
            topic,
            group or f"{settings.prefix}-cdc-{topic}",
            Changes(rows, form),
            once=once,
            stopped=lambda: stop.asked,
        )
    told = {name: counts[name] for name in ("records", "changes", "events", "refused")}
    print_counts(told, as_json=as_json)
