"""`andon topics`: makes the topics, lists them, and says what is wrong with them."""

from typing import Annotated

import typer

from andon.cli.support.options import AsJson, connected, overridden
from andon.cli.support.output import print_json, stderr, stdout, table
from andon.streams.admin import TopicAdmin
from andon.streams.settings import Settings
from andon.streams.topics import TOPICS, topic_name

app = typer.Typer(no_args_is_help=True, help="Make, list and check the topics.")


@app.command("create")
@connected
def create(
    partitions: Annotated[
        int | None, typer.Option(help="Of every topic; else ANDON_PARTITIONS, or 4.")
    ] = None,
    replication_factor: Annotated[
        int | None, typer.Option(help="Copies; else ANDON_REPLICATION_FACTOR, or 1.")
    ] = None,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Create the topics that are missing, with the right partitions, retention and cleanup.

    Workers must be told the same number of partitions, by ANDON_PARTITIONS or in andon.toml.

    Examples:

        andon topics create

        andon topics create --broker kafka:9092 --partitions 12 --replication-factor 3
    """
    chosen = overridden(settings, partitions=partitions, replication_factor=replication_factor)
    with TopicAdmin(chosen) as admin:
        made = admin.create()
    if chosen.partitions != settings.partitions:
        text = f"Start the workers with ANDON_PARTITIONS={chosen.partitions}, or set partitions in andon.toml."
        stderr().print(text, soft_wrap=True)
    if as_json:
        print_json(made)
        return
    for name, new in made.items():
        stdout().print(f"{'created' if new else 'exists ':7}  {name}", markup=False)


@app.command("list")
@connected
def list_(as_json: AsJson = False, *, settings: Settings) -> None:
    """List the topics of this prefix and what they are for.

    Examples:

        andon topics list --json
    """
    with TopicAdmin(settings) as admin:
        existing = admin.existing()
    rows = [
        {
            "topic": (name := topic_name(settings, spec.family)),
            "partitions": existing.pop(name, None),
            "direction": spec.direction,
            "key": spec.keyed_by,
            "cleanup": "compact" if spec.compact else f"delete after {spec.retention_days} days",
        }
        for spec in TOPICS
    ]
    rows += [{"topic": name, "partitions": count} for name, count in existing.items()]
    if as_json:
        print_json(rows)
        return
    made = table("", "topic", "partitions#", "direction", "key", "cleanup")
    for row in rows:
        count = row["partitions"]
        cells = [str(row.get(name, "")) for name in ("direction", "key", "cleanup")]
        made.add_row(str(row["topic"]), "missing" if count is None else str(count), *cells)
    stdout().print(made)


@app.command("check")
@connected
def check(as_json: AsJson = False, *, settings: Settings) -> None:
    """Say what is wrong with the topics; the exit code is 1 if a worker would refuse to start.

    Examples:

        andon topics check && andon worker
    """
    with TopicAdmin(settings) as admin:
        problems = admin.check()
    if as_json:
        print_json([{"topic": p.topic, "problem": p.text, "fatal": p.fatal} for p in problems])
    else:
        for problem in problems:
            style = "red" if problem.fatal else "yellow"
            stdout().print(problem.text, style=style, markup=False, soft_wrap=True)
        if not problems:
            stdout().print("all topics are as they must be")
    if any(problem.fatal for problem in problems):
        raise typer.Exit(1)
