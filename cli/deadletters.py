"""`andon deadletters`: what could not be processed, why, and putting it back when the reason is gone."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

import typer

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stdout, table
from andon.connect.replay import FILE_HEADER, LINE_HEADER
from andon.schemas.common import utc
from andon.streams import deadletters as headers
from andon.streams.clients import consumer, present, producer
from andon.streams.errors import UserError
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

app = typer.Typer(no_args_is_help=True, help="List, show and put back what could not be processed.")

_OURS = (
    *(headers.EXCEPTION, headers.MESSAGE, headers.TOPIC, headers.PARTITION, headers.OFFSET),
    *(headers.REASON, headers.TRUNCATED, headers.ORIGIN),
)
#: So many letters are put back, all or none, in one transaction, which the broker ends after so long without us.
_AT_ONCE = 200
_TRANSACTION_MS = 30_000
_CLOSE_SECONDS = 5.0

Reason = Annotated[str | None, typer.Option(help="Only those with this reason.")]
Topic = Annotated[str | None, typer.Option(help="Only those that came from this topic.")]


def _read(settings: Settings, put_back: set[str] | None = None) -> Iterator[Any]:
    """Yield the letters; the notes of those that were put back are added to `put_back`."""
    client = consumer(settings, ("deadletters",), from_start=True, isolation_level="read_committed")
    try:
        for record in present(client):
            noted = [value for name, value in record.headers if name == headers.PUT_BACK and value]
            if not noted:
                yield record
            elif put_back is not None:
                put_back.add(noted[0].decode("utf-8", "replace"))
    finally:
        client.close()


def name_of(record: Any) -> str:
    """Return the name of a dead letter, `partition:offset` in its topic."""
    return f"{record.partition}:{record.offset}"


def described(record: Any) -> dict[str, Any]:
    """Return what is known of a dead letter, its value aside."""
    # A header without a value is legal.
    found = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
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
    value: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Put this file's bytes back instead."),
    ] = None,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Put dead letters back into the topics they came from, once each: bytes, key and headers as they were.

    The letters stay where they are; that they were put back is noted beside them, in the same transaction, so that neither a
    second replay nor one that was killed half way puts a record back twice. Rows of files, and values too large to have
    been kept whole, cannot be put back.

    Examples:

        andon deadletters replay 0:17 2:4

        andon deadletters replay 0:17 --value repaired.json

        andon deadletters replay --all --reason absurd_time
    """
    if bool(ids) == everything:
        msg = "say which: ids as `andon deadletters list` shows them, or --all"
        raise UserError(msg)
    if value is not None and len(ids or ()) != 1:
        msg = "--value repairs one letter: name its id"
        raise UserError(msg)
    with _Postman(settings) as postman:
        choice = _choose(settings, ids or (), reason, topic)
        repaired = None if value is None else value.read_bytes()
        postman.put_back(choice.letters, repaired)
    figures = {"replayed": len(choice.letters), "left": choice.left, "before": choice.before}
    if as_json:
        print_json(figures)
    else:
        stdout().print(
            "put back {replayed}, left {left} that cannot be put back "
            "and {before} that were put back before".format_map(figures)
        )


class _Choice(NamedTuple):
    """The letters to put back; how many of those asked for cannot be, and how many were before."""

    letters: list[Any]
    left: int
    before: int


def _choose(
    settings: Settings, ids: Sequence[str], reason: str | None, topic: str | None
) -> _Choice:
    put_back: set[str] = set()
    chosen: dict[str, Any] = {}
    left = asked = 0
    missing = set(ids)
    for record in _read(settings, put_back):
        letter = described(record)
        missing.discard(letter["id"])
        if (ids and letter["id"] not in ids) or not _wanted(letter, reason, topic):
            continue
        if can_be_put_back(record):
            asked += 1
            chosen.setdefault(origin_of(record), record)  # a worker's crash may have left a second
        else:
            left += 1
    if missing:
        msg = f"there is no dead letter {', '.join(sorted(missing))}"
        raise UserError(msg)
    letters = [record for origin, record in chosen.items() if origin not in put_back]
    return _Choice(letters, left, asked - len(letters))


def origin_of(record: Any) -> str:
    """Return where a dead letter's record lay, `topic:partition:offset`; without that, where the letter itself lies."""
    letter = described(record)
    if letter["partition"] is None or letter["offset"] is None:
        return name_of(record)
    return f"{letter['topic']}:{letter['partition']}:{letter['offset']}"


def can_be_put_back(record: Any) -> bool:
    """Whether a dead letter was a whole record of a topic."""
    names = {name for name, _ in record.headers}
    return headers.TOPIC in names and not names & {FILE_HEADER, headers.TRUNCATED}


class _Postman:
    """Puts letters back and notes it, in transactions that only one postman of a group has open; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._deadletters = topic_name(settings, "deadletters")
        self._client = producer(
            settings,
            transactional_id=f"{settings.app_id}-deadletters",
            transaction_timeout_ms=_TRANSACTION_MS,
        )

    def __enter__(self) -> Self:
        # What a postman before left open is undone here, before anybody looks which letters were put back.
        self._client.init_transactions()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close(timeout=_CLOSE_SECONDS)  # what is not committed is undone by the broker

    def put_back(self, letters: Sequence[Any], repaired: bytes | None) -> None:
        """Put letters back, those of one transaction all or none; with `repaired` as their value if it is given."""
        for place in range(0, len(letters), _AT_ONCE):
            self._client.begin_transaction()
            futures = [
                future
                for record in letters[place : place + _AT_ONCE]
                for future in self._send(record, record.value if repaired is None else repaired)
            ]
            for future in futures:
                future.get(timeout=_TRANSACTION_MS / 1000)
            self._client.commit_transaction()

    def _send(self, record: Any, value: bytes | None) -> Iterator[Any]:
        kept = [header for header in record.headers if header[0] not in _OURS]
        yield self._client.send(
            described(record)["topic"], key=record.key, value=value, headers=kept
        )
        note = origin_of(record).encode()
        yield self._client.send(
            self._deadletters,
            key=note,
            headers=[(headers.PUT_BACK, note)],
            partition=record.partition,
        )
