"""`andon rehearse`: a file of events played through the agents in this process, and what Andon would have said."""

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from andon.cli.alerts import line as alert_line
from andon.cli.item import panel
from andon.cli.support.options import AsJson, Config
from andon.cli.support.output import print_json, stdout
from andon.streams.errors import UserError
from andon.streams.settings import Settings, load_settings

if TYPE_CHECKING:
    from andon.rehearsal.rehearsal import Judged, Letter, Outcome
    from andon.rehearsal.script import Step

_SHOWN_BYTES = 200


def rehearse(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON lines, or - for standard input.")
    ],
    family: Annotated[
        str | None,
        typer.Option(
            "--family",
            help="Of lines that are events and nothing else, as `send --file` reads them.",
        ),
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Play events through the agents in this process, by their own time, and print what Andon would have said.

    Needs no broker and publishes nothing. A line of the file is one of
    {"family": "pos", "event": {...}}, {"time": "2026-03-05T07:00:00Z"} to let time pass, {"show": ["store-3/TEA-01"]} to print books,
    {"expect": "store-3/TEA-01", "book": {"on_hand": 140}, "open": ["replenish"]} to say what should be; or it is a comment (#).
    If something expected does not come true, it is printed and the exit code is 1. docs/rehearse.md has the rest.

    Examples:

        andon rehearse fault.jsonl

        andon rehearse sales.jsonl --family pos --json | jq .alert.sentence
    """
    # The agents take a second to load, and most commands do without them.
    from andon.rehearsal.script import read  # noqa: PLC0415

    steps = read(_text(file), file, family)
    if not steps:
        msg = f"nothing to rehearse: {file} holds no events"
        raise UserError(msg)
    judged, failed = asyncio.run(_play(steps, _settings(config), as_json=as_json))
    if not as_json and judged:
        stdout().print(f"{judged - failed} of {judged} expectations hold.")
    if failed:
        raise typer.Exit(1)


def _settings(config: Path | None) -> Settings:
    import os  # noqa: PLC0415

    from andon.streams.settings import CONFIG_VARIABLE  # noqa: PLC0415

    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config)
    # All items share one clock, as if all partitions were busy.
    return load_settings(partitions=1)


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        msg = f"cannot read {file}: {error}"
        raise UserError(msg) from error


async def _play(steps: "list[Step]", settings: Settings, *, as_json: bool) -> tuple[int, int]:
    """Print what comes of the steps; return how many expectations there were, and how many failed."""
    from andon.rehearsal.rehearsal import Judged, rehearse  # noqa: PLC0415

    judged = failed = 0
    async for outcome in rehearse(steps, settings, now=time.time()):
        if isinstance(outcome, Judged):
            judged += 1
            failed += bool(outcome.failures)
        if as_json:
            print_json(as_record(outcome))
        else:
            _print(outcome)
    return judged, failed


def as_record(outcome: "Outcome") -> dict[str, Any]:
    """Return an outcome for scripts: the line it came from, and what it is."""
    from andon.rehearsal.rehearsal import Judged, Letter, Said  # noqa: PLC0415

    match outcome:
        case Said():
            return {"line": outcome.line, "family": outcome.family, "alert": outcome.alert}
        case Letter():
            return {"line": outcome.line, "family": outcome.family, "deadletter": _letter(outcome)}
        case Judged():
            failures = [failure._asdict() for failure in outcome.failures]
            return {
                "line": outcome.line,
                "expect": outcome.key,
                "note": outcome.note,
                "holds": not failures,
                "failures": failures,
            }
    return {
        "line": outcome.line,
        "show": outcome.key,
        "note": outcome.note,
        "book": outcome.book,
    }


def _letter(letter: "Letter") -> dict[str, Any]:
    value = None if letter.value is None else letter.value.decode("utf-8", "replace")
    return {"reason": letter.reason, "message": letter.message, "value": value}


def _print(outcome: "Outcome") -> None:
    from andon.rehearsal.rehearsal import Judged, Letter, Said  # noqa: PLC0415

    out = stdout()
    match outcome:
        case Said():
            text = alert_line(outcome.alert)
            if outcome.family == "replenishment.shadow":
                text.append(" (in shadow)", style="dim")
            out.print(text, soft_wrap=True)
        case Letter():
            value = (outcome.value or b"")[:_SHOWN_BYTES].decode("utf-8", "replace")
            text_ = (
                f"line {outcome.line}: dead letter, {outcome.reason}: {outcome.message} <- {value}"
            )
            out.print(text_, style="yellow", soft_wrap=True)
        case Judged():
            _print_judgement(outcome)
        case _:
            note = f": {outcome.note}" if outcome.note else ""
            out.print(f"line {outcome.line}{note}", style="dim")
            if outcome.book is None:
                out.print(f"nothing is known of {outcome.key}")
            else:
                out.print(panel(outcome.key, outcome.book))


def _print_judgement(judged: "Judged") -> None:
    note = f" ({judged.note})" if judged.note else ""
    for failure in judged.failures:
        expected, found = (
            msgspec.json.encode(one).decode() for one in (failure.expected, failure.found)
        )
        text = f"line {judged.line}: {judged.key} {failure.what}: expected {expected}, found {found}{note}"
        stdout().print(text, style="bold red", soft_wrap=True)
