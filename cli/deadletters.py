"""`andon deadletters`: what could not be processed, and putting it back once it can."""

from collections import Counter
from typing import Annotated, Any

import typer
from rich.table import Table

from andon.cli.clients import producer, read_to_end
from andon.cli.state import console, fail, print_json, settings_of
from andon.streams import deadletters
from andon.streams.topics import topic_name

app = typer.Typer(help="Records that could not be processed.", no_args_is_help=True)


def _described(record: Any) -> dict[str, Any]:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    return {
        "letter": f"{record.partition}:{record.offset}",
        "reason": headers.get(deadletters.REASON, ""),
        "error": headers.get(deadletters.MESSAGE, ""),
        "topic": headers.get(deadletters.TOPIC, ""),
        "partition": headers.get(deadletters.PARTITION, ""),
        "offset": headers.get(deadletters.OFFSET, ""),
        "truncated": deadletters.TRUNCATED in headers,
        "key": None if record.key is None else record.key.decode(errors="replace"),
        "value": None if record.value is None else record.value.decode(errors="replace"),
    }


@app.command("list")
def list_letters(
    context: typer.Context,
    reason: Annotated[str | None, typer.Option(help="only these, such as not_json")] = None,
    limit: Annotated[int, typer.Option(help="show at most this many")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
) -> None:
    """List the dead letters with what was wrong and where they came from.

    Example: andon deadletters list --reason invalid --json
    """
    settings = settings_of(context)
    counts: Counter[str] = Counter()
    table = Table("letter", "reason", "came from", "error", box=None)
    for record in read_to_end(settings, topic_name(settings, "deadletters")):
        letter = _described(record)
        if reason is not None and letter["reason"] != reason:
            continue
        counts[letter["reason"]] += 1
        if counts.total() > limit:
            continue
        if as_json:
            print_json(letter)
        else:
            place = f"{letter['topic']}[{letter['partition']}]@{letter['offset']}"
            table.add_row(letter["letter"], letter["reason"], place, letter["error"][:100])
    if as_json:
        return
    console.print(table)
    summary = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    console.print(f"{counts.total()} dead letters" + (f": {summary}" if summary else ""))


@app.command()
def replay(
    context: typer.Context,
    reason: Annotated[str | None, typer.Option(help="only these, such as invalid")] = None,
    letter: Annotated[list[str] | None, typer.Option(help="only this one, partition:offset")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for scripts")] = False,
) -> None:
    """Put dead letters back on the topics they came from, as they were.

    An event that was applied after all is recognised by its event id, so replaying twice counts nothing twice. What was
    cut because it was too large cannot be put back.

    Example: andon deadletters replay --reason absurd_time
    """
    if reason is None and not letter:
        raise fail("say which: --reason, or --letter partition:offset", 2)
    settings = settings_of(context)
    client = producer(settings)
    sent = cut = 0
    for record in read_to_end(settings, topic_name(settings, "deadletters")):
        found = _described(record)
        if reason is not None and found["reason"] != reason:
            continue
        if letter and found["letter"] not in letter:
            continue
        if found["truncated"] or not found["topic"]:
            cut += 1
            continue
        headers = [
            (name, value)
            for name, value in record.headers
            if not name.startswith("__streams.errors.") and not name.startswith("andon-")
        ]
        client.send(found["topic"], key=record.key, value=record.value, headers=headers)
        sent += 1
    client.flush()
    client.close()
    if as_json:
        print_json({"replayed": sent, "truncated": cut})
    else:
        console.print(f"{sent} put back" + (f", {cut} could not be: they were cut" if cut else ""))
