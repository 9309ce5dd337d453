"""`andon topics`: make, list and check the topics."""

from typing import Annotated

import typer
from rich.table import Table

from andon.cli.state import console, fail, print_json, settings_of
from andon.streams.admin import TopicAdmin
from andon.streams.topics import TOPICS, topic_name

app = typer.Typer(help="Make, list and check the topics.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="for scripts")]


@app.command()
def create(
    context: typer.Context,
    partitions: Annotated[int | None, typer.Option(help="of each topic")] = None,
    replication_factor: Annotated[int | None, typer.Option(help="copies of each")] = None,
    as_json: Json = False,
) -> None:
    """Create what is missing; what exists is left as it is.

    Example: andon --broker kafka:9092 topics create --partitions 12 --replication-factor 3
    """
    settings = settings_of(context, partitions=partitions, replication_factor=replication_factor)
    with TopicAdmin(settings) as admin:
        report = admin.create()
    if as_json:
        print_json(report)
        return
    made = sum(report.values())
    console.print(f"{made} topics created, {len(report) - made} were there already")


@app.command("list")
def list_topics(context: typer.Context, as_json: Json = False) -> None:
    """List the topics with their partitions, keys and cleanup.

    Example: andon topics list --json
    """
    settings = settings_of(context)
    with TopicAdmin(settings) as admin:
        existing = admin.existing()
    rows = [
        {
            "topic": topic_name(settings, spec.family),
            "direction": spec.direction,
            "key": spec.keyed_by,
            "cleanup": "compact" if spec.compact else f"{spec.retention_days} days",
            "partitions": existing.get(topic_name(settings, spec.family)),
        }
        for spec in TOPICS
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("topic", "", "key", "keeps", "partitions", box=None)
    for row in rows:
        count = row["partitions"]
        shown = "[red]missing[/red]" if count is None else str(count)
        table.add_row(row["topic"], row["direction"], row["key"], row["cleanup"], shown)
    console.print(table)


@app.command()
def check(context: typer.Context, as_json: Json = False) -> None:
    """Say what is wrong with the topics; exit code 1 if a worker would refuse to start.

    Example: andon topics check && andon worker
    """
    with TopicAdmin(settings_of(context)) as admin:
        problems = admin.check()
    if as_json:
        print_json([{"topic": one.topic, "text": one.text, "fatal": one.fatal} for one in problems])
    else:
        for problem in problems:
            console.print(f"[{'red' if problem.fatal else 'yellow'}]{problem.text}[/]")
        if not problems:
            console.print("all topics are as they must be")
    if any(problem.fatal for problem in problems):
        raise fail("a worker would refuse to start on these topics") if not as_json else typer.Exit(1)
