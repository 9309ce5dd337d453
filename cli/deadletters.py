"""`andon deadletters`: what could not be processed, why, and putting it back when the reason is gone."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from andon.cli.clients import consumer, present, producer
from andon.cli.errors import UserError
from andon.cli.options import AsJson, connected
from andon.cli.output import print_json, stdout, table
from andon.cli.replay import FILE_HEADER, LINE_HEADER
from andon.schemas.common import utc
from andon.streams import deadletters as headers
from andon.streams.settings import Settings

app = typer.Typer(no_args_is_help=True, help="List, show and put back what could not be processed.")

_OURS = (headers.EXCEPTION, headers.MESSAGE, headers.TOPIC, headers.PARTITION, headers.OFFSET)
_OURS += (headers.REASON, headers.TRUNCATED, headers.ORIGIN)

Reason = Annotated[str | None, typer.Option(help="Only those with this reason.")]
Topic = Annotated[str | None, typer.Option(help="Only those that came from this topic.")]


def _read(settings: Settings) -> Iterator[Any]:
    client = consumer(settings, ("deadletters",), from_start=True)
    try:
        yield from present(client)
    finally:
        client.close()


def name_of(record: Any) -> str:
    """Return the name of a dead letter, `partition:offset` in its topic."""
    return f"{record.partition}:{record.offset}"


def described(record: Any) -> dict[str, Any]:
    """Return what is known of a dead letter, its value aside."""
    found = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    return {
        "id": name_of(record),
        "at": utc(record.timestamp / 1000).isoformat(timespec="seconds"),
        "reason": found.get(headers.REASON, "unknown"),
        "message": found.get(headers.MESSAGE, ""),
        "topic": found.get(headers.TOPIC),
        "partition": found.get(headers.PARTITION),
        "offset": found.get(headers.OFFSET),
        "file": found.get(FILE_HEADER),
        "line": found.get(LINE_HEADER),
        "key": None if record.key is None else record.key.decode("utf-8", "replace"),
        "bytes": len(record.value or b""),
    }


def _wanted(letter: dict[str, Any], reason: str | None, topic: str | None) -> bool:
    return reason in (None, letter["reason"]) and topic in (None, letter["topic"])


@app.command("list")
@connected
def list_(
    reason: Reason = None, topic: Topic = None, as_json: AsJson = False, *, settings: Settings
) -> None:
    """List the dead letters, oldest first.

    Examples:

        andon deadletters list --reason invalid

        andon deadletters list --json | jq -r .message
    """
    letters = sorted((described(r) for r in _read(settings)), key=lambda letter: letter["at"])
    letters = [letter for letter in letters if _wanted(letter, reason, topic)]
    if as_json:
        for letter in letters:
            print_json(letter)
        return
    made = table("", "id", "at", "reason", "from", "message")
    for letter in letters:
        origin = f"{letter['file']} line {letter['line']}" if letter["file"] else letter["topic"]
        cells = (letter["id"], letter["at"], letter["reason"], str(origin), letter["message"])
        made.add_row(*cells)
    stdout().print(made if letters else "no dead letters")


@app.command("show")
@connected
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it, such as 0:17.")],
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Show one dead letter whole, with its value.

    Examples:

        andon deadletters show 0:17
    """
    record = next((record for record in _read(settings) if name_of(record) == id), None)
    if record is None:
        msg = f"there is no dead letter {id}: `andon deadletters list` names them"
        raise UserError(msg)
    whole = described(record)
    whole["value"] = (record.value or b"").decode("utf-8", "replace")
    if as_json:
        print_json(whole)
        return
    for name, value in whole.items():
        if value is not None:
            stdout().print(f"{name:10} {value}", markup=False, soft_wrap=True)


@app.command("replay")
@connected
def replay(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Which ones.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that match.")] = False,
    reason: Reason = None,
    topic: Topic = None,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Put dead letters back into the topics they came from, bytes, key and headers as they were.

    The letters stay where they are. Rows of files, and values too large to have been kept whole, cannot be put back.

    Examples:

        andon deadletters replay 0:17 2:4

        andon deadletters replay --all --reason absurd_time
    """
    if bool(ids) == everything:
        msg = "say which: ids as `andon deadletters list` shows them, or --all"
        raise UserError(msg)
    chosen, left = [], 0
    missing = set(ids or ())
    for record in _read(settings):
        letter = described(record)
        missing.discard(letter["id"])
        if (ids and letter["id"] not in ids) or not _wanted(letter, reason, topic):
            continue
        if can_be_put_back(record):
            chosen.append((letter, record))
        else:
            left += 1
    if missing:
        msg = f"there is no dead letter {', '.join(sorted(missing))}"
        raise UserError(msg)
    _put_back(settings, chosen)
    if as_json:
        print_json({"replayed": len(chosen), "left": left})
    else:
        stdout().print(f"put back {len(chosen)}, left {left} that cannot be put back")


def can_be_put_back(record: Any) -> bool:
    """Whether a dead letter was a whole record of a topic."""
    names = {name for name, _ in record.headers}
    return headers.TOPIC in names and not names & {FILE_HEADER, headers.TRUNCATED}


def _put_back(settings: Settings, chosen: list[tuple[dict[str, Any], Any]]) -> None:
    if not chosen:
        return
    client = producer(settings)
    try:
        futures = [
            client.send(
                letter["topic"],
                key=record.key,
                value=record.value,
                headers=[header for header in record.headers if header[0] not in _OURS],
            )
            for letter, record in chosen
        ]
        for future in futures:
            future.get(timeout=30)
    finally:
        client.close()
